#include "engine/outcome_order.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "nfa/program.h"
#include "tests/oracle/generator.h"
#include "tests/oracle/pipeline_run.h"
#include "tests/oracle/rule_text.h"

namespace shrike::engine {
namespace {

using nfa::Outcome;
using nfa::OutcomeKind;
using nfa::Outcomes;

struct Spec {
  int rule;
  OutcomeKind kind;
  std::string key;
  std::vector<std::int64_t> offsets;  // of the bound events; ts is 10 times as much
};

void Append(const Spec& spec, Outcomes* out) {
  Outcome outcome;
  outcome.rule = spec.rule;
  outcome.kind = spec.kind;
  outcome.time = 1000;
  outcome.key_begin = static_cast<std::uint32_t>(out->values.size());
  outcome.key_count = 1;
  out->AppendValue(Value::String(spec.key));
  outcome.events_begin = static_cast<std::uint32_t>(out->events.size());
  outcome.events_count = static_cast<std::uint32_t>(spec.offsets.size());
  for (const std::int64_t offset : spec.offsets) {
    nfa::BoundEvent event;
    event.ts = offset * 10;
    event.position.offset = offset;
    out->events.push_back(event);
  }
  // Tells the outcomes apart after sorting.
  outcome.limit = nfa::LimitKind::kOpenRuns;
  outcome.position.offset = static_cast<std::int64_t>(out->items.size());
  out->items.push_back(outcome);
}

std::vector<std::int64_t> Order(const Outcomes& outcomes) {
  std::vector<std::int64_t> order;
  for (const Outcome& outcome : outcomes.items) {
    order.push_back(outcome.position.offset);
  }
  return order;
}

TEST_CASE("outcomes of one deadline: matches first, rule, first event, key") {
  Outcomes outcomes;
  for (const Spec& spec : std::vector<Spec>{
           {0, OutcomeKind::kTimeout, "a", {1}},
           {1, OutcomeKind::kMatch, "a", {1}},
           {0, OutcomeKind::kMatch, "b", {2}},
           {0, OutcomeKind::kMatch, "a", {1, 5}},
           {0, OutcomeKind::kMatch, "a", {1, 3}},
           {0, OutcomeKind::kOverflow, "z", {}},
           {0, OutcomeKind::kOverflow, "y", {}},
           {0, OutcomeKind::kMatch, "a", {1, 8, 9}},
       }) {
    Append(spec, &outcomes);
  }
  OrderDeadlineOutcomes(&outcomes);
  // 3, 4 and 7 have one first event: more events first, then the earlier ones.
  CHECK(Order(outcomes) == std::vector<std::int64_t>{7, 4, 3, 2, 1, 0, 6, 5});
}

TEST_CASE("outcomes of one event: by rule, else as they came") {
  Outcomes outcomes;
  Append({2, OutcomeKind::kMatch, "a", {1}}, &outcomes);
  Append({0, OutcomeKind::kMatch, "a", {9}}, &outcomes);
  Append({2, OutcomeKind::kMatch, "a", {0}}, &outcomes);
  Append({0, OutcomeKind::kMatch, "a", {1}}, &outcomes);
  OrderEventOutcomes(&outcomes);
  CHECK(Order(outcomes) == std::vector<std::int64_t>{1, 3, 0, 2});
}

TEST_CASE("ordinals count equals") {
  Outcomes outcomes;
  const Spec same{0, OutcomeKind::kOverflow, "a", {1}};
  Append(same, &outcomes);
  Append({0, OutcomeKind::kOverflow, "b", {1}}, &outcomes);
  Append(same, &outcomes);
  Append({0, OutcomeKind::kMatch, "a", {1}}, &outcomes);
  Append({0, OutcomeKind::kOverflow, "a", {2}}, &outcomes);
  Append(same, &outcomes);
  const auto ordinals_of = [&] {
    std::vector<std::uint32_t> found;
    for (const Outcome& outcome : outcomes.items) found.push_back(outcome.ordinal);
    return found;
  };
  Ordinals ordinals;
  ordinals.Set(&outcomes);
  CHECK(ordinals_of() == std::vector<std::uint32_t>{0, 0, 1, 0, 0, 2});
  // The next event of the same time.
  ordinals.Set(&outcomes);
  CHECK(ordinals_of() == std::vector<std::uint32_t>{3, 1, 4, 1, 1, 5});
  for (Outcome& outcome : outcomes.items) outcome.time += 1;
  ordinals.Set(&outcomes);
  CHECK(ordinals_of() == std::vector<std::uint32_t>{0, 0, 1, 0, 0, 2});
}

// They bind nothing: only the ordinal tells them apart.
TEST_CASE("a window that overflows twice in a millisecond has two ids") {
  const Catalog catalog = oracle::GeneratorCatalog();
  Limits limits;
  limits.window_events = 2;
  oracle::CheckedText checked = oracle::CheckRuleText(
      "rules:\n  - id: r\n    version: 1\n    pattern: |\n      from s by u\n"
      "      A[count(event over 10ms) > 100]\n",
      catalog, limits);
  REQUIRE(checked.errors == "");
  const auto program = nfa::Program::Build(std::move(checked.spec), catalog, limits);
  REQUIRE(program.has_value());
  oracle::RawEvent event;
  event.fields.emplace_back("u", oracle::MakeInteger(Kind::kInt, std::int64_t{1}));
  std::vector<oracle::RawEvent> events(4, event);
  events.push_back(event);
  events.back().ts = 1;
  std::string told;
  for (const oracle::OracleOutcome& outcome : oracle::RunPipeline(*program, catalog, events, 5)) {
    CHECK(outcome.kind == OutcomeKind::kOverflow);
    told += std::to_string(outcome.time) + ":" + std::to_string(outcome.ordinal) + " ";
  }
  CHECK(told == "0:0 0:1 1:0 ");
}

}  // namespace
}  // namespace shrike::engine
