#include "base/time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include "base/check.h"

namespace shrike {
namespace {

constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kMsPerHour = 60 * kMsPerMinute;
constexpr std::int64_t kMsPerDay = 24 * kMsPerHour;

struct Unit {
  std::string_view name;
  DurationMs ms;
};

// Descending, as a duration must name them.
constexpr std::array<Unit, 6> kUnits = {{{"w", 7 * kMsPerDay},
                                         {"d", kMsPerDay},
                                         {"h", kMsPerHour},
                                         {"m", kMsPerMinute},
                                         {"s", kMsPerSecond},
                                         {"ms", 1}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes the text of a time from its front to its end.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }

  bool Take(char c) {
    if (text_.empty() || text_.front() != c) {
      return false;
    }
    text_.remove_prefix(1);
    return true;
  }

  // Exactly `count` digits, or nullopt.
  std::optional<int> Number(std::size_t count) {
    if (text_.size() < count || !std::all_of(text_.begin(), text_.begin() + count, IsDigit)) {
      return std::nullopt;
    }
    int value = 0;
    for (const char c : text_.substr(0, count)) {
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(count);
    return value;
  }

  // The digits after a point: 1 to 9 of them, cut to ms.
  std::optional<int> Fraction() {
    constexpr std::size_t kDigitsMax = 9;
    const auto end = std::find_if_not(text_.begin(), text_.end(), IsDigit);
    const auto count = static_cast<std::size_t>(end - text_.begin());
    if (count == 0 || count > kDigitsMax) {
      return std::nullopt;
    }
    int ms = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      ms = ms * 10 + (i < count ? text_[i] - '0' : 0);
    }
    text_.remove_prefix(count);
    return ms;
  }

 private:
  std::string_view text_;
};

struct Pair {
  int first = 0;
  int second = 0;
};

// "HH:MM", each below its limit.
std::optional<Pair> ReadHourMinute(TimeReader* reader) {
  const std::optional<int> hour = reader->Number(2);
  if (!hour || !reader->Take(':')) {
    return std::nullopt;
  }
  const std::optional<int> minute = reader->Number(2);
  if (!minute || *hour > 23 || *minute > 59) {
    return std::nullopt;
  }
  return Pair{*hour, *minute};
}

// "YYYY-MM-DD" as ms since the epoch.
std::optional<TimestampMs> ReadDate(TimeReader* reader) {
  const std::optional<int> year = reader->Number(4);
  if (!year || !reader->Take('-')) {
    return std::nullopt;
  }
  const std::optional<int> month = reader->Number(2);
  if (!month || !reader->Take('-')) {
    return std::nullopt;
  }
  const std::optional<int> day = reader->Number(2);
  if (!day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date).time_since_epoch().count() * kMsPerDay;
}

// "Z" or "+HH:MM" as ms to subtract from local time.
std::optional<DurationMs> ReadOffset(TimeReader* reader) {
  if (reader->Take('Z') || reader->Take('z')) {
    return 0;
  }
  const bool west = reader->Take('-');
  if (!west && !reader->Take('+')) {
    return std::nullopt;
  }
  const std::optional<Pair> offset = ReadHourMinute(reader);
  if (!offset) {
    return std::nullopt;
  }
  const DurationMs ms = offset->first * kMsPerHour + offset->second * kMsPerMinute;
  return west ? -ms : ms;
}

// "SS" and an optional fraction, ms; 60 is a leap second.
std::optional<int> ReadSeconds(TimeReader* reader) {
  const std::optional<int> second = reader->Number(2);
  if (!second || *second > 60) {
    return std::nullopt;
  }
  if (!reader->Take('.')) {
    return *second * static_cast<int>(kMsPerSecond);
  }
  const std::optional<int> fraction = reader->Fraction();
  if (!fraction) {
    return std::nullopt;
  }
  return *second * static_cast<int>(kMsPerSecond) + *fraction;
}

// RFC 3339, 5.7: a leap second stands at the end of a month, 23:59:60 UTC.
bool MayBeLeapSecond(TimestampMs minute_start) {
  const std::chrono::sys_days next(std::chrono::days((minute_start + kMsPerMinute) / kMsPerDay));
  return (minute_start + kMsPerMinute) % kMsPerDay == 0 &&
         std::chrono::year_month_day(next).day() == std::chrono::day(1);
}

// Fixed width, with leading zeros.
void AppendNumber(int value, int width, std::string* out) {
  std::array<char, 8> digits{};
  for (int i = width - 1; i >= 0; --i) {
    digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out->append(digits.data(), static_cast<std::size_t>(width));
}

// `duration` in the units whose bit is set in `mask`, largest first; empty if they do not divide it.
std::string FormatInUnits(DurationMs duration, unsigned mask) {
  std::string text;
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    const DurationMs count = duration / kUnits[i].ms;
    if ((mask >> i & 1u) == 0 || count == 0) {
      continue;
    }
    duration -= count * kUnits[i].ms;
    text += std::to_string(count);
    text += kUnits[i].name;
  }
  return duration == 0 ? text : std::string();
}

}  // namespace

TimestampMs AddSaturated(TimestampMs a, DurationMs b) {
  TimestampMs sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    return b > 0 ? kTimeMax : kTimeMin;
  }
  return sum;
}

