// Idea: every operation works on sign and magnitude, the magnitude in 256 bits, and narrows once at the end. The
// common case (both scales equal, nothing overflows 128 bits) takes a short way with the same result.
#include "base/decimal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/int256.h"

namespace shrike {
namespace {

constexpr int kPowerMax = 38;

constexpr std::array<UInt128, kPowerMax + 1> MakePowers() {
  std::array<UInt128, kPowerMax + 1> powers{};
  UInt128 power = 1;
  for (UInt128& slot : powers) {
    slot = power;
    power *= 10;
  }
  return powers;
}

constexpr std::array<UInt128, kPowerMax + 1> kPowers = MakePowers();

UInt128 Power(int exponent) {
  SHRIKE_CHECK(exponent >= 0 && exponent <= kPowerMax);
  return kPowers[static_cast<std::size_t>(exponent)];
}

UInt128 Magnitude(Int128 value) {
  return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

struct Signed256 {
  bool negative = false;
  UInt256 magnitude;
};

Signed256 Scaled(Decimal value, int scale) {
  return {value.units < 0, Multiply128(Magnitude(value.units), Power(scale - value.scale))};
}

// nullopt if it does not fit 128 bits.
std::optional<Int128> Narrow(const Signed256& value) {
  constexpr UInt128 kLimit = static_cast<UInt128>(1) << 127;
  const UInt128 magnitude = value.magnitude.low;
  if (value.magnitude.high != 0 || magnitude > kLimit || (magnitude == kLimit && !value.negative)) {
    return std::nullopt;
  }
  return static_cast<Int128>(value.negative ? -magnitude : magnitude);
}

std::optional<Decimal> NarrowDecimal(const Signed256& value, int scale) {
  const std::optional<Int128> units = Narrow(value);
  if (!units) {
    return std::nullopt;
  }
  return Decimal{*units, static_cast<std::uint8_t>(scale)};
}

int CompareSigned(const Signed256& a, const Signed256& b) {
  if (a.negative != b.negative) {
    // -0 never occurs: units are an integer.
    return a.negative ? -1 : 1;
  }
  const int order = a.magnitude < b.magnitude ? -1 : (a.magnitude == b.magnitude ? 0 : 1);
  return a.negative ? -order : order;
}

std::optional<Decimal> AddSigned(const Signed256& a, const Signed256& b, int scale) {
  if (a.negative == b.negative) {
    return NarrowDecimal({a.negative, Add256(a.magnitude, b.magnitude)}, scale);
  }
  if (a.magnitude >= b.magnitude) {
    return NarrowDecimal({a.negative, Subtract256(a.magnitude, b.magnitude)}, scale);
  }
  return NarrowDecimal({b.negative, Subtract256(b.magnitude, a.magnitude)}, scale);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A JSON number in pieces: sign, digits around the point, exponent.
struct NumberText {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;  // held at +-1e9: far beyond what 128 bits can hold

  std::size_t digit_count() const { return whole.size() + fraction.size(); }
  char digit(std::size_t i) const {
    return i < whole.size() ? whole[i] : fraction[i - whole.size()];
  }
};

std::string_view TakeDigits(std::string_view* text) {
  const auto end = std::find_if_not(text->begin(), text->end(), IsDigit);
  const std::string_view digits = text->substr(0, static_cast<std::size_t>(end - text->begin()));
  text->remove_prefix(digits.size());
  return digits;
}

bool TakeChar(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) {
    return false;
  }
  text->remove_prefix(1);
  return true;
}

// `text` after the "e": the signed exponent, or nullopt.
std::optional<std::int64_t> ParseExponent(std::string_view text) {
  constexpr std::int64_t kExponentMax = 1'000'000'000;
  const bool negative = TakeChar(&text, '-');
  if (!negative) {
    TakeChar(&text, '+');
  }
  const std::string_view digits = TakeDigits(&text);
  if (digits.empty() || !text.empty()) {
    return std::nullopt;
  }
  std::int64_t exponent = 0;
  for (const char c : digits) {
    exponent = std::min(kExponentMax, exponent * 10 + (c - '0'));
  }
  return negative ? -exponent : exponent;
}

std::optional<NumberText> SplitNumber(std::string_view text) {
  NumberText number;
  number.negative = TakeChar(&text, '-');
  number.whole = TakeDigits(&text);
  if (number.whole.empty() || (number.whole.size() > 1 && number.whole[0] == '0')) {
    return std::nullopt;
  }
  if (TakeChar(&text, '.')) {
    number.fraction = TakeDigits(&text);
    if (number.fraction.empty()) {
      return std::nullopt;
    }
  }
  if (TakeChar(&text, 'e') || TakeChar(&text, 'E')) {
    const std::optional<std::int64_t> exponent = ParseExponent(text);
    if (!exponent) {
      return std::nullopt;
    }
    number.exponent = *exponent;
    return number;
  }
  return text.empty() ? std::optional(number) : std::nullopt;
}

// Digits [begin, end) without the zeros at both ends.
struct DigitSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

DigitSpan SpanOfDigits(const NumberText& number) {
  DigitSpan span{0, number.digit_count()};
  while (span.end > 0 && number.digit(span.end - 1) == '0') {
    --span.end;
  }
  while (span.begin < span.end && number.digit(span.begin) == '0') {
    ++span.begin;
  }
  return span;
}

// The power of ten at digit `end` - 1.
std::int64_t ExponentAfter(const NumberText& number, std::size_t end) {
  return static_cast<std::int64_t>(number.whole.size()) - static_cast<std::int64_t>(end) +
         number.exponent;
}

// quotient * 2^exponent to the nearest double; a remainder counts. The quotient has at least 56 bits.
double RoundToDouble(const Quotient256& value, int exponent) {
  const int drop = BitWidth256(value.quotient) - 64;
  SHRIKE_CHECK(drop > -9);
  UInt256 top = value.quotient;
  bool sticky = value.remainder.high != 0 || value.remainder.low != 0;
  if (drop > 0) {
    const Quotient256 cut = Divide256(top, ShiftLeft256({0, 1}, drop));
    sticky = sticky || cut.remainder.high != 0 || cut.remainder.low != 0;
    top = cut.quotient;
    exponent += drop;
  }
  // At least 55 bits are left, so the lowest is below the rounding bit and may carry "there was more".
  const auto bits = static_cast<std::uint64_t>(top.low) | (sticky ? 1u : 0u);
  return std::ldexp(static_cast<double>(bits), exponent);
}

}  // namespace

Int128 PowerOfTen(int exponent) { return static_cast<Int128>(Power(exponent)); }

std::optional<Decimal> Rescale(Decimal value, int scale) {
  SHRIKE_CHECK(scale >= 0 && scale <= kPowerMax);
  if (scale >= value.scale) {
    return NarrowDecimal(Scaled(value, scale), scale);
  }
  const UInt256 divisor{0, Power(value.scale - scale)};
  return NarrowDecimal({value.units < 0, DivideHalfEven256({0, Magnitude(value.units)}, divisor)},
                       scale);
}

std::optional<Decimal> RescaleExact(Decimal value, int scale) {
  if (scale < value.scale && Magnitude(value.units) % Power(value.scale - scale) != 0) {
    return std::nullopt;
  }
  return Rescale(value, scale);
}

Decimal WithoutTrailingZeros(Decimal value) {
  if (value.units == 0) return {0, 0};
  while (value.scale > 0 && value.units % 10 == 0) {
    value.units /= 10;
    --value.scale;
  }
  return value;
}

std::optional<Decimal> AddDecimal(Decimal a, Decimal b) {
  Decimal sum{0, a.scale};
  if (a.scale == b.scale && !__builtin_add_overflow(a.units, b.units, &sum.units)) {
    return sum;
  }
  const int scale = std::max(a.scale, b.scale);
  return AddSigned(Scaled(a, scale), Scaled(b, scale), scale);
}

std::optional<Decimal> SubtractDecimal(Decimal a, Decimal b) {
  Decimal difference{0, a.scale};
  if (a.scale == b.scale && !__builtin_sub_overflow(a.units, b.units, &difference.units)) {
    return difference;
  }
  const int scale = std::max(a.scale, b.scale);
  Signed256 right = Scaled(b, scale);
  right.negative = !right.negative;
  return AddSigned(Scaled(a, scale), right, scale);
}

std::optional<Decimal> MultiplyDecimal(Decimal a, Decimal b) {
  Signed256 product{(a.units < 0) != (b.units < 0),
                    Multiply128(Magnitude(a.units), Magnitude(b.units))};
  const int scale = a.scale + b.scale;
  if (scale > kDecimalScaleMax) {
    product.magnitude = DivideHalfEven256(product.magnitude, {0, Power(scale - kDecimalScaleMax)});
  }
  return NarrowDecimal(product, std::min(scale, kDecimalScaleMax));
}

std::optional<Decimal> DivideDecimal(Decimal a, Decimal b) {
  if (b.units == 0) {
    return std::nullopt;
  }
  // (a / 10^sa) / (b / 10^sb), in units of 10^-9: a * 10^shift / b.
  const int shift = b.scale - a.scale + kDecimalScaleFieldMax;
  const UInt256 dividend = Multiply128(Magnitude(a.units), Power(std::max(shift, 0)));
  const UInt256 divisor = Multiply128(Magnitude(b.units), Power(std::max(-shift, 0)));
  return NarrowDecimal({(a.units < 0) != (b.units < 0), DivideHalfEven256(dividend, divisor)},
                       kDecimalScaleFieldMax);
}

std::optional<Decimal> RemainderDecimal(Decimal a, Decimal b) {
  if (b.units == 0) {
    return std::nullopt;
  }
  const int scale = std::max(a.scale, b.scale);
  const Signed256 left = Scaled(a, scale);
  const Signed256 right = Scaled(b, scale);
  return NarrowDecimal({left.negative, Divide256(left.magnitude, right.magnitude).remainder},
                       scale);
}

int CompareDecimal(Decimal a, Decimal b) {
  if (a.scale == b.scale) {
    return a.units < b.units ? -1 : (a.units == b.units ? 0 : 1);
  }
  const int scale = std::max(a.scale, b.scale);
  return CompareSigned(Scaled(a, scale), Scaled(b, scale));
}

int CompareDecimalDouble(Decimal a, double b) {
  SHRIKE_CHECK(!std::isnan(b));
  const int sign_a = a.units < 0 ? -1 : (a.units == 0 ? 0 : 1);
  const int sign_b = b < 0 ? -1 : (b == 0 ? 0 : 1);
  if (sign_a != sign_b) {
    return sign_a < sign_b ? -1 : 1;
  }
  if (sign_a == 0) {
    return 0;
  }
  if (std::fabs(b) >= 0x1p128) {
    return -sign_b;
  }
  // |b| = mantissa * 2^exponent exactly, mantissa < 2^53. Compare |a| * 2^-exponent with mantissa * 10^scale.
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(b), &exponent);
  const auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  exponent -= 53;
  if (exponent < -120) {
    return sign_a;  // |a| * 2^120 > 2^53 * 10^18 already for |a| = 1 unit
  }
  UInt256 left{0, Magnitude(a.units)};
  UInt256 right = Multiply128(mantissa, Power(a.scale));
  left = ShiftLeft256(left, std::max(-exponent, 0));
  right = ShiftLeft256(right, std::max(exponent, 0));
  return left < right ? -sign_a : (left == right ? 0 : sign_a);
}

double DecimalToDouble(Decimal value) {
  const UInt128 magnitude = Magnitude(value.units);
  if (magnitude <= (static_cast<UInt128>(1) << 53)) {
    // Both operands are exact doubles (10^18 < 2^60 has 42 bits), so the one division rounds correctly.
    return static_cast<double>(static_cast<std::int64_t>(value.units)) /
           static_cast<double>(static_cast<std::uint64_t>(Power(value.scale)));
  }
  // 54 bits and more, times 2^64, by at most 2^60: the quotient has at least 57 bits.
  constexpr int kShift = 64;
  const Quotient256 quotient =
      Divide256(ShiftLeft256({0, magnitude}, kShift), {0, Power(value.scale)});
  const double result = RoundToDouble(quotient, -kShift);
  return value.units < 0 ? -result : result;
}

std::optional<Decimal> ParseDecimal(std::string_view text, int scale) {
  SHRIKE_CHECK(scale >= 0 && scale <= kDecimalScaleMax);
  const std::optional<NumberText> number = SplitNumber(text);
  if (!number) {
    return std::nullopt;
  }
  const DigitSpan span = SpanOfDigits(*number);
  if (span.begin == span.end) {
    return Decimal{0, static_cast<std::uint8_t>(scale)};
  }
  // The value is (digits [begin, end)) * 10^power units.
  const std::int64_t power = ExponentAfter(*number, span.end) + scale;
  if (power < 0 || power > kPowerMax || span.end - span.begin > kPowerMax + 1) {
    return std::nullopt;
  }
  UInt128 digits = 0;
  for (std::size_t i = span.begin; i < span.end; ++i) {
    const auto digit = static_cast<UInt128>(number->digit(i) - '0');
    if (__builtin_mul_overflow(digits, static_cast<UInt128>(10), &digits) ||
        __builtin_add_overflow(digits, digit, &digits)) {
      return std::nullopt;
    }
  }
  return NarrowDecimal({number->negative, Multiply128(digits, Power(static_cast<int>(power)))},
                       scale);
}

std::optional<DigitRange> FindDigits(std::string_view text) {
  const std::optional<NumberText> number = SplitNumber(text);
  if (!number) {
    return std::nullopt;
  }
  const DigitSpan span = SpanOfDigits(*number);
  if (span.begin == span.end) {
    return DigitRange{};
  }
  return DigitRange{ExponentAfter(*number, span.begin + 1), ExponentAfter(*number, span.end)};
}

std::string FormatDecimal(Decimal value) {
  UInt128 magnitude = Magnitude(value.units);
  int scale = value.scale;
  while (scale > 0 && magnitude % 10 == 0) {
    magnitude /= 10;
    --scale;
  }
  std::string text;  // backwards
  for (int written = 0; magnitude != 0 || written <= scale; ++written) {
    if (written == scale && scale > 0) {
      text.push_back('.');
    }
    text.push_back(static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  }
  if (value.units < 0) {
    text.push_back('-');
  }
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace shrike
