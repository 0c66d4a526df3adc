// What the oracle says on cases worked out by hand, one sentence of language.md, section 5, each.
#include "tests/oracle/oracle.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/oracle/event_table.h"
#include "tests/oracle/event_words.h"
#include "tests/oracle/generator.h"
#include "tests/oracle/pattern_text.h"
#include "tests/oracle/rule_text.h"

namespace shrike::oracle {
namespace {

std::string RuleOf(const std::string& pattern) {
  return "rules:\n  - id: r\n    version: 1\n    unbounded: accept\n    on_timeout: alert\n    "
         "pattern: |\n      from s\n"
         "      " +
         pattern + "\n";
}

// "m(0,1)@e1": a match of events 0 and 1 at event 1; t: timeout, o: overflow, @d10: at deadline 10.
std::string ToText(const std::vector<OracleOutcome>& outcomes) {
  std::string text;
  for (const OracleOutcome& outcome : outcomes) {
    if (!text.empty()) text += " ";
    text += "mto"[static_cast<std::size_t>(outcome.kind)];
    std::string bound;
    for (const Binding& binding : outcome.bound) {
      bound += (bound.empty() ? "" : ",") + std::to_string(binding.event);
    }
    text += "(" + bound + ")@" +
            (outcome.by_deadline ? "d" + std::to_string(outcome.time)
                                 : "e" + std::to_string(outcome.event));
  }
  return text;
}

std::string Run(const std::string& pattern, const std::string& events, const Limits& limits) {
  const Catalog catalog = GeneratorCatalog();
  const CheckedText checked = CheckRuleText(RuleOf(pattern), catalog, limits);
  REQUIRE_MESSAGE(checked.errors.empty(), pattern << "\n" << checked.errors);
  const EventTable table(catalog, checked.spec.layout, ParseEventWords(events));
  OracleInput input;
  input.set = &checked.spec;
  input.rules = {&checked.spec.rules[0]};
  input.limits = limits;
  input.events = table.events();
  input.at_end = 1'000'000;
  const auto outcomes = RunOracle(input);
  REQUIRE(outcomes.has_value());
  return ToText(*outcomes);
}

TEST_CASE("one sentence of section 5 each") {
  struct Row {
    std::string pattern;
    std::string events;
    std::string want;
  };
  const Row kRows[] = {
      // 5.4, 5.7: half open; deadlines fire without an event.
      {"A then B within 10ms", "A@0 B@9", "m(0,1)@e1"},
      {"A then B within 10ms", "A@0 B@10", "t(0)@d10"},
      {"A then within 5ms B", "A@0 B@5", "t(0)@d5"},
      {"A then within 5ms B within 3ms", "A@0 B@4", "t(0)@d3"},
      {"A then within 5ms (B? then C)", "A@0 C@6", "t(0)@d5"},
      {"A then within 5ms B{2}", "A@0 B@4 B@9", "t(0,1)@d9"},
      // 5.5: next, then, then every.
      {"A next B", "A@0 C@1 B@2", ""},
      {"A then B", "A@0 C@1 B@2 B@3", "m(0,2)@e2"},
      {"A then every B after match skip none", "A@0 B@1 B@2", "m(0,1)@e1 m(0,2)@e2"},
      {"A then B after match skip none", "A@0 B@1 B@2", "m(0,1)@e1"},
      {"A by u then B by u", "A@0:1 B@1:2 B@2:1", "m(0,2)@e2"},
      {"A by u then B by u", "A@0:1 B@1", ""},
      {"A by u next B by u", "A@0:1 B@1:2 B@2:1", ""},
      {"A then B by u then C by u", "A@0 B@1:2 C@2:1 C@3:2", "m(0,1,3)@e3"},
      // 5.6: loops.
      {"A{2} after match skip none", "A@0 A@1 A@2", "m(0,1)@e1 m(1,2)@e2"},
      {"A+ after match skip none", "A@0 A@1", "m(0)@e0 m(0,1)@e1 m(1)@e1"},
      {"A{2} consecutive after match skip none", "A@0 B@1 A@2", ""},
      {"A{2} combinations after match skip none", "A@0 A@1 A@2", "m(0,1)@e1 m(0,2)@e2 m(1,2)@e2"},
      {"A? then B after match skip none", "A@0 B@1", "m(0,1)@e1 m(1)@e1"},
      {"A+ greedy then B after match skip none", "A@0 A@1 B@2", "m(0,1,2)@e2 m(1,2)@e2"},
      {"A+ then B after match skip none", "A@0 A@1 B@2", "m(0,1,2)@e2 m(0,2)@e2 m(1,2)@e2"},
      {"(A? greedy){2} then A after match skip none", "A@0 A@1 A@2", "m(0,1,2)@e2"},
      {"A* greedy then event after match skip none", "A@0 B@1", "m(0,1)@e1 m(1)@e1"},
      {"A+ greedy then not B within 10ms after match skip none", "A@0 A@1", "m(0,1)@d10 m(1)@d11"},
      {"A then event+ until [v > 5] then B after match skip none", "A@0 C@1 B7@2", "m(0,1,2)@e2"},
      {"A then C+ until [v > 5] then B after match skip none", "A@0 C7@1 C@2 B@3", "m(0,2,3)@e3"},
      {"A then C+ until [v > 5] then B after match skip none", "A@0 C@1 B7@2 C@3 B@4",
       "m(0,1,2)@e2"},
      {"(A then B){2}", "A@0 B@1 A@2 B@3", "m(0,1,2,3)@e3"},
      {"(A? then B?){2} then C", "A@0 C@1", "m(0,1)@e1"},
      // 5.8: NOTs.
      {"A then not B then C", "A@0 B@1 C@2", ""},
      {"A then not B then C", "A@0 C@1", "m(0,1)@e1"},
      {"A then not event[v > 5] then B", "A@0 B7@1 B@2", ""},
      {"A next not B then C", "A@0 D@1 B@2 C@3", "m(0,3)@e3"},
      {"A next not B", "A@0 C@1", "m(0)@e1"},
      {"A next not B within 5ms", "A@0 B@5", "m(0)@d5"},
      {"A then not B within 5ms", "A@0", "m(0)@d5"},
      {"A then not B within 5ms", "A@0 B@4", ""},
      {"A then not B within 5ms", "A@0 B@5", "m(0)@d5"},
      {"A then within 3ms not B then within 6ms not C within 5ms", "A@0 B@4", "m(0)@d5"},
      {"A then not B then C? within 5ms", "A@0 C@1", "m(0,1)@e1"},
      {"A then not (B or C) within 5ms", "A@0 C@1", ""},
      {"A? then not B then event after match skip none", "B@0 C@1", "m(1)@e1"},
      // 5.9: all, choices, unless.
      {"all(A, B) then C", "B@0 D@1 A@2 C@3", "m(0,2,3)@e3"},
      {"A next all(B, C)", "A@0 C@1 D@2 B@3", "m(0,1,3)@e3"},
      {"A then (B or C)", "A@0 C@1 B@2", "m(0,1)@e1"},
      {"A then B unless C", "A@0 C@1 B@2", ""},
      {"a: A then B unless C[v > a.v]", "A3@0 A6@1 C5@2 B@3", "m(1,3)@e3"},
      {"A then B unless A", "A@0 A@1 B@2", "m(1,2)@e2"},
      // 5.10: order, where, skip.
      {"A then every B", "A@0 A@1 B@2 B@3", "m(0,2)@e2"},
      {"A then every B after match skip to next", "A@0 A@1 B@2 B@3", "m(0,2)@e2 m(1,2)@e2"},
      {"A then every B after match skip none", "A@0 A@1 B@2", "m(0,2)@e2 m(1,2)@e2"},
      {"A+ then b: B after match skip to first b", "A@0 A@1 B@2", "m(0,1,2)@e2"},
      {"a: A+ then B after match skip to last a", "A@0 A@1 B@2", "m(0,1,2)@e2 m(1,2)@e2"},
      {"a: A then every B where a.v > 3 after match skip none", "A2@0 A5@1 B@2", "m(1,2)@e2"},
      // 5.11: timeouts.
      {"A then B? within 5ms after match skip none", "A@0", "m(0)@e0"},
      {"A then B then C within 5ms", "A@0 B@1", "t(0,1)@d5"},
      {"A then every B then C within 5ms", "A@0 B@1", "t(0,1)@d5 t(0)@d5"},
      {"a: A then not B where a.v > 3 within 5ms", "A1@0", ""},
      {"A next B within 5ms", "A@0 C@1", ""},
  };
  for (const Row& row : kRows) {
    CHECK_MESSAGE(Run(row.pattern, row.events, Limits()) == row.want,
                  row.pattern << " | " << row.events);
  }
}

TEST_CASE("limits tell what they refuse") {
  Limits one_run;
  one_run.open_runs_per_key = 1;
  CHECK(Run("A then B within 10ms after match skip none", "A@0 A@1 B@2", one_run) ==
        "o(1)@e1 m(0,2)@e2");
  CHECK(Run("A+ within 10ms after match skip none", "A@0 A@1", one_run) ==
        "m(0)@e0 m(0,1)@e1 m(1)@e1 o(1)@e1");
  CHECK(Run("A by u then B by u within 10ms after match skip none", "A@0:1 A@1:2 A@2:1", one_run) ==
        "o(2)@e2 t(0)@d10 t(1)@d11");
  Limits two_events;
  two_events.bound_events = 2;
  CHECK(Run("A+ then B within 20ms after match skip none", "A@0 A@1 A@2 B@3", two_events) ==
        "o(0,1)@e2 m(0,3)@e3 m(1,3)@e3 m(2,3)@e3 o(1,2)@e3 t(1,2)@d21");
}

TEST_CASE("keys are apart and an event without one is not seen") {
  const Catalog catalog = GeneratorCatalog();
  const CheckedText checked = CheckRuleText(
      "rules:\n  - id: r\n    version: 1\n    unbounded: accept\n    exceptions: [{name: x, when: "
      "v == 9}]\n"
      "    pattern: |\n      from s by u\n      A next B\n",
      catalog, Limits());
  REQUIRE_MESSAGE(checked.errors.empty(), checked.errors);
  const EventTable table(catalog, checked.spec.layout,
                         ParseEventWords("A@0:1 A@1:2 C9@2:1 C@3 B@4:1 C@5:2 B@6:2"));
  OracleInput input;
  input.set = &checked.spec;
  input.rules = {&checked.spec.rules[0]};
  input.events = table.events();
  const auto outcomes = RunOracle(input);
  REQUIRE(outcomes.has_value());
  CHECK(ToText(*outcomes) == "m(0,4)@e4");
  REQUIRE(outcomes->size() == 1);
  REQUIRE(outcomes->front().key.size() == 1);
  CHECK(outcomes->front().key[0].integer == 1);
}

TEST_CASE("too many runs are given up") {
  const Catalog catalog = GeneratorCatalog();
  const CheckedText checked =
      CheckRuleText(RuleOf("A+ combinations after match skip none"), catalog, Limits());
  std::string events;
  for (int i = 0; i < 12; ++i) events += "A@" + std::to_string(i) + " ";
  const EventTable table(catalog, checked.spec.layout, ParseEventWords(events));
  OracleInput input;
  input.set = &checked.spec;
  input.rules = {&checked.spec.rules[0]};
  input.events = table.events();
  input.runs_max = 1000;
  CHECK_FALSE(RunOracle(input).has_value());
}

}  // namespace
}  // namespace shrike::oracle
