// Key groups (nfa/program.h): rules with the same key fields share a state, and see only what comes by their routes.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "nfa/program.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/engine_run.h"
#include "tests/oracle/event_table.h"
#include "tests/oracle/rule_text.h"

namespace shrike::nfa {
namespace {

// Stream s, and stream t with the same fields and one event type, E.
Catalog TwoStreams() {
  Catalog catalog = TestCatalog();
  StreamSchema t = catalog.streams[0];
  t.name = "t";
  t.topics = {"t"};
  t.event_types = {"E"};
  catalog.streams.push_back(t);
  return catalog;
}

std::shared_ptr<const Program> Build(const std::string& rules) {
  const Catalog catalog = TwoStreams();
  oracle::CheckedText checked = oracle::CheckRuleText("rules:\n" + rules, catalog, {});
  CAPTURE(checked.errors);
  REQUIRE(checked.errors.empty());
  auto program = Program::Build(std::move(checked.spec), catalog, {});
  REQUIRE(program.has_value());
  return *program;
}

oracle::RawEvent Event(int stream, int type, TimestampMs ts, const char* k, const char* u) {
  return {stream, type, ts, {{"k", oracle::MakeString(k)}, {"u", oracle::MakeString(u)}}};
}

// "rule:first,last" for each match.
std::string Run(const std::shared_ptr<const Program>& program,
                const std::vector<oracle::RawEvent>& raw) {
  const oracle::EventTable table(TwoStreams(), program->layout(), raw);
  std::string out;
  for (const oracle::OracleOutcome& o : oracle::RunEngine(program, table.events(), 1000)) {
    out += program->rules()[o.rule].id + ":" + std::to_string(o.bound.front().event) + "," +
           std::to_string(o.bound.back().event) + " ";
  }
  return out;
}

TEST_CASE("streams that a rule does not name do not disturb its `next`") {
  const auto program = Build(RuleText("r1", "from s by k\nA next B\nwithin 1m") +
                             RuleText("r2", "from s, t by k\nA next B\nwithin 1m"));
  CHECK(program->group_count() == 1);
  const int kA = 0;
  const int kB = 1;
  CHECK(Run(program, {Event(0, kA, 1, "x", "-"), Event(1, 0, 2, "x", "-"),
                      Event(0, kB, 3, "x", "-")}) == "r1:0,2 ");
  CHECK(Run(program, {Event(0, kA, 1, "x", "-"), Event(0, kB, 3, "x", "-")}) == "r1:0,1 r2:0,1 ");
}

TEST_CASE("one stream may be keyed in two ways within a group") {
  // Both keys are called k; the events of t belong to r1 by k and to r2 by u.
  const auto program = Build(RuleText("r1", "from t by k\nE next E\nwithin 1m") +
                             RuleText("r2", "from s by k, t by u\nE next E\nwithin 1m"));
  CHECK(program->group_count() == 1);
  CHECK(program->routes(1).size() == 2);
  CHECK(Run(program, {Event(1, 0, 1, "x", "p"), Event(1, 0, 2, "x", "q"),
                      Event(1, 0, 3, "y", "p")}) == "r1:0,1 r2:0,2 ");
  // Even when both keys of an event are equal.
  CHECK(Run(program, {Event(1, 0, 1, "x", "x"), Event(1, 0, 2, "x", "x")}) == "r1:0,1 r2:0,1 ");
}

TEST_CASE("other key fields are another group") {
  const auto program = Build(RuleText("r1", "from s by k\nA") + RuleText("r2", "from s by u\nA") +
                             RuleText("r3", "from s\nA"));
  CHECK(program->group_count() == 3);
}

}  // namespace
}  // namespace shrike::nfa
