// Evaluator: the oracle's own walk over an expression (language.md, section 4), with no compilation and no sharing.
//
// Unknown is null: a predicate holds only if it is true. hash() is refused (checked): the language does not say which
// hash it is, so there is nothing to compare.
// Tested by: tests/oracle/evaluator_test.cc.  Next: tests/oracle/oracle.h.
#ifndef SHRIKE_TESTS_ORACLE_EVALUATOR_H_
#define SHRIKE_TESTS_ORACLE_EVALUATOR_H_

#include <cstddef>
#include <vector>

#include "base/event.h"
#include "nfa/expr.h"
#include "nfa/rule_spec.h"
#include "tests/oracle/datum.h"
#include "tests/oracle/history.h"

namespace shrike::oracle {

// One event bound to a step: an index in RuleSpec::steps and one in History::events.
struct Binding {
  int step = 0;
  std::size_t event = 0;

  friend bool operator==(const Binding&, const Binding&) = default;
};

// What an expression can see. All borrowed; `bound` in event order.
struct Scope {
  const nfa::RuleSpec* rule =
      nullptr;  // null in windows and derived fields: nothing is bound there
  const History* history = nullptr;
  const std::vector<Binding>* bound = nullptr;
  const std::vector<Datum>* key = nullptr;  // of the rule
  std::size_t current = 0;                  // the event whose fields a bare name is
  Moment moment;                            // what windows and risk have seen
};

Datum Evaluate(const nfa::Expr& expr, const Scope& scope);

// Whether the predicate is true: neither false nor unknown.
bool Holds(const nfa::Expr& expr, const Scope& scope);

// The value of a column of an event (kTimeColumn: its time).
Datum ColumnOf(const Event& event, int column);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_EVALUATOR_H_
