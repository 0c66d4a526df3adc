// What of a rule set's shared parts a rule reads.
#ifndef SHRIKE_NFA_SHARED_USE_H_
#define SHRIKE_NFA_SHARED_USE_H_

#include <set>
#include <vector>

#include "nfa/rule_spec.h"

namespace shrike::nfa {

struct SharedUse {
  std::set<int> windows;  // RuleSetSpec::windows, those that other ones read included
  bool risk = false;
};

// Of all expressions of the rule. windows: RuleSetSpec::windows.
SharedUse SharedUseOf(const RuleSpec& rule, const std::vector<WindowSpec>& windows);

// Whether a match or timeout of the rule can be told when the current event (the last bound one) is not the event at
// hand: at a deadline, or at the end of a `next not`. Rather yes than no.
bool EndsInThePast(const RuleSpec& rule);

// The windows that are read when a match is told: by `where` and the alert.
std::set<int> WindowsAtTheEnd(const RuleSpec& rule);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_SHARED_USE_H_
