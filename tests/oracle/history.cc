#include "tests/oracle/history.h"

#include <cmath>

namespace shrike::oracle {

Moment AtEvent(const History& history, std::size_t event) {
  return {.end = event + 1, .time = history.events[event].ts, .at_event = true};
}

Moment AtDeadline(const History& history, TimestampMs deadline) {
  std::size_t end = 0;
  while (end < history.events.size() && history.events[end].ts < deadline) ++end;
  return {.end = end, .time = deadline - 1, .at_event = false};
}

Datum RiskOf(const History& history, const std::vector<std::string>& key_names,
             const std::vector<Datum>& key, const Moment& moment) {
  double risk = 0;
  for (const RiskAlert& alert : history.alerts) {
    const bool counts =
        alert.ts < moment.time && alert.key_names == key_names && Same(alert.key, key);
    if (!counts) continue;
    const auto age = static_cast<double>(moment.time - alert.ts);
    risk += alert.score * std::pow(0.5, age / static_cast<double>(history.set->risk_half_life));
  }
  return MakeFloat(risk);
}

}  // namespace shrike::oracle
