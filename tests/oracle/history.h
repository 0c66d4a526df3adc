// History: what all rules look back on: the events taken so far, and the alerts that count as risk.
//
// An event's place in `events` is its identity in the oracle: bindings, windows and outcomes name it by that.
#ifndef SHRIKE_TESTS_ORACLE_HISTORY_H_
#define SHRIKE_TESTS_ORACLE_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/limits.h"
#include "base/time.h"
#include "nfa/rule_spec.h"
#include "tests/oracle/datum.h"

namespace shrike::oracle {

// An alert that adds to the risk of its key (language.md, 4.13).
struct RiskAlert {
  std::vector<std::string> key_names;
  std::vector<Datum> key;
  TimestampMs ts = 0;
  int score = 0;
};

struct History {
  const nfa::RuleSetSpec* set = nullptr;  // borrowed: windows, tables, half life
  std::vector<Event> events;              // in the order in which they were taken; rows borrowed
  std::vector<RiskAlert> alerts;          // in the order in which they were told
  Limits limits = {};                     // of windows
};

// From where one looks back: events [0, end) have happened, and it is `time` (4.5). At an event both are the event's
// own, it included; at a deadline d, `time` is d - 1 ms and `end` is behind all events up to then.
struct Moment {
  std::size_t end = 0;
  TimestampMs time = 0;
  bool at_event = false;
};

Moment AtEvent(const History& history, std::size_t event);
Moment AtDeadline(const History& history, TimestampMs deadline);

// 4.13: what the alerts before the moment add up to.
Datum RiskOf(const History& history, const std::vector<std::string>& key_names,
             const std::vector<Datum>& key, const Moment& moment);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_HISTORY_H_
