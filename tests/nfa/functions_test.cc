// language.md, 4.9 and 4.10: functions and patterns.
#include "nfa/functions.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "nfa/pool.h"

namespace shrike::nfa {
namespace {

Value Dec(const char* text, int scale) { return Value::Dec(*ParseDecimal(text, scale)); }

std::string Call(Function function, const std::vector<Value>& args, Type type = {}) {
  Scratch scratch;
  std::string out;
  AppendText(CallFunction(function, args, type, &scratch), &out);
  return out;
}

TEST_CASE("functions") {
  struct Row {
    Function function;
    std::vector<Value> args;
    const char* want;
  };
  const Row rows[] = {
      {Function::kAbs, {Value::Int(-3)}, "3"},
      {Function::kAbs, {Dec("-1.50", 2)}, "1.5"},
      {Function::kAbs, {Value::Duration(-5)}, "5"},
      {Function::kRound, {Value::Float(2.5)}, "2"},
      {Function::kRound, {Value::Float(3.5)}, "4"},
      {Function::kRound, {Dec("2.50", 2)}, "2"},
      {Function::kRound, {Dec("1.2345", 4), Value::Int(2)}, "1.23"},
      {Function::kRound, {Dec("1.2350", 4), Value::Int(2)}, "1.24"},
      {Function::kRound, {Dec("-1.2250", 4), Value::Int(2)}, "-1.22"},
      {Function::kRound, {Value::Int(1250), Value::Int(-2)}, "1200"},
      {Function::kFloor, {Dec("-1.01", 2)}, "-2"},
      {Function::kFloor, {Value::Float(1e300)}, "null"},
      {Function::kCeil, {Dec("1.01", 2)}, "2"},
      {Function::kCeil, {Value::Float(-1.5)}, "-1"},
      {Function::kSqrt, {Value::Int(9)}, "3"},
      {Function::kSqrt, {Value::Int(-1)}, "null"},
      {Function::kLog, {Value::Int(0)}, "null"},
      {Function::kLower, {Value::String("ÄbC")}, "Äbc"},
      {Function::kUpper, {Value::String("abÄ")}, "ABÄ"},
      {Function::kLength, {Value::String("Äb")}, "2"},
      {Function::kContains, {Value::String("abc"), Value::String("bc")}, "true"},
      {Function::kStartsWith, {Value::String("abc"), Value::String("b")}, "false"},
      {Function::kEndsWith, {Value::String("abc"), Value::String("")}, "true"},
      {Function::kSplit, {Value::String("a,b,,c"), Value::String(",")}, "[\"a\",\"b\",\"\",\"c\"]"},
      {Function::kSplit, {Value::String("abc"), Value::String("")}, "[\"abc\"]"},
      {Function::kConcat, {Value::String("a"), Value::String("b"), Value::String("c")}, "abc"},
      {Function::kLevenshtein, {Value::String("kitten"), Value::String("sitting")}, "3"},
      {Function::kLevenshtein, {Value::String("Ä"), Value::String("A")}, "1"},
      {Function::kHour, {Value::Timestamp(1522540831000)}, "0"},
      {Function::kHour, {Value::Timestamp(1522540831000), Value::String("Europe/Berlin")}, "2"},
      {Function::kWeekday, {Value::Timestamp(1522540831000)}, "7"},
      {Function::kDate, {Value::Timestamp(1522540831000)}, "2018-04-01"},
      {Function::kDate, {Value::Timestamp(-1)}, "1969-12-31"},
      {Function::kLeast, {Value::Int(3), Value::Int(2)}, "2"},
      {Function::kGreatest, {Value::Int(3), Value::Null()}, "null"},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.function));
    CAPTURE(row.want);
    CHECK(Call(row.function, row.args) == row.want);
  }
}

TEST_CASE("the distance between Berlin and Paris") {
  const std::vector<Value> args = {Value::Float(52.52), Value::Float(13.405), Value::Float(48.8566),
                                   Value::Float(2.3522)};
  Scratch scratch;
  const double km =
      CallFunction(Function::kGeoKm, args, {Kind::kFloat, 0, Kind::kNull}, &scratch).float64();
  CHECK(km > 876);
  CHECK(km < 879);
}

