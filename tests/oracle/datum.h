// Datum: a value that owns its bytes, and the exact arithmetic on it (language.md, section 4). Slow and plain.
//
// Tested by: tests/oracle/evaluator_test.cc.  Next: tests/oracle/evaluator.h.
#ifndef SHRIKE_TESTS_ORACLE_DATUM_H_
#define SHRIKE_TESTS_ORACLE_DATUM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "base/value.h"
#include "nfa/expr.h"

namespace shrike::oracle {

struct Datum {
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;  // int, timestamp, duration
  double number = 0;         // float
  Decimal decimal;
  std::string text;
  IpBytes ip{};
  std::vector<Datum> items;  // list

  bool is_null() const { return kind == Kind::kNull; }
};

Datum MakeBool(bool value);
Datum MakeInteger(Kind kind, std::int64_t value);  // kind: int, timestamp or duration
Datum MakeInteger(Kind kind, Int128 value);        // null if it does not fit
Datum MakeFloat(double value);                     // null for NaN and the infinities
Datum MakeDecimal(std::optional<Decimal> value);   // null for nullopt
Datum MakeString(std::string value);
Datum FromValue(const Value& value);
// Borrows from `datum`; `lists` holds the items of lists.
Value ToValue(const Datum& datum, std::vector<std::vector<Value>>* lists);
Datum FromConstant(const nfa::Constant& constant);

// As messages show it (base/value.h, AppendText).
std::string ToText(const Datum& datum);
// Same kind and same value; null equals null.
bool Same(const Datum& a, const Datum& b);
bool Same(const std::vector<Datum>& a, const std::vector<Datum>& b);

bool IsNumber(const Datum& datum);      // int, float or decimal
double ToDouble(const Datum& datum);    // of a number
Decimal ToDecimal(const Datum& datum);  // of an int or decimal

// -1, 0, 1; neither is null, and their kinds go together (checked). Numbers compare exactly.
int Compare(const Datum& a, const Datum& b);

// a op b for + - * / %; `result` is the checked type of the whole. Null if an operand is, at an overflow, and for
// division by zero.
Datum Arithmetic(nfa::Op op, const Datum& a, const Datum& b, Kind result);

// An aggregate over the non-null values of a step's events; kCount is not among them.
Datum Aggregated(nfa::Aggregate aggregate, const std::vector<Datum>& values, Kind result);

// 4.6, `rate`: the sum of non-null numbers per second of `length` ms, rounded once; of nothing 0.
Datum RateOf(const std::vector<Datum>& values, DurationMs length);

// An integer that is `datum` rounded half to even (round), down (floor) or up (ceil); datum is a number.
enum class Rounding : std::uint8_t { kHalfEven, kDown, kUp };
Datum RoundToInt(const Datum& datum, Rounding rounding);
// round(x, n): n places, half to even.
Datum RoundToPlaces(const Datum& datum, std::int64_t places);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_DATUM_H_
