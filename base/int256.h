// UInt256: what 128-bit products and exact quotients need in between (language.md, 4.7 and 4.8).
//
// Pure; no allocation. Products wrap at 2^256; the callers' operands cannot reach it.
// Tested by: tests/base/decimal_test.cc.
#ifndef SHRIKE_BASE_INT256_H_
#define SHRIKE_BASE_INT256_H_

#include <compare>

#include "base/decimal.h"

namespace shrike {

// high * 2^128 + low.
struct UInt256 {
  UInt128 high = 0;
  UInt128 low = 0;

  friend bool operator==(const UInt256&, const UInt256&) = default;
  friend auto operator<=>(const UInt256& a, const UInt256& b) {
    return a.high != b.high ? a.high <=> b.high : a.low <=> b.low;
  }
};

// The exact product. Cost: four 64-bit multiplications.
UInt256 Multiply128(UInt128 a, UInt128 b);

UInt256 Add256(const UInt256& a, const UInt256& b);       // wraps at 2^256
UInt256 Subtract256(const UInt256& a, const UInt256& b);  // wraps below 0
UInt256 ShiftLeft256(const UInt256& value, int bits);     // bits: 0 to 255
int BitWidth256(const UInt256& value);                    // 0 for 0

struct Quotient256 {
  UInt256 quotient;
  UInt256 remainder;
};

// divisor > 0. Cost: one hardware division if both fit 128 bits, else a step per bit of the quotient.
Quotient256 Divide256(const UInt256& dividend, const UInt256& divisor);

// dividend / divisor rounded once, half to even.
UInt256 DivideHalfEven256(const UInt256& dividend, const UInt256& divisor);

}  // namespace shrike

#endif  // SHRIKE_BASE_INT256_H_
