// Tested by: tests/nfa/operators_test.cc.
#include "nfa/operators.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "base/check.h"

namespace shrike::nfa {
namespace {

bool IsNumber(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kFloat || kind == Kind::kDecimal;
}

Decimal AsDecimal(const Value& v) {
  return v.kind() == Kind::kDecimal ? v.decimal() : Decimal{v.int64(), 0};
}

template <typename T>
int Sign(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

std::optional<int> OrderNumbers(const Value& a, const Value& b) {
  if (a.kind() == Kind::kInt && b.kind() == Kind::kInt) return Sign(a.int64(), b.int64());
  if (a.kind() == Kind::kFloat || b.kind() == Kind::kFloat) {
    const bool both = a.kind() == b.kind();
    if (a.kind() == Kind::kFloat && std::isnan(a.float64())) return std::nullopt;
    if (b.kind() == Kind::kFloat && std::isnan(b.float64())) return std::nullopt;
    if (both) return Sign(a.float64(), b.float64());
    return a.kind() == Kind::kFloat ? -CompareDecimalDouble(AsDecimal(b), a.float64())
                                    : CompareDecimalDouble(AsDecimal(a), b.float64());
  }
  const Decimal x = AsDecimal(a);
  const Decimal y = AsDecimal(b);
  return x.scale == y.scale ? Sign(x.units, y.units) : CompareDecimal(x, y);
}

Value FiniteFloat(double v) { return std::isfinite(v) ? Value::Float(v) : Value::Null(); }

Value FromDecimal(const std::optional<Decimal>& v) { return v ? Value::Dec(*v) : Value::Null(); }

Value IntArithmetic(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  switch (op) {
    case Op::kAdd:
      return __builtin_add_overflow(a, b, &r) ? Value::Null() : Value::Int(r);
    case Op::kSubtract:
      return __builtin_sub_overflow(a, b, &r) ? Value::Null() : Value::Int(r);
    case Op::kMultiply:
      return __builtin_mul_overflow(a, b, &r) ? Value::Null() : Value::Int(r);
    case Op::kDivide: {
      if (b == 0) return Value::Null();
      const Int128 num = b < 0 ? -static_cast<Int128>(a) : static_cast<Int128>(a);
      const Int128 den = b < 0 ? -static_cast<Int128>(b) : static_cast<Int128>(b);
      return Value::Float(RoundQuotient(num, static_cast<UInt128>(den), 0));
    }
    case Op::kModulo:
      if (b == 0) return Value::Null();
      return Value::Int(b == -1 ? 0 : a % b);
    default:
      SHRIKE_CHECK(false);
  }
}

Value FloatArithmetic(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return FiniteFloat(a + b);
    case Op::kSubtract:
      return FiniteFloat(a - b);
    case Op::kMultiply:
      return FiniteFloat(a * b);
    case Op::kDivide:
      return b == 0 ? Value::Null() : FiniteFloat(a / b);
    case Op::kModulo:
      return b == 0 ? Value::Null() : FiniteFloat(std::fmod(a, b));
    default:
      SHRIKE_CHECK(false);
  }
}

Value DecimalArithmetic(Op op, const Decimal& a, const Decimal& b) {
  switch (op) {
    case Op::kAdd:
      return FromDecimal(AddDecimal(a, b));
    case Op::kSubtract:
      return FromDecimal(SubtractDecimal(a, b));
    case Op::kMultiply:
      return FromDecimal(MultiplyDecimal(a, b));
    case Op::kDivide:
      return FromDecimal(DivideDecimal(a, b));
    case Op::kModulo:
      return FromDecimal(RemainderDecimal(a, b));
    default:
      SHRIKE_CHECK(false);
  }
}

Value NumberArithmetic(Op op, const Value& a, const Value& b) {
  if (a.kind() == Kind::kInt && b.kind() == Kind::kInt)
    return IntArithmetic(op, a.int64(), b.int64());
  if (a.kind() == Kind::kFloat || b.kind() == Kind::kFloat) {
    return FloatArithmetic(op, ToDouble(a), ToDouble(b));
  }
  return DecimalArithmetic(op, AsDecimal(a), AsDecimal(b));
}

// A whole number of ms from a number of ms, half to even.
Value DurationFrom(const Value& ms) {
  if (ms.is_null()) return ms;
  if (ms.kind() == Kind::kInt) return Value::Duration(ms.int64());
  if (ms.kind() == Kind::kDecimal) {
    const std::optional<Decimal> whole = Rescale(ms.decimal(), 0);
    if (!whole || whole->units > std::numeric_limits<std::int64_t>::max() ||
        whole->units < std::numeric_limits<std::int64_t>::min()) {
      return Value::Null();
    }
    return Value::Duration(static_cast<std::int64_t>(whole->units));
  }
  const double r = std::nearbyint(ms.float64());
  if (!(std::fabs(r) < 9.2e18)) return Value::Null();
  return Value::Duration(static_cast<std::int64_t>(r));
}

Value ScaleDuration(Op op, const Value& duration, const Value& number) {
  const Value ms = Value::Int(duration.int64());
  if (op == Op::kMultiply) return DurationFrom(NumberArithmetic(op, ms, number));
  SHRIKE_CHECK(op == Op::kDivide);
  if (number.kind() == Kind::kFloat) {
    return DurationFrom(
        FloatArithmetic(op, static_cast<double>(duration.int64()), number.float64()));
  }
  // Exact, rounded once to a whole ms, half to even: q = a / b with the remainder looked at.
  const Decimal b = AsDecimal(number);
  if (b.units == 0) return Value::Null();
  const std::optional<Decimal> a = Rescale({duration.int64(), 0}, b.scale);
  if (!a) return Value::Null();
  Int128 q = a->units / b.units;
  const Int128 r = a->units % b.units;
  const UInt128 twice = static_cast<UInt128>(r < 0 ? -r : r) * 2;
  const UInt128 den = static_cast<UInt128>(b.units < 0 ? -b.units : b.units);
  if (twice > den || (twice == den && q % 2 != 0)) q += ((a->units < 0) == (b.units < 0)) ? 1 : -1;
  return DurationFrom(Value::Dec({q, 0}));
}

Value TimeArithmetic(Op op, const Value& a, const Value& b) {
  if (IsNumber(b.kind())) return ScaleDuration(op, a, b);
  if (IsNumber(a.kind())) return ScaleDuration(op, b, a);
  if (op == Op::kDivide) {
    const Value q = IntArithmetic(op, a.int64(), b.int64());
    return q;
  }
  const Value r = IntArithmetic(op, a.int64(), b.int64());
  if (r.is_null()) return r;
  const bool timestamp = (a.kind() == Kind::kTimestamp) != (b.kind() == Kind::kTimestamp);
  return timestamp ? Value::Timestamp(r.int64()) : Value::Duration(r.int64());
}

}  // namespace

std::optional<int> Order(const Value& a, const Value& b) {
  if (IsNumber(a.kind())) return OrderNumbers(a, b);
  switch (a.kind()) {
    case Kind::kBool:
      return Sign(a.boolean() ? 1 : 0, b.boolean() ? 1 : 0);
    case Kind::kString: {
      const int c = a.string().compare(b.string());
      return c < 0 ? -1 : (c > 0 ? 1 : 0);
    }
    case Kind::kTimestamp:
    case Kind::kDuration:
      return Sign(a.int64(), b.int64());
    case Kind::kIp:
      return Sign(a.ip(), b.ip());
    default:
      return SameValue(a, b) ? 0 : 1;
  }
}

Value Compare(Op op, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value::Null();
  // Most strings differ in length or in their first bytes: no order is needed to tell.
  const bool equality = op == Op::kEqual || op == Op::kNotEqual;
  if (equality && a.kind() == Kind::kString)
    return Value::Bool((a.string() == b.string()) == (op == Op::kEqual));
  const std::optional<int> order = Order(a, b);
  if (!order) return Value::Null();
  switch (op) {
    case Op::kEqual:
      return Value::Bool(*order == 0);
    case Op::kNotEqual:
      return Value::Bool(*order != 0);
    case Op::kLess:
      return Value::Bool(*order < 0);
    case Op::kLessEqual:
      return Value::Bool(*order <= 0);
    case Op::kGreater:
      return Value::Bool(*order > 0);
    case Op::kGreaterEqual:
      return Value::Bool(*order >= 0);
    default:
      SHRIKE_CHECK(false);
  }
}

Value Arithmetic(Op op, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value::Null();
  if (IsNumber(a.kind()) && IsNumber(b.kind())) return NumberArithmetic(op, a, b);
  return TimeArithmetic(op, a, b);
}

Value Negate(const Value& a) {
  switch (a.kind()) {
    case Kind::kNull:
      return a;
    case Kind::kInt:
      return IntArithmetic(Op::kSubtract, 0, a.int64());
    case Kind::kFloat:
      return Value::Float(-a.float64());
    case Kind::kDecimal:
      return FromDecimal(SubtractDecimal({0, a.decimal().scale}, a.decimal()));
    case Kind::kDuration: {
      const Value r = IntArithmetic(Op::kSubtract, 0, a.int64());
      return r.is_null() ? r : Value::Duration(r.int64());
    }
    default:
      SHRIKE_CHECK(false);
  }
}

Value Convert(const Value& value, Type type) {
  if (value.is_null()) return value;
  if (type.kind == Kind::kFloat && value.kind() != Kind::kFloat)
    return Value::Float(ToDouble(value));
  if (type.kind == Kind::kDecimal && value.kind() == Kind::kInt) {
    return FromDecimal(Rescale({value.int64(), 0}, type.scale));
  }
  if (type.kind == Kind::kDecimal && value.kind() == Kind::kDecimal &&
      value.decimal().scale < type.scale) {
    return FromDecimal(Rescale(value.decimal(), type.scale));
  }
  return value;
}

double ToDouble(const Value& number) {
  switch (number.kind()) {
    case Kind::kInt:
      return static_cast<double>(number.int64());
    case Kind::kFloat:
      return number.float64();
    case Kind::kDecimal:
      return DecimalToDouble(number.decimal());
    default:
      SHRIKE_CHECK(false);
  }
}

double RoundQuotient(Int128 num, UInt128 den, int exponent) {
  if (num == 0) return 0.0;
  const bool negative = num < 0;
  UInt128 n = negative ? ~static_cast<UInt128>(num) + 1 : static_cast<UInt128>(num);
  UInt128 q = n / den;
  UInt128 r = n % den;
  // Long division, a bit at a time, until the quotient has 55 bits: 53, one to round by, and a sticky one below.
  while (q < (UInt128{1} << 55)) {
    const bool carry = (r >> 127) != 0;
    r <<= 1;
    q <<= 1;
    if (carry || r >= den) {
      r -= den;
      q |= 1;
    }
    --exponent;
  }
  bool sticky = r != 0;
  while (q >= (UInt128{1} << 56)) {
    sticky = sticky || (q & 1) != 0;
    q >>= 1;
    ++exponent;
  }
  const auto bits = static_cast<std::uint64_t>(q) << 1 | (sticky ? 1U : 0U);
  // 57 bits fit a uint64; the conversion rounds half to even, and the sticky bit breaks false ties.
  const double v = std::ldexp(static_cast<double>(bits), exponent - 1);
  return negative ? -v : v;
}

}  // namespace shrike::nfa
