#include "base/time.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/random.h"

namespace shrike {
namespace {

TEST_CASE("RFC 3339 texts are read as the time they name") {
  struct Row {
    std::string_view text;
    std::optional<TimestampMs> want;
  };
  const Row rows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2018-04-01T00:00:31.000Z", 1522540831000},
      {"2018-04-01T02:00:31+02:00", 1522540831000},
      {"2018-03-31T18:30:31.5-05:30", 1522540831500},
      {"2018-04-01t00:00:31z", 1522540831000},
      {"1969-12-31T23:59:59.999Z", -1},
      {"1969-12-31T23:59:59.9999Z", -1},  // cut towards the past
      {"1969-12-31T23:59:59.000000001Z", -1000},
      {"0001-01-01T00:00:00Z", kTimestampMsMin},
      {"9999-12-31T23:59:59.999999999Z", kTimestampMsMax},
      {"2024-02-29T00:00:00Z", 1709164800000},
      {"2000-01-01T00:00:00-00:00", 946684800000},
      {"2016-12-31T23:59:60Z", 1483228800000},  // a leap second is the next day's start
      {"2017-01-01T05:29:60.5+05:30", 1483228800500},
      {"2016-12-30T23:59:60Z", std::nullopt},
      {"2016-12-31T12:59:60Z", std::nullopt},
      {"0001-01-01T00:00:00+00:01", std::nullopt},  // the year 0
      {"0000-12-31T23:59:59-00:02", kTimestampMsMin + 60'000 + 59'000},
      {"9999-12-31T23:59:59-00:01", std::nullopt},
      {"2023-02-29T00:00:00Z", std::nullopt},
      {"2023-13-01T00:00:00Z", std::nullopt},
      {"2023-00-01T00:00:00Z", std::nullopt},
      {"2023-01-32T00:00:00Z", std::nullopt},
      {"2023-01-01T24:00:00Z", std::nullopt},
      {"2023-01-01T00:60:00Z", std::nullopt},
      {"2023-01-01T00:00:61Z", std::nullopt},
      {"2023-01-01T00:00:00", std::nullopt},
      {"2023-01-01T00:00:00.Z", std::nullopt},
      {"2023-01-01T00:00:00.0000000000Z", std::nullopt},
      {"2023-01-01T00:00:00+24:00", std::nullopt},
      {"2023-01-01T00:00:00+0100", std::nullopt},
      {"2023-01-01T00:00:00ZZ", std::nullopt},
      {"2023-01-01 00:00:00Z", std::nullopt},
      {" 2023-01-01T00:00:00Z", std::nullopt},
      {"2023-1-1T00:00:00Z", std::nullopt},
      {"-023-01-01T00:00:00Z", std::nullopt},
      {"2023-01-01T00:00Z", std::nullopt},
      {"1522540831000", std::nullopt},
      {"", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(ParseRfc3339(row.text) == row.want);
  }
}

TEST_CASE("every timestamp is written so that it reads back") {
  CHECK(FormatRfc3339(1522540831000) == "2018-04-01T00:00:31.000Z");
  CHECK(FormatRfc3339(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(FormatRfc3339(kTimestampMsMin) == "0001-01-01T00:00:00.000Z");
  CHECK(FormatRfc3339(kTimestampMsMax) == "9999-12-31T23:59:59.999Z");
  CHECK(FormatRfc3339(kTimeMin) == "0001-01-01T00:00:00.000Z");
  CHECK(FormatRfc3339(kTimeMax) == "9999-12-31T23:59:59.999Z");
  testing::Random random(testing::SeedFor("timestamps"));
  const auto range = static_cast<std::size_t>(kTimestampMsMax - kTimestampMsMin);
  for (int i = 0; i < 20'000; ++i) {
    const TimestampMs time = kTimestampMsMin + static_cast<TimestampMs>(random.Below(range + 1));
    CAPTURE(time);
    REQUIRE(ParseRfc3339(FormatRfc3339(time)) == time);
  }
}

TEST_CASE("durations are read strictly") {
  struct Row {
    std::string_view text;
    std::optional<DurationMs> want;
  };
  const Row rows[] = {
      {"0ms", 0},
      {"1ms", 1},
      {"10m", 600'000},
      {"1h30m", 5'400'000},
      {"1w1d1h1m1s1ms", 694'861'001},
      {"90s", 90'000},
      {"100h1ms", 360'000'001},
      {"15250284452w", 9'223'372'036'569'600'000},
      {"15250284453w", std::nullopt},
      {"9223372036854775807ms", 9'223'372'036'854'775'807},
      {"9223372036854775808ms", std::nullopt},
      {"15250284452w9223372036854775807ms", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"30m1h", std::nullopt},
      {"1h1h", std::nullopt},
      {"1", std::nullopt},
      {"h", std::nullopt},
      {"1 h", std::nullopt},
      {"1h ", std::nullopt},
      {"1H", std::nullopt},
      {"-1h", std::nullopt},
      {"1.5h", std::nullopt},
      {"1y", std::nullopt},
      {"1hx", std::nullopt},
      {"", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(ParseDuration(row.text) == row.want);
  }
}

TEST_CASE("durations are written short") {
  struct Row {
    DurationMs duration;
    std::string_view want;
  };
  const Row rows[] = {
      {0, "0ms"},          {1, "1ms"},
      {1000, "1s"},        {90'000, "90s"},
      {60'000, "1m"},      {5'400'000, "90m"},
      {86'400'000, "1d"},  {40 * 86'400'000LL, "40d"},
      {604'800'000, "1w"}, {604'800'001, "1w1ms"},
      {1'500, "1500ms"},   {61'001, "61s1ms"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.duration);
    CHECK(FormatDuration(row.duration) == row.want);
  }
  testing::Random random(testing::SeedFor("durations"));
  for (int i = 0; i < 5'000; ++i) {
    const auto duration = static_cast<DurationMs>(random.Magnitude() >> 1);
    CAPTURE(duration);
    REQUIRE(ParseDuration(FormatDuration(duration)) == duration);
  }
}

TEST_CASE("adding stops at the ends of time") {
  CHECK(AddSaturated(1, 2) == 3);
  CHECK(AddSaturated(kTimeMax, 1) == kTimeMax);
  CHECK(AddSaturated(kTimeMin, -1) == kTimeMin);
  CHECK(AddSaturated(kTimeMax, -1) == kTimeMax - 1);
  CHECK(AddSaturated(5, kTimeMin) == kTimeMin + 5);
}

}  // namespace
}  // namespace shrike
