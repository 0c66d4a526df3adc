// Idea: numbers are scanned once; almost all fit 19 digits and no exponent and are read from that mantissa. The others
// go the slow way through base/decimal.h and std::from_chars, with the same result.
#include "ingest/json_scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "base/decimal.h"
#include "base/utf8.h"

namespace shrike::ingest {
namespace {

constexpr int kExactDigitsMax = 19;  // 10^19 - 1 < 2^64

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes digits from `p` on into the mantissa. Returns the first character that is none.
const char* TakeDigits(const char* p, const char* end, std::uint64_t* mantissa) {
  for (; p != end && IsDigit(*p); ++p) {
    *mantissa = *mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
  }
  return p;
}

// After the "e": nullptr if no exponent follows.
const char* SkipExponent(const char* p, const char* end) {
  if (p != end && (*p == '+' || *p == '-')) {
    ++p;
  }
  const char* digits = p;
  while (p != end && IsDigit(*p)) {
    ++p;
  }
  return p == digits ? nullptr : p;
}

std::optional<std::int64_t> WithSign(std::uint64_t magnitude, bool negative) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  if (magnitude > kLimit || (magnitude == kLimit && !negative)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

std::int64_t PlacesOf(const NumberToken& number) {
  const std::optional<DigitRange> digits = FindDigits(number.text);
  SHRIKE_CHECK(digits.has_value());
  return std::max<std::int64_t>(0, -digits->last);
}

// The exact value in as few places as it needs; nullopt beyond 18 places or 128 bits.
std::optional<Decimal> ExactValue(const NumberToken& number) {
  const std::int64_t places = PlacesOf(number);
  if (places > kDecimalScaleMax) {
    return std::nullopt;
  }
  return ParseDecimal(number.text, static_cast<int>(places));
}

struct TimeFactor {
  std::int64_t multiply = 1;
  std::int64_t divide = 1;
};

TimeFactor FactorOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kSeconds:
      return {1000, 1};
    case TimeUnit::kMicros:
      return {1, 1000};
    case TimeUnit::kNanos:
      return {1, 1'000'000};
    case TimeUnit::kMs:
    case TimeUnit::kRfc3339:
      break;
  }
  return {};
}

// Towards the past; b > 0.
template <typename Int>
Int FloorDivide(Int a, Int b) {
  const Int quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}

// Up to here a count of units times 1000 fits 64 bits.
constexpr std::uint64_t kPlainTimeMax = std::numeric_limits<std::int64_t>::max() / 1000;

// Any number in ms, cut towards the past; nullopt beyond 128 bits.
std::optional<Int128> ReadTimeExactly(const NumberToken& number, const TimeFactor& factor) {
  const std::optional<Decimal> exact = ExactValue(number);
  Int128 scaled = 0;
  if (!exact ||
      __builtin_mul_overflow(exact->units, static_cast<Int128>(factor.multiply), &scaled)) {
    return std::nullopt;
  }
  // The divisor is 10^18 * 10^6 at most.
  return FloorDivide(scaled, PowerOfTen(exact->scale) * factor.divide);
}

// Four hex digits at the front, or -1.
int TakeHex(std::string_view* text) {
  if (text->size() < 4) {
    return -1;
  }
  int value = 0;
  const char* begin = text->data();
  const std::from_chars_result read = std::from_chars(begin, begin + 4, value, 16);
  if (read.ec != std::errc() || read.ptr != begin + 4 || *begin == '-') {
    return -1;
  }
  text->remove_prefix(4);
  return value;
}

// After "\u": a code point, of two escapes if it needs a surrogate pair; or nullopt.
std::optional<char32_t> TakeUnicode(std::string_view* text) {
  const int high = TakeHex(text);
  if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF)) {
    return std::nullopt;
  }
  if (high < 0xD800 || high > 0xDBFF) {
    return static_cast<char32_t>(high);
  }
  if (!text->starts_with("\\u")) {
    return std::nullopt;
  }
  text->remove_prefix(2);
  const int low = TakeHex(text);
  if (low < 0xDC00 || low > 0xDFFF) {
    return std::nullopt;
  }
  return static_cast<char32_t>(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
}

// The character that "\c" stands for, but for \u; or nullopt.
std::optional<char32_t> SimpleEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return static_cast<char32_t>(c);
    case 'b':
      return U'\b';
    case 'f':
      return U'\f';
    case 'n':
      return U'\n';
    case 'r':
      return U'\r';
    case 't':
      return U'\t';
    default:
      return std::nullopt;
  }
}

// After the backslash.
std::optional<char32_t> TakeEscape(std::string_view* text) {
  if (text->empty()) {
    return std::nullopt;
  }
  const char c = text->front();
  text->remove_prefix(1);
  return c == 'u' ? TakeUnicode(text) : SimpleEscape(c);
}

}  // namespace

