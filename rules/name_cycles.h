// Macros and features that reach themselves (language.md, 4.11: no recursion, no cycles).
//
// Tested by: tests/rules/checker_golden_test.cc, tests/rules/checker_robustness_test.cc.
#ifndef SHRIKE_RULES_NAME_CYCLES_H_
#define SHRIKE_RULES_NAME_CYCLES_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"

namespace shrike::rules {

// A name and the expression that it stands for. All borrowed.
struct NamedBody {
  std::string_view name;
  const std::vector<std::string>* parameters = nullptr;  // nullptr: none; they hide other names
  const Expr* body = nullptr;                            // nullptr: it did not parse
};

struct NameCycle {
  std::vector<int> members;  // indices of the bodies in the order of use; the last uses the first
  Span use;                  // in the body of members[0]: where it names the next one
};

// Every cycle goes through a member of some result, so that an expansion which stops at these ends.
// bodies: of different names. Cost: linear in the bodies. An explicit stack: chains of macros may
// be as long as the file.
std::vector<NameCycle> FindCycles(const std::vector<NamedBody>& bodies);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_NAME_CYCLES_H_
