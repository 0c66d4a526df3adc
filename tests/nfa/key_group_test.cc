// Key groups (nfa/program.h): rules with the same key fields share a state, and see only what comes by their routes.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "nfa/program.h"
#include "nfa/program_data.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/engine_run.h"
#include "tests/oracle/event_table.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/outcome_reader.h"
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

// All features are of the key k of s; an event of t belongs to some by k, to others by u.
const char* const kFeatures =
    "features:\n"
    "  before_k: { from: 's by k, t by k', value: count(event over 1h excluding current) }\n"
    "  before_u: { from: 's by k, t by u', value: count(event over 1h excluding current) }\n"
    "  all_k: { from: 's by k, t by k', value: count(event over 1h) }\n"
    "  all_u: { from: 's by k, t by u', value: count(event over 1h) }\n"
    "  peak: { from: 's by k, t by u', value: max(all_k over 1h excluding current) }\n";
const char* const kCounts =
    "    alert: { fields: { a: before_k, b: before_u, c: all_k, d: all_u, e: peak } }\n";

const char* const kPeakFeatures =
    "features:\n"
    "  calls: { from: t by k, value: count(event over 1h) }\n"
    "  peak: { from: t by k, value: max(calls over 1h excluding current) }\n";
const char* const kPeaks = "    alert: { fields: { a: calls, b: peak } }\n";

// The fields of the alerts, which must be the oracle's.
std::string Counted(const std::string& rules, const std::string& features,
                    const std::vector<oracle::RawEvent>& raw) {
  const Catalog catalog = TwoStreams();
  const auto program = Build(rules + features);
  const oracle::EventTable table(catalog, program->layout(), raw);
  oracle::OracleInput input;
  input.set = &program->data().spec;
  for (const RuleSpec& rule : program->rules()) input.rules.push_back(&rule);
  input.events = table.events();
  const auto expected = oracle::RunOracle(input);
  REQUIRE(expected.has_value());
  const auto actual = oracle::RunEngine(program, table.events(), 0);
  std::string out;
  for (std::size_t rule = 0; rule < program->rules().size(); ++rule) {
    CHECK(oracle::Differences(*expected, rule, actual, rule) == "");
    out += (rule > 0 ? " | " : "") + program->rules()[rule].id;
    for (const oracle::OracleOutcome& outcome : actual) {
      if (outcome.rule != rule) continue;
      out += " ";
      for (const oracle::Datum& field : outcome.fields) out += oracle::ToText(field) + ",";
      out.pop_back();
    }
  }
  return out;
}

TEST_CASE("windows see an event once, by whatever routes it comes to their key") {
  const std::string by_k = RuleText("r1", "from s by k, t by k\nE", kCounts);
  const std::string by_u = RuleText("r2", "from s by k, t by u\nE", kCounts);
  // Equal keys: both rules read both features behind the event, and without it.
  const std::vector<oracle::RawEvent> equal = {Event(1, 0, 1, "x", "x"), Event(1, 0, 2, "x", "x"),
                                               Event(1, 0, 2, "x", "x")};
  CHECK(Counted(by_k + by_u, kFeatures, equal) ==
        "r1 0,0,1,1,null 1,1,2,2,1 2,2,3,3,2 | r2 0,0,1,1,null 1,1,2,2,1 2,2,3,3,2");
  CHECK(Counted(by_k, kFeatures, equal) == "r1 0,0,1,1,null 1,1,2,2,1 2,2,3,3,2");
  CHECK(Counted(by_u, kFeatures, equal) == "r2 0,0,1,1,null 1,1,2,2,1 2,2,3,3,2");
  // Different ones: the event is in one key by k and in the other by u.
  const std::vector<oracle::RawEvent> crossed = {Event(1, 0, 1, "x", "y"), Event(1, 0, 2, "y", "x"),
                                                 Event(1, 0, 3, "x", "x"), Event(0, 0, 4, "x", "x"),
                                                 Event(1, 0, 5, "y", "x")};
  CHECK(Counted(by_k + by_u, kFeatures, crossed) ==
        "r1 0,0,1,0,null 0,1,1,1,0 1,1,2,2,1 1,1,2,1,0 | "
        "r2 0,0,0,1,null 1,0,1,1,null 1,1,2,2,1 3,3,3,4,3");
}

TEST_CASE("a window is kept where it is read, whatever the names of the key fields") {
  // r1 and r2 have one key and different names for it; the streams of a window have an order of their own.
  const std::string rules = RuleText("r1", "from t by k, s by u\nE[count(over 1h) > 1]", kPeaks) +
                            RuleText("r2", "from s by u, t by k\nE[count(over 1h) > 1]", kPeaks) +
                            RuleText("r3", "from t by k\nE", kPeaks);
  CHECK(Build(rules + kPeakFeatures)->group_count() == 2);
  CHECK(Counted(rules, kPeakFeatures,
                {Event(1, 0, 1, "x", "y"), Event(0, 0, 2, "y", "x"), Event(1, 0, 3, "x", "x"),
                 Event(1, 0, 4, "y", "x")}) == "r1 2,1 | r2 2,1 | r3 1,null 2,1 1,null");
}

TEST_CASE("other key fields are another group") {
  const auto program = Build(RuleText("r1", "from s by k\nA") + RuleText("r2", "from s by u\nA") +
                             RuleText("r3", "from s\nA"));
  CHECK(program->group_count() == 3);
}

}  // namespace
}  // namespace shrike::nfa
