#include "alerts/emitted_encoder.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace shrike::alerts {
namespace {

constexpr Type kText{Kind::kString, 0, Kind::kNull};

// Stream `in`, and `out` with the time field `at` in the given unit; the rule's alert has three fields, the last one
// redacted.
struct Fixture {
  explicit Fixture(TimeUnit unit) {
    StreamSchema in;
    in.name = "in";
    in.event_types = {"in"};
    StreamSchema out;
    out.name = "out";
    out.event_types = {"out"};
    out.derived = true;
    out.time_field = "at";
    out.time_unit = unit;
    out.fields = {{"card", kText}, {"total", {Kind::kDecimal, 2, Kind::kNull}}, {"pan", kText}};
    catalog.streams = {in, out};
    nfa::RuleSetSpec spec;
    nfa::RuleSpec rule;
    rule.id = "r";
    rule.sources = {{0, {}}};
    rule.steps.resize(1);
    rule.steps[0].event_types = {0};
    rule.elements.resize(1);
    rule.elements[0].steps = {0};
    rule.alert.step_fields.resize(1);
    for (const char* name : {"card", "total", "pan"}) {
      nfa::Expr value;
      value.type = kText;
      rule.alert.fields.push_back({name, value});
    }
    rule.alert.redact = {"pan"};
    rule.emit = nfa::EmitSpec{1, 1, {}, 0};
    spec.rules.push_back(std::move(rule));
    auto built = nfa::Program::Build(std::move(spec), catalog, {});
    REQUIRE(built.has_value());
    program = *built;
  }

  std::string Line(const std::vector<Value>& fields) const {
    Event event;
    event.ts = 1'500;
    event.stream = 1;
    std::string line;
    EmittedEncoder(catalog, program).AppendValue({0, &event, fields, ""}, &line);
    return line;
  }

  Catalog catalog;
  std::shared_ptr<const nfa::Program> program;
};

TEST_CASE("a line is the event as a record of the stream would be") {
  const std::vector<Value> fields = {Value::String("c\"1"), Value::Int(12), Value::String("4111")};
  CHECK(Fixture(TimeUnit::kMs).Line(fields) ==
        R"({"at":1500,"card":"c\"1","total":12,"pan":"[redacted]"})");
}

TEST_CASE("times stand in the stream's unit, null fields are left out") {
  const std::vector<Value> nothing(3);
  CHECK(Fixture(TimeUnit::kSeconds).Line(nothing) == R"({"at":1.5})");
  CHECK(Fixture(TimeUnit::kMicros).Line(nothing) == R"({"at":1500000})");
  CHECK(Fixture(TimeUnit::kNanos).Line(nothing) == R"({"at":1500000000})");
  CHECK(Fixture(TimeUnit::kRfc3339).Line(nothing) == R"({"at":"1970-01-01T00:00:01.500Z"})");
}

}  // namespace
}  // namespace shrike::alerts
