// RuleText: a rule file given as text, read and checked.
#ifndef SHRIKE_TESTS_ORACLE_RULE_TEXT_H_
#define SHRIKE_TESTS_ORACLE_RULE_TEXT_H_

#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/schema.h"
#include "base/table.h"
#include "base/time.h"
#include "nfa/rule_spec.h"

namespace shrike::oracle {

struct CheckedText {
  nfa::RuleSetSpec spec;  // of the rules without errors
  std::string errors;     // one line a diagnostic of severity error
};

// What the configuration gives beside streams and limits.
struct SharedInputs {
  std::vector<std::shared_ptr<const Table>> tables;
  DurationMs risk_half_life = nfa::RuleSetSpec().risk_half_life;
};

CheckedText CheckRuleText(const std::string& text, const Catalog& catalog, const Limits& limits,
                          const SharedInputs& shared = {});

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_RULE_TEXT_H_
