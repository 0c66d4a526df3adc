#include "ingest/json_scalar.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "tests/support/random.h"

namespace shrike::ingest {
namespace {

using testing::Random;

std::string RandomNumber(Random* random) {
  std::string text = random->OneIn(2) ? "-" : "";
  text += random->OneIn(4) ? "0" : std::to_string(random->Magnitude());
  if (random->OneIn(3)) text += std::to_string(random->Next()) + std::to_string(random->Next());
  if (text[text[0] == '-' ? 1 : 0] == '0') text.resize(text[0] == '-' ? 2 : 1);
  if (random->OneIn(2)) {
    text += "." + std::string(random->Below(25), '0') + std::to_string(random->Magnitude());
    text += std::string(random->Below(5), '0');
  }
  if (random->OneIn(3)) {
    text += random->OneIn(2) ? "e-" : "E";
    text += std::to_string(random->Below(random->OneIn(2) ? 25 : 400));
  }
  return text;
}

TEST_CASE("numbers agree with strtod and with exact decimals") {
  Random random(testing::SeedFor("numbers"));
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = RandomNumber(&random);
    CAPTURE(text);
    NumberToken number;
    const std::string with_comma = text + ",";
    REQUIRE(ScanNumber(with_comma, &number));
    REQUIRE(number.text == text);
    double read = 0;
    const double want = std::strtod(text.c_str(), nullptr);
    const bool finite = want <= 1.7976931348623157e308 && want >= -1.7976931348623157e308;
    REQUIRE((ReadFloat(number, &read) == DeadLetterReason::kNone) == finite);
    if (finite) REQUIRE(read == want);
    const auto scale = static_cast<int>(random.Below(10));
    const std::optional<Decimal> exact = ParseDecimal(text, scale);
    Decimal decimal;
    REQUIRE((ReadDecimal(number, scale, &decimal) == DeadLetterReason::kNone) == exact.has_value());
    if (exact) {
      REQUIRE(CompareDecimal(decimal, *exact) == 0);
      REQUIRE(decimal.scale == scale);
    }
    std::int64_t whole = 0;
    const std::optional<Decimal> integer = ParseDecimal(text, 0);
    const bool fits = integer && integer->units >= INT64_MIN && integer->units <= INT64_MAX;
    REQUIRE((ReadInt(number, &whole) == DeadLetterReason::kNone) == fits);
    if (fits) REQUIRE(whole == static_cast<std::int64_t>(integer->units));
  }
}

TEST_CASE("a number ends where its grammar ends") {
  struct Row {
    std::string_view text, number;  // number: empty if none
  };
  const Row rows[] = {
      {"12,", "12"},    {"0", "0"},  {"-0.5e+3]", "-0.5e+3"},
      {"1x", "1"},      {"01", ""},  {"-", ""},
      {"-a", ""},       {"1.", ""},  {"1.e5", ""},
      {"1e", ""},       {"1e+", ""}, {"", ""},
      {".5", ""},       {"+1", ""},  {"1.5.5", "1.5"},
      {"1e5e5", "1e5"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    NumberToken number;
    const bool scanned = ScanNumber(row.text, &number);
    CHECK(scanned == !row.number.empty());
    if (scanned) CHECK(number.text == row.number);
  }
}

TEST_CASE("escapes") {
  struct Row {
    std::string_view raw;
    std::optional<std::string> want;
  };
  const Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {R"(\n\t\r\b\f\"\\\/)", "\n\t\r\b\f\"\\/"},
      {R"(a\u0041\u00e9\u20ac)", "aA\xC3\xA9\xE2\x82\xAC"},
      {R"(\ud83d\ude42)", "\xF0\x9F\x99\x82"},
      {R"(\uD800\uDC00)", "\xF0\x90\x80\x80"},
      {R"(\udbff\udfff)", "\xF4\x8F\xBF\xBF"},
      {R"(\ud800)", std::nullopt},
      {R"(\ud800x)", std::nullopt},
      {R"(\ud800\n)", std::nullopt},
      {R"(\ud800\ud800)", std::nullopt},
      {R"(\udc00)", std::nullopt},
      {R"(\u00)", std::nullopt},
      {R"(\u00g0)", std::nullopt},
      {R"(\u-001)", std::nullopt},
      {R"(\u+001)", std::nullopt},
      {R"(\u 001)", std::nullopt},
      {R"(\x41)", std::nullopt},
      {R"(\)", std::nullopt},
      {R"(\U0041)", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.raw);
    std::string out;
    CHECK(Unescape(row.raw, &out) == row.want.has_value());
    if (row.want) CHECK(out == *row.want);
    CHECK(Unescape(row.raw, nullptr) == row.want.has_value());
  }
}

}  // namespace
}  // namespace shrike::ingest
