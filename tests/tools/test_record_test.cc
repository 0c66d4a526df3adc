#include "tools/shrike/test_record.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace shrike::tools {
namespace {

using rules::TestValue;

TestValue Scalar(const std::string& text, bool plain = true) {
  TestValue value;
  value.scalar.text = text;
  value.scalar.plain = plain;
  return value;
}

TestValue List(const std::vector<std::string>& items) {
  TestValue value;
  value.form = TestValue::Form::kList;
  for (const std::string& item : items) {
    value.items.push_back(Scalar(item));
  }
  return value;
}

TestValue Map(const std::vector<std::pair<std::string, TestValue>>& entries) {
  TestValue value;
  value.form = TestValue::Form::kMap;
  for (const auto& [name, entry] : entries) {
    rules::TestField field;
    field.name.text = name;
    field.name.plain = true;
    field.value = entry;
    value.entries.push_back(std::move(field));
  }
  return value;
}

StreamSchema Stream(TimeUnit unit = TimeUnit::kMs) {
  StreamSchema stream;
  stream.name = "payments";
  stream.time_field = "ts";
  stream.time_unit = unit;
  stream.type_field = "type";
  stream.event_types = {"txn"};
  const std::pair<const char*, const char*> fields[] = {
      {"name", "string"},      {"count", "int"},      {"share", "float"},
      {"amount", "decimal"},   {"good", "bool"},      {"at", "timestamp"},
      {"wait", "duration"},    {"from", "ip"},        {"tags", "list(string)"},
      {"device.os", "string"}, {"device.age", "int"}, {"type", "string"}};
  for (const auto& [name, type] : fields) {
    stream.fields.push_back({name, *ParseType(type)});
  }
  return stream;
}

TEST_CASE("values are written as their fields' types") {
  struct Row {
    std::vector<std::pair<std::string, TestValue>> fields;
    std::string want;  // behind ts and type
  };
  const Row rows[] = {
      {{}, ""},
      {{{"name", Scalar("42")}}, R"(,"name":"42")"},
      {{{"name", Scalar("true")}}, R"(,"name":"true")"},
      {{{"name", Scalar("a\"b", false)}}, R"(,"name":"a\"b")"},
      {{{"name", Scalar("null")}}, R"(,"name":null)"},
      {{{"name", Scalar("null", false)}}, R"(,"name":"null")"},
      {{{"count", Scalar("42")}}, R"(,"count":42)"},
      {{{"count", Scalar("42", false)}}, R"(,"count":"42")"},
      {{{"share", Scalar("1e3")}}, R"(,"share":1e3)"},
      {{{"amount", Scalar("1.50")}}, R"(,"amount":1.50)"},
      {{{"amount", Scalar("-0.25")}}, R"(,"amount":-0.25)"},
      {{{"good", Scalar("true")}}, R"(,"good":true)"},
      {{{"at", Scalar("1970-01-01T00:00:01Z")}}, R"(,"at":1000)"},
      {{{"at", Scalar("7")}}, R"(,"at":7)"},
      {{{"wait", Scalar("1m")}}, R"(,"wait":60000)"},
      {{{"from", Scalar("10.0.0.1")}}, R"(,"from":"10.0.0.1")"},
      {{{"tags", List({"a", "1"})}}, R"(,"tags":["a","1"])"},
      {{{"device", Map({{"os", Scalar("x")}, {"age", Scalar("3")}})}},
       R"(,"device":{"os":"x","age":3})"},
      {{{"device.os", Scalar("x")}, {"name", Scalar("n")}, {"device.age", Scalar("3")}},
       R"(,"device":{"os":"x","age":3},"name":"n")"},
  };
  const StreamSchema stream = Stream();
  for (const Row& row : rows) {
    CAPTURE(row.want);
    std::string record;
    const auto written = AppendTestRecord({&stream, "txn"}, 5, Map(row.fields), &record);
    REQUIRE(written);
    CHECK(record == R"({"ts":5,"type":"txn")" + row.want + "}");
  }
}

TEST_CASE("time is written in the stream's unit") {
  const std::pair<TimeUnit, std::string> units[] = {
      {TimeUnit::kMs, "1500"},
      {TimeUnit::kSeconds, "1.5"},
      {TimeUnit::kMicros, "1500000"},
      {TimeUnit::kNanos, "1500000000"},
      {TimeUnit::kRfc3339, "\"1970-01-01T00:00:01.500Z\""}};
  for (const auto& [unit, want] : units) {
    const StreamSchema stream = Stream(unit);
    std::string record;
    REQUIRE(AppendTestRecord({&stream, "txn"}, 1500, Map({}), &record));
    CHECK(record == R"({"ts":)" + want + R"(,"type":"txn"})");
  }
}

TEST_CASE("what cannot be written says why") {
  const std::pair<std::pair<std::string, TestValue>, std::string> rows[] = {
      {{"nmae", Scalar("x")}, "stream `payments` has no field `nmae`"},
      {{"count", Scalar("many")}, "`many` of field `count` is no int"},
      {{"good", Scalar("yes")}, "`yes` of field `good` is no bool"},
      {{"at", Scalar("now")}, "`now` of field `at` is no timestamp"},
      {{"ts", Scalar("1")}, "field `ts` is set by the test itself"},
      {{"type", Scalar("txn")}, "field `type` is set by the test itself"},
  };
  const StreamSchema stream = Stream();
  for (const auto& [field, want] : rows) {
    std::string record;
    const auto written = AppendTestRecord({&stream, "txn"}, 5, Map({field}), &record);
    REQUIRE_FALSE(written);
    CHECK(written.error().message.find(want) != std::string::npos);
  }
}

TEST_CASE("expectations name values") {
  const Value items[] = {Value::Int(1), Value::Int(2)};
  struct Row {
    TestValue expected;
    Value actual;
    bool same;
  };
  const Row rows[] = {
      {Scalar("900"), Value::Dec({9'000'000, 4}), true},
      {Scalar("900.00"), Value::Dec({900, 0}), true},
      {Scalar("900.01"), Value::Dec({900, 0}), false},
      {Scalar("3"), Value::Int(3), true},
      {Scalar("3.0"), Value::Int(3), true},
      {Scalar("4"), Value::Int(3), false},
      {Scalar("0.3333333333"), Value::Float(1.0 / 3), true},
      {Scalar("0.333"), Value::Float(1.0 / 3), false},
      {Scalar("c1"), Value::String("c1"), true},
      {Scalar("c2"), Value::String("c1"), false},
      {Scalar("7"), Value::String("7"), true},
      {Scalar("null"), Value::Null(), true},
      {Scalar("null", false), Value::Null(), false},
      {Scalar("null", false), Value::String("null"), true},
      {Scalar("true"), Value::Bool(true), true},
      {Scalar("false"), Value::Bool(true), false},
      {Scalar("1970-01-01T00:00:01Z"), Value::Timestamp(1000), true},
      {Scalar("1000"), Value::Timestamp(1000), true},
      {Scalar("1s"), Value::Duration(1000), true},
      {Scalar("1000"), Value::Duration(1000), true},
      {Scalar("::1"), Value::Ip(*ParseIp("0:0:0:0:0:0:0:1")), true},
      {List({"1", "2"}), Value::List(items, 2), true},
      {List({"2", "1"}), Value::List(items, 2), false},
      {List({"1"}), Value::List(items, 2), false},
      {Scalar("1"), Value::List(items, 2), false},
  };
  for (const Row& row : rows) {
    std::string actual;
    AppendText(row.actual, &actual);
    CAPTURE(FormatTestValue(row.expected));
    CAPTURE(actual);
    CHECK(SameAsExpected(row.expected, row.actual) == row.same);
  }
}

}  // namespace
}  // namespace shrike::tools
