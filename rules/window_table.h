// WindowTable: the window aggregates of a rule set, each once (language.md, 4.7).
//
// Tested by: tests/rules/checker_golden_test.cc.  Next: nfa/window_spec.h.
#ifndef SHRIKE_RULES_WINDOW_TABLE_H_
#define SHRIKE_RULES_WINDOW_TABLE_H_

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/event.h"
#include "nfa/rule_spec.h"
#include "nfa/window_spec.h"

namespace shrike::rules {

class WindowTable {
 public:
  // spec: whose windows are filled; its layout must hold the columns that they name. Borrowed.
  explicit WindowTable(nfa::RuleSetSpec* spec) : spec_(spec) {}

  // The index of the aggregate, which is added if it is new. Two are the same if streams, keys, event types,
  // exceptions (in any order), function, window, values and filter are.
  // Cost: linear in the aggregate's expressions.
  int Add(nfa::WindowSpec window);

  const nfa::WindowSpec& at(int index) const {
    return spec_->windows[static_cast<std::size_t>(index)];
  }

 private:
  nfa::RuleSetSpec* spec_;
  std::unordered_map<std::string, int> index_;
};

// The windows that the rule reads, directly or through another window; ascending indices in spec.windows.
std::vector<int> WindowsRead(const nfa::RuleSetSpec& spec, const nfa::RuleSpec& rule);

// The streams whose events the rule, or a window that it reads, sees; ascending, each once.
std::vector<int> StreamsRead(const nfa::RuleSetSpec& spec, const nfa::RuleSpec& rule);

// Drops the windows that no rule of the set reads, directly or through another window, and numbers the others anew in
// the order in which they stand.
void KeepUsedWindows(nfa::RuleSetSpec* spec);

// The set with one of its rules only, and the windows that it reads. Cost: linear in the rule, not in the set's rules.
nfa::RuleSetSpec RuleAlone(const nfa::RuleSetSpec& set, std::size_t rule);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_WINDOW_TABLE_H_