TEST_CASE("aggregates over values") {
  Scratch scratch;
  const std::vector<Value> ints = {Value::Int(2), Value::Int(4), Value::Int(4), Value::Int(4),
                                   Value::Int(5), Value::Int(5), Value::Int(7), Value::Int(9)};
  CHECK(WalkAggregate(Aggregate::kStddev, ints, &scratch).float64() ==
        doctest::Approx(std::sqrt(32.0 / 7.0)));
  CHECK(WalkAggregate(Aggregate::kDistinct, ints, &scratch).int64() == 5);
  CHECK(WalkAggregate(Aggregate::kStddev, {Value::Int(1)}, &scratch).is_null());
  CHECK(WalkAggregate(Aggregate::kStddev, {Value::Float(0.1), Value::Float(0.1)}, &scratch)
            .float64() == 0.0);
  CHECK(WalkAggregate(Aggregate::kStddev, {Value::Dec({150, 2}), Value::Dec({350, 2})}, &scratch)
            .float64() == std::sqrt(2.0));
  // Far from zero, where the textbook formula in doubles loses everything.
  CHECK(WalkAggregate(Aggregate::kStddev,
                      {Value::Int(1000000000000001), Value::Int(1000000000000003)}, &scratch)
            .float64() == std::sqrt(2.0));
  std::vector<Value> many;
  for (int i = 0; i < 30; ++i) many.push_back(Value::Int(i));
  CHECK(WalkAggregate(Aggregate::kValues, many, &scratch).list_size() == 20);
}

TEST_CASE("like") {
  struct Row {
    const char *pattern, *text;
    bool want;
  };
  const Row rows[] = {
      {"", "", true},         {"", "a", false},        {"*", "", true},
      {"*", "abc", true},     {"a*", "abc", true},     {"*c", "abc", true},
      {"a*c", "abbc", true},  {"a*c", "abcd", false},  {"a?c", "abc", true},
      {"a?c", "aÄc", true},   {"a?c", "ac", false},    {"*a*b*c*", "xaybzc", true},
      {"a\\*b", "a*b", true}, {"a\\*b", "axb", false}, {"**", "x", true},
      {"*ab", "aab", true},   {"*Ä?", "xÄÖ", true},    {"A", "a", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.text);
    CHECK(LikeMatches(row.pattern, row.text) == row.want);
    CHECK(TextPatterns(Op::kLike, {row.pattern}).Matches(row.text) == row.want);
    // Without letters of two cases ilike says the same.
    if (std::string(row.text) != "a")
      CHECK(TextPatterns(Op::kILike, {row.pattern}).Matches(row.text) == row.want);
  }
  CHECK(TextPatterns(Op::kILike, {"EXPL*"}).Matches("explorer.exe"));
  CHECK(TextPatterns(Op::kILike, {"Ä"}).Matches("ä"));
  CHECK(TextPatterns(Op::kILike, {"a\nb*"}).Matches("A\nB\nC"));
  CHECK(TextPatterns(Op::kMatches, {"b+c", "zz"}).Matches("abbcd"));
  CHECK(TextPatterns(Op::kMatches, {"b+c", "zz"}).Matches("bzz"));
  CHECK_FALSE(TextPatterns(Op::kMatches, {"^zz", "b+c"}).Matches("bzzb"));
  CHECK(TextPatterns(Op::kILike, {"a*", "*Z"}).Matches("xz"));
  CHECK_FALSE(TextPatterns(Op::kILike, {"a*", "*Z"}).Matches("xzx"));
  // More than the automaton of the set may hold: the answer stays the same.
  std::vector<std::string> wide;
  for (int i = 0; i < 60; ++i) wide.push_back("x" + std::to_string(i) + "[a-y]{20,40}z[0-9]{3,9}q");
  const TextPatterns many(Op::kMatches, wide);
  CHECK(many.Matches("x7" + std::string(30, 'k') + "z1234q"));
  CHECK_FALSE(many.Matches(std::string(100'000, 'k') + "x7" + std::string(30, 'k') + "z12q"));
}

TEST_CASE("networks") {
  const auto contains = [](const char* network, const char* ip) {
    CidrSet set;
    set.networks.push_back(*ParseNetwork(network));
    return set.Contains(*ParseIp(ip));
  };
  CHECK(contains("10.0.0.0/8", "10.255.1.2"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(contains("172.16.0.0/12", "172.32.0.0"));
  CHECK(contains("0.0.0.0/0", "8.8.8.8"));
  CHECK(contains("fe80::/10", "fe80::1"));
  CHECK_FALSE(contains("fe80::/10", "::1"));
  CHECK(contains("192.168.1.1", "192.168.1.1"));
  CHECK_FALSE(ParseNetwork("10.0.0.0/33").has_value());
  CHECK_FALSE(ParseNetwork("10.0.0/8").has_value());
  CHECK_FALSE(ParseNetwork("10.0.0.0/").has_value());
}

}  // namespace
}  // namespace shrike::nfa