std::string FormatRfc3339(TimestampMs time) {
  time = std::clamp(time, kTimestampMsMin, kTimestampMsMax);
  TimestampMs in_day = time % kMsPerDay;
  if (in_day < 0) {
    in_day += kMsPerDay;
  }
  const std::chrono::sys_days day(std::chrono::days((time - in_day) / kMsPerDay));
  const std::chrono::year_month_day date(day);
  const auto ms = static_cast<int>(in_day);
  std::string text;
  text.reserve(24);
  AppendNumber(static_cast<int>(date.year()), 4, &text);
  text.push_back('-');
  AppendNumber(static_cast<int>(static_cast<unsigned>(date.month())), 2, &text);
  text.push_back('-');
  AppendNumber(static_cast<int>(static_cast<unsigned>(date.day())), 2, &text);
  text.push_back('T');
  AppendNumber(ms / static_cast<int>(kMsPerHour), 2, &text);
  text.push_back(':');
  AppendNumber(ms / static_cast<int>(kMsPerMinute) % 60, 2, &text);
  text.push_back(':');
  AppendNumber(ms / static_cast<int>(kMsPerSecond) % 60, 2, &text);
  text.push_back('.');
  AppendNumber(ms % static_cast<int>(kMsPerSecond), 3, &text);
  text.push_back('Z');
  return text;
}

std::optional<TimestampMs> ParseRfc3339(std::string_view text) {
  TimeReader reader(text);
  const std::optional<TimestampMs> date = ReadDate(&reader);
  if (!date || !(reader.Take('T') || reader.Take('t'))) {
    return std::nullopt;
  }
  const std::optional<Pair> clock = ReadHourMinute(&reader);
  if (!clock || !reader.Take(':')) {
    return std::nullopt;
  }
  const std::optional<int> seconds = ReadSeconds(&reader);
  if (!seconds) {
    return std::nullopt;
  }
  const std::optional<DurationMs> offset = ReadOffset(&reader);
  if (!offset || !reader.done()) {
    return std::nullopt;
  }
  const TimestampMs minute =
      *date + clock->first * kMsPerHour + clock->second * kMsPerMinute - *offset;
  if (*seconds >= kMsPerMinute && !MayBeLeapSecond(minute)) {
    return std::nullopt;
  }
  const TimestampMs time = minute + *seconds;
  if (time < kTimestampMsMin || time > kTimestampMsMax) {
    return std::nullopt;
  }
  return time;
}

std::optional<DurationMs> ParseDuration(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  DurationMs total = 0;
  std::size_t unit = 0;  // the first one that may still be named
  while (!text.empty()) {
    DurationMs count = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && IsDigit(text[digits]); ++digits) {
      if (__builtin_mul_overflow(count, 10, &count) ||
          __builtin_add_overflow(count, text[digits] - '0', &count)) {
        return std::nullopt;
      }
    }
    text.remove_prefix(digits);
    const std::string_view name = text.substr(
        0,
        static_cast<std::size_t>(std::find_if(text.begin(), text.end(), IsDigit) - text.begin()));
    while (unit < kUnits.size() && kUnits[unit].name != name) {
      ++unit;
    }
    if (digits == 0 || unit == kUnits.size() ||
        __builtin_mul_overflow(count, kUnits[unit].ms, &count) ||
        __builtin_add_overflow(total, count, &total)) {
      return std::nullopt;
    }
    ++unit;
    text.remove_prefix(name.size());
  }
  return total;
}

std::string FormatDuration(DurationMs duration) {
  SHRIKE_CHECK(duration >= 0);
  if (duration == 0) {
    return "0ms";
  }
  // From all units down to fewer: of equally short texts the one with larger units is found first.
  std::string best;
  for (unsigned mask = 1; mask < (1u << kUnits.size()); ++mask) {
    std::string text = FormatInUnits(duration, mask);
    if (!text.empty() && (best.empty() || text.size() < best.size())) {
      best = std::move(text);
    }
  }
  return best;
}

}  // namespace shrike
