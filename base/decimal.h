// Exact decimal arithmetic: a 128-bit integer of units of 10^-scale (language.md, 4.8).
//
// Every function is pure; an overflow of 128 bits is std::nullopt, which the language makes null.
// Tested by: tests/base/decimal_test.cc.
#ifndef SHRIKE_BASE_DECIMAL_H_
#define SHRIKE_BASE_DECIMAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shrike {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

inline constexpr int kDecimalScaleFieldMax = 9;  // decimal(s) of a field or of a quotient
inline constexpr int kDecimalScaleMax = 18;      // of a product
inline constexpr int kDecimalScaleDefault = 4;   // of a field that gives none

// units * 10^-scale. Equal numbers with other scales are different structs: compare with CompareDecimal.
struct Decimal {
  Int128 units = 0;
  std::uint8_t scale = 0;  // 0 to kDecimalScaleMax
};

Int128 PowerOfTen(int exponent);  // exponent: 0 to 38

// The same number in another scale; digits that do not fit are rounded half to even.
std::optional<Decimal> Rescale(Decimal value, int scale);
// The same, but nullopt also when digits would be lost.
std::optional<Decimal> RescaleExact(Decimal value, int scale);

// The same number with the fewest places: equal numbers, equal structs.
Decimal WithoutTrailingZeros(Decimal value);

// The result's scale is the larger of both.
std::optional<Decimal> AddDecimal(Decimal a, Decimal b);
std::optional<Decimal> SubtractDecimal(Decimal a, Decimal b);
// The result's scale is the sum of both; above 18 rounded half to even to 18.
std::optional<Decimal> MultiplyDecimal(Decimal a, Decimal b);
// The quotient with 9 places, rounded once, half to even; nullopt for b = 0.
std::optional<Decimal> DivideDecimal(Decimal a, Decimal b);
// The remainder with the sign of a; nullopt for b = 0.
std::optional<Decimal> RemainderDecimal(Decimal a, Decimal b);

// -1, 0, 1: the exact order of the numbers, whatever their scales.
int CompareDecimal(Decimal a, Decimal b);
// The exact order of a decimal and a double (not NaN).
int CompareDecimalDouble(Decimal a, double b);

// The nearest double (correctly rounded).
double DecimalToDouble(Decimal value);

// JSON number text: sign, digits, fraction, exponent. Trailing zeros are not digits: "1.500" needs one place.
// nullopt: not a number, more than `scale` places, or too large for 128 bits.
std::optional<Decimal> ParseDecimal(std::string_view text, int scale);

// Where the digits of a JSON number stand, zeros at both ends left out: 1250e-3 = 1.25 has its first digit at 10^0 and
// its last at 10^-2. Zero has both at 0. nullopt: not a JSON number. Exponents beyond 10^9 are held there.
struct DigitRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
std::optional<DigitRange> FindDigits(std::string_view text);

// Without trailing zeros; "0" for zero, never "-0".
std::string FormatDecimal(Decimal value);

}  // namespace shrike

#endif  // SHRIKE_BASE_DECIMAL_H_
