// The oracle's evaluator on values worked out by hand (language.md, section 4).
#include "tests/oracle/evaluator.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/oracle/event_table.h"
#include "tests/oracle/generator.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/rule_text.h"

namespace shrike::oracle {
namespace {

// Three A events bound to `a`: v 1 4 4, d 1.25 2.50 0.10, x 0.5 0.1 3.0, n "p" "apple" null, ts 0 10 25.
std::vector<RawEvent> ThreeEvents() {
  std::vector<RawEvent> events(3);
  const std::int64_t values[] = {1, 4, 4};
  const std::int64_t cents[] = {125, 250, 10};
  const double floats[] = {0.5, 0.1, 3.0};
  const TimestampMs times[] = {0, 10, 25};
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].ts = times[i];
    events[i].fields = {{"v", MakeInteger(Kind::kInt, values[i])},
                        {"d", MakeDecimal(Decimal{cents[i], 2})},
                        {"x", MakeFloat(floats[i])}};
  }
  events[0].fields.emplace_back("n", MakeString("p"));
  events[1].fields.emplace_back("n", MakeString("apple"));
  return events;
}

std::string FieldOf(const std::string& expression) {
  const Catalog catalog = GeneratorCatalog();
  const std::string rule =
      "rules:\n  - id: r\n    version: 1\n    pattern: |\n      from s\n      a: A{3}\n      then "
      "b: B?\n      within 1h\n"
      "    alert:\n      fields:\n        f: '" +
      expression + "'\n";
  const CheckedText checked = CheckRuleText(rule, catalog, Limits());
  REQUIRE_MESSAGE(checked.errors.empty(), expression << "\n" << checked.errors);
  const EventTable table(catalog, checked.spec.layout, ThreeEvents());
  OracleInput input;
  input.set = &checked.spec;
  input.rules = {&checked.spec.rules[0]};
  input.events = table.events();
  const auto outcomes = RunOracle(input);
  REQUIRE(outcomes.has_value());
  REQUIRE(outcomes->size() == 1);
  return ToText(outcomes->front().fields.at(0));
}

TEST_CASE("values") {
  struct Row {
    std::string expression;
    std::string want;
  };
  const Row kRows[] = {
      // Selections.
      {"a.v", "4"},
      {"first(a).v", "1"},
      {"a[1].d", "2.5"},
      {"a[3].v", "null"},
      {"b.v", "null"},
      {"last(a).ts - first(a).ts", "25"},
      {"v", "4"},
      // Aggregates.
      {"count(a)", "3"},
      {"count(b)", "0"},
      {"sum(a.v)", "9"},
      {"sum(b.v)", "0"},
      {"avg(a.v)", "3"},
      {"avg(b.v)", "null"},
      {"sum(a.d)", "3.85"},
      {"avg(a.d)", "1.283333333"},
      {"sum(a.x)", "3.6"},
      {"min(a.x)", "0.1"},
      {"max(a.d)", "2.5"},
      {"stddev(a.v)", "1.7320508075688772"},
      {"stddev(b.v)", "null"},
      {"distinct(a.v)", "2"},
      {"distinct(a.n)", "2"},
      {"values(a.v)", "[1,4]"},
      {"values(a.n)", "[\"p\",\"apple\"]"},
      // Arithmetic.
      {"a.v + 1", "5"},
      {"a.v / 8", "0.5"},
      {"a.v / 0", "null"},
      {"-a.v % 3", "-1"},
      {"a.d * a.d", "0.01"},
      {"sum(a.d) / 3", "1.283333333"},
      {"9223372036854775807 + a.v", "null"},
      {"a.x + a.v", "7"},
      {"(last(a).ts - first(a).ts) / 2", "12"},
      {"round(sum(a.d), 1)", "3.8"},
      {"round(first(a).x)", "0"},
      {"floor(-first(a).x)", "-1"},
      {"ceil(first(a).d)", "2"},
      {"abs(1 - a.v)", "3"},
      {"least(a.v, first(a).d)", "1.25"},
      // Three values.
      {"b.v > 1", "null"},
      {"b.v > 1 or a.v == 4", "true"},
      {"b.v > 1 and a.v == 3", "false"},
      {"not (b.v > 1)", "null"},
      {"b.v is null", "true"},
      {"b.v ?? a.v", "4"},
      {"coalesce(b.v, a.x)", "3"},
      {"if(b.v > 1, 1, 2)", "2"},
      {"a.v in [1, 4]", "true"},
      {"a.v not in [1, 2]", "true"},
      {"a.v in [1, b.v]", "null"},
      {"a.v between 4 and 5", "true"},
      {"a.d == 0.1", "true"},
      {"a[1].x == a.d", "false"},  // the double 0.1 is not 0.1
      // Texts.
      {"a[1].n like \"a*e\"", "true"},
      {"a[1].n like \"?p\"", "false"},
      {"a[1].n ilike \"APP*\"", "true"},
      {"a[1].n matches /pp/", "true"},
      {"upper(a[1].n)", "APPLE"},
      {"length(a[1].n)", "5"},
      {"split(a[1].n, \"p\")", "[\"a\",\"\",\"le\"]"},
      {"concat(first(a).n, a[1].n)", "papple"},
      {"contains(a[1].n, \"ppl\")", "true"},
      {"levenshtein(first(a).n, a[1].n)", "4"},
      // Times.
      {"date(ts)", "1970-01-01"},
      {"weekday(ts)", "4"},
      {"hour(ts, \"Asia/Kolkata\")", "5"},
  };
  for (const Row& row : kRows) CHECK_MESSAGE(FieldOf(row.expression) == row.want, row.expression);
}

}  // namespace
}  // namespace shrike::oracle
