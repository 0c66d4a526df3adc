// Results are exact quotients, rounded once. What fits 128 bits goes the fast way; the rest goes through wide integers.
//
// Tested by: tests/nfa/exact_sum_test.cc.
#include "nfa/exact_sum.h"

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <optional>

#include "base/int256.h"
#include "nfa/operators.h"

namespace shrike::nfa {
namespace {

using Wide = boost::multiprecision::int1024_t;

constexpr int kFixedPointBits = 74;                      // language.md, 4.7
constexpr double kFixedPointLimit = 4503599627370496.0;  // 2^52
constexpr double kWholeFrom = 9007199254740992.0;        // 2^53: a double of this size is whole

std::optional<Int128> Narrow(const Int192& sum) {
  const auto low = static_cast<Int128>(static_cast<UInt128>(sum.words[1]) << 64 | sum.words[0]);
  const std::uint64_t sign = low < 0 ? ~std::uint64_t{0} : 0;
  return sum.words[2] == sign ? std::optional(low) : std::nullopt;
}

template <std::size_t N>
Wide ToWide(Limbs<N> value) {
  const bool negative = value.words[N - 1] >> 63 != 0;
  if (negative) {
    Limbs<N> positive;
    Subtract(value, &positive);
    value = positive;
  }
  Wide wide = 0;
  for (std::size_t i = N; i-- > 0;) wide = (wide << 64) | value.words[i];
  return negative ? Wide(-wide) : wide;
}

// num / den * 2^exponent as the nearest double, half to even; den > 0.
double RoundWide(const Wide& num, const Wide& den, int exponent) {
  if (num == 0) return 0.0;
  Wide a = abs(num);
  Wide b = den;
  // A quotient of 60 or 61 bits, the last one sticky, so that the conversion rounds once.
  const int shift = 60 - static_cast<int>(msb(a)) + static_cast<int>(msb(b));
  if (shift > 0) a <<= static_cast<unsigned>(shift);
  if (shift < 0) b <<= static_cast<unsigned>(-shift);
  const Wide quotient = a / b;
  auto bits = static_cast<std::uint64_t>(quotient);
  if (quotient * b != a) bits |= 1;
  const double value = std::ldexp(static_cast<double>(bits), exponent - shift);
  return num < 0 ? -value : value;
}

// The same in 128 bits.
double RoundNarrow(Int128 num, UInt128 den, int exponent) {
  constexpr Int128 kExact = Int128{1} << 53;
  // Both sides are exact doubles: their quotient is rounded once.
  if (num > -kExact && num < kExact && den <= static_cast<UInt128>(kExact)) {
    return std::ldexp(static_cast<double>(static_cast<std::int64_t>(num)) /
                          static_cast<double>(static_cast<std::uint64_t>(den)),
                      exponent);
  }
  return RoundQuotient(num, den, exponent);
}

Value Finite(double value) { return std::isfinite(value) ? Value::Float(value) : Value::Null(); }

Wide PowerOfTenWide(int exponent) {
  Wide power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

int TrailingZeros(UInt128 value) {
  const auto low = static_cast<std::uint64_t>(value);
  if (low != 0) return std::countr_zero(low);
  return 64 + std::countr_zero(static_cast<std::uint64_t>(value >> 64));
}

// The variance's numerator n * squares - sum^2, if everything fits 128 bits after dividing both by a common power of
// two; *shift: that of a value.
std::optional<Int128> NarrowSpread(const Moments& m, int* shift) {
  const std::optional<Int128> sum = Narrow(m.sum);
  if (!sum || (m.squares.words[4] | m.squares.words[3]) != 0) return std::nullopt;
  UInt256 squares{m.squares.words[2],
                  static_cast<UInt128>(m.squares.words[1]) << 64 | m.squares.words[0]};
  *shift = 0;
  if (*sum != 0 && squares.low != 0) {
    *shift = std::min(TrailingZeros(static_cast<UInt128>(*sum)), TrailingZeros(squares.low) / 2);
  }
  if (const int bits = 2 * *shift; bits > 0) {
    squares.low = squares.low >> bits | squares.high << (128 - bits);
    squares.high >>= bits;
  }
  const Int128 narrow = *sum >> *shift;  // exact
  constexpr Int128 kRoot = Int128{1} << 62;
  const int width = BitWidth256({0, squares.low}) +
                    static_cast<int>(std::bit_width(static_cast<std::uint64_t>(m.count)));
  if (squares.high != 0 || width > 126 || narrow > kRoot || narrow < -kRoot) return std::nullopt;
  return static_cast<Int128>(squares.low) * m.count - narrow * narrow;
}

// The average of decimals, 9 places, half to even, where all of it fits 128 bits and the divisor 64.
std::optional<Decimal> NarrowAverage(Int128 sum, int scale, std::int64_t count) {
  constexpr Int128 kLimit = Int128{1} << 64;
  constexpr int kPlaces = 9;
  if (sum <= -kLimit || sum >= kLimit || scale > kPlaces) return std::nullopt;
  const auto size = static_cast<UInt128>(sum < 0 ? -sum : sum) *
                    static_cast<UInt128>(PowerOfTen(kPlaces - scale));
  const auto divisor = static_cast<std::uint64_t>(count);
  UInt128 quotient = 0;
  std::uint64_t rest = 0;
  if (size >> 64 == 0) {
    quotient = static_cast<std::uint64_t>(size) / divisor;
    rest = static_cast<std::uint64_t>(size) % divisor;
  } else {
    quotient = size / divisor;
    rest = static_cast<std::uint64_t>(size - quotient * divisor);
  }
  const std::uint64_t other = divisor - rest;
  if (rest > other || (rest == other && (quotient & 1) != 0)) ++quotient;
  const auto units = static_cast<Int128>(quotient);
  return Decimal{sum < 0 ? -units : units, kPlaces};
}

int PointBits(Type type) { return type.kind == Kind::kFloat ? -kFixedPointBits : 0; }

double Variance(const Moments& m, Type type) {
  const int scale = type.kind == Kind::kDecimal ? type.scale : 0;
  const auto pairs = static_cast<Int128>(m.count) * (m.count - 1);
  int shift = 0;
  const std::optional<Int128> spread = NarrowSpread(m, &shift);
  if (spread && 2 * scale <= 18) {
    const auto den = static_cast<UInt128>(pairs) * static_cast<UInt128>(PowerOfTen(2 * scale));
    return RoundNarrow(*spread, den, 2 * (PointBits(type) + shift));
  }
  const Wide sum = ToWide(m.sum);
  const Wide num = ToWide(m.squares) * m.count - sum * sum;
  const Wide den = Wide(m.count) * (m.count - 1) * PowerOfTenWide(2 * scale);
  return RoundWide(num, den, 2 * PointBits(type));
}

}  // namespace

Int192 Widen(Int128 units) {
  return {{static_cast<std::uint64_t>(units),
           static_cast<std::uint64_t>(static_cast<UInt128>(units) >> 64),
           units < 0 ? ~std::uint64_t{0} : 0}};
}

Int320 Square(Int128 units) {
  const UInt128 size =
      units < 0 ? UInt128{0} - static_cast<UInt128>(units) : static_cast<UInt128>(units);
  const UInt256 square = Multiply128(size, size);
  return {{static_cast<std::uint64_t>(square.low), static_cast<std::uint64_t>(square.low >> 64),
           static_cast<std::uint64_t>(square.high), static_cast<std::uint64_t>(square.high >> 64),
           0}};
}

bool UnitsOf(const Value& value, Int128* units) {
  switch (value.kind()) {
    case Kind::kDecimal:
      *units = value.decimal().units;
      return true;
    case Kind::kFloat: {
      if (!(std::fabs(value.float64()) < kFixedPointLimit)) return false;
      const double scaled = std::ldexp(value.float64(), kFixedPointBits);
      *units =
          static_cast<Int128>(std::fabs(scaled) < kWholeFrom ? std::nearbyint(scaled) : scaled);
      return true;
    }
    default:
      *units = value.int64();
      return true;
  }
}

void AddValue(const Value& value, bool squares, Moments* moments) {
  ++moments->count;
  Int128 units = 0;
  if (!UnitsOf(value, &units)) {
    ++moments->large;
    return;
  }
  Add(Widen(units), &moments->sum);
  if (squares) Add(Square(units), &moments->squares);
}

Value SumOf(const Moments& moments, Type type) {
  const std::optional<Int128> sum = Narrow(moments.sum);
  if (moments.large != 0 || !sum) return Value::Null();
  switch (type.kind) {
    case Kind::kFloat:
      return Value::Float(RoundNarrow(*sum, 1, -kFixedPointBits));
    case Kind::kDecimal:
      return Value::Dec({*sum, type.scale});
    default:
      if (*sum > std::numeric_limits<std::int64_t>::max() ||
          *sum < std::numeric_limits<std::int64_t>::min()) {
        return Value::Null();
      }
      return type.kind == Kind::kDuration ? Value::Duration(static_cast<std::int64_t>(*sum))
                                          : Value::Int(static_cast<std::int64_t>(*sum));
  }
}

Value AverageOf(const Moments& moments, Type type) {
  if (moments.count == 0 || moments.large != 0) return Value::Null();
  const std::optional<Int128> sum = Narrow(moments.sum);
  if (!sum) return Value::Null();
  switch (type.kind) {
    case Kind::kDecimal: {
      const std::optional<Decimal> narrow = NarrowAverage(*sum, type.scale, moments.count);
      if (narrow) return Value::Dec(*narrow);
      const std::optional<Decimal> quotient = DivideDecimal({*sum, type.scale}, {moments.count, 0});
      return quotient ? Value::Dec(*quotient) : Value::Null();
    }
    case Kind::kDuration: {
      const Value total = SumOf(moments, type);
      return total.is_null() ? total : Arithmetic(Op::kDivide, total, Value::Int(moments.count));
    }
    default:
      return Value::Float(RoundNarrow(*sum, static_cast<UInt128>(moments.count), PointBits(type)));
  }
}

Value DeviationOf(const Moments& moments, Type type) {
  if (moments.count < 2 || moments.large != 0) return Value::Null();
  return Finite(std::sqrt(Variance(moments, type)));
}

Value RateOf(const Moments& moments, Type type, DurationMs length) {
  if (moments.large != 0) return Value::Null();
  const int scale = type.kind == Kind::kDecimal ? type.scale : 0;
  // Mostly all of it fits 128 bits.
  const std::optional<Int128> sum = Narrow(moments.sum);
  Int128 narrow_num = 0;
  Int128 narrow_den = 0;
  if (sum && !__builtin_mul_overflow(*sum, Int128{1000}, &narrow_num) &&
      !__builtin_mul_overflow(PowerOfTen(scale), Int128{length}, &narrow_den)) {
    return Finite(RoundNarrow(narrow_num, static_cast<UInt128>(narrow_den), PointBits(type)));
  }
  const Wide num = ToWide(moments.sum) * 1000;
  return Finite(RoundWide(num, PowerOfTenWide(scale) * length, PointBits(type)));
}

Value CountRateOf(std::int64_t count, DurationMs length) {
  return Finite(RoundNarrow(static_cast<Int128>(count) * 1000, static_cast<UInt128>(length), 0));
}

}  // namespace shrike::nfa
