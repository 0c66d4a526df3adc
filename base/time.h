// Event time: milliseconds since 1970-01-01 UTC, and lengths of it; reading and writing both as text.
// Tested by: tests/base/time_test.cc.
#ifndef SHRIKE_BASE_TIME_H_
#define SHRIKE_BASE_TIME_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace shrike {

using TimestampMs = std::int64_t;  // event time, ms since the epoch, UTC
using DurationMs = std::int64_t;   // a length of event time, ms

inline constexpr TimestampMs kTimeMin = std::numeric_limits<TimestampMs>::min();
inline constexpr TimestampMs kTimeMax = std::numeric_limits<TimestampMs>::max();

// The years 0001 to 9999, so that every timestamp can be written as RFC 3339.
inline constexpr TimestampMs kTimestampMsMin = -62135596800000;
inline constexpr TimestampMs kTimestampMsMax = 253402300799999;

// a + b, held at the ends of the range instead of overflowing.
TimestampMs AddSaturated(TimestampMs a, DurationMs b);

// "2018-04-01T00:00:31.000Z"; `time` within [kTimestampMsMin, kTimestampMsMax], else clamped to it.
std::string FormatRfc3339(TimestampMs time);

// RFC 3339, with `Z` or an offset, up to 9 digits of a second (cut to ms, towards the past). Nothing else. A leap
// second (23:59:60 UTC at the end of a month) is the second after it.
std::optional<TimestampMs> ParseRfc3339(std::string_view text);

// language.md, section 3: (integer unit){1,}, units w d h m s ms, descending, each once; e.g. "1h30m".
std::optional<DurationMs> ParseDuration(std::string_view text);

// The shortest such text, of equally short ones that with the larger units: 40d, 90s, 1w; 0 is "0ms". duration >= 0.
std::string FormatDuration(DurationMs duration);

}  // namespace shrike

#endif  // SHRIKE_BASE_TIME_H_
