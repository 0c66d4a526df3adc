// Runs one test of a rule file (language.md, section 1, "Tests") through decoder, order and matcher.
//
// Time is simulated: it starts at 2024-01-01T00:00:00Z and runs to its end after the last event. `after` counts from
// the event before. `{advance: 15m}` moves time on every stream of the rule, as an event would.
// Budget: 2,000 tests of a few events in 1 s.
// Tested by: tests/tools/rule_test_test.cc.  Next: engine/pipeline.h.
#ifndef SHRIKE_TOOLS_SHRIKE_RULE_TEST_H_
#define SHRIKE_TOOLS_SHRIKE_RULE_TEST_H_

#include <memory>
#include <string>
#include <vector>

#include "base/schema.h"
#include "nfa/program.h"
#include "rules/rule_file.h"

namespace shrike::tools {

// The rule and the test, all borrowed for the call.
struct RuleTestCase {
  const Catalog* catalog = nullptr;
  std::shared_ptr<const nfa::Program> program;  // of this rule alone
  const rules::TestNode* test = nullptr;
};

struct RuleTestResult {
  bool passed = false;
  std::string problem;    // what is wrong, one line; empty if passed
  rules::FileSpan place;  // of what is wrong: an event, an expected alert, or the whole test
  std::vector<std::string> expected;  // one line an alert; filled if not passed
  std::vector<std::string> actual;
};

// Cost: some 20 us and the matching.
RuleTestResult RunRuleTest(const RuleTestCase& test_case);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_RULE_TEST_H_
