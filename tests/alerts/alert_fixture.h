// A rule with a choice, a loop and two key parts, and outcomes of it made by hand.
#ifndef SHRIKE_TESTS_ALERTS_ALERT_FIXTURE_H_
#define SHRIKE_TESTS_ALERTS_ALERT_FIXTURE_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/schema.h"
#include "nfa/outcome.h"
#include "nfa/program.h"

namespace shrike::testing {

// Columns: 0 card (string), 1 branch (int), 2 amount (decimal), 3 note (string).
// Steps: 0 probe (named, a loop), 1 and 2 the alternatives of the choice `way` (the second is named `cash`),
// 3 an unnamed txn, called "txn#2". Alert fields: total (decimal), note (string).
nfa::RuleSpec MakeRule();
std::shared_ptr<const nfa::Program> MakeProgram(nfa::RuleSpec rule, Limits limits = {});
// rules: in order of ids.
std::shared_ptr<const nfa::Program> MakeProgram(std::vector<nfa::RuleSpec> rules,
                                                Limits limits = {});

struct BoundSpec {
  int step;
  TimestampMs ts;
  std::int64_t offset;
  std::initializer_list<Value> values;
};

// Key ("c1", 7), one bound event a spec, completed by the last one.
void AppendOutcome(nfa::OutcomeKind kind, std::initializer_list<BoundSpec> events,
                   nfa::Outcomes* out);
void SetKey(std::initializer_list<Value> key, nfa::Outcomes* out);
void SetFields(std::initializer_list<Value> fields, nfa::Outcomes* out);
void SetMessage(std::initializer_list<Value> values, nfa::Outcomes* out);

}  // namespace shrike::testing

#endif  // SHRIKE_TESTS_ALERTS_ALERT_FIXTURE_H_
