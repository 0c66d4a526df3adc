// RuleText: a rule file given as text, read and checked.
#ifndef SHRIKE_TESTS_ORACLE_RULE_TEXT_H_
#define SHRIKE_TESTS_ORACLE_RULE_TEXT_H_

#include <string>

#include "base/limits.h"
#include "base/schema.h"
#include "nfa/rule_spec.h"

namespace shrike::oracle {

struct CheckedText {
  nfa::RuleSetSpec spec;  // of the rules without errors
  std::string errors;     // one line a diagnostic of severity error
};

CheckedText CheckRuleText(const std::string& text, const Catalog& catalog, const Limits& limits);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_RULE_TEXT_H_
