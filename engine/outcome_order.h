// The order of outcomes of one moment, and their ordinals (language.md, 5.10 and 5.13).
//
// The Matcher orders what one key tells at one event or deadline. Across key groups and keys that is done here, so
// that output depends neither on the order of a table nor on which task owns which key.
// Tested by: tests/engine/outcome_order_test.cc.
#ifndef SHRIKE_ENGINE_OUTCOME_ORDER_H_
#define SHRIKE_ENGINE_OUTCOME_ORDER_H_

#include "nfa/outcome.h"

namespace shrike::engine {

// Outcomes of one event: by rule id; within a rule as the matcher gave them.
void OrderEventOutcomes(nfa::Outcomes* outcomes);

// Outcomes of one deadline time over all keys: matches before timeouts, by rule id, first event, key; then as the
// matcher gave them.
void OrderDeadlineOutcomes(nfa::Outcomes* outcomes);

// Sets Outcome::ordinal: 0 for the first of those with equal rule, kind, key, time and bound events, 1 for the next.
// outcomes: all of one event or one deadline time, in order.
void SetOrdinals(nfa::Outcomes* outcomes);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_OUTCOME_ORDER_H_
