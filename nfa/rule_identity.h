// The text that decides whether two rules are the same to a stored run.
#ifndef SHRIKE_NFA_RULE_IDENTITY_H_
#define SHRIKE_NFA_RULE_IDENTITY_H_

#include <string>
#include <vector>

#include "base/event.h"
#include "nfa/canonical.h"
#include "nfa/rule_spec.h"

namespace shrike::nfa {

// What stands in it by name.
struct IdentityNames {
  const std::vector<std::string>& event_types;  // by Catalog::EventTypeId
  const SharedNames& shared;
};

// All that a run's meaning and its records' layout depend on: id, version, pattern, conditions, and what the alert
// reads and shows. Columns and event types stand by name, so the text is stable between rule sets and catalogs.
// Stored (as a hash) in key states: the format never changes.
// Tested by: tests/nfa/key_state_test.cc.
std::string RuleIdentity(const RuleSpec& rule, const RowLayout& layout, const IdentityNames& names);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_RULE_IDENTITY_H_
