// WindowGroups: which key group (nfa/program.h) keeps a window.
//
// A window is kept where it is read: in the state of the reader's key. Rules of several key groups may read one window,
// of a feature or of equal text, as a group goes by the names of the key's fields and a window by what its events are;
// then each group has one of its own.
// Tested by: tests/nfa/key_group_test.cc.
#ifndef SHRIKE_NFA_WINDOW_GROUPS_H_
#define SHRIKE_NFA_WINDOW_GROUPS_H_

#include <vector>

#include "nfa/rule_spec.h"

namespace shrike::nfa {

// Copies windows that several groups read, so that each is read from one group, and points all expressions to the
// group's own. Windows that no rule reads are dropped; the others stay in their order, so that one still reads only
// earlier ones. rule_groups[spec.rules]: their key groups. Returns those of the windows: [spec.windows].
std::vector<int> SplitWindows(const std::vector<int>& rule_groups, RuleSetSpec* spec);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOW_GROUPS_H_
