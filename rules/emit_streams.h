// Rules that feed rules: `emit` of a rule set as a whole (language.md, section 6).
//
// Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_EMIT_STREAMS_H_
#define SHRIKE_RULES_EMIT_STREAMS_H_

#include <vector>

#include "nfa/rule_spec.h"
#include "rules/set_scope.h"

namespace shrike::rules {

// Rules that feed themselves through each other; cycles[n] in the order of feeding, the last feeds the first. Every
// rule that is in a cycle is in one of those that are found, or feeds one and is fed by one.
// Cost: linear in the rules and in who reads what.
std::vector<std::vector<int>> FindEmitCycles(const nfa::RuleSetSpec& spec);

// Fills EmitSpec::fields of every rule: the fields of its stream that some expression of the set uses.
void FillEmitFields(const SetScope& set, nfa::RuleSetSpec* spec);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_EMIT_STREAMS_H_
