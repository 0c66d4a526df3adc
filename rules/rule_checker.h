// RuleChecker: one rule node -> nfa::RuleSpec: facts about the rule, its pattern, what its alerts show.
//
// Tested by: tests/rules/checker_golden_test.cc.  Next: rules/pattern_checker.h.
#ifndef SHRIKE_RULES_RULE_CHECKER_H_
#define SHRIKE_RULES_RULE_CHECKER_H_

#include <optional>

#include "nfa/rule_spec.h"
#include "rules/report.h"
#include "rules/rule_file.h"
#include "rules/set_scope.h"

namespace shrike::rules {

// One rule of a set. All borrowed.
struct RuleInputs {
  const RuleFile& file;
  const RuleNode& rule;
  const RuleFile* override_file = nullptr;  // of its override, if there is one
  const OverrideNode* override_node = nullptr;
  SetScope* set;
  Reporter* reporter;
};

// nullopt: the rule has a mistake, which was reported. A rule in mode `off` is checked like any other. The rule's id must have been checked to
// be there and unique.
std::optional<nfa::RuleSpec> CheckRule(const RuleInputs& inputs);

std::optional<nfa::Severity> ParseSeverity(std::string_view text);
std::optional<nfa::RuleMode> ParseMode(std::string_view text);

// Reports a severity, mode or score that is none; also for overrides.
void CheckSeverity(const RuleFile& file, const TextNode& node, Reporter* reporter);
void CheckMode(const RuleFile& file, const TextNode& node, Reporter* reporter);
void CheckScore(const RuleFile& file, const IntNode& node, Reporter* reporter);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_RULE_CHECKER_H_
