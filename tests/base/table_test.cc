// base/table.h.
#include "base/table.h"

#include <doctest/doctest.h>

#include <string>

namespace shrike {
namespace {

Table Accounts() {
  return Table({"accounts",
                {"account", {Kind::kString}},
                {{"limit", {Kind::kDecimal, 2}}, {"tags", {Kind::kList, 0, Kind::kString}}}});
}

TEST_CASE("a row is found by its key, and its bytes are the table's own") {
  Table table = Accounts();
  {
    std::string key = "A1";
    std::string tag = "gold";
    const Value tags[] = {Value::String(tag)};
    CHECK(table.Add(Value::String(key), {Value::Dec({1050, 2}), Value::List(tags, 1)}));
    key = "xx";
    tag = "lead";
  }
  const Value* row = table.Find(Value::String("A1"));
  REQUIRE(row != nullptr);
  CHECK(SameValue(row[0], Value::Dec({1050, 2})));
  REQUIRE(row[1].list_size() == 1);
  CHECK(row[1].list_items()[0].string() == "gold");
  CHECK(table.size() == 1);
}

TEST_CASE("no row: an unknown key, a null key") {
  Table table = Accounts();
  CHECK(table.Add(Value::String("null"), {Value::Null(), Value::Null()}));
  CHECK(table.Find(Value::String("A2")) == nullptr);
  CHECK(table.Find(Value::Null()) == nullptr);
  CHECK(table.Find(Value::String("null"))[0].is_null());
}

TEST_CASE("decimal keys are equal by number") {
  Table table({"t", {"k", {Kind::kDecimal, 4}}, {{"v", {Kind::kInt}}}});
  CHECK(table.Add(Value::Dec({15000, 4}), {Value::Int(1)}));
  CHECK(table.Find(Value::Dec({15, 1})) != nullptr);
}

TEST_CASE("a second row of one key is refused") {
  Table table = Accounts();
  CHECK(table.Add(Value::String("A1"), {Value::Dec({1, 0}), Value::Null()}));
  CHECK_FALSE(table.Add(Value::String("A1"), {Value::Dec({2, 0}), Value::Null()}));
  CHECK(SameValue(table.Find(Value::String("A1"))[0], Value::Dec({1, 0})));
}

TEST_CASE("fields are found by name") {
  CHECK(Accounts().schema().FieldIndex("tags") == 1);
  CHECK(Accounts().schema().FieldIndex("limits") == -1);
}

}  // namespace
}  // namespace shrike
