#include "alerts/redaction.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/alerts/alert_fixture.h"

namespace shrike::alerts {
namespace {

using nfa::Expr;
using nfa::Op;

constexpr Type kString{Kind::kString, 0, Kind::kNull};
constexpr Type kInt{Kind::kInt, 0, Kind::kNull};
// Columns of the fixture.
constexpr int kCard = 0;
constexpr int kBranch = 1;
constexpr int kNote = 3;

Expr Leaf(Op op, int column) {
  Expr expr;
  expr.op = op;
  expr.column = column;
  expr.type = kString;
  return expr;
}

Expr Call(nfa::Function function, Expr argument) {
  Expr expr;
  expr.op = Op::kCall;
  expr.function = function;
  expr.type = kString;
  expr.args = {std::move(argument)};
  return expr;
}

Expr AggregateOf(nfa::Aggregate aggregate, int column) {
  Expr expr = Leaf(Op::kAggregate, column);
  expr.name = 0;
  expr.aggregate = aggregate;
  return expr;
}

Expr Key(std::int64_t part) {
  Expr expr = Leaf(Op::kKey, 0);
  expr.index = part;
  return expr;
}

nfa::RuleSpec RuleRedacting(const std::vector<std::string>& names) {
  nfa::RuleSpec rule = testing::MakeRule();
  rule.names = {{"probe", {0}}};
  rule.alert.redact = names;
  return rule;
}

TEST_CASE("an expression over a redacted field tells it, unless it only counts") {
  struct Row {
    const char* name;
    Expr expr;
    bool want;
  };
  const Row rows[] = {
      {"the field", Leaf(Op::kField, kCard), true},
      {"another field", Leaf(Op::kField, kNote), false},
      {"the event's time", Leaf(Op::kField, nfa::kTimeColumn), false},
      {"a bound event's", Leaf(Op::kBoundField, kCard), true},
      {"upper(card)", Call(nfa::Function::kUpper, Leaf(Op::kField, kCard)), true},
      {"upper(note)", Call(nfa::Function::kUpper, Leaf(Op::kField, kNote)), false},
      {"max(probe.card)", AggregateOf(nfa::Aggregate::kMax, kCard), true},
      {"values(probe.card)", AggregateOf(nfa::Aggregate::kValues, kCard), true},
      {"distinct(probe.card)", AggregateOf(nfa::Aggregate::kDistinct, kCard), false},
      {"count(probe)", AggregateOf(nfa::Aggregate::kCount, 0), false},
      {"the key's part", Key(0), true},
      {"the key's other part", Key(1), false},
  };
  const nfa::RuleSpec rule = RuleRedacting({"card"});
  const auto program = testing::MakeProgram(rule);
  const Redaction redaction(*program, program->rules()[0]);
  const auto plain_program = testing::MakeProgram(RuleRedacting({}));
  const Redaction plain(*plain_program, plain_program->rules()[0]);
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(redaction.Expression(row.expr) == row.want);
    CHECK_FALSE(plain.Expression(row.expr));
  }
}

TEST_CASE("what is hidden of key, fields and message") {
  struct Row {
    std::vector<std::string> redact;
    std::vector<bool> key, fields, message;
  };
  const Row rows[] = {
      {{}, {false, false}, {false, false}, {false, false}},
      {{"card"}, {true, false}, {false, false}, {true, false}},
      {{"branch"}, {false, true}, {false, false}, {false, false}},
      {{"amount"}, {false, false}, {true, false}, {false, true}},
      // An alert field's own name, whatever it is made of.
      {{"total", "note"}, {false, false}, {true, true}, {false, false}},
  };
  for (const Row& row : rows) {
    const auto program = testing::MakeProgram(RuleRedacting(row.redact));
    const Redaction redaction(*program, program->rules()[0]);
    CHECK(redaction.Key() == row.key);
    CHECK(redaction.Fields() == row.fields);
    CHECK(redaction.Message() == row.message);
  }
}

TEST_CASE("a derived field that is computed from a redacted one is redacted") {
  nfa::RuleSetSpec spec;
  spec.layout.columns = {{"card", kString}, {"branch", kInt}, {"masked", kString}, {"m2", kString}};
  spec.derives = {{0, 2, Call(nfa::Function::kUpper, Leaf(Op::kField, 0))},
                  {0, 3, Call(nfa::Function::kLower, Leaf(Op::kField, 2))}};
  nfa::RuleSpec rule = testing::MakeRule();
  rule.alert.redact = {"card"};
  rule.alert.message.clear();
  rule.alert.fields = {{"shown", Leaf(Op::kField, 3)}};
  rule.alert.step_fields = {{0}, {0}, {0}, {0}};
  spec.rules = {rule};
  Catalog catalog;
  catalog.streams.emplace_back().name = "txn";
  catalog.streams.back().event_types = {"txn"};
  const auto program = nfa::Program::Build(std::move(spec), catalog, {});
  REQUIRE(program);
  const Redaction redaction(**program, (*program)->rules()[0]);
  CHECK(redaction.Column(kCard));
  CHECK_FALSE(redaction.Column(kBranch));
  CHECK(redaction.Column(2));
  CHECK(redaction.Column(3));
  CHECK(redaction.Fields() == std::vector<bool>{true});
}

TEST_CASE("what a rule hides stays hidden in the events that it emits, from rule to rule") {
  nfa::RuleSetSpec spec;
  spec.layout.columns = {{"card", kString}, {"branch", kInt}, {"masked", kString}, {"m2", kString}};
  const auto emitting = [](const std::string& id, int from, int field_column, int to, int column) {
    nfa::RuleSpec rule = testing::MakeRule();
    rule.id = id;
    rule.sources = {{from, {1}}};
    rule.alert.key_names = {"branch"};
    rule.alert.message.clear();
    rule.alert.fields = {{"x", Leaf(Op::kField, field_column)}};
    rule.alert.step_fields = {{1}, {1}, {1}, {1}};
    if (to > 0) rule.emit = nfa::EmitSpec{.stream = to, .event_type = to, .fields = {{column, 0}}};
    return rule;
  };
  spec.rules = {emitting("a", 0, 0, 1, 2), emitting("b", 1, 2, 2, 3), emitting("c", 2, 3, 0, 0),
                emitting("d", 2, 1, 0, 0)};
  spec.rules[0].alert.redact = {"card"};
  Catalog catalog;
  for (const char* name : {"txn", "first", "second"}) {
    catalog.streams.emplace_back().name = name;
    catalog.streams.back().event_types = {name};
  }
  const auto program = nfa::Program::Build(std::move(spec), catalog, {});
  REQUIRE_MESSAGE(program, (program ? "" : program.error().message));
  const auto hidden = [&](std::size_t rule) -> bool {
    return Redaction(**program, (*program)->rules()[rule]).Fields()[0];
  };
  CHECK(hidden(0));
  CHECK(hidden(1));
  CHECK(hidden(2));
  CHECK_FALSE(hidden(3));
}

TEST_CASE("a window over a redacted field tells it, unless it only counts") {
  const auto window = [](nfa::WindowFunction function, std::vector<Expr> values) {
    nfa::WindowSpec spec;
    spec.function = function;
    spec.length = 1000;
    spec.sources = {{0, {0, 1}}};
    spec.event_types = {0};
    spec.values = std::move(values);
    spec.type = kString;
    return spec;
  };
  struct Row {
    const char* name;
    nfa::WindowSpec window;
    bool want;
  };
  const Expr note = Leaf(Op::kField, kNote);
  const Row rows[] = {
      {"count(over 1s by note)", window(nfa::WindowFunction::kCount, {}), false},
      {"last(note over 1s)", window(nfa::WindowFunction::kLast, {note}), true},
      {"last(card over 1s)", window(nfa::WindowFunction::kLast, {Leaf(Op::kField, kCard)}), false},
      {"distinct(note over 1s)", window(nfa::WindowFunction::kDistinct, {note}), false},
      {"new(note over 1s)", window(nfa::WindowFunction::kNew, {note}), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Expr read;
    read.op = Op::kWindow;
    read.type = kString;
    read.args = {note};
    nfa::RuleSetSpec spec;
    spec.layout.columns = {{"card", kString},
                           {"branch", kInt},
                           {"amount", {Kind::kDecimal, 4, Kind::kNull}},
                           {"note", kString}};
    spec.windows = {row.window};
    spec.rules = {RuleRedacting({"note"})};
    spec.rules[0].alert.fields.push_back(
        {"read", read});  // Windows that no rule reads are not kept.
    Catalog catalog;
    catalog.streams.emplace_back().name = "txn";
    catalog.streams.back().event_types = {"txn"};
    const auto program = nfa::Program::Build(std::move(spec), catalog, {});
    REQUIRE(program);
    const nfa::RuleSpec& rule = (*program)->rules()[0];
    CHECK(Redaction(**program, rule).Expression(rule.alert.fields.back().value) == row.want);
  }
}

}  // namespace
}  // namespace shrike::alerts
