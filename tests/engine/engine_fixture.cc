#include "tests/engine/engine_fixture.h"

#include <doctest/doctest.h>

#include <utility>

#include "alerts/alert.h"

namespace shrike::testing {
namespace {

constexpr Type kString{Kind::kString, 0, Kind::kNull};
constexpr int kTypesPerStream = 3;

StreamSchema MakeStream(const std::string& name, const std::string& suffix,
                        DurationMs out_of_order) {
  StreamSchema stream;
  stream.name = name;
  stream.topics = {name};
  stream.type_field = "type";
  stream.fields = {{"key", kString}, {"other", kString}, {"type", kString}};
  stream.event_types = {"a" + suffix, "b" + suffix, "c" + suffix};
  stream.time_field = "ts";
  stream.out_of_order = out_of_order;
  return stream;
}

}  // namespace

Catalog MakeCatalog(DurationMs out_of_order) {
  return {{MakeStream("s", "", out_of_order), MakeStream("t", "_t", out_of_order)}};
}

nfa::RuleSpec MakeRule(const RuleOptions& options) {
  nfa::RuleSpec rule;
  rule.id = options.id;
  rule.sources = {{options.stream, {options.key}}};
  rule.within = 10'000;
  rule.timeout_alerts = options.timeouts;
  for (int type = 0; type < 2; ++type) {
    nfa::StepSpec step;
    step.name = step.label = type == 0 ? "first" : "second";
    step.event_types = {options.stream * kTypesPerStream + type};
    rule.steps.push_back(step);
    nfa::ElementSpec element;
    element.kind =
        type == 1 && options.absence ? nfa::ElementSpec::Kind::kNot : nfa::ElementSpec::Kind::kStep;
    element.steps = {type};
    rule.elements.push_back(element);
  }
  rule.alert.title = options.id;
  rule.alert.key_names = {"key"};
  rule.alert.step_fields = {{options.key}, {options.key}};
  if (options.suppress > 0) {
    rule.alert.suppress = nfa::SuppressSpec{options.suppress, {{false, 0}}};
  }
  if (options.emits != 0) {
    nfa::Expr key;
    key.op = nfa::Op::kKey;
    key.type = kString;
    rule.alert.fields = {{"key", key}};
    rule.emit =
        nfa::EmitSpec{1, kTypesPerStream + options.emits - 'a', {{kKeyColumn, 0}}, options.every};
  }
  if (options.learn > 0) {
    rule.learn = options.learn;
  }
  return rule;
}

std::shared_ptr<const nfa::Program> MakeProgram(const std::vector<RuleOptions>& rules) {
  nfa::RuleSetSpec spec;
  spec.layout.columns = {{"key", kString}, {"other", kString}};
  for (const RuleOptions& options : rules) {
    spec.rules.push_back(MakeRule(options));
  }
  auto program = nfa::Program::Build(std::move(spec), MakeCatalog(), {});
  REQUIRE_MESSAGE(program, (program ? "" : program.error().message));
  return *program;
}

TestEvent::TestEvent(char type, TimestampMs ts, std::string key_text, std::string other_text)
    : key(std::move(key_text)), other(std::move(other_text)) {
  row[kKeyColumn] = key.empty() ? Value::Null() : Value::String(key);
  row[kOtherColumn] = other.empty() ? Value::Null() : Value::String(other);
  event.ts = ts;
  event.event_type = type - 'a';
  event.row = row;
}

std::string Describe(const nfa::Program& program, const nfa::Outcomes& outcomes,
                     const nfa::Outcome& outcome) {
  std::string text = program.rules()[static_cast<std::size_t>(outcome.rule)].id + " " +
                     std::string(alerts::KindName(outcome.kind));
  for (std::uint32_t part = 0; part < outcome.key_count; ++part) {
    text += " ";
    AppendText(outcomes.values[outcome.key_begin + part], &text);
  }
  for (std::uint32_t event = 0; event < outcome.events_count; ++event) {
    text += event == 0 ? " " : ",";
    text += std::to_string(outcomes.events[outcome.events_begin + event].ts / 1000);
  }
  if (outcome.kind == nfa::OutcomeKind::kSummary) {
    text += " +" + std::to_string(outcome.suppressed.count);
  }
  return text + " @" + std::to_string(outcome.time) + (outcome.by_deadline ? "!" : "");
}

}  // namespace shrike::testing
