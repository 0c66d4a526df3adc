#include "tests/oracle/datum.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/limits.h"

namespace shrike::oracle {
namespace {

using BigInt = boost::multiprecision::cpp_int;
using Ratio = boost::multiprecision::cpp_rational;

// 4.7: floats are summed in units of 2^-74.
constexpr int kFixedBits = 74;

BigInt ToBig(Int128 value) {
  const bool negative = value < 0;
  const UInt128 size = negative ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  BigInt big = static_cast<std::uint64_t>(size >> 64);
  big <<= 64;
  big += static_cast<std::uint64_t>(size);
  return negative ? BigInt(-big) : big;
}

std::optional<Int128> ToInt128(const BigInt& big) {
  const BigInt size = abs(big);
  const BigInt limit = BigInt(1) << 127;
  if (big >= limit || -big > limit) return std::nullopt;
  const BigInt mask = std::numeric_limits<std::uint64_t>::max();
  const UInt128 bits = (static_cast<UInt128>(static_cast<std::uint64_t>(size >> 64)) << 64) |
                       static_cast<std::uint64_t>(size & mask);
  return static_cast<Int128>(big < 0 ? -bits : bits);
}

Ratio ToRatio(double value) {
  int exponent = 0;
  const auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
  exponent -= 53;
  const BigInt power = BigInt(1) << std::abs(exponent);
  return exponent >= 0 ? Ratio(BigInt(mantissa) * power) : Ratio(BigInt(mantissa), power);
}

Ratio ToRatio(const Datum& datum) {
  if (datum.kind == Kind::kFloat) return ToRatio(datum.number);
  if (datum.kind != Kind::kDecimal) return Ratio(datum.integer);
  return Ratio(ToBig(datum.decimal.units), ToBig(PowerOfTen(datum.decimal.scale)));
}

BigInt FloorOf(const Ratio& ratio) {
  BigInt quotient;
  BigInt remainder;
  divide_qr(BigInt(numerator(ratio)), BigInt(denominator(ratio)), quotient, remainder);
  return remainder < 0 ? BigInt(quotient - 1) : quotient;
}

BigInt RoundRatio(const Ratio& ratio, Rounding rounding) {
  const BigInt down = FloorOf(ratio);
  const Ratio rest = ratio - Ratio(down);
  if (rest == 0 || rounding == Rounding::kDown) return down;
  if (rounding == Rounding::kUp) return down + 1;
  const Ratio half(1, 2);
  const bool up = rest > half || (rest == half && (down % 2) != 0);
  return up ? BigInt(down + 1) : down;
}

// The nearest double, ties to even; infinite if it is too large.
double NearestDouble(const Ratio& ratio) {
  if (ratio == 0) return 0;
  const Ratio size = abs(ratio);
  // 2^exponent <= size < 2^(exponent + 2), then 54 or 55 bits are more than a double holds.
  const int exponent =
      static_cast<int>(msb(numerator(size))) - static_cast<int>(msb(denominator(size)));
  int shift = 52 - exponent;  // size * 2^shift has 52 to 54 bits
  auto scaled = [&size](int bits) {
    const BigInt power = BigInt(1) << std::abs(bits);
    return bits >= 0 ? Ratio(size * Ratio(power)) : Ratio(size / Ratio(power));
  };
  if (scaled(shift) < Ratio(BigInt(1) << 52)) ++shift;
  if (scaled(shift) >= Ratio(BigInt(1) << 53)) --shift;
  shift = std::min(shift, 1074);  // subnormal numbers have fewer bits
  const auto mantissa = static_cast<double>(RoundRatio(scaled(shift), Rounding::kHalfEven));
  return std::copysign(std::ldexp(mantissa, -shift), ratio < 0 ? -1.0 : 1.0);
}

Datum FromRatio(const Ratio& ratio) { return MakeFloat(NearestDouble(ratio)); }

Datum DurationArithmetic(nfa::Op op, const Datum& a, const Datum& b, Kind result) {
  const Ratio left = ToRatio(a);
  const Ratio right = ToRatio(b);
  Ratio value = 0;
  switch (op) {
    case nfa::Op::kAdd:
      value = left + right;
      break;
    case nfa::Op::kSubtract:
      value = left - right;
      break;
    case nfa::Op::kMultiply:
      value = left * right;
      break;
    case nfa::Op::kModulo:
      if (b.integer == 0) return {};
      return MakeInteger(result, static_cast<Int128>(a.integer) % b.integer);
    default:
      if (right == 0) return {};
      value = left / right;
  }
  if (result == Kind::kFloat) return FromRatio(value);
  const std::optional<Int128> rounded = ToInt128(RoundRatio(value, Rounding::kHalfEven));
  return rounded ? MakeInteger(result, *rounded) : Datum();
}

Datum FloatArithmetic(nfa::Op op, double a, double b) {
  switch (op) {
    case nfa::Op::kAdd:
      return MakeFloat(a + b);
    case nfa::Op::kSubtract:
      return MakeFloat(a - b);
    case nfa::Op::kMultiply:
      return MakeFloat(a * b);
    case nfa::Op::kDivide:
      return b == 0 ? Datum() : MakeFloat(a / b);
    default:
      return b == 0 ? Datum() : MakeFloat(std::fmod(a, b));
  }
}

Datum IntArithmetic(nfa::Op op, Int128 a, Int128 b) {
  switch (op) {
    case nfa::Op::kAdd:
      return MakeInteger(Kind::kInt, a + b);
    case nfa::Op::kSubtract:
      return MakeInteger(Kind::kInt, a - b);
    case nfa::Op::kMultiply:
      return MakeInteger(Kind::kInt, a * b);
    case nfa::Op::kDivide:
      return b == 0 ? Datum() : FromRatio(Ratio(ToBig(a), ToBig(b)));
    default:
      return b == 0 ? Datum() : MakeInteger(Kind::kInt, a % b);
  }
}

Datum DecimalArithmetic(nfa::Op op, const Decimal& a, const Decimal& b) {
  switch (op) {
    case nfa::Op::kAdd:
      return MakeDecimal(AddDecimal(a, b));
    case nfa::Op::kSubtract:
      return MakeDecimal(SubtractDecimal(a, b));
    case nfa::Op::kMultiply:
      return MakeDecimal(MultiplyDecimal(a, b));
    case nfa::Op::kDivide:
      return MakeDecimal(DivideDecimal(a, b));
    default:
      return MakeDecimal(RemainderDecimal(a, b));
  }
}

bool IsTime(const Datum& datum) {
  return datum.kind == Kind::kTimestamp || datum.kind == Kind::kDuration;
}

// A value in units that can be summed exactly: floats are rounded to 2^-74 (4.7). nullopt: 2^52 or more.
std::optional<Ratio> Summand(const Datum& datum) {
  if (datum.kind != Kind::kFloat) return ToRatio(datum);
  if (std::abs(datum.number) >= std::ldexp(1.0, 52)) return std::nullopt;
  const Ratio unit(BigInt(1) << kFixedBits);
  return Ratio(RoundRatio(ToRatio(datum.number) * unit, Rounding::kHalfEven)) / unit;
}

// The sum in the result's kind.
Datum FromSum(const Ratio& sum, const std::vector<Datum>& values, Kind result) {
  if (result == Kind::kFloat) {
    const Ratio units = sum * Ratio(BigInt(1) << kFixedBits);
    const bool fits = ToInt128(FloorOf(units)).has_value();
    return fits ? FromRatio(sum) : Datum();
  }
  if (result != Kind::kDecimal) {
    const std::optional<Int128> units = ToInt128(FloorOf(sum));
    return units ? MakeInteger(result, *units) : Datum();
  }
  std::uint8_t scale = 0;
  for (const Datum& value : values) scale = std::max(scale, value.decimal.scale);
  const std::optional<Int128> units = ToInt128(FloorOf(sum * Ratio(ToBig(PowerOfTen(scale)))));
  return units ? MakeDecimal(Decimal{*units, scale}) : Datum();
}

Datum Average(const Ratio& sum, std::size_t count, Kind result) {
  const Ratio exact = sum / Ratio(count);
  if (result == Kind::kFloat) return FromRatio(exact);
  const bool decimal = result == Kind::kDecimal;
  const Ratio unit = decimal ? Ratio(ToBig(PowerOfTen(9))) : Ratio(1);
  const std::optional<Int128> units = ToInt128(RoundRatio(exact * unit, Rounding::kHalfEven));
  if (!units) return {};
  return decimal ? MakeDecimal(Decimal{*units, 9}) : MakeInteger(result, *units);
}

Datum Stddev(const std::vector<Ratio>& values, const Ratio& sum) {
  if (values.size() < 2) return {};
  const Ratio mean = sum / Ratio(values.size());
  Ratio squares = 0;
  for (const Ratio& value : values) squares += (value - mean) * (value - mean);
  return MakeFloat(std::sqrt(NearestDouble(squares / Ratio(values.size() - 1))));
}

std::vector<Datum> DistinctOf(const std::vector<Datum>& values) {
  std::vector<Datum> distinct;
  for (const Datum& value : values) {
    bool known = false;
    for (const Datum& other : distinct) known = known || Same(value, other);
    if (!known) distinct.push_back(value);
  }
  return distinct;
}

Datum Extreme(const std::vector<Datum>& values, int sign) {
  Datum best;
  for (const Datum& value : values) {
    if (best.is_null() || Compare(value, best) * sign > 0) best = value;
  }
  return best;
}

}  // namespace

Datum MakeBool(bool value) {
  Datum datum;
  datum.kind = Kind::kBool;
  datum.boolean = value;
  return datum;
}

Datum MakeInteger(Kind kind, std::int64_t value) {
  Datum datum;
  datum.kind = kind;
  datum.integer = value;
  return datum;
}

Datum MakeInteger(Kind kind, Int128 value) {
  const bool fits = value >= std::numeric_limits<std::int64_t>::min() &&
                    value <= std::numeric_limits<std::int64_t>::max();
  return fits ? MakeInteger(kind, static_cast<std::int64_t>(value)) : Datum();
}

Datum MakeFloat(double value) {
  Datum datum;
  if (!std::isfinite(value)) return datum;
  datum.kind = Kind::kFloat;
  datum.number = value;
  return datum;
}

Datum MakeDecimal(std::optional<Decimal> value) {
  Datum datum;
  if (!value) return datum;
  datum.kind = Kind::kDecimal;
  datum.decimal = *value;
  return datum;
}

Datum MakeString(std::string value) {
  Datum datum;
  datum.kind = Kind::kString;
  datum.text = std::move(value);
  return datum;
}

Datum FromValue(const Value& value) {
  Datum datum;
  datum.kind = value.kind();
  switch (value.kind()) {
    case Kind::kNull:
      break;
    case Kind::kBool:
      datum.boolean = value.boolean();
      break;
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      datum.integer = value.int64();
      break;
    case Kind::kFloat:
      datum.number = value.float64();
      break;
    case Kind::kDecimal:
      datum.decimal = value.decimal();
      break;
    case Kind::kString:
      datum.text = std::string(value.string());
      break;
    case Kind::kIp:
      datum.ip = value.ip();
      break;
    case Kind::kList:
      for (std::size_t i = 0; i < value.list_size(); ++i)
        datum.items.push_back(FromValue(value.list_items()[i]));
  }
  return datum;
}

Datum FromConstant(const nfa::Constant& constant) {
  Datum datum;
  datum.kind = constant.kind;
  datum.boolean = constant.boolean;
  datum.integer = constant.integer;
  datum.number = constant.number;
  datum.decimal = constant.decimal;
  datum.text = constant.text;
  datum.ip = constant.ip;
  for (const nfa::Constant& item : constant.items) datum.items.push_back(FromConstant(item));
  return datum;
}

Value ToValue(const Datum& datum, std::vector<std::vector<Value>>* lists) {
  switch (datum.kind) {
    case Kind::kNull:
      return Value::Null();
    case Kind::kBool:
      return Value::Bool(datum.boolean);
    case Kind::kInt:
      return Value::Int(datum.integer);
    case Kind::kTimestamp:
      return Value::Timestamp(datum.integer);
    case Kind::kDuration:
      return Value::Duration(datum.integer);
    case Kind::kFloat:
      return Value::Float(datum.number);
    case Kind::kDecimal:
      return Value::Dec(datum.decimal);
    case Kind::kString:
      return Value::String(datum.text);
    case Kind::kIp:
      return Value::Ip(datum.ip);
    case Kind::kList:
      break;
  }
  std::vector<Value> items;
  for (const Datum& item : datum.items) items.push_back(ToValue(item, lists));
  lists->push_back(std::move(items));
  return Value::List(lists->back().data(), lists->back().size());
}

std::string ToText(const Datum& datum) {
  std::vector<std::vector<Value>> lists;
  std::string text;
  AppendText(ToValue(datum, &lists), &text);
  return text;
}

bool Same(const Datum& a, const Datum& b) {
  if (a.kind != b.kind) return false;
  if (a.is_null()) return true;
  if (a.kind == Kind::kList) return Same(a.items, b.items);
  return Compare(a, b) == 0;
}

bool Same(const std::vector<Datum>& a, const std::vector<Datum>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!Same(a[i], b[i])) return false;
  }
  return true;
}

