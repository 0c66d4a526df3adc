// OracleOutcome: one outcome of a rule, and what became of it as an alert.
#ifndef SHRIKE_TESTS_ORACLE_OUTCOME_H_
#define SHRIKE_TESTS_ORACLE_OUTCOME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "nfa/outcome.h"
#include "tests/oracle/datum.h"
#include "tests/oracle/evaluator.h"

namespace shrike::oracle {

// What a summary counts.
struct SuppressedCount {
  std::int64_t count = 0;
  TimestampMs first = 0;
  TimestampMs last = 0;

  friend bool operator==(const SuppressedCount&, const SuppressedCount&) = default;
};

struct OracleOutcome {
  std::size_t rule = 0;  // index in the list given
  nfa::OutcomeKind kind = nfa::OutcomeKind::kMatch;
  nfa::LimitKind limit = nfa::LimitKind::kOpenRuns;  // kOverflow
  bool by_deadline = false;
  TimestampMs time = 0;  // completion: the event's ts, or the deadline
  // The completing event, unless by_deadline: its index in the input; emitted events are numbered after those.
  std::size_t event = 0;
  std::vector<Binding> bound;  // in event order
  std::vector<Datum> key;      // the parts of the rule key
  std::vector<Datum> fields;   // of the alert (kMatch and kTimeout)
  std::string message;         // kMatch and kTimeout
  std::uint32_t ordinal = 0;  // among outcomes with the same rule, kind, key, time and bound events
  bool told = true;           // as an alert: neither withheld nor suppressed
  std::optional<SuppressedCount>
      suppressed;  // a summary: kind, bound, key, fields, message are its first alert's
};

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_OUTCOME_H_
