// Plans the records of a rule: which registers its expressions need, and which columns its bound events keep.
// Tested by: tests/nfa/record_test.cc.
#ifndef SHRIKE_NFA_PLAN_H_
#define SHRIKE_NFA_PLAN_H_

#include "base/event.h"
#include "nfa/graph.h"
#include "nfa/record.h"
#include "nfa/rule_spec.h"

namespace shrike::nfa {

// Looks at every expression of the rule. graph: the rule's, for where it begins. columns: the program's row layout, for
// types.
RecordLayout PlanRecords(const RuleSpec& rule, const Graph& graph, const RowLayout& columns);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_PLAN_H_
