// Every bound of the engine, and who hits it (STYLE.md, "Size and shape").
#ifndef SHRIKE_BASE_LIMITS_H_
#define SHRIKE_BASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace shrike {

inline constexpr std::size_t kRuleFileBytesMax = 1u << 20;  // a larger rule file is refused
inline constexpr int kNestingMax = 64;  // parentheses, brackets, YAML depth: refused beyond
inline constexpr std::size_t kRecordBytesMax = 1u << 20;  // a larger record is a dead letter
inline constexpr int kRecordDepthMax = 64;                // deeper JSON is a dead letter
inline constexpr int kBranchesPerNodeMax = 64;  // ways on from one step; a wider pattern is refused
inline constexpr int kLoopsPerRuleMax = 16;     // quantifiers that need a counter; more are refused
inline constexpr int kStepsPerRuleMax = 1024;   // steps, alternatives and NOTs of one rule
inline constexpr std::size_t kExpressionNodesMax = 100'000;  // after macro expansion, per rule
inline constexpr int kExpressionDepthMax = 640;              // the same; deeper is refused
inline constexpr std::size_t kValuesMax = 20;                // values(step.f) shows this many

// `limits:` of the configuration (language.md, 5.15); these are the defaults.
struct Limits {
  std::int64_t open_runs_per_key = 64;   // first events per rule and run key; the newest is refused
  std::int64_t bound_events = 256;       // events that one run binds; the run takes no more
  std::int64_t distinct_values = 1000;   // values of a distinct or new
  std::int64_t window_events = 100'000;  // events that a window holds per key
  std::int64_t alert_events = 100;       // events that an alert lists per step
};

}  // namespace shrike

#endif  // SHRIKE_BASE_LIMITS_H_
