#include "base/int256.h"

#include <bit>
#include <cstdint>

#include "base/check.h"

namespace shrike {
namespace {

int BitWidth128(UInt128 value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  const auto low = static_cast<std::uint64_t>(value);
  return high != 0 ? 64 + static_cast<int>(std::bit_width(high))
                   : static_cast<int>(std::bit_width(low));
}

UInt256 ShiftRightOne(const UInt256& value) {
  return {value.high >> 1, (value.low >> 1) | (value.high << 127)};
}

}  // namespace

UInt256 Multiply128(UInt128 a, UInt128 b) {
  const auto a0 = static_cast<std::uint64_t>(a);
  const auto a1 = static_cast<std::uint64_t>(a >> 64);
  const auto b0 = static_cast<std::uint64_t>(b);
  const auto b1 = static_cast<std::uint64_t>(b >> 64);
  const UInt128 low = static_cast<UInt128>(a0) * b0;
  // Each partial product is at most (2^64 - 1)^2, so adding one carry word to it cannot overflow.
  const UInt128 middle = static_cast<UInt128>(a1) * b0 + static_cast<std::uint64_t>(low >> 64);
  const UInt128 cross = static_cast<UInt128>(a0) * b1 + static_cast<std::uint64_t>(middle);
  const UInt128 high = static_cast<UInt128>(a1) * b1 + static_cast<std::uint64_t>(middle >> 64) +
                       static_cast<std::uint64_t>(cross >> 64);
  return {high, (cross << 64) | static_cast<std::uint64_t>(low)};
}

UInt256 Add256(const UInt256& a, const UInt256& b) {
  const UInt128 low = a.low + b.low;
  return {a.high + b.high + (low < a.low ? 1 : 0), low};
}

UInt256 Subtract256(const UInt256& a, const UInt256& b) {
  return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
}

UInt256 ShiftLeft256(const UInt256& value, int bits) {
  SHRIKE_CHECK(bits >= 0 && bits < 256);
  if (bits == 0) {
    return value;
  }
  if (bits >= 128) {
    return {value.low << (bits - 128), 0};
  }
  return {(value.high << bits) | (value.low >> (128 - bits)), value.low << bits};
}

int BitWidth256(const UInt256& value) {
  return value.high != 0 ? 128 + BitWidth128(value.high) : BitWidth128(value.low);
}

Quotient256 Divide256(const UInt256& dividend, const UInt256& divisor) {
  SHRIKE_CHECK(divisor.high != 0 || divisor.low != 0);
  if (dividend.high == 0 && divisor.high == 0) {
    return {{0, dividend.low / divisor.low}, {0, dividend.low % divisor.low}};
  }
  UInt256 quotient;
  UInt256 remainder = dividend;
  int shift = BitWidth256(dividend) - BitWidth256(divisor);
  if (shift < 0) {
    return {quotient, remainder};
  }
  // School division in base 2: subtract the divisor, shifted to each bit of the quotient in turn.
  for (UInt256 shifted = ShiftLeft256(divisor, shift); shift >= 0; --shift) {
    if (remainder >= shifted) {
      remainder = Subtract256(remainder, shifted);
      quotient = Add256(quotient, ShiftLeft256({0, 1}, shift));
    }
    shifted = ShiftRightOne(shifted);
  }
  return {quotient, remainder};
}

UInt256 DivideHalfEven256(const UInt256& dividend, const UInt256& divisor) {
  const Quotient256 result = Divide256(dividend, divisor);
  // 2 * remainder against the divisor, written so that it cannot overflow.
  const UInt256 rest = Subtract256(divisor, result.remainder);
  const bool odd = (result.quotient.low & 1) != 0;
  const bool up = result.remainder > rest || (result.remainder == rest && odd);
  return up ? Add256(result.quotient, {0, 1}) : result.quotient;
}

}  // namespace shrike
