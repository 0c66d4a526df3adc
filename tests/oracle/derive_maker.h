// DeriveMaker: random derived fields of the generator's streams (language.md, section 2), and tests of them as text.
#ifndef SHRIKE_TESTS_ORACLE_DERIVE_MAKER_H_
#define SHRIKE_TESTS_ORACLE_DERIVE_MAKER_H_

#include <set>
#include <string>
#include <vector>

#include "tests/oracle/pattern_text.h"
#include "tests/oracle/random_choice.h"

namespace shrike::oracle {

class DeriveMaker {
 public:
  // Both borrowed. used: gets the names of the constructs that are used, of AllDeriveConstructs().
  DeriveMaker(Random* random, std::set<std::string>* used) : random_(random), used_(used) {}

  // Fields that each of the streams computes in the same way: w, an int; perhaps w2, a number made of w; perhaps w3, a
  // string, if s is the only stream. key: w is one of a few numbers.
  std::vector<DeriveText> Make(const std::vector<std::string>& streams, bool key);

  bool any() const { return !numbers_.empty(); }
  const std::vector<std::string>& numbers() const { return numbers_; }  // of the last Make
  std::string Condition();
  std::string NumberCondition();

 private:
  Random* random_;
  std::set<std::string>* used_;
  std::vector<std::string> numbers_;
  bool has_text_ = false;
};

// "derive", "derive of a derived field".. as the operator table prints them.
std::vector<std::string> AllDeriveConstructs();

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_DERIVE_MAKER_H_
