// Sums and sums of squares of a window's values, exact and wide enough that adding and removing commute (language.md,
// 4.7 and 4.8), and what aggregates make of them.
//
// A value counts in *units*: an int or duration as it is, a decimal in units of its scale, a float in 2^-74, rounded
// once, half to even. Units have at most 128 bits, so a sum of 2^32 of them has at most 160 and a sum of their squares
// at most 288.
// Tested by: tests/nfa/exact_sum_test.cc.
#ifndef SHRIKE_NFA_EXACT_SUM_H_
#define SHRIKE_NFA_EXACT_SUM_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "base/value.h"

namespace shrike::nfa {

// A signed integer of N * 64 bits, two's complement, little end first; wraps.
template <std::size_t N>
struct Limbs {
  std::array<std::uint64_t, N> words{};

  friend bool operator==(const Limbs&, const Limbs&) = default;
};

using Int192 = Limbs<3>;
using Int320 = Limbs<5>;

template <std::size_t N>
inline void Add(const Limbs<N>& b, Limbs<N>* a) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < N; ++i) {
    const UInt128 sum = static_cast<UInt128>(a->words[i]) + b.words[i] + carry;
    a->words[i] = static_cast<std::uint64_t>(sum);
    carry = static_cast<std::uint64_t>(sum >> 64);
  }
}

template <std::size_t N>
inline void Subtract(const Limbs<N>& b, Limbs<N>* a) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < N; ++i) {
    const UInt128 difference = static_cast<UInt128>(a->words[i]) - b.words[i] - borrow;
    a->words[i] = static_cast<std::uint64_t>(difference);
    borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
  }
}

Int192 Widen(Int128 units);
Int320 Square(Int128 units);  // exact

// Of the values that are not null. `large`: floats of 2^52 or more, which are in neither sum: as long as there are
// any, sums, averages and deviations are null.
struct Moments {
  Int192 sum;
  Int320 squares;  // only where a deviation is asked for
  std::int64_t count = 0;
  std::int64_t large = 0;
};

// The units of a number or duration; false: a float that is too large.
bool UnitsOf(const Value& value, Int128* units);

// Adds a value that is not null.
void AddValue(const Value& value, bool squares, Moments* moments);

// type: of the values. Null where the result does not fit.
Value SumOf(const Moments& moments, Type type);        // of nothing: 0
Value AverageOf(const Moments& moments, Type type);    // of nothing: null
Value DeviationOf(const Moments& moments, Type type);  // the sample's; null below 2 values
Value RateOf(const Moments& moments, Type type,
             DurationMs length);  // the sum per second of `length`
Value CountRateOf(std::int64_t count, DurationMs length);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_EXACT_SUM_H_
