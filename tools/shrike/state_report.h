// What bounds each rule's state per key, found without running it: how long runs wait, how many events they bind, which
// loops can grow exponentially, what the rule's windows hold (language.md, 5.14 and 5.15).
//
// Pure. Sizes are estimates of what one key needs at most, limits of the configuration included.
// Tested by: tests/tools/state_report_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_STATE_REPORT_H_
#define SHRIKE_TOOLS_SHRIKE_STATE_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/schema.h"
#include "base/time.h"
#include "nfa/rule_spec.h"

namespace shrike::tools {

struct WindowState {
  int window = 0;     // RuleSetSpec::windows
  std::string text;   // "sum(amount over 1h) of payments by card"
  std::string holds;  // "each event of 1h at 8 B, at most 100,000"
  std::int64_t events_max = 0;
  std::int64_t values_max = 0;  // that distinct, new, seen and groups of `by` remember
  std::int64_t bytes_max = 0;
};

struct RuleState {
  enum class Wait : std::uint8_t {
    kNone,     // a match is one event: no run waits
    kWithin,   // from its first event
    kGap,      // from its last event, for the next
    kForever,  // unbounded: accept
  };
  std::string rule;
  Wait wait = Wait::kNone;
  DurationMs wait_max = 0;               // kWithin, kGap
  std::int64_t runs_max = 0;             // first events per run key; 0: none waits
  std::int64_t events_max = 0;           // bound in one run
  std::vector<std::string> exponential;  // sentences about loops
  std::vector<WindowState> windows;
};

// rule: index in set.rules.
RuleState StateOf(const nfa::RuleSetSpec& set, std::size_t rule, const Catalog& catalog,
                  const Limits& limits);

// "runs: up to 64 first events, for less than 10m, 256 events each", a line each, indented by two.
void AppendStateText(const RuleState& state, std::string* out);

// {"rule":..,"runs":{..},"exponential_loops":[..],"windows":[..]}
void AppendStateJson(const RuleState& state, std::string* out);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_STATE_REPORT_H_
