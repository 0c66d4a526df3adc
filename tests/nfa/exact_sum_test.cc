// Sums that are exact, and results that are rounded once: language.md, 4.6 to 4.8.
#include "nfa/exact_sum.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

namespace shrike::nfa {
namespace {

const Type kInt{Kind::kInt, 0, Kind::kNull};
const Type kFloat{Kind::kFloat, 0, Kind::kNull};
const Type kCents{Kind::kDecimal, 2, Kind::kNull};
const Type kDuration{Kind::kDuration, 0, Kind::kNull};

std::string Json(const Value& value) {
  std::string text;
  AppendJson(value, &text);
  return text;
}

Moments Of(const std::vector<Value>& values) {
  Moments moments;
  for (const Value& value : values) AddValue(value, true, &moments);
  return moments;
}

std::vector<Value> Floats(const std::vector<double>& values) {
  std::vector<Value> out;
  for (const double value : values) out.push_back(Value::Float(value));
  return out;
}

TEST_CASE("aggregates of values") {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const Int128 wide = static_cast<Int128>(1) << 126;
  struct Row {
    Type type;
    std::vector<Value> values;
    std::string sum;
    std::string average;
    std::string deviation;
    const char* rate;  // over 2 s
  };
  const std::vector<Row> rows = {
      {kInt, {}, "0", "null", "null", "0"},
      {kInt, {Value::Int(7)}, "7", "7", "null", "3.5"},
      {kInt,
       {Value::Int(1), Value::Int(2), Value::Int(4)},
       "7",
       "2.3333333333333335",
       "1.5275252316519468",
       "3.5"},
      {kInt,
       {Value::Int(kMax), Value::Int(1)},
       "null",
       "4611686018427387904",
       "6521908912666391552",
       "4611686018427387904"},
      {kDuration, {Value::Duration(1), Value::Duration(2)}, "3", "2", "0.7071067811865476", "1.5"},
      {kCents,
       {Value::Dec({100, 2}), Value::Dec({201, 2}), Value::Dec({300, 2})},
       "6.01",
       "2.003333333",
       "1.00001666652778",
       "3.005"},
      {kCents, {Value::Dec({wide, 2}), Value::Dec({wide, 2})}, "null", "null", "0", nullptr},
      {kFloat, Floats({0.1, 0.2, 0.3}), "0.6", "0.2", "0.09999999999999999", "0.3"},
      {kFloat, Floats({1e15, 0.25, -1e15}), "0.25", "0.08333333333333333", "1000000000000000",
       "0.125"},
      // 2^52 and more is in no sum.
      {kFloat, Floats({4503599627370496.0, 1}), "null", "null", "null", "null"},
      // Less than 2^-75 counts nothing.
      {kFloat, Floats({1e-30, 1e-30}), "0", "0", "0", "0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sum);
    CAPTURE(row.average);
    const Moments moments = Of(row.values);
    CHECK(Json(SumOf(moments, row.type)) == row.sum);
    CHECK(Json(AverageOf(moments, row.type)) == row.average);
    CHECK(Json(DeviationOf(moments, row.type)) == row.deviation);
    if (row.rate != nullptr) CHECK(Json(RateOf(moments, row.type, 2000)) == row.rate);
  }
}

TEST_CASE("what is taken away again leaves nothing behind") {
  Moments moments = Of(Floats({0.1, 3e15, -7.25}));
  const Moments rest = Of(Floats({3e15}));
  const Moments gone = Of(Floats({0.1, -7.25}));
  Subtract(gone.sum, &moments.sum);
  Subtract(gone.squares, &moments.squares);
  CHECK(moments.sum == rest.sum);
  CHECK(moments.squares == rest.squares);
}

TEST_CASE("values that do not fit narrow arithmetic have the same deviation") {
  // Shifted by 2^40, in units the sums leave 128 bits; the deviation is that of 0, 1, 2.
  const Moments far = Of(Floats({1099511627776.0, 1099511627777.0, 1099511627778.0}));
  CHECK(Json(DeviationOf(far, kFloat)) == "1");
  std::vector<Value> wide;
  for (const int i : {0, 1, 2})
    wide.push_back(Value::Dec({(static_cast<Int128>(1) << 100) + i * 100, 2}));
  CHECK(Json(DeviationOf(Of(wide), kCents)) == "1");
}

TEST_CASE("rate of events") {
  CHECK(Json(CountRateOf(0, 1000)) == "0");
  CHECK(Json(CountRateOf(10, 3000)) == "3.3333333333333335");
}

}  // namespace
}  // namespace shrike::nfa
