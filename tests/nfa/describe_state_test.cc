#include "nfa/describe_state.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "nfa/key.h"
#include "nfa/matcher.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/event_table.h"

namespace shrike::nfa {
namespace {

// "a since 0: a@0 b@5, waits for then c, until 60000 | ..": the runs after the events of one key.
std::string Describe(const std::string& pattern, const std::string& events_text,
                     std::size_t events_max = 10) {
  const auto program = BuildProgram(RuleText("rule", pattern));
  const oracle::EventTable events(TestCatalog(), program->layout(), ParseEvents(events_text));
  Matcher matcher(program);
  KeyState state;
  Outcomes outcomes;
  for (const Event& event : events.events()) {
    std::string key;
    REQUIRE(EncodeKey(program->routes(0)[0].columns, event, &key));
    matcher.Begin(event);
    matcher.ExpireUntil(key, event.ts, &state, &outcomes);
    matcher.Advance(0, key, &state, &outcomes);
  }
  std::string out;
  for (const RunDescription& run : DescribeState(*program, state, events_max).runs) {
    out += (out.empty() ? "" : " | ") + run.step + " since " + std::to_string(run.first_ts) + ":";
    for (const StateEvent& event : run.bound)
      out += " " + event.step + "@" + std::to_string(event.order.ts);
    out += " of " + std::to_string(run.events) + ", waits for " + run.waits_for;
    out += run.deadline == kTimeMax ? "" : ", until " + std::to_string(run.deadline);
  }
  return out;
}

TEST_CASE("a run says where it stands and what it waits for") {
  struct Row {
    const char *pattern, *events, *want;
  };
  const Row rows[] = {
      {"from s by k\na: A\nthen b: B\nwithin 1m", "B:k@5", ""},
      {"from s by k\na: A\nthen b: B\nwithin 1m", "A:k@0",
       "a since 0: a@0 of 1, waits for then b, until 60000"},
      {"from s by k\na: A\nthen b: B\nthen every within 10s c: C\nwithin 1m", "A:k@0 B:k@5",
       "b since 0: a@0 b@5 of 2, waits for then every within 10s c, until 10005"},
      {"from s by k\na: A\nthen within 5s not B", "A:k@0",
       "a since 0: a@0 of 1, waits for then within 5s not B, until 5000"},
      {"from s by k\na: A\nnext (b: B or c: C)\nwithin 1m", "A:k@0",
       "a since 0: a@0 of 1, waits for next b or c, until 60000"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CHECK(Describe(row.pattern, row.events) == row.want);
  }
}

TEST_CASE("of a long run the last events are told") {
  CHECK(Describe("from s by k\na: A{3}\nthen b: B\nwithin 1m", "A:k@0 A:k@1 A:k@2", 2) ==
        "a since 0: a@1 a@2 of 3, waits for then b, until 60000 | "
        "a since 1: a@1 a@2 of 2, waits for then a, until 60001 | "
        "a since 2: a@2 of 1, waits for then a, until 60002");
}

}  // namespace
}  // namespace shrike::nfa
