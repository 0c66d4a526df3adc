#include "base/value.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace shrike {
namespace {

std::string Json(const Value& value) {
  std::string out;
  AppendJson(value, &out);
  return out;
}

std::string Text(const Value& value) {
  std::string out;
  AppendText(value, &out);
  return out;
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

std::string DoubleText(double value) {
  std::string out;
  AppendDouble(value, &out);
  return out;
}

TEST_CASE("types read back from their text") {
  for (const char* text :
       {"bool", "int", "float", "decimal", "decimal(0)", "decimal(9)", "string", "timestamp",
        "duration", "ip", "list(string)", "list(int)", "list(decimal)", "list(decimal(2))"}) {
    CAPTURE(text);
    const std::optional<Type> type = ParseType(text);
    REQUIRE(type.has_value());
    CHECK(FormatType(*type) == text);
  }
  CHECK(ParseType("decimal(4)") == ParseType("decimal"));
  CHECK(ParseType("decimal")->scale == 4);
  CHECK(FormatType({}) == "null");
  for (const char* text :
       {"", "null", "Int", "decimal(10)", "decimal()", "decimal(-1)", "list", "list()",
        "list(list(int))", "list(null)", "int ", "decimal(2", "list(int"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseType(text).has_value());
  }
}

TEST_CASE("values as JSON and as text") {
  const Value items[] = {Value::Int(1), Value::Null(), Value::String("a\"b")};
  struct Row {
    Value value;
    std::string_view json, text;
  };
  const Row rows[] = {
      {Value::Null(), "null", "null"},
      {Value::Bool(true), "true", "true"},
      {Value::Bool(false), "false", "false"},
      {Value::Int(-7), "-7", "-7"},
      {Value::Int(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808",
       "-9223372036854775808"},
      {Value::Float(0.1), "0.1", "0.1"},
      {Value::Float(-0.0), "0", "0"},
      {Value::Float(1e300), "1e+300", "1e+300"},
      {Value::Dec({1500, 2}), "15", "15"},
      {Value::Dec({-1, 9}), "-0.000000001", "-0.000000001"},
      {Value::String("a\"b"), "\"a\\\"b\"", "a\"b"},
      {Value::Timestamp(1522540831000), "1522540831000", "2018-04-01T00:00:31.000Z"},
      {Value::Duration(600'000), "600000", "600000"},
      {Value::Ip(*ParseIp("10.0.0.1")), "\"10.0.0.1\"", "10.0.0.1"},
      {Value::List(items, 3), "[1,null,\"a\\\"b\"]", "[1,null,\"a\\\"b\"]"},
      {Value::List(nullptr, 0), "[]", "[]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    CHECK(Json(row.value) == row.json);
    CHECK(Text(row.value) == row.text);
  }
}

TEST_CASE("identity of values") {
  const Value list_a[] = {Value::Int(1), Value::Null()};
  const Value list_b[] = {Value::Int(1), Value::Null()};
  CHECK(SameValue(Value::Null(), Value::Null()));
  CHECK(SameValue(Value::Float(0.0), Value::Float(-0.0)));
  CHECK(SameValue(Value::Dec({10, 1}), Value::Dec({1, 0})));
  CHECK(SameValue(Value::List(list_a, 2), Value::List(list_b, 2)));
  CHECK_FALSE(SameValue(Value::List(list_a, 2), Value::List(list_b, 1)));
  CHECK_FALSE(SameValue(Value::Int(1), Value::Float(1)));
  CHECK_FALSE(SameValue(Value::Int(1), Value::Timestamp(1)));
  CHECK_FALSE(SameValue(Value::String("a"), Value::String("b")));
  CHECK_FALSE(SameValue(Value::Null(), Value::Bool(false)));
}

TEST_CASE("JSON strings escape what could deceive") {
  CHECK(JsonString("plain") == "\"plain\"");
  CHECK(JsonString("a\nb\t\r\x01\x7f\"\\/") == "\"a\\nb\\t\\r\\u0001\\u007f\\\"\\\\/\"");
  CHECK(JsonString("gr\xC3\xBC\xC3\x9F \xF0\x9F\x99\x82") ==
        "\"gr\xC3\xBC\xC3\x9F \xF0\x9F\x99\x82\"");
  CHECK(JsonString("a\xE2\x80\xAE"
                   "b") == "\"a\\u202eb\"");
  CHECK(JsonString("\xC2\x85") == "\"\\u0085\"");
  CHECK(JsonString("a\xFF"
                   "b\xC3") ==
        "\"a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD\"");
  CHECK(JsonString(std::string_view("\0", 1)) == "\"\\u0000\"");
}

TEST_CASE("any bytes become a JSON string that parses") {
  testing::Random random(testing::SeedFor("json strings"));
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes;
    for (std::size_t n = random.Below(12); n > 0; --n) {
      bytes.push_back(static_cast<char>(random.OneIn(2) ? random.Next() : 'a' + random.Below(26)));
    }
    CAPTURE(bytes);
    REQUIRE(nlohmann::json::accept(JsonString(bytes)));
  }
}

TEST_CASE("doubles are short and read back") {
  CHECK(DoubleText(100000) == "100000");
  CHECK(DoubleText(9007199254740992.0) == "9007199254740992");
  CHECK(DoubleText(-9007199254740992.0) == "-9007199254740992");
  CHECK(DoubleText(0x1p60) == "1152921504606846976");
  CHECK(DoubleText(1e23) == "1e+23");
  CHECK(DoubleText(5e-324) == "5e-324");
  CHECK(DoubleText(std::nan("")) == "null");
  CHECK(DoubleText(HUGE_VAL) == "null");
  testing::Random random(testing::SeedFor("doubles"));
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::bit_cast<double>(random.Next());
    if (!std::isfinite(value)) continue;
    const std::string text = DoubleText(value);
    CAPTURE(text);
    REQUIRE(std::strtod(text.c_str(), nullptr) == value);
    REQUIRE(nlohmann::json::accept(text));
  }
}

TEST_CASE("addresses") {
  struct Row {
    std::string_view text, want;  // want: FormatIp, or "" if it is none
  };
  const Row rows[] = {
      {"1.2.3.4", "1.2.3.4"},
      {"255.255.255.255", "255.255.255.255"},
      {"::ffff:1.2.3.4", "1.2.3.4"},
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8::1", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"fe80::", "fe80::"},
      {"::1.2.3.4", "::102:304"},
      {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1.2.3", ""},
      {"1.2.3.4.5", ""},
      {"1.2.3.256", ""},
      {"01.2.3.4", ""},
      {"1.2.3.4 ", ""},
      {"1..3.4", ""},
      {":::", ""},
      {"1::2::3", ""},
      {"1:2:3:4:5:6:7", ""},
      {"1:2:3:4:5:6:7:8:9", ""},
      {"1:2:3:4:5:6:7:8::", ""},
      {"12345::", ""},
      {"g::", ""},
      {"::1:", ""},
      {":1::", ""},
      {"1.2.3.4::", ""},
      {"::1.2.3", ""},
      {"fe80::1%eth0", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::optional<IpBytes> ip = ParseIp(row.text);
    CHECK((ip ? FormatIp(*ip) : "") == row.want);
  }
}

TEST_CASE("addresses agree with inet_pton") {
  testing::Random random(testing::SeedFor("addresses"));
  constexpr std::string_view kAlphabet = "0123456789abcdefF:::...";
  int read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = random.OneIn(2) ? "::" : "1:2:3::5:6:1.2.3.4";
    for (std::size_t n = random.Below(8); n > 0; --n) {
      const char c = kAlphabet[random.Below(kAlphabet.size())];
      text.insert(text.begin() + static_cast<std::ptrdiff_t>(random.Below(text.size() + 1)), c);
      if (random.OneIn(3)) text.erase(random.Below(text.size()), 1);
    }
    IpBytes want{};
    const bool valid = inet_pton(AF_INET6, text.c_str(), want.data()) == 1;
    in_addr v4{};
    const bool valid_v4 = inet_pton(AF_INET, text.c_str(), &v4) == 1;
    const std::optional<IpBytes> ip = ParseIp(text);
    CAPTURE(text);
    REQUIRE(ip.has_value() == (valid || valid_v4));
    if (ip && valid) {
      REQUIRE(*ip == want);
      REQUIRE(ParseIp(FormatIp(*ip)) == ip);
      ++read;
    }
  }
  CHECK(read > 1'000);
}

}  // namespace
}  // namespace shrike
