// Outcome: what the matcher tells the outside: a match, a timed-out partial match, or a limit that was reached.
//
// The Matcher appends to an Outcomes buffer; whoever owns the buffer decides what becomes of it (alerts, or nothing
// during a muted replay). Offsets in place of pointers, so that a buffer is reused without allocating.
// Tested by: tests/nfa/matcher_test.cc.  Next: alerts/alert.h.
#ifndef SHRIKE_NFA_OUTCOME_H_
#define SHRIKE_NFA_OUTCOME_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/time.h"
#include "base/value.h"
#include "base/value_store.h"

namespace shrike::nfa {

// Part of alert ids. Never renumber. kSummary is made by alerts/suppression.h, not by the matcher.
enum class OutcomeKind : std::uint8_t { kMatch = 0, kTimeout = 1, kOverflow = 2, kSummary = 3 };

// Stored in checkpoints. Never renumber.
enum class LimitKind : std::uint8_t {
  kOpenRuns = 0,
  kBoundEvents = 1,
  kSuppressionWindows = 2,
  kWindowEvents = 3,
  kDistinctValues = 4,
};

// One event bound to a step. values: those of AlertSpec::step_fields[step], in that order.
struct BoundEvent {
  std::int32_t step = 0;  // index in RuleSpec::steps
  TimestampMs ts = 0;
  Position position;
  std::uint32_t place = 0;         // nfa/record.h, BoundPlace; not kept with stored alerts
  std::uint32_t values_begin = 0;  // Outcomes::values
  std::uint32_t values_count = 0;
};

// What a summary tells of the alerts that were not given (language.md, 5.16).
struct SuppressedAlerts {
  OutcomeKind kind = OutcomeKind::kMatch;  // theirs, and that of the first alert, which was given
  std::int64_t count = 0;
  TimestampMs first = 0, last = 0;  // their times of completion
};

struct Outcome {
  std::int32_t rule = 0;  // index in Program::rules(), which is in order of rule ids
  OutcomeKind kind = OutcomeKind::kMatch;
  LimitKind limit = LimitKind::kOpenRuns;  // kOverflow, and a summary of overflows
  bool by_deadline = false;
  TimestampMs time = 0;  // completion: the event's ts, or the deadline
  Position position;     // of the completing event, unless by_deadline
  // [begin, begin + count) of the vectors of Outcomes.
  std::uint32_t key_begin = 0, key_count = 0;        // values: the parts of the rule key
  std::uint32_t events_begin = 0, events_count = 0;  // events: the bound ones in event order
  std::uint32_t fields_begin = 0,
                fields_count = 0;  // values: AlertSpec::fields (not of overflows)
  std::uint32_t message_begin = 0,
                message_count = 0;  // values: AlertSpec::message parts that have a value
  std::uint32_t ordinal = 0;  // among outcomes with the same rule, kind, key, time and bound events
  SuppressedAlerts suppressed;  // kSummary; all else but time and completion is the first alert's
};

// Values borrow their strings and lists from the buffer itself. Clear() keeps the capacity.
class Outcomes {
 public:
  std::vector<Outcome> items;
  std::vector<BoundEvent> events;
  std::vector<Value> values;

  // Appends a copy of `value` whose bytes this buffer owns.
  void AppendValue(const Value& value) { values.push_back(store_.Own(value)); }
  void Clear();

 private:
  ValueStore store_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_OUTCOME_H_
