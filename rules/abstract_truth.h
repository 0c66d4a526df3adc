// Whether a condition can hold at all while some steps hold no events (language.md, 4.2, last sentence).
//
// A sound three-valued abstract evaluation: fields of the empty steps are null, their counts 0, everything else may
// be anything. Tested by: tests/rules/abstract_truth_test.cc.
#ifndef SHRIKE_RULES_ABSTRACT_TRUTH_H_
#define SHRIKE_RULES_ABSTRACT_TRUTH_H_

#include <vector>

#include "nfa/expr.h"

namespace shrike::rules {

// False only if `condition` is false or unknown for every event while all of `empty_names` hold none.
// condition: of type bool. empty_names: indices in RuleSpec::names.
bool CanHold(const nfa::Expr& condition, const std::vector<int>& empty_names);

// Whether the expression names one of them.
bool NamesAny(const nfa::Expr& expr, const std::vector<int>& names);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_ABSTRACT_TRUTH_H_
