// AlertStage: what becomes of a rule's outcomes: withheld (`learn`), suppressed and summed up, counted as risk,
// emitted as events of a derived stream (language.md, 4.13, 5.16 and section 6).
//
// Tested by: tests/oracle/alert_stage_test.cc, tests/conformance/windows_test.cc.  Next: tests/oracle/oracle.h.
#ifndef SHRIKE_TESTS_ORACLE_ALERT_STAGE_H_
#define SHRIKE_TESTS_ORACLE_ALERT_STAGE_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "base/event.h"
#include "base/time.h"
#include "nfa/rule_spec.h"
#include "tests/oracle/history.h"
#include "tests/oracle/outcome.h"

namespace shrike::oracle {

class AlertStage {
 public:
  // Borrowed. The history's alerts are added to.
  AlertStage(const std::vector<const nfa::RuleSpec*>& rules, History* history);

  // The next outcome of a rule; sets `told` and keeps it in `outcomes`.
  void Take(OracleOutcome outcome);

  // When the next suppression window closes; kTimeMax: none is open.
  TimestampMs close() const;
  // Tells the summaries that are due then.
  void CloseWindows();
  // When the next interval of `emit` ends; kTimeMax: none is open.
  TimestampMs interval_end() const;
  // Emits what the intervals hold that end then.
  void EndIntervals();

  // The next emitted event, in the order of the causes.
  struct Emitted {
    const nfa::EmitSpec* spec = nullptr;
    TimestampMs ts = 0;
    std::vector<Datum> fields;  // AlertSpec::fields
  };
  std::optional<Emitted> NextEmitted();

  std::vector<OracleOutcome> outcomes;

 private:
  std::uint32_t OrdinalOf(const OracleOutcome& outcome) const;
  struct Window {  // of suppression
    OracleOutcome first;
    std::vector<Datum> key;
    TimestampMs end = 0;
    SuppressedCount suppressed;
  };
  struct Interval {  // of `emit` with `every`
    std::size_t rule = 0;
    std::vector<Datum> key;
    TimestampMs end = 0;
    std::vector<Datum> fields;  // of the last match
  };

  bool Withheld(const OracleOutcome& outcome) const;
  bool Suppresses(const OracleOutcome& outcome);
  void EmitMatch(const OracleOutcome& outcome);

  const std::vector<const nfa::RuleSpec*>& rules_;
  History* history_;
  std::vector<Window> windows_;      // open
  std::vector<Interval> intervals_;  // the same
  std::deque<Emitted> emitted_;
};

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_ALERT_STAGE_H_