bool ScanNumber(std::string_view text, NumberToken* number) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* p = begin;
  number->negative = p != end && *p == '-';
  if (number->negative) {
    ++p;
  }
  const char* const whole = p;
  std::uint64_t mantissa = 0;
  p = TakeDigits(p, end, &mantissa);
  if (p == whole || (*whole == '0' && p - whole > 1)) {
    return false;
  }
  auto digits = p - whole;
  number->fraction_digits = 0;
  if (p != end && *p == '.') {
    const char* const fraction = p + 1;
    p = TakeDigits(fraction, end, &mantissa);
    if (p == fraction) {
      return false;
    }
    digits += p - fraction;
    number->fraction_digits = static_cast<int>(p - fraction);
  }
  number->exact = digits <= kExactDigitsMax;
  if (p != end && (*p == 'e' || *p == 'E')) {
    p = SkipExponent(p + 1, end);
    number->exact = false;
    if (p == nullptr) {
      return false;
    }
  }
  number->mantissa = mantissa;
  number->text = {begin, static_cast<std::size_t>(p - begin)};
  return true;
}

DeadLetterReason ReadInt(const NumberToken& number, std::int64_t* value) {
  if (number.exact && number.fraction_digits == 0) {
    const std::optional<std::int64_t> read = WithSign(number.mantissa, number.negative);
    *value = read.value_or(0);
    return read ? DeadLetterReason::kNone : DeadLetterReason::kNumberRange;
  }
  if (PlacesOf(number) > 0) {
    return DeadLetterReason::kWrongType;
  }
  const std::optional<Decimal> exact = ParseDecimal(number.text, 0);
  if (!exact || exact->units < std::numeric_limits<std::int64_t>::min() ||
      exact->units > std::numeric_limits<std::int64_t>::max()) {
    return DeadLetterReason::kNumberRange;
  }
  *value = static_cast<std::int64_t>(exact->units);
  return DeadLetterReason::kNone;
}

DeadLetterReason ReadFloat(const NumberToken& number, double* value) {
  constexpr int kExactPowerMax = 18;  // 10^18 is an exact double, and so is the mantissa below
  if (number.exact && number.mantissa <= (std::uint64_t{1} << 53) &&
      number.fraction_digits <= kExactPowerMax) {
    const double magnitude = static_cast<double>(number.mantissa) /
                             static_cast<double>(PowerOfTen(number.fraction_digits));
    *value = number.negative ? -magnitude : magnitude;
    return DeadLetterReason::kNone;
  }
  const char* const begin = number.text.data();
  const std::from_chars_result read = std::from_chars(begin, begin + number.text.size(), *value);
  if (read.ec == std::errc() && std::isfinite(*value)) {
    return DeadLetterReason::kNone;
  }
  const std::optional<DigitRange> digits = FindDigits(number.text);
  SHRIKE_CHECK(digits.has_value());
  if (digits->first > 0) {
    return DeadLetterReason::kNumberRange;
  }
  *value = number.negative ? -0.0 : 0.0;  // too small: the nearest double
  return DeadLetterReason::kNone;
}

DeadLetterReason ReadDecimal(const NumberToken& number, int scale, Decimal* value) {
  if (number.exact && number.fraction_digits <= scale) {
    const Int128 units =
        static_cast<Int128>(number.mantissa) * PowerOfTen(scale - number.fraction_digits);
    *value = {number.negative ? -units : units, static_cast<std::uint8_t>(scale)};
    return DeadLetterReason::kNone;
  }
  const std::optional<Decimal> exact = ParseDecimal(number.text, scale);
  if (exact) {
    *value = *exact;
    return DeadLetterReason::kNone;
  }
  return PlacesOf(number) > scale ? DeadLetterReason::kDecimalPlaces
                                  : DeadLetterReason::kNumberRange;
}

DeadLetterReason ReadTime(const NumberToken& number, TimeUnit unit, TimestampMs* value) {
  const TimeFactor factor = FactorOf(unit);
  std::optional<Int128> ms;
  if (number.exact && number.fraction_digits == 0 && number.mantissa <= kPlainTimeMax) {
    const auto units = static_cast<std::int64_t>(number.mantissa);
    ms = FloorDivide((number.negative ? -units : units) * factor.multiply, factor.divide);
  } else {
    ms = ReadTimeExactly(number, factor);
  }
  if (!ms || *ms < kTimestampMsMin || *ms > kTimestampMsMax) {
    return DeadLetterReason::kBadTimestamp;
  }
  *value = static_cast<TimestampMs>(*ms);
  return DeadLetterReason::kNone;
}

bool Unescape(std::string_view raw, std::string* out) {
  while (!raw.empty()) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    if (out != nullptr) {
      out->append(raw.data(), plain);
    }
    raw.remove_prefix(plain);
    if (raw.empty()) {
      return true;
    }
    raw.remove_prefix(1);
    const std::optional<char32_t> code_point = TakeEscape(&raw);
    if (!code_point) {
      return false;
    }
    if (out != nullptr) {
      AppendUtf8(*code_point, out);
    }
  }
  return true;
}

}  // namespace shrike::ingest
