#include "tools/shrike/explain_graph.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/tools/cli_fixture.h"
#include "tools/shrike/loader.h"

namespace shrike::tools {
namespace {

constexpr const char* kExplainRules = R"(rules:
  - id: other
    version: 1
    pattern: |
      from txn by card
      big: txn[amount > 100] then txn
      within 5m
  - id: shown
    version: 2
    title: A loop, a choice and a NOT
    pattern: |
      from txn by card
      probe: txn[amount < 5]{3,}
      then way: (low: txn[amount < 50] or high: txn[amount > 100])
      then not txn[note == "ok"]
      then last: txn by ip[amount > low.amount]
      unless txn[note == "stop"]
      within 10m
)";

ExplainedRule Explain() {
  Loaded loaded = LoadTexts({"shrike.yaml", testing::kConfig}, {{"rules/a.yaml", kExplainRules}});
  std::string problems;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    problems += diagnostic.message + "\n";
  }
  REQUIRE_MESSAGE(loaded.checked.spec.rules.size() == 2, problems);
  const auto program = BuildProgram(loaded);
  REQUIRE(program);
  return ExplainRule(**program, loaded.config->catalog, 1);
}

TEST_CASE("states, edges and shared predicates") {
  const ExplainedRule rule = Explain();
  CHECK(rule.id == "shown");
  CHECK(rule.within == "10m");
  CHECK(rule.sources == std::vector<std::string>{"txn by card"});
  CHECK(rule.group_rules == std::vector<std::string>{"other"});
  std::vector<std::string> names;
  for (const ExplainedState& state : rule.states) {
    names.push_back(state.name);
  }
  CHECK(names == std::vector<std::string>{"start", "probe", "low|high", "last", "match"});
  CHECK(rule.states[2].kind == "choice");
  CHECK(rule.edges.front().from == 0);
  CHECK(rule.edges.back().to == 4);
  bool guarded = false;
  for (const ExplainedEdge& edge : rule.edges) {
    guarded = guarded || (edge.from == 2 && edge.to == 3 && edge.nots.size() == 1);
  }
  CHECK(guarded);
  CHECK(testing::Contains(rule.unless, "[P"));
  int shared = 0;
  for (const ExplainedPredicate& predicate : rule.predicates) {
    shared += predicate.rules.size() == 2;
  }
  CHECK(shared >= 1);
}

TEST_CASE("three forms") {
  const ExplainedRule rule = Explain();
  std::string text;
  AppendExplainText(rule, false, &text);
  CHECK(
      text.starts_with("rule shown (version 2): A loop, a choice and a NOT\n"
                       "  from txn by card, within 10m\n"));
  CHECK(testing::Contains(text, "after 3 or more"));
  CHECK(testing::Contains(text, "shared with other\n"));
  std::string dot;
  AppendExplainDot(rule, &dot);
  CHECK(dot.starts_with("digraph \"shown\" {\n"));
  CHECK(testing::Contains(dot, "s4 [label=\"match\", shape=doublecircle];"));
  CHECK(testing::Contains(dot, "s0 -> s1 [label=\"then [P"));
  std::string json;
  AppendExplainJson(rule, &json);
  const auto parsed = nlohmann::json::parse(json);
  CHECK(parsed.at("rule") == "shown");
  CHECK(parsed.at("states").size() == 5);
  CHECK(parsed.at("edges").size() == rule.edges.size());
  CHECK(parsed.at("predicates").size() == rule.predicates.size());
}

}  // namespace
}  // namespace shrike::tools
