// The oracle is Boost's big integer: every result is computed there exactly and rounded by its definition.
#include "base/decimal.h"

#include <doctest/doctest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/int256.h"
#include "tests/support/random.h"

namespace shrike {
namespace {

using boost::multiprecision::cpp_int;
using testing::Random;

cpp_int Big(UInt128 value) {
  return (cpp_int(static_cast<std::uint64_t>(value >> 64)) << 64) +
         static_cast<std::uint64_t>(value);
}

cpp_int Big(Int128 value) {
  return value < 0 ? -Big(-static_cast<UInt128>(value)) : Big(static_cast<UInt128>(value));
}

cpp_int Big(const UInt256& value) { return (Big(value.high) << 128) + Big(value.low); }

cpp_int BigPower(int exponent) {
  return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(exponent));
}

bool Fits(const cpp_int& value) {
  const cpp_int limit = cpp_int(1) << 127;
  return value < limit && value >= -limit;
}

// a / b by the definition of half even; b > 0.
cpp_int DivideHalfEven(const cpp_int& a, const cpp_int& b) {
  cpp_int quotient = abs(a) / b;
  const cpp_int twice = abs(a) % b * 2;
  if (twice > b || (twice == b && quotient % 2 != 0)) ++quotient;
  return a < 0 ? cpp_int(-quotient) : quotient;
}

UInt128 RandomMagnitude(Random* random) {
  const UInt128 bits = (static_cast<UInt128>(random->Next()) << 64) | random->Next();
  return bits >> random->Below(128);
}

Decimal RandomDecimal(Random* random) {
  const auto scale = static_cast<std::uint8_t>(random->Below(kDecimalScaleMax + 1));
  if (random->OneIn(4)) {  // halves, zeros and other round numbers
    const auto small = static_cast<Int128>(random->Below(2001)) - 1000;
    return {small * 5 * PowerOfTen(static_cast<int>(random->Below(20))), scale};
  }
  return {static_cast<Int128>(RandomMagnitude(random) >> 1) * (random->OneIn(2) ? 1 : -1), scale};
}

std::string Text(Decimal value) {
  return Big(value.units).str() + "e-" + std::to_string(value.scale);
}

// The result must be `units` at `scale`, or absent if that does not fit.
void RequireIs(const std::optional<Decimal>& result, const cpp_int& units, int scale) {
  REQUIRE(result.has_value() == Fits(units));
  if (result) {
    REQUIRE(Big(result->units) == units);
    REQUIRE(result->scale == scale);
  }
}

TEST_CASE("arithmetic agrees with big integers") {
  Random random(testing::SeedFor("decimal arithmetic"));
  for (int i = 0; i < 30'000; ++i) {
    const Decimal a = RandomDecimal(&random);
    const Decimal b = RandomDecimal(&random);
    CAPTURE(Text(a));
    CAPTURE(Text(b));
    const int scale = std::max(a.scale, b.scale);
    const cpp_int left = Big(a.units) * BigPower(scale - a.scale);
    const cpp_int right = Big(b.units) * BigPower(scale - b.scale);
    RequireIs(AddDecimal(a, b), left + right, scale);
    RequireIs(SubtractDecimal(a, b), left - right, scale);
    const int product_scale = std::min(a.scale + b.scale, kDecimalScaleMax);
    RequireIs(
        MultiplyDecimal(a, b),
        DivideHalfEven(Big(a.units) * Big(b.units), BigPower(a.scale + b.scale - product_scale)),
        product_scale);
    REQUIRE(CompareDecimal(a, b) == (left < right ? -1 : (left == right ? 0 : 1)));
    if (b.units == 0) {
      REQUIRE_FALSE(DivideDecimal(a, b).has_value());
      REQUIRE_FALSE(RemainderDecimal(a, b).has_value());
      continue;
    }
    const cpp_int sign = right < 0 ? -1 : 1;
    RequireIs(DivideDecimal(a, b), DivideHalfEven(left * BigPower(9) * sign, abs(right)), 9);
    RequireIs(RemainderDecimal(a, b), left % right, scale);  // the sign of the dividend
  }
}

TEST_CASE("another scale rounds half to even, or refuses") {
  Random random(testing::SeedFor("rescale"));
  for (int i = 0; i < 20'000; ++i) {
    const Decimal a = RandomDecimal(&random);
    const auto scale = static_cast<int>(random.Below(kDecimalScaleMax + 1));
    CAPTURE(Text(a));
    CAPTURE(scale);
    const int down = std::max(a.scale - scale, 0);
    const cpp_int units =
        DivideHalfEven(Big(a.units) * BigPower(std::max(scale - a.scale, 0)), BigPower(down));
    RequireIs(Rescale(a, scale), units, scale);
    const bool exact = Big(a.units) % BigPower(down) == 0;
    REQUIRE(RescaleExact(a, scale).has_value() == (exact && Fits(units)));
  }
}

TEST_CASE("the nearest double, and the order of doubles") {
  Random random(testing::SeedFor("decimal and double"));
  for (int i = 0; i < 30'000; ++i) {
    const Decimal a = RandomDecimal(&random);
    CAPTURE(Text(a));
    // glibc's strtod rounds correctly.
    const double nearest = std::strtod(Text(a).c_str(), nullptr);
    REQUIRE(DecimalToDouble(a) == nearest);
    // A double next to the decimal, and a wild one, compared over 2^1074.
    const double wild = std::bit_cast<double>(random.Next());
    for (const double b :
         {nearest, std::nextafter(nearest, 1e300), std::nextafter(nearest, -1e300), wild}) {
      if (!std::isfinite(b)) continue;
      int exponent = 0;
      const auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(b, &exponent), 53));
      exponent += 1200 - 53;
      REQUIRE(exponent >= 0);
      const cpp_int left = Big(a.units) << 1200;
      const cpp_int right = (cpp_int(mantissa) << exponent) * BigPower(a.scale);
      CAPTURE(b);
      REQUIRE(CompareDecimalDouble(a, b) == (left < right ? -1 : (left == right ? 0 : 1)));
    }
  }
  CHECK(CompareDecimalDouble({1, 0}, HUGE_VAL) == -1);
  CHECK(CompareDecimalDouble({1, 0}, -HUGE_VAL) == 1);
  CHECK(CompareDecimalDouble({0, 4}, -0.0) == 0);
  CHECK(CompareDecimalDouble({1, 1}, 0.1) == -1);  // 0.1 is a little more than a tenth
}