bool IsNumber(const Datum& datum) {
  return datum.kind == Kind::kInt || datum.kind == Kind::kFloat || datum.kind == Kind::kDecimal;
}

double ToDouble(const Datum& datum) {
  if (datum.kind == Kind::kFloat) return datum.number;
  return datum.kind == Kind::kDecimal ? DecimalToDouble(datum.decimal)
                                      : static_cast<double>(datum.integer);
}

Decimal ToDecimal(const Datum& datum) {
  return datum.kind == Kind::kDecimal ? datum.decimal : Decimal{datum.integer, 0};
}

namespace {

template <typename T>
int Order(const T& a, const T& b) {
  if (a < b) return -1;
  return b < a ? 1 : 0;
}

}  // namespace

int Compare(const Datum& a, const Datum& b) {
  if (IsNumber(a) && IsNumber(b)) {
    const bool a_float = a.kind == Kind::kFloat;
    const bool b_float = b.kind == Kind::kFloat;
    if (a_float && b_float) return Order(a.number, b.number);
    if (b_float) return CompareDecimalDouble(ToDecimal(a), b.number);
    if (a_float) return -CompareDecimalDouble(ToDecimal(b), a.number);
    return CompareDecimal(ToDecimal(a), ToDecimal(b));
  }
  SHRIKE_CHECK(a.kind == b.kind);
  switch (a.kind) {
    case Kind::kBool:
      return Order(a.boolean, b.boolean);
    case Kind::kString:
      return Order(a.text, b.text);
    case Kind::kIp:
      return Order(a.ip, b.ip);
    default:
      return Order(a.integer, b.integer);
  }
}

