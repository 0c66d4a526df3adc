// Suppression, `learn`, risk and emitted events on cases worked out by hand (language.md, 4.13, 5.16, section 6).
#include "tests/oracle/alert_stage.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/oracle/event_table.h"
#include "tests/oracle/event_words.h"
#include "tests/oracle/generator.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/rule_text.h"

namespace shrike::oracle {
namespace {

// "a1@e0": an alert of rule a with field value 1 at event 0; t: timeout; s3[5,9]@d10: a summary of 3.
std::string ToText(const std::vector<OracleOutcome>& outcomes,
                   const std::vector<nfa::RuleSpec>& rules) {
  std::string text;
  for (const OracleOutcome& outcome : outcomes) {
    if (!outcome.told) continue;
    if (!text.empty()) text += " ";
    text += rules[outcome.rule].id;
    if (outcome.kind == nfa::OutcomeKind::kTimeout) text += "t";
    if (outcome.kind == nfa::OutcomeKind::kOverflow) text += "o";
    if (outcome.suppressed) {
      text += "s" + std::to_string(outcome.suppressed->count) + "[" +
              std::to_string(outcome.suppressed->first) + "," +
              std::to_string(outcome.suppressed->last) + "]";
    } else if (!outcome.fields.empty()) {
      text += oracle::ToText(outcome.fields[0]);
    }
    text += outcome.by_deadline ? "@d" + std::to_string(outcome.time)
                                : "@e" + std::to_string(outcome.event);
  }
  return text;
}

std::string Run(const std::string& rules, const std::string& events) {
  const Catalog catalog = GeneratorCatalog();
  const CheckedText checked = CheckRuleText("rules:\n" + rules, catalog, Limits());
  REQUIRE_MESSAGE(checked.errors.empty(), rules << checked.errors);
  const EventTable table(catalog, checked.spec.layout, ParseEventWords(events));
  OracleInput input;
  input.set = &checked.spec;
  for (const nfa::RuleSpec& rule : checked.spec.rules) input.rules.push_back(&rule);
  input.events = table.events();
  input.at_end = 1000;
  const auto outcomes = RunOracle(input);
  REQUIRE(outcomes.has_value());
  return ToText(*outcomes, checked.spec.rules);
}

// more: further keys of the rule, a line each.
std::string Rule(const std::string& id, const std::string& pattern, const std::string& more) {
  return "  - id: " + id + "\n    version: 1\n    unbounded: accept\n    on_timeout: alert\n" +
         more + "    pattern: |\n      " + pattern + "\n      after match skip none\n";
}

struct Row {
  std::string rules;
  std::string events;
  std::string want;
};

void CheckRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CHECK_MESSAGE(Run(row.rules, row.events) == row.want, row.rules << row.events);
  }
}

const std::string kValue = "    alert: { fields: { f: v } }\n";

TEST_CASE("suppression and learn") {
  const std::string by_field = "    suppress: { for: 10ms, by: [u, f] }\n" + kValue;
  CheckRows({
      // The first at once, the others counted; [first, first + for).
      {Rule("a", "from s\n      A", "    suppress: { for: 10ms }\n"), "A@0 A@5 A@9 A@10 A@30",
       "a@e0 as2[5,9]@d10 a@e3 a@e4"},
      // Its time is the close, before matches of that time.
      {Rule("a", "from s\n      A then not B within 5ms", "    suppress: { for: 10ms }\n"),
       "A@0 A@4 A@10", "a@d5 as1[9,9]@d15 a@d15"},
      // A window each for what `by` says, by default the rule key; null equals null.
      {Rule("a", "from s by u\n      A", "    suppress: { for: 10ms }\n"), "A@0:1 A@1:2 A@2:1",
       "a@e0 a@e1 as1[2,2]@d10"},
      {Rule("a", "from s by u\n      A", by_field), "A1@0:1 A2@1:1 A@2:1 A@3:1 A1@4:1",
       "a1@e0 a2@e1 anull@e2 as1[4,4]@d10 as1[3,3]@d12"},
      // Per kind.
      {Rule("a", "from s\n      A then B within 5ms", "    suppress: { for: 20ms }\n"),
       "A@0 A@1 A@10 B@11", "at@d5 a@e3 ats1[6,6]@d25"},
      // Withheld in [start, start + learn), from the first event of all; no window is opened.
      {Rule("a", "from s\n      A", "    learn: 10ms\n"), "B@5 A@14 A@15", "a@e2"},
      {Rule("a", "from s\n      A", "    learn: 10ms\n    suppress: { for: 10ms }\n"),
       "A@5 A@14 A@15 A@16", "a@e2 as1[16,16]@d25"},
  });
}

