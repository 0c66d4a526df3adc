// What names a condition: its canonical text. And whether it can be a predicate over the event alone.
#ifndef SHRIKE_NFA_CANONICAL_H_
#define SHRIKE_NFA_CANONICAL_H_

#include <string>

#include "base/event.h"
#include "nfa/expr.h"

namespace shrike::nfa {

// Whether the expression looks at the current event only (and constants).
bool OverEventOnly(const Expr& expr);

// A text that two expressions share exactly if they mean the same by construction. Columns stand in it by name and
// type, so that it is stable between rule sets: predicates and nodes are named by it.
std::string CanonicalText(const Expr& expr, const RowLayout& layout);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_CANONICAL_H_
