// Expressions and predicates as text for people: `dump` and `explain`. Not parsed again by anybody.
#ifndef SHRIKE_NFA_DESCRIBE_H_
#define SHRIKE_NFA_DESCRIBE_H_

#include <string>
#include <vector>

#include "base/event.h"
#include "nfa/expr.h"
#include "nfa/rule_spec.h"

namespace shrike::nfa {

// Infix, as a rule would write it; macros are expanded. names: the rule's, for bound events; may be empty.
// Tested by: tests/nfa/program_test.cc.
std::string DescribeExpr(const Expr& expr, const RowLayout& layout,
                         const std::vector<BindingName>& names);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_DESCRIBE_H_