TEST_CASE("risk") {
  const std::string scored = "    score: 64\n";
  const std::string risk = "    alert: { fields: { f: risk(key) } }\n";
  CheckRows({
      // Alerts with ts < e.ts of all rules with the key fields; halved in a half life (a day).
      {Rule("a", "from s by u\n      A", scored) + Rule("b", "from s by u\n      B", risk),
       "A@0:1 A@0:1 B@0:1 B@86400000:1 B@86400000:2", "a@e0 a@e1 b0@e2 b64@e3 b0@e4"},
      // Suppressed ones count, withheld and shadow ones do not.
      {Rule("a", "from s by u\n      A", scored + "    suppress: { for: 1s }\n") +
           Rule("b", "from s by u\n      B", risk),
       "A@0:1 A@0:1 B@86400000:1", "a@e0 as1[0,0]@d1000 b64@e2"},
      {Rule("a", "from s by u\n      A", scored + "    learn: 1s\n") +
           Rule("b", "from s by u\n      B", risk),
       "A@0:1 B@86400000:1", "b0@e1"},
      {Rule("a", "from s by u\n      A", scored + "    mode: shadow\n") +
           Rule("b", "from s by u\n      B", risk),
       "A@0:1 B@86400000:1", "a@e0 b0@e1"},
      // Other key fields: another risk.
      {Rule("a", "from s\n      A", scored) + Rule("b", "from s by u\n      B", risk),
       "A@0:1 B@86400000:1", "a@e0 b0@e1"},
  });
}

TEST_CASE("emitted events") {
  const std::string emit =
      "    emit: { stream: made }\n    alert: { fields: { u: u, v: v, k: k, k2: k2, d: d } }\n";
  const std::string seen = "    alert: { fields: { f: v } }\n";
  CheckRows({
      // An event of its own, right behind its cause and before the next event. Their numbers follow the input's.
      {Rule("a", "from s by u\n      A", emit) +
           Rule("b", "from made by u, s by u\n      made next B", seen),
       "A1@0:1 B2@0:1 B3@1:1", "a1@e0 b2@e1"},
      {Rule("a", "from s by u\n      A", emit) + Rule("b", "from made by u\n      made", seen),
       "A1@0:1 A2@1:2", "a1@e0 b1@e2 a2@e1 b2@e3"},
      // At a deadline its time is the deadline.
      {Rule("a", "from s by u\n      A then not B within 5ms", emit) +
           Rule("b", "from made by u, s by u\n      made then C within 5ms", seen),
       "A1@0:1 C4@9:1", "a1@d5 b4@e1"},
      // What is suppressed is not emitted, and no timeout is.
      {Rule("a", "from s by u\n      A", "    suppress: { for: 10ms }\n" + emit) +
           Rule("b", "from made by u\n      made", seen),
       "A1@0:1 A2@1:1", "a1@e0 b1@e2 as1[1,1]@d10"},
      // What `learn` withholds neither.
      {Rule("a", "from s by u\n      A", "    learn: 10ms\n" + emit) +
           Rule("b", "from made by u\n      made", seen),
       "A1@0:1 A2@10:1", "a1@e1 b2@e2"},
      // One event for each aligned interval, at its end, with the last match's fields.
      {Rule("a", "from s by u\n      A",
            "    emit: { stream: made, every: 10ms }\n"
            "    alert: { fields: { u: u, v: v, k: k, k2: k2, d: d } }\n") +
           Rule("b", "from made by u\n      made", seen),
       "A1@3:1 A2@9:1 A3@10:1", "a1@e0 a1@e1 b2@e3 a1@e2 b3@e4"},
  });
}

}  // namespace
}  // namespace shrike::oracle
