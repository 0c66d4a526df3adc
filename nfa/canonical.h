// What names a condition: its canonical text. And whether it can be a predicate over the event alone.
#ifndef SHRIKE_NFA_CANONICAL_H_
#define SHRIKE_NFA_CANONICAL_H_

#include <string>
#include <vector>

#include "base/event.h"
#include "nfa/expr.h"

namespace shrike::nfa {

// What shared parts of a rule set are called in other rule sets too: by their content.
struct SharedNames {
  std::vector<std::string> windows;  // RuleSetSpec::windows
  std::vector<std::string> tables;   // RuleSetSpec::tables
};

// Whether the expression looks at the current event only (and constants and tables).
bool OverEventOnly(const Expr& expr);

// Whether it looks at no more than that and what its key remembers: windows and risk.
bool OverKeyOnly(const Expr& expr);

// A text that two expressions share exactly if they mean the same by construction. Columns stand in it by name and
// type, windows and tables by their names, so that it is stable between rule sets: predicates and nodes are named by it.
std::string CanonicalText(const Expr& expr, const RowLayout& layout, const SharedNames& names);
// The same inside of one rule set: windows and tables by their numbers in it.
std::string CanonicalText(const Expr& expr, const RowLayout& layout);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_CANONICAL_H_