TEST_CASE("number texts: places are counted without trailing zeros") {
  struct Row {
    std::string_view text;
    int scale;
    std::string_view want;  // FormatDecimal, or "" for nullopt
  };
  const Row rows[] = {
      {"0", 4, "0"},
      {"-0", 4, "0"},
      {"-0.000", 0, "0"},
      {"12", 0, "12"},
      {"12.50", 1, "12.5"},
      {"12.55", 1, ""},
      {"1.500", 1, "1.5"},
      {"1e3", 0, "1000"},
      {"1E+3", 0, "1000"},
      {"1250e-3", 2, "1.25"},
      {"1250e-3", 1, ""},
      {"0.00001e5", 0, "1"},
      {"0e999999999999999999999", 2, "0"},
      {"1e999999999999999999999", 2, ""},
      {"1e-999999999999999999999", 9, ""},
      {"170141183460469231731687303715884105727", 0, "170141183460469231731687303715884105727"},
      {"170141183460469231731687303715884105728", 0, ""},
      {"-170141183460469231731687303715884105728", 0, "-170141183460469231731687303715884105728"},
      {"17014118346046923173168730371588410572.7", 1, "17014118346046923173168730371588410572.7"},
      {"100000000000000000000000000000000000000000000000e-45", 2, "100"},
      {"0.000000000000000000000000000000000000000000000001e48", 0, "1"},
      {"1000000000000000000000000000000000000000", 0, ""},
      {"01", 0, ""},
      {"-01", 0, ""},
      {"+1", 0, ""},
      {".5", 1, ""},
      {"5.", 1, ""},
      {"1e", 1, ""},
      {"1e+", 1, ""},
      {"1 ", 1, ""},
      {"", 1, ""},
      {"-", 1, ""},
      {"NaN", 1, ""},
      {"0x10", 1, ""},
      {"1.2.3", 4, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::optional<Decimal> value = ParseDecimal(row.text, row.scale);
    CHECK((value ? FormatDecimal(*value) : "") == row.want);
    if (value) CHECK(value->scale == row.scale);
  }
}

TEST_CASE("where the digits of a number stand") {
  const auto digits = [](std::string_view text) {
    const std::optional<DigitRange> range = FindDigits(text);
    return range ? std::to_string(range->first) + ".." + std::to_string(range->last) : "none";
  };
  CHECK(digits("1250e-3") == "0..-2");
  CHECK(digits("0.00120") == "-3..-4");
  CHECK(digits("1200") == "3..2");
  CHECK(digits("0.000") == "0..0");
  CHECK(digits("1e400") == "400..400");
  CHECK(digits("x") == "none");
}

TEST_CASE("texts read back as the same number") {
  Random random(testing::SeedFor("decimal text"));
  for (int i = 0; i < 10'000; ++i) {
    const Decimal a = RandomDecimal(&random);
    CAPTURE(Text(a));
    const std::optional<Decimal> back = ParseDecimal(FormatDecimal(a), a.scale);
    REQUIRE(back.has_value());
    REQUIRE(back->units == a.units);
  }
  CHECK(FormatDecimal({-5, 3}) == "-0.005");
  CHECK(FormatDecimal({1500, 2}) == "15");
  CHECK(FormatDecimal({0, 9}) == "0");
}

TEST_CASE("256-bit integers agree with big integers") {
  Random random(testing::SeedFor("int256"));
  for (int i = 0; i < 20'000; ++i) {
    const UInt128 a = RandomMagnitude(&random);
    const UInt128 b = RandomMagnitude(&random);
    const UInt256 product = Multiply128(a, b);
    REQUIRE(Big(product) == Big(a) * Big(b));
    const UInt256 divisor{random.OneIn(3) ? RandomMagnitude(&random) : 0,
                          RandomMagnitude(&random) | 1};
    const Quotient256 division = Divide256(product, divisor);
    REQUIRE(Big(division.quotient) == Big(product) / Big(divisor));
    REQUIRE(Big(division.remainder) == Big(product) % Big(divisor));
    REQUIRE(Big(DivideHalfEven256(product, divisor)) == DivideHalfEven(Big(product), Big(divisor)));
    REQUIRE(BitWidth256(product) ==
            (product == UInt256{} ? 0 : static_cast<int>(msb(Big(product))) + 1));
    const auto shift = static_cast<int>(random.Below(256));
    REQUIRE(Big(ShiftLeft256(product, shift)) == (Big(product) << shift) % (cpp_int(1) << 256));
    REQUIRE(Subtract256(Add256(product, divisor), divisor) == product);
    REQUIRE((product < divisor) == (Big(product) < Big(divisor)));
  }
}

}  // namespace
}  // namespace shrike
