// language.md, 4.1, 4.8: comparison and arithmetic, kind by kind, at the edges of each.
#include "nfa/operators.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace shrike::nfa {
namespace {

constexpr std::int64_t kIntMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kIntMin = std::numeric_limits<std::int64_t>::min();

Value Dec(const char* text, int scale) { return Value::Dec(*ParseDecimal(text, scale)); }

std::string Text(const Value& v) {
  std::string out;
  AppendText(v, &out);
  return out;
}

TEST_CASE("arithmetic gives the types and the rounding of the language") {
  struct Row {
    Value a;
    Op op;
    Value b;
    Kind kind;
    const char* want;
  };
  const Row rows[] = {
      {Value::Int(2), Op::kAdd, Value::Int(3), Kind::kInt, "5"},
      {Value::Int(kIntMax), Op::kAdd, Value::Int(1), Kind::kNull, "null"},
      {Value::Int(kIntMin), Op::kSubtract, Value::Int(1), Kind::kNull, "null"},
      {Value::Int(kIntMax), Op::kMultiply, Value::Int(2), Kind::kNull, "null"},
      {Value::Int(7), Op::kDivide, Value::Int(2), Kind::kFloat, "3.5"},
      {Value::Int(-7), Op::kDivide, Value::Int(-2), Kind::kFloat, "3.5"},
      {Value::Int(kIntMin), Op::kDivide, Value::Int(-1), Kind::kFloat, "9223372036854775808"},
      {Value::Int(1), Op::kDivide, Value::Int(0), Kind::kNull, "null"},
      {Value::Int(-7), Op::kModulo, Value::Int(3), Kind::kInt, "-1"},
      {Value::Int(kIntMin), Op::kModulo, Value::Int(-1), Kind::kInt, "0"},
      {Value::Int(1), Op::kModulo, Value::Int(0), Kind::kNull, "null"},
      {Value::Int(1), Op::kAdd, Value::Float(0.5), Kind::kFloat, "1.5"},
      {Value::Float(1), Op::kDivide, Value::Float(0), Kind::kNull, "null"},
      {Value::Float(1e308), Op::kMultiply, Value::Float(10), Kind::kNull, "null"},
      {Dec("1.10", 2), Op::kAdd, Dec("0.905", 3), Kind::kDecimal, "2.005"},
      {Dec("1.10", 2), Op::kMultiply, Dec("3", 0), Kind::kDecimal, "3.3"},
      {Dec("1", 2), Op::kDivide, Dec("3", 0), Kind::kDecimal, "0.333333333"},
      {Dec("2", 2), Op::kDivide, Dec("3", 0), Kind::kDecimal, "0.666666667"},
      {Dec("1", 2), Op::kDivide, Dec("0", 2), Kind::kNull, "null"},
      {Dec("-7.5", 1), Op::kModulo, Value::Int(2), Kind::kDecimal, "-1.5"},
      {Dec("1.5", 1), Op::kAdd, Value::Int(1), Kind::kDecimal, "2.5"},
      {Dec("1.5", 1), Op::kAdd, Value::Float(1), Kind::kFloat, "2.5"},
      {Value::Timestamp(1000), Op::kSubtract, Value::Timestamp(400), Kind::kDuration, "600"},
      {Value::Timestamp(1000), Op::kAdd, Value::Duration(400), Kind::kTimestamp,
       "1970-01-01T00:00:01.400Z"},
      {Value::Duration(90), Op::kDivide, Value::Duration(60), Kind::kFloat, "1.5"},
      {Value::Duration(5), Op::kMultiply, Value::Float(0.5), Kind::kDuration, "2"},
      {Value::Duration(7), Op::kMultiply, Value::Float(0.5), Kind::kDuration, "4"},
      {Value::Duration(5), Op::kDivide, Value::Int(2), Kind::kDuration, "2"},
      {Value::Duration(7), Op::kDivide, Value::Int(2), Kind::kDuration, "4"},
      {Value::Duration(-5), Op::kDivide, Value::Int(2), Kind::kDuration, "-2"},
      {Value::Int(3), Op::kMultiply, Value::Duration(20), Kind::kDuration, "60"},
      {Value::Null(), Op::kAdd, Value::Int(1), Kind::kNull, "null"},
      {Value::Int(1), Op::kAdd, Value::Null(), Kind::kNull, "null"},
  };
  for (const Row& row : rows) {
    const Value got = Arithmetic(row.op, row.a, row.b);
    CAPTURE(Text(row.a));
    CAPTURE(static_cast<int>(row.op));
    CAPTURE(Text(row.b));
    CHECK(got.kind() == row.kind);
    CHECK(Text(got) == row.want);
  }
}

TEST_CASE("comparison of numbers is exact across kinds") {
  struct Row {
    Value a, b;
    int order;
  };
  const Row rows[] = {
      {Value::Int((std::int64_t{1} << 53) + 1), Value::Float(9007199254740992.0), 1},
      {Value::Float(9007199254740992.0), Value::Int((std::int64_t{1} << 53) + 1), -1},
      {Value::Int(kIntMax), Value::Float(9223372036854775808.0), -1},
      {Dec("0.1", 1), Value::Float(0.1), -1},  // the double nearest 0.1 is a little above it
      {Value::Float(0.5), Dec("0.50", 2), 0},
      {Dec("1.50", 2), Dec("1.5", 1), 0},
      {Value::Int(2), Dec("1.9999", 4), 1},
      {Value::Float(-0.0), Value::Int(0), 0},
      {Value::String("a"), Value::String("b"), -1},
      {Value::String("Z"), Value::String("a"), -1},
      {Value::String("\xc3\xa9"), Value::String("z"), 1},  // by bytes, unsigned
      {Value::Timestamp(5), Value::Timestamp(4), 1},
      {Value::Duration(4), Value::Duration(4), 0},
      {Value::Bool(false), Value::Bool(true), -1},
  };
  for (const Row& row : rows) {
    CAPTURE(Text(row.a));
    CAPTURE(Text(row.b));
    CHECK(Order(row.a, row.b) == row.order);
    CHECK(Order(row.b, row.a) == -row.order);
    CHECK(Compare(Op::kLess, row.a, row.b).boolean() == (row.order < 0));
    CHECK(Compare(Op::kEqual, row.a, row.b).boolean() == (row.order == 0));
  }
  CHECK(Compare(Op::kEqual, Value::Null(), Value::Int(1)).is_null());
  CHECK(Compare(Op::kLess, Value::Float(std::nan("")), Value::Int(1)).is_null());
}

TEST_CASE("a quotient is the nearest double") {
  // Against long double division, which is exact enough for 53-bit operands to decide but for ties.
  std::mt19937_64 random(20240101);
  for (int i = 0; i < 20000; ++i) {
    const auto num =
        static_cast<std::int64_t>(random() >> (random() % 60)) * (random() % 2 == 0 ? 1 : -1);
    const std::uint64_t den = (random() >> (random() % 60)) | 1;
    const double got = RoundQuotient(num, den, 0);
    const long double exact = static_cast<long double>(num) / static_cast<long double>(den);
    const long double error = std::fabs(exact - static_cast<long double>(got));
    const double up = std::nextafter(got, INFINITY);
    const double down = std::nextafter(got, -INFINITY);
    CHECK(error <= std::fabs(exact - static_cast<long double>(up)) + std::fabs(exact) * 1e-19L);
    CHECK(error <= std::fabs(exact - static_cast<long double>(down)) + std::fabs(exact) * 1e-19L);
  }
  CHECK(RoundQuotient(0, 7, 0) == 0.0);
  CHECK(RoundQuotient(3, 1, -1) == 1.5);
}

TEST_CASE("negation overflows to null") {
  CHECK(Negate(Value::Int(kIntMin)).is_null());
  CHECK(Negate(Value::Int(5)).int64() == -5);
  CHECK(Text(Negate(Dec("1.50", 2))) == "-1.5");
  CHECK(Negate(Value::Duration(5)).kind() == Kind::kDuration);
  CHECK(Negate(Value::Null()).is_null());
}

}  // namespace
}  // namespace shrike::nfa
