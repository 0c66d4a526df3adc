// Conditions as rules write them, compiled and run on one event: language.md, 4.1, 4.8, 4.9.
#include "nfa/code.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nfa/matcher.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/event_table.h"

namespace shrike::nfa {
namespace {

// v = 5, u = "blue", f = 2.5, amount = 10.25; k is null.
oracle::RawEvent TheEvent() {
  oracle::RawEvent event;
  event.ts = 1522540831000;
  event.fields.emplace_back("v", oracle::MakeInteger(Kind::kInt, std::int64_t{5}));
  event.fields.emplace_back("u", oracle::MakeString("blue"));
  event.fields.emplace_back("f", oracle::MakeFloat(2.5));
  event.fields.emplace_back("amount", oracle::MakeDecimal(Decimal{1025, 2}));
  return event;
}

bool Holds(const std::string& condition) {
  const auto program = BuildProgram(RuleText("r", "from s\nA[" + condition + "]"));
  const oracle::EventTable table(TestCatalog(), program->layout(), {TheEvent()});
  Matcher matcher(program);
  matcher.Begin(table.events()[0]);
  return matcher.Starts(0);
}

// "true", "false" or "unknown".
std::string Truth(const std::string& condition) {
  if (Holds(condition)) return "true";
  return Holds("not (" + condition + ")") ? "false" : "unknown";
}

TEST_CASE("conditions") {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"v == 5", "true"},
      {"v == 5.0", "true"},
      {"amount == 10.25", "true"},
      {"amount > 10.249999", "true"},
      {"f * 2 == v", "true"},
      {"amount * 2 - 0.5 == 20", "true"},
      {"amount / 4 == 2.5625", "true"},
      {"v / 2 == 2.5", "true"},
      {"v % 3 == 2", "true"},
      {"v / 0 == 1", "unknown"},
      {"v / 0 is null", "true"},
      {"-v == -5", "true"},
      {"2 + 3 * 4 == 14", "true"},
      {"k == \"x\"", "unknown"},
      {"k is null", "true"},
      {"k is not null", "false"},
      {"k == \"x\" or v == 5", "true"},
      {"k == \"x\" and v == 5", "unknown"},
      {"k == \"x\" and v == 4", "false"},
      {"k == \"x\" or v == 4", "unknown"},
      {"k ?? u == \"blue\"", "true"},
      {"coalesce(k, u, \"z\") == \"blue\"", "true"},
      {"if(v > 4, \"a\", \"b\") == \"a\"", "true"},
      {"if(k == \"x\", 1, 2) == 2", "true"},
      {"v between 5 and 6", "true"},
      {"v not between 1 and 4", "true"},
      {"v in [1, 5, 9]", "true"},
      {"v in [1, 9]", "false"},
      {"v in [1, null]", "unknown"},
      {"v in [5, null]", "true"},
      {"v not in [1, 9]", "true"},
      {"k in [\"x\"]", "unknown"},
      {"u in [\"red\", k]", "unknown"},
      {"amount in [10.250, 3]", "true"},
      {"u like \"bl*\"", "true"},
      {"u like \"B*\"", "false"},
      {"u ilike \"B*E\"", "true"},
      {"u like [\"x*\", \"*ue\"]", "true"},
      {"u matches /l.e$/", "true"},
      {"u matches /LU/i", "true"},
      {"u not matches /z/", "true"},
      {"k like \"*\"", "unknown"},
      {"least(v, f) == 2.5", "true"},
      {"round(f) == 2", "true"},
      {"length(u) == 4 and upper(u) == \"BLUE\"", "true"},
      {"concat(u, \"!\") == \"blue!\"", "true"},
      {"hour(ts) == 0 and weekday(ts) == 7", "true"},
      {"date(ts) == \"2018-04-01\"", "true"},
      {"ts > \"2018-04-01T00:00:00Z\"", "true"},
      {"ts - \"2018-04-01T00:00:00Z\" == 31s", "true"},
      {"type == \"A\"", "true"},
  };
  for (const auto& [condition, want] : rows) {
    CAPTURE(condition);
    CHECK(Truth(condition) == want);
  }
}

}  // namespace
}  // namespace shrike::nfa
