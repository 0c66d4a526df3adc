// The order of outcomes of one moment, and their ordinals (language.md, 5.10 and 5.13).
//
// The Matcher orders what one key tells at one event or deadline. Across key groups and keys that is done here, so
// that output depends neither on the order of a table nor on which task owns which key.
// Tested by: tests/engine/outcome_order_test.cc.
#ifndef SHRIKE_ENGINE_OUTCOME_ORDER_H_
#define SHRIKE_ENGINE_OUTCOME_ORDER_H_

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "nfa/outcome.h"

namespace shrike::engine {

// Outcomes of one event: by rule id; within a rule as the matcher gave them.
void OrderEventOutcomes(nfa::Outcomes* outcomes);

// Outcomes of one deadline time over all keys: matches before timeouts, by rule id, first event, key, then as
// language.md, 5.10, orders those of one key; summaries by their first alerts.
void OrderDeadlineOutcomes(nfa::Outcomes* outcomes);

// Numbers what would else have equal ids: 0 for the first outcome with its rule, kind, key, time and bound events, 1 for
// the next, whatever events of that time they come from.
class Ordinals {
 public:
  // Sets Outcome::ordinal. outcomes: of one event or deadline time, in order. Time does not go back, and no checkpoint
  // comes between two of one time: what was counted need not be stored.
  // Cost: a hash of what the id is made of.
  void Set(nfa::Outcomes* outcomes);

 private:
  TimestampMs time_ = kTimeMin;
  std::unordered_map<std::uint64_t, std::uint32_t> counts_;  // at time_, by the hash
  std::string bytes_;                                        // scratch
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_OUTCOME_ORDER_H_
