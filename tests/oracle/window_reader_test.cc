// Window aggregates on values worked out by hand, one sentence of language.md, 4.5 and 4.6, each.
#include "tests/oracle/window_reader.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/oracle/event_table.h"
#include "tests/oracle/event_words.h"
#include "tests/oracle/generator.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/rule_text.h"

namespace shrike::oracle {
namespace {

// The field `f` of every alert of the rule; "!4" for an overflow of limit 4.
std::string Answers(const std::string& rule_file, const std::string& events,
                    const Limits& limits = {}) {
  const Catalog catalog = GeneratorCatalog();
  const CheckedText checked = CheckRuleText(rule_file, catalog, limits);
  REQUIRE_MESSAGE(checked.errors.empty(), rule_file << checked.errors);
  const EventTable table(catalog, checked.spec.layout, ParseEventWords(events));
  OracleInput input;
  input.set = &checked.spec;
  input.rules = {&checked.spec.rules[0]};
  input.limits = limits;
  input.events = table.events();
  input.at_end = kTimeMax;
  const auto outcomes = RunOracle(input);
  REQUIRE(outcomes.has_value());
  std::string text;
  for (const OracleOutcome& outcome : *outcomes) {
    text += text.empty() ? "" : " ";
    text += outcome.kind == nfa::OutcomeKind::kOverflow
                ? "!" + std::to_string(static_cast<int>(outcome.limit))
                : ToText(outcome.fields.at(0));
  }
  return text;
}

std::string RuleOf(const std::string& pattern, const std::string& value) {
  return "rules:\n  - id: r\n    version: 1\n    unbounded: accept\n    pattern: |\n      " +
         pattern + "\n    alert:\n      fields:\n        f: '" + value + "'\n";
}

struct Row {
  std::string value;
  std::string events;
  std::string want;  // at each event
};

void CheckRows(const std::vector<Row>& rows, const std::string& pattern) {
  for (const Row& row : rows) {
    CHECK_MESSAGE(Answers(RuleOf(pattern, row.value), row.events) == row.want,
                  row.value << " | " << row.events);
  }
}

// 5.15. Limit 3 is window_events, 4 distinct_values.
TEST_CASE("what goes when a window is full, and who is told") {
  struct LimitRow {
    std::int64_t window_events;
    std::int64_t distinct_values;
    Row row;
  };
  const std::vector<LimitRow> rows = {
      // The newest events stay, the current one among them.
      {2, 9, {"sum(A.v over 1h)", "A1@0 A2@1 A4@2", "1 3 !3 6"}},
      {2, 9, {"sum(A.v over 2ms)", "A1@0 A2@1 A4@2", "1 3 6"}},
      {2, 9, {"sum(A.v over 1h excluding current)", "A1@0 A2@1 A4@2", "0 1 !3 2"}},
      {2, 9, {"count(A over 1h by u)", "A@0:1 A@1:2 A@2:1 A@3:1", "1 1 2 !3 2"}},
      {2, 9, {"count(A over 1h where v > 1)", "A1@0 A2@1 A3@2 A1@3 A4@4", "0 1 2 2 !3 2"}},
      // Windows that hold no events.
      {2, 9, {"sum(A.v over tumbling 1h)", "A1@0 A2@1 A4@2", "1 3 7"}},
      {2, 9, {"count(A over session 1h)", "A@0 A@1 A@2", "1 2 3"}},
      {2, 9, {"distinct(A.v over 1h)", "A1@0 A2@1 A3@2", "1 2 3"}},
      // The value seen least recently goes.
      {9, 2, {"distinct(A.v over 1h)", "A1@0 A2@1 A3@2 A1@3", "1 2 !4 2 !4 2"}},
      {9, 2, {"distinct(A.v over 1h)", "A1@0 A2@1 A1@2 A3@3 A1@4", "1 2 2 !4 2 2"}},
      {9, 2, {"distinct(A.v over 2ms)", "A1@0 A2@1 A3@2 A1@3", "1 2 2 2"}},
      {9, 2, {"new(A.v over 1h)", "A1@0 A2@1 A3@2 A1@3", "true true !4 true !4 true"}},
      {9, 2, {"seen(A.v over 1h)", "A1@0 A2@1 A3@2 A2@3", "false false !4 false true"}},
      {9, 2, {"distinct(A.v over 1h excluding current)", "A1@0 A2@1 A3@2 A2@3", "0 1 !4 1 2"}},
      {9, 2, {"new(A.v over last 2 events)", "A1@0 A2@1 A3@2", "true true !4 true"}},
      {9, 2, {"distinct(A.v over last 2 events)", "A1@0 A2@1 A3@2", "1 2 2"}},
      // And the group.
      {9, 1, {"count(A over 1h by u)", "A@0:1 A@1:2 A@2:1", "1 !4 1 !4 1"}},
      {9, 1, {"count(A over 2ms by u)", "A@0:1 A@2:2 A@4:1", "1 1 1"}},
      {9, 1, {"count(A over last 3 events by u)", "A@0:1 A@1:1 A@9:2 A@10:1", "1 2 !4 1 !4 1"}},
  };
  for (const LimitRow& limit : rows) {
    Limits limits;
    limits.window_events = limit.window_events;
    limits.distinct_values = limit.distinct_values;
    const Row& row = limit.row;
    const std::string file = RuleOf("from s\n      A", row.value);
    CHECK_MESSAGE(Answers(file, row.events, limits) == row.want, row.value << " | " << row.events);
  }
}

TEST_CASE("a window that leaves out an event of the past is full as others are") {
  const std::string pattern = "from s\n      A then not B within 10ms";
  Limits limits;
  limits.window_events = 2;
  // At 10 the two newest events are A2 and C4, whatever the kind.
  for (const std::string kind : {"1h", "tumbling 1h", "session 1h"}) {
    const std::string value = "sum(event.v over " + kind + " excluding current)";
    CHECK(Answers(RuleOf(pattern, value), "C8@0 A1@0 A2@1 C4@2", limits) == "!3 !3 6 4");
  }
  limits.window_events = 9;
  limits.distinct_values = 2;
  CHECK(Answers(RuleOf(pattern, "distinct(event.v over 1h excluding current)"),
                "C8@0 A1@0 A2@1 C4@2", limits) == "!4 !4 2 1");
}

TEST_CASE("which events a window holds") {
  CheckRows(
      {
          // Up to and including the event, ts > e.ts - W.
          {"sum(A.v over 10ms)", "A1@0 A2@5 A4@10 B@11", "1 3 6 6"},
          {"count(event over 10ms excluding current)", "A@0 A@5 A@10", "0 1 1"},
          {"count(A over 10ms)", "A@0 A@0 B@0", "1 2 2"},
          // Aligned; whole weeks begin on Mondays: 1970-01-05 is one.
          {"sum(A.v over tumbling 10ms)", "A1@0 A2@9 A4@10 A8@19 B@20", "1 3 4 12 0"},
          {"sum(A.v over tumbling 10ms excluding current)", "A1@0 A2@9 A4@10", "0 1 0"},
          {"count(A over tumbling 1w)", "A@345599999 A@345600000 A@345600001", "1 1 2"},
          {"count(A over tumbling 2w)", "A@345600000 A@950399999 A@950400000", "1 2 1"},
          {"count(A over tumbling 1d)", "A@345599999 A@345600000", "1 1"},
          // Ends at a gap >= W; open at an event that is not counted, too.
          {"count(A over session 5ms)", "A@0 A@4 A@9 A@13 B@17 B@18", "1 2 1 2 2 0"},
          {"count(A over session 5ms excluding current)", "A@0 A@4 A@9 B@13", "0 1 0 1"},
          {"sum(A.v over session 5ms where v > 1)", "A2@0 A1@4 A4@8", "2 2 4"},
          {"count(A over session 5ms by u)", "A@0:1 A@4:2 A@7:1 A@8:2", "1 1 1 2"},
          {"sum(A.v over session 5ms)", "A1@0 A@4 A2@8", "1 1 3"},
          // Counts after `where` and `by`, null values included; the current one not among them.
          {"sum(A.v over last 2 events)", "A1@0 A2@1 B@2 A4@3", "1 3 3 6"},
          {"sum(A.v over last 2 events where v > 1)", "A2@0 A1@1 A4@2 A8@3", "2 2 6 12"},
          {"sum(A.v over last 2 events excluding current)", "A1@0 A2@1 A4@2 A8@3", "0 1 3 6"},
          {"sum(A.v over last 2 events)", "A1@0 A@1 A2@2", "1 1 2"},
          {"sum(A.v over last 1 events by u)", "A1@0:1 A2@1:2 A4@2:1 B@3:2", "1 2 4 2"},
          // Only events with the current one's value; null equals null.
          {"count(A over 10ms by u)", "A@0:1 A@1:2 A@2:1 A@3 B@4:2 B@5", "1 1 2 1 1 1"},
          {"count(event over 10ms where v > 2 by u)", "A3@0:1 A1@1:1 A3@2:1", "1 1 2"},
      },
      "from s\n      event");
}

TEST_CASE("what a window says of its events") {
  CheckRows(
      {
          // Nulls are skipped. Of nothing: 0 or null.
          {"avg(A.v over 10ms)", "B@0 A@1 A3@2", "null null 3"},
          {"sum(A.v over 10ms)", "B@0 A@1 A3@2", "0 0 3"},
          {"distinct(A.v over 10ms)", "B@0 A2@1 A2@2 A3@3", "0 1 1 2"},
          {"min(A.v over 10ms)", "B@0 A5@1 A3@2", "null 5 3"},
          {"max(A.v over 5ms)", "A5@0 A3@2 A1@6", "5 5 3"},
          {"first(A.v over 5ms)", "A@0 A5@1 A3@2 A1@6", "null 5 5 3"},
          {"last(A.v over 5ms)", "A5@0 A@2 A1@6", "5 5 1"},
          {"stddev(A.v over 10ms)", "A1@0 A3@1", "null 1.4142135623730951"},
          {"sum(A.v * 2 over 10ms)", "A1@0 A3@1", "2 8"},
          {"max(A.ts over 10ms) - min(A.ts over 10ms)", "A@1 A@5", "0 4"},
          // Per second of W.
          {"rate(A over 500ms)", "B@0 A@1 A@2", "0 2 4"},
          {"rate(A.v over tumbling 3s)", "A1@0 A3@1 A1@3000",
           "0.3333333333333333 1.3333333333333333 0.3333333333333333"},
          // From the past alone.
          {"zscore(A.v over 100ms)", "A1@0 A3@1 A5@2 A@3", "null null 2.1213203435596424 null"},
          {"zscore(A.v over 100ms)", "A2@0 A2@1 A5@2", "null null null"},
          {"new(A.v over 10ms)", "A1@0 A1@5 A1@15 A@16 A2@17", "true false true null true"},
          {"seen(A.v over 10ms)", "A1@0 A1@5 A1@15 A@16", "false true false null"},
          {"new(A.v over last 1 events)", "A1@0 A2@1 A1@2 A1@3", "true true true false"},
          {"new(A.v over 10ms where u == 1)", "A1@0:2 A1@1:1 A1@2:2", "true true false"},
          {"new([A.v, A.u] over 10ms)", "A1@0:1 A1@1:2 A1@2:1 A1@3", "true true false null"},
      },
      "from s\n      event");
}

TEST_CASE("matches that complete without an event of their own") {
  // At a deadline d: as of d - 1 ms. The last bound event is the current one.
  CheckRows(
      {
          {"sum(A.v over 10ms)", "A1@0 A2@3", "3 2"},
          {"sum(event.v over 10ms)", "A1@0 C4@9 C8@10", "5"},
          {"sum(A.v over tumbling 10ms)", "A1@0 A2@3", "3 0"},
          {"sum(A.v over 20ms excluding current)", "A1@0 A2@3", "2 1"},
          {"new(A.v over 20ms)", "A1@0 A1@3", "false false"},
          {"count(A over session 9ms)", "A@0", "0"},
          {"count(A over session 10ms)", "A@0", "1"},
      },
      "from s\n      A then not B within 10ms\n      after match skip none");
  // `next not`: as of the event that it waited for.
  CheckRows(
      {
          {"sum(C.v over 10ms)", "A1@0 C4@3", "4"},
          {"sum(event.v over 10ms)", "A1@0 C4@3", "5"},
          {"max(A.v over 10ms excluding current)", "A1@0 C4@3", "null"},
          {"max(C.v over 10ms excluding current)", "A1@0 C4@3", "4"},
      },
      "from s\n      A next not B");
}

TEST_CASE("keys, exceptions and features") {
  const std::string exception =
      "features:\n  ft: { from: s, value: 'count(A over 10ms)' }\n"
      "rules:\n  - id: r\n    version: 1\n    exceptions: [{name: x, when: 'v == 9'}]\n"
      "    pattern: |\n      from s\n      event\n    alert:\n      fields:\n        f: ";
  // The rule's own windows do not see what it does not see; a feature does.
  CHECK(Answers(exception + "count(A over 10ms)\n", "A1@0 A9@1 A1@2") == "1 2");
  CHECK(Answers(exception + "ft\n", "A1@0 A9@1 A1@2") == "1 3");
  const std::string by_key =
      "rules:\n  - id: r\n    version: 1\n    pattern: |\n      from s by u\n      event\n"
      "    alert:\n      fields:\n        f: 'count(event over 10ms)'\n";
  CHECK(Answers(by_key, "A@0:1 A@1:2 A@2:1 A@3") == "1 1 2");
  const std::string excepted =
      "features:\n  ft: { from: s, value: 'count(A over 10ms)' }\n"
      "rules:\n  - id: r\n    version: 1\n    exceptions: [{name: x, when: 'ft > 1'}]\n"
      "    pattern: |\n      from s\n      event\n    alert:\n      fields:\n        f: v\n";
  CHECK(Answers(excepted, "A1@0 A2@1 A3@11") == "1 3");
  const std::string second =
      "features:\n  ft: { from: s, value: 'count(A over 10ms)' }\n"
      "  top: { from: s, value: 'max(ft over last 2 events)' }\n"
      "rules:\n  - id: r\n    version: 1\n    pattern: |\n      from s\n      event\n"
      "    alert:\n      fields:\n        f: top\n";
  CHECK(Answers(second, "A@0 A@1 B@2 B@11 B@12") == "1 2 2 2 0");
}

}  // namespace
}  // namespace shrike::oracle
