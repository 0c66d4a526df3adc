// What a rule says about its alerts beyond their text: redact, suppress, emit.
//
// These are not evaluated yet: their names and types are checked, so that mistakes in them are found, and then they
// are refused. Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_OUTPUT_CHECKER_H_
#define SHRIKE_RULES_OUTPUT_CHECKER_H_

#include "rules/rule_file.h"
#include "rules/rule_scope.h"

namespace shrike::rules {

// scope: of the rule, its pattern and alert fields checked.
void CheckOutput(const RuleFile& file, const RuleNode& rule, const RuleScope& scope);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_OUTPUT_CHECKER_H_
