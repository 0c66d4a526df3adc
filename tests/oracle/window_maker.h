// WindowMaker: random window aggregates as text, for conditions and alert fields of the generator's patterns.
#ifndef SHRIKE_TESTS_ORACLE_WINDOW_MAKER_H_
#define SHRIKE_TESTS_ORACLE_WINDOW_MAKER_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/oracle/random_choice.h"

namespace shrike::oracle {

// Where a window stands: what it may name.
struct WindowPlace {
  bool two_streams = false;  // of GeneratorCatalog: only fields that both have
  bool typed = false;        // the type must be named (4.5: outside of steps)
};

class WindowMaker {
 public:
  // Both borrowed. used: gets the names of the constructs that are used, of AllWindowConstructs().
  WindowMaker(Random* random, std::set<std::string>* used) : random_(random), used_(used) {}

  // Numbers that may stand for the fields of the streams.
  void SetDerived(std::vector<std::string> derived) { derived_ = std::move(derived); }

  // A predicate.
  std::string Condition(const WindowPlace& place);
  // A number.
  std::string Number(const WindowPlace& place);
  // Any value.
  std::string Value(const WindowPlace& place);

 private:
  struct Call {
    enum class Kind { kNumber, kBool, kText, kTime };
    Kind kind = Kind::kNumber;
    std::string text;
  };

  Call MakeCall(const WindowPlace& place);
  Call MakeFirstSeen(const WindowPlace& place);
  std::string Field(const WindowPlace& place, const std::vector<std::string>& fields);
  std::string NumberField(const WindowPlace& place, const std::vector<std::string>& fields);
  std::string TypeName(const WindowPlace& place);
  std::string Over(const std::string& function);
  std::string Clauses(const WindowPlace& place);
  std::string EventTest(const WindowPlace& place);
  std::string Comparison();

  Random* random_;
  std::set<std::string>* used_;
  std::vector<std::string> derived_;
};

// "window sum", "window tumbling", "window where".. as the operator table prints them.
std::vector<std::string> AllWindowConstructs();

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_WINDOW_MAKER_H_
