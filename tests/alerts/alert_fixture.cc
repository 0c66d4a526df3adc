#include "tests/alerts/alert_fixture.h"

#include <doctest/doctest.h>

#include <utility>

namespace shrike::testing {
namespace {

nfa::Expr Field(int column, Type type) {
  nfa::Expr expr;
  expr.op = nfa::Op::kField;
  expr.column = column;
  expr.type = type;
  return expr;
}

nfa::StepSpec Step(std::string name, std::string label) {
  nfa::StepSpec step;
  step.name = std::move(name);
  step.label = std::move(label);
  step.event_types = {0};
  return step;
}

nfa::ElementSpec Element(nfa::ElementSpec::Kind kind, std::vector<int> steps) {
  nfa::ElementSpec element;
  element.kind = kind;
  element.steps = std::move(steps);
  return element;
}

constexpr Type kDecimal{Kind::kDecimal, 4, Kind::kNull};
constexpr Type kString{Kind::kString, 0, Kind::kNull};

// Appends the values to the buffer; begin and count tell where.
void Append(std::initializer_list<Value> values, nfa::Outcomes* out, std::uint32_t* begin,
            std::uint32_t* count) {
  *begin = static_cast<std::uint32_t>(out->values.size());
  *count = static_cast<std::uint32_t>(values.size());
  for (const Value& value : values) {
    out->AppendValue(value);
  }
}

}  // namespace

nfa::RuleSpec MakeRule() {
  nfa::RuleSpec rule;
  rule.id = "card-testing";
  rule.version = 3;
  rule.sources = {{0, {0, 1}}};
  rule.steps = {Step("probe", "probe"), Step("", "txn"), Step("cash", "cash"), Step("", "txn#2")};
  rule.elements = {Element(nfa::ElementSpec::Kind::kStep, {0}),
                   Element(nfa::ElementSpec::Kind::kChoice, {1, 2}),
                   Element(nfa::ElementSpec::Kind::kStep, {3})};
  rule.elements[0].quantifier = nfa::QuantifierSpec{.min = 1, .max = -1, .until = {}};
  rule.elements[1].choice_label = "way";
  rule.within = 600'000;
  nfa::AlertSpec& alert = rule.alert;
  alert.title = "Small \"declines\"";
  alert.severity = nfa::Severity::kHigh;
  alert.score = 70;
  alert.tags = {"fraud.card_testing", "attack.t1110"};
  alert.message = {{"Card ", std::nullopt},
                   {"", Field(0, kString)},
                   {": ", std::nullopt},
                   {"", Field(2, kDecimal)}};
  alert.fields = {{"total", Field(2, kDecimal)}, {"note", Field(3, kString)}};
  alert.key_names = {"card", "branch"};
  alert.step_fields = {{0, 2}, {0, 2}, {0}, {3}};
  return rule;
}

std::shared_ptr<const nfa::Program> MakeProgram(nfa::RuleSpec rule, Limits limits) {
  std::vector<nfa::RuleSpec> rules;
  rules.push_back(std::move(rule));
  return MakeProgram(std::move(rules), limits);
}

std::shared_ptr<const nfa::Program> MakeProgram(std::vector<nfa::RuleSpec> rules, Limits limits) {
  Catalog catalog;
  StreamSchema stream;
  stream.name = "txn";
  stream.event_types = {"txn"};
  catalog.streams = {stream};
  nfa::RuleSetSpec spec;
  spec.layout.columns = {{"card", kString},
                         {"branch", {Kind::kInt, 0, Kind::kNull}},
                         {"amount", kDecimal},
                         {"note", kString}};
  spec.rules = std::move(rules);
  auto program = nfa::Program::Build(std::move(spec), catalog, limits);
  REQUIRE_MESSAGE(program, (program ? "" : program.error().message));
  return *program;
}

void AppendOutcome(nfa::OutcomeKind kind, std::initializer_list<BoundSpec> events,
                   nfa::Outcomes* out) {
  nfa::Outcome outcome;
  outcome.kind = kind;
  outcome.events_begin = static_cast<std::uint32_t>(out->events.size());
  outcome.events_count = static_cast<std::uint32_t>(events.size());
  for (const BoundSpec& spec : events) {
    nfa::BoundEvent event;
    event.step = spec.step;
    event.ts = spec.ts;
    event.position = {0, 0, spec.offset};
    Append(spec.values, out, &event.values_begin, &event.values_count);
    out->events.push_back(event);
    outcome.time = spec.ts;
    outcome.position = event.position;
  }
  out->items.push_back(outcome);
  SetKey({Value::String("c1"), Value::Int(7)}, out);
}

void SetKey(std::initializer_list<Value> key, nfa::Outcomes* out) {
  nfa::Outcome& outcome = out->items.back();
  Append(key, out, &outcome.key_begin, &outcome.key_count);
}

void SetFields(std::initializer_list<Value> fields, nfa::Outcomes* out) {
  nfa::Outcome& outcome = out->items.back();
  Append(fields, out, &outcome.fields_begin, &outcome.fields_count);
}

void SetMessage(std::initializer_list<Value> values, nfa::Outcomes* out) {
  nfa::Outcome& outcome = out->items.back();
  Append(values, out, &outcome.message_begin, &outcome.message_count);
}

}  // namespace shrike::testing