Datum Arithmetic(nfa::Op op, const Datum& a, const Datum& b, Kind result) {
  if (a.is_null() || b.is_null()) return {};
  if (IsTime(a) || IsTime(b)) return DurationArithmetic(op, a, b, result);
  if (a.kind == Kind::kFloat || b.kind == Kind::kFloat)
    return FloatArithmetic(op, ToDouble(a), ToDouble(b));
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) return IntArithmetic(op, a.integer, b.integer);
  return DecimalArithmetic(op, ToDecimal(a), ToDecimal(b));
}

namespace {

// The values as exact numbers; nullopt: one of them is 2^52 or more.
std::optional<std::vector<Ratio>> Summands(const std::vector<Datum>& values) {
  std::vector<Ratio> summands;
  for (const Datum& value : values) {
    const std::optional<Ratio> summand = Summand(value);
    if (!summand) return std::nullopt;
    summands.push_back(*summand);
  }
  return summands;
}

Ratio SumOf(const std::vector<Ratio>& summands) {
  Ratio sum = 0;
  for (const Ratio& summand : summands) sum += summand;
  return sum;
}

}  // namespace

Datum Aggregated(nfa::Aggregate aggregate, const std::vector<Datum>& values, Kind result) {
  if (aggregate == nfa::Aggregate::kMin) return Extreme(values, -1);
  if (aggregate == nfa::Aggregate::kMax) return Extreme(values, 1);
  if (aggregate == nfa::Aggregate::kDistinct) {
    return MakeInteger(Kind::kInt, static_cast<std::int64_t>(DistinctOf(values).size()));
  }
  if (aggregate == nfa::Aggregate::kValues) {
    Datum list;
    list.kind = Kind::kList;
    list.items = DistinctOf(values);
    if (list.items.size() > kValuesMax) list.items.resize(kValuesMax);
    return list;
  }
  const std::optional<std::vector<Ratio>> summands = Summands(values);
  if (!summands) return {};
  const Ratio sum = SumOf(*summands);
  if (aggregate == nfa::Aggregate::kSum) return FromSum(sum, values, result);
  if (aggregate == nfa::Aggregate::kStddev) return Stddev(*summands, sum);
  return values.empty() ? Datum() : Average(sum, values.size(), result);
}

