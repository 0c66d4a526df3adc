// nfa/deriver.h: fields that a stream computes for itself.
#include "nfa/deriver.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/schema.h"

namespace shrike::nfa {
namespace {

constexpr Type kInt{Kind::kInt, 0, Kind::kNull};
constexpr Type kText{Kind::kString, 0, Kind::kNull};

Expr Field(int column, Type type) {
  Expr e;
  e.op = Op::kField;
  e.column = column;
  e.type = type;
  return e;
}

// Stream s: v (int), u (string), twice = v + v, loud = upper(u), more = twice + v. Stream t derives nothing.
std::shared_ptr<const Program> Build() {
  Catalog catalog;
  for (const char* name : {"s", "t"}) {
    StreamSchema stream;
    stream.name = name;
    stream.event_types = {name};
    catalog.streams.push_back(stream);
  }
  RuleSetSpec spec;
  spec.layout.columns = {
      {"v", kInt}, {"u", kText}, {"twice", kInt}, {"loud", kText}, {"more", kInt}};
  const auto add = [&](int column, Op op, Type type, std::vector<Expr> args) {
    Expr value;
    value.op = op;
    value.type = type;
    value.function = Function::kUpper;
    value.args = std::move(args);
    spec.derives.push_back({0, column, std::move(value)});
  };
  add(2, Op::kAdd, kInt, {Field(0, kInt), Field(0, kInt)});
  add(3, Op::kCall, kText, {Field(1, kText)});
  add(4, Op::kAdd, kInt, {Field(2, kInt), Field(0, kInt)});
  auto program = Program::Build(std::move(spec), catalog, {});
  REQUIRE(program.has_value());
  return *program;
}

TEST_CASE("derived fields are computed in order, and stay until they are cleared") {
  Deriver deriver(Build());
  CHECK_FALSE(deriver.empty());
  const std::string long_text(300, 'x');
  const Value rows[2][5] = {{Value::Int(3), Value::String("abc"), {}, {}, {}},
                            {Value::Null(), Value::String(long_text), {}, {}, {}}};
  Event event;
  event.row = rows[0];
  const Event first = deriver.Derive(event);
  event.row = rows[1];
  const Event second = deriver.Derive(event);
  CHECK(first.row[0].int64() == 3);
  CHECK(first.row[2].int64() == 6);
  CHECK(first.row[3].string() == "ABC");
  CHECK(first.row[4].int64() == 9);
  CHECK(second.row[2].is_null());
  CHECK(second.row[3].string() == std::string(300, 'X'));
  CHECK(second.row[4].is_null());
  event.stream = 1;
  CHECK(deriver.Derive(event).row == rows[1]);
  deriver.Clear();
  event.stream = 0;
  event.row = rows[0];
  CHECK(deriver.Derive(event).row[4].int64() == 9);
}

}  // namespace
}  // namespace shrike::nfa
