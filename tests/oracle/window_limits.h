// WindowLimits: which rules are told, at an event, that a window of theirs has forgotten something (language.md, 5.15).
//
// Tested by: tests/oracle/oracle_test.cc.  Next: tests/oracle/oracle.h.
#ifndef SHRIKE_TESTS_ORACLE_WINDOW_LIMITS_H_
#define SHRIKE_TESTS_ORACLE_WINDOW_LIMITS_H_

#include <set>
#include <vector>

#include "nfa/rule_spec.h"
#include "tests/oracle/history.h"
#include "tests/oracle/outcome.h"

namespace shrike::oracle {

class WindowLimits {
 public:
  // All borrowed.
  WindowLimits(const std::vector<const nfa::RuleSpec*>& rules, const History* history);

  // What the last event of the history makes windows forget, by rule, key and limit.
  std::vector<OracleOutcome> Reached() const;

 private:
  std::set<nfa::LimitKind> ReachedBy(const nfa::WindowSpec& window, const std::vector<Datum>& key,
                                     bool holds_past) const;

  const History& history_;
  std::vector<std::set<std::size_t>> read_;  // read_[rules]: windows, through features too
  std::set<std::size_t>
      in_the_past_;  // windows that may be read of an event that is not the newest
};

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_WINDOW_LIMITS_H_