Datum RateOf(const std::vector<Datum>& values, DurationMs length) {
  const std::optional<std::vector<Ratio>> summands = Summands(values);
  return summands ? FromRatio(SumOf(*summands) * 1000 / Ratio(length)) : Datum();
}

Datum RoundToInt(const Datum& datum, Rounding rounding) {
  const std::optional<Int128> rounded = ToInt128(RoundRatio(ToRatio(datum), rounding));
  return rounded ? MakeInteger(Kind::kInt, *rounded) : Datum();
}

Datum RoundToPlaces(const Datum& datum, std::int64_t places) {
  if (std::abs(places) > kDecimalScaleMax) return datum;
  const Ratio power(ToBig(PowerOfTen(static_cast<int>(std::abs(places)))));
  const Ratio exact = ToRatio(datum);
  const Ratio rounded = places >= 0
                            ? Ratio(Ratio(RoundRatio(exact * power, Rounding::kHalfEven)) / power)
                            : Ratio(Ratio(RoundRatio(exact / power, Rounding::kHalfEven)) * power);
  if (datum.kind == Kind::kFloat) return FromRatio(rounded);
  if (datum.kind == Kind::kInt) {
    const std::optional<Int128> integer = ToInt128(FloorOf(rounded));
    return integer ? MakeInteger(Kind::kInt, *integer) : Datum();
  }
  const std::optional<Int128> units =
      ToInt128(FloorOf(rounded * Ratio(ToBig(PowerOfTen(datum.decimal.scale)))));
  return units ? MakeDecimal(Decimal{*units, datum.decimal.scale}) : Datum();
}

}  // namespace shrike::oracle
