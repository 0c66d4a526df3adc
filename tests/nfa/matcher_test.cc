// language.md, section 5, sentence by sentence: pattern, events, what comes out. The random differential test
// (tests/oracle) covers the combinations; here each row is an example of one sentence.
#include "nfa/matcher.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/nfa/program_fixture.h"
#include "tests/oracle/engine_run.h"
#include "tests/oracle/event_table.h"

namespace shrike::nfa {
namespace {

// "m(0,1)@1": a match of events 0 and 1 completed by event 1; "m(0)@t5": by deadline 5; t: timeout, o: overflow.
std::string Show(const std::vector<oracle::OracleOutcome>& outcomes) {
  std::string out;
  for (const oracle::OracleOutcome& o : outcomes) {
    if (!out.empty()) out += " ";
    out += o.kind == OutcomeKind::kMatch ? "m(" : (o.kind == OutcomeKind::kTimeout ? "t(" : "o(");
    for (std::size_t i = 0; i < o.bound.size(); ++i)
      out += (i > 0 ? "," : "") + std::to_string(o.bound[i].event);
    out += ")@" + (o.by_deadline ? "t" + std::to_string(o.time) : std::to_string(o.event));
  }
  return out;
}

std::string Run(const std::string& pattern, std::string_view events, TimestampMs at_end,
                Limits limits = {}) {
  const auto program = BuildProgram(
      RuleText("r", pattern, "    unbounded: accept\n    on_timeout: alert\n"), limits);
  const oracle::EventTable table(TestCatalog(), program->layout(), ParseEvents(events));
  return Show(oracle::RunEngine(program, table.events(), at_end));
}

struct Row {
  const char* pattern;
  const char* events;
  const char* want;
};

void CheckRows(const std::vector<Row>& rows, TimestampMs at_end = 1000) {
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.events);
    CHECK(Run(row.pattern, row.events, at_end) == row.want);
  }
}

TEST_CASE("links: next, then, then every") {
  CheckRows({
      {"from s\nA then B\nafter match skip none", "A@0 C@1 B@2 B@3", "m(0,2)@2"},
      {"from s\nA next B\nafter match skip none", "A@0 C@1 B@2 A@3 B@4", "m(3,4)@4"},
      {"from s\nA then every B\nafter match skip none", "A@0 B@1 C@2 B@3", "m(0,1)@1 m(0,3)@3"},
      {"from s\nA then B\nafter match skip none", "A@0 A@1 B@2", "m(0,2)@2 m(1,2)@2"},
      {"from s by k\nA next B", "A:k1@0 A:k2@1 B:k1@2 B:k2@3", "m(0,2)@2 m(1,3)@3"},
      // An event without the key is not seen.
      {"from s by k\nA next B", "A:k1@0 C@1 B:k1@2", "m(0,2)@2"},
      // An event first advances runs, then opens one.
      {"from s\na: A then b: A\nafter match skip none", "A@0 A@1 A@2", "m(0,1)@1 m(1,2)@2"},
  });
}

TEST_CASE("within is half open, link bounds count from the event before") {
  CheckRows({
      {"from s\nA then B\nwithin 10ms", "A@0 B@9", "m(0,1)@1"},
      {"from s\nA then B\nwithin 10ms", "A@0 B@10", "t(0)@t10"},
      {"from s\nA then within 5ms B then within 5ms C", "A@0 B@4 C@8", "m(0,1,2)@2"},
      {"from s\nA then within 5ms B then within 5ms C", "A@0 B@4 C@9", "t(0,1)@t9"},
      // Per repetition inside a loop.
      {"from s\nA then within 5ms b: B{2} then C", "A@0 B@4 B@8 C@50", "m(0,1,2,3)@3"},
      {"from s\nA then within 5ms b: B{2} then C", "A@0 B@4 B@9 C@10", "t(0,1)@t9"},
      // A group's bound holds for its first event, whichever step takes it.
      {"from s\nA then within 5ms (B? then C)\nafter match skip none", "A@0 C@4", "m(0,1)@1"},
      {"from s\nA then within 5ms (B? then C)\nafter match skip none", "A@0 C@5", "t(0)@t5"},
      // A deadline at time 0 plus nothing: the first event may have time 0.
      {"from s\nA then B\nwithin 1ms", "A@0 B@0", "m(0,1)@1"},
  });
}

TEST_CASE("loops try every admissible length") {
  CheckRows({
      {"from s\nA+\nafter match skip none", "A@0 A@1", "m(0)@0 m(0,1)@1 m(1)@1"},
      {"from s\nA{2,3}\nafter match skip none", "A@0 A@1 A@2", "m(0,1)@1 m(0,1,2)@2 m(1,2)@2"},
      {"from s\nA{2} then B\nafter match skip none", "A@0 C@1 A@2 B@3", "m(0,2,3)@3"},
      {"from s\na: A{2} consecutive then B\nafter match skip none", "A@0 C@1 A@2 A@3 B@4",
       "m(2,3,4)@4"},
      {"from s\na: A{2} combinations\nafter match skip none", "A@0 A@1 A@2",
       "m(0,1)@1 m(0,2)@2 m(1,2)@2"},
      {"from s\nA then B? then C\nafter match skip none", "A@0 B@1 C@2", "m(0,1,2)@2 m(0,2)@2"},
      {"from s\nA then B* then C\nafter match skip past last", "A@0 B@1 B@2 C@3", "m(0,1,2,3)@3"},
      {"from s\n(A then B){2}\nafter match skip none", "A@0 B@1 A@2 B@3", "m(0,1,2,3)@3"},
      {"from s\n((A{2}) then B){2}\nafter match skip none", "A@0 A@1 B@2 A@3 A@4 B@5",
       "m(0,1,2,3,4,5)@5"},
  });
}

TEST_CASE("greedy and until") {
  CheckRows({
      {"from s\nA then b: event[v > 0]+ greedy then c: event[v > 1]\nafter match skip none",
       "A@0 B1@1 C2@2 D0@3", ""},
      {"from s\nA then b: event[v > 0]+ then c: event[v > 1]\nafter match skip none",
       "A@0 B1@1 C2@2", "m(0,1,2)@2"},
      {"from s\nb: B+ greedy then C\nafter match skip past last", "B@0 B@1 C@2", "m(0,1,2)@2"},
      // Inside a repeated group, a loop is another one in each repetition.
      {"from s\n(A? greedy){2} then A\nafter match skip none", "A@0 A@1 A@2", "m(0,1,2)@2"},
      {"from s\n(A? greedy){2,} then A\nafter match skip none", "A@0 A@1", ""},
      // The loop can take no more: its maximum is reached.
      {"from s\nb: event[v > 0]{2} greedy then c: event[v > 1]\nafter match skip none",
       "B1@0 B1@1 C2@2", "m(0,1,2)@2"},
      {"from s\nA then b: B+ until [v == 9] then C\nafter match skip none",
       "A@0 B1@1 B9@2 B1@3 C@4", "m(0,1,4)@4"},
      {"from s\nA then b: B* until [v == 9] then c: B\nafter match skip none", "A@0 B9@1",
       "m(0,1)@1"},
  });
}

TEST_CASE("greedy keeps a way to the end from ending at an event that the loop takes") {
  CheckRows({
      {"from s\na: event{2,} greedy next not D\nafter match skip none", "A@0 B@1 B@2", ""},
      {"from s\na: A next not A then b: event* greedy\nafter match skip none", "A@0 C@1",
       "m(0,1)@1"},
  });
}

TEST_CASE("a timeout of one key does not touch another") {
  CheckRows({
      {"from s by k\nA then B\nwithin 5ms", "A:k1@0 A:k2@6 B:k2@7", "t(0)@t5 m(1,2)@2"},
  });
}

TEST_CASE("negation") {
  CheckRows({
      {"from s\nA then not X then B\nafter match skip none", "A@0 C@1 B@2", "m(0,2)@2"},
      {"from s\nA then not X then B\nafter match skip none", "A@0 X@1 B@2", ""},
      {"from s\nA next not X then B\nafter match skip none", "A@0 C@1 X@2 B@3", "m(0,3)@3"},
      {"from s\nA next not X then B\nafter match skip none", "A@0 B@1", "m(0,1)@1"},
      {"from s\nA then not B[v == 1] then b: B\nafter match skip none", "A@0 B1@1 B2@2", ""},
      {"from s\nA then within 5ms not X", "A@0", "m(0)@t5"},
      {"from s\nA then within 5ms not X", "A@0 X@4", ""},
      {"from s\nA then within 5ms not X", "A@0 X@5", "m(0)@t5"},
      {"from s\nA then not X\nwithin 5ms", "A@0 B@1", "m(0)@t5"},
      {"from s\nA next not X", "A@0 B@1", "m(0)@1"},
      {"from s\nA next not X\nwithin 5ms", "A@0", "m(0)@t5"},
      {"from s\nA next not X\nwithin 5ms", "A@0 X@1", ""},
      // Optional steps behind: their skipping makes the NOT last.
      {"from s\nA then not X then B?\nwithin 5ms\nafter match skip none", "A@0 B@1",
       "m(0,1)@1 m(0)@t5"},
      // A NOT guards the branches that pass it, not the repetitions of the loop before it.
      {"from s\na: A+ then not X then B\nafter match skip past last", "A@0 X@1 A@2 B@3",
       "m(0,2,3)@3"},
  });
}

TEST_CASE("choices, all, unless, where") {
  CheckRows({
      {"from s\n(A or B) then C\nafter match skip none", "B@0 A@1 C@2", "m(0,2)@2 m(1,2)@2"},
      {"from s\nA then (x: B or y: B[v > 1]) then C\nafter match skip none", "A@0 B5@1 C@2",
       "m(0,1,2)@2"},
      {"from s\nall(A, B) then C\nafter match skip none", "B@0 A@1 C@2", "m(0,1,2)@2"},
      {"from s\nA then all(B, C)\nafter match skip none", "A@0 C@1 C@2 B@3", "m(0,1,3)@3"},
      {"from s\nA then B\nunless X\nafter match skip none", "A@0 X@1 B@2 A@3 B@4", "m(3,4)@4"},
      {"from s\na: A then b: B\nwhere b.v > a.v\nafter match skip none", "A3@0 B2@1 A1@2 B2@3",
       "m(2,3)@3"},
      // `where` that fails keeps the run's other ways.
      {"from s\na: A then every b: B\nwhere b.v > a.v\nafter match skip none", "A3@0 B2@1 B4@2",
       "m(0,2)@2"},
  });
}

TEST_CASE("conditions over earlier events") {
  CheckRows({
      {"from s\na: A{2} then b: B[v > sum(a.v)]\nafter match skip none", "A1@0 A2@1 B3@2 B4@3",
       "m(0,1,3)@3"},
      {"from s\na: A[count(a) == 0 or v > last(a).v]{3} consecutive\nafter match skip none",
       "A1@0 A2@1 A2@2 A3@3 A4@4", "m(2,3,4)@4"},
      {"from s\na: A+ then b: B[v == avg(a.v)]\nafter match skip none", "A1@0 A2@1 B1@2",
       "m(0,2)@2"},
      {"from s\na: A+ then b: B[v == avg(a.v)]\nafter match skip none", "A1@0 A3@1 B2@2",
       "m(0,1,2)@2"},
      {"from s\na: A+ then b: B[v == distinct(a.v) and count(a) == 3]\nafter match skip none",
       "A1@0 A3@1 A3@2 B2@3", "m(0,1,2,3)@3"},
      {"from s\na: A{2} then b: B[v == a[1].v - first(a).v]\nafter match skip none",
       "A1@0 A3@1 B2@2", "m(0,1,2)@2"},
      {"from s\na: A then b: B[ts - a.ts >= 5ms]\nafter match skip none", "A@0 B@4 B@5",
       "m(0,2)@2"},
  });
}

TEST_CASE("skip strategies") {
  CheckRows({
      {"from s\nA then B", "A@0 A@1 B@2 B@3", "m(0,2)@2"},
      {"from s\na: A then b: A", "A@0 A@1 A@2 A@3", "m(0,1)@1 m(2,3)@3"},
      {"from s\na: A+ then B\nafter match skip to next", "A@0 A@1 B@2", "m(0,1,2)@2 m(1,2)@2"},
      {"from s\na: A+ then B\nafter match skip to last a", "A@0 A@1 B@2", "m(0,1,2)@2 m(1,2)@2"},
      {"from s\na: A+ then B\nafter match skip to first a", "A@0 A@1 B@2",
       "m(0,1,2)@2 m(0,2)@2 m(1,2)@2"},
      {"from s\na: A+ then B\nafter match skip past last", "A@0 A@1 B@2", "m(0,1,2)@2"},
      // A named step that bound nothing skips nothing.
      {"from s\na: A then b: B? then c: C\nafter match skip to first b", "A@0 C@1", "m(0,1)@1"},
  });
}

TEST_CASE("timeouts") {
  CheckRows({
      {"from s\nA then B then C\nwithin 5ms", "A@0 B@1", "t(0,1)@t5"},
      // A run whose last branch is ended by an event does not time out.
      {"from s\nA next B\nwithin 5ms", "A@0 C@1", ""},
      // A match was emitted that begins with its bound events.
      {"from s\nA then every B\nwithin 5ms\nafter match skip none", "A@0 B@1", "m(0,1)@1"},
      {"from s\na: A+ then b: B\nwithin 5ms\nafter match skip none", "A@0 A@1 B@2",
       "m(0,1,2)@2 m(0,2)@2 m(1,2)@2"},
      {"from s\na: A then every b: B+ next c: C\nwithin 20ms\nafter match skip none",
       "A@0 B@1 C@2 A@3", "m(0,1,2)@2 t(3)@t23"},
  });
}

TEST_CASE("step keys") {
  CheckRows({
      {"from s by k\nA by u then B by u\nafter match skip none", "A:k:u1@0 B:k:u2@1 B:k:u1@2",
       "m(0,2)@2"},
      {"from s by k\nA then B by u then C by u\nafter match skip none",
       "A:k@0 B:k:u1@1 C:k:u2@2 C:k:u1@3", "m(0,1,3)@3"},
      // A null part never fits.
      {"from s by k\nA by u then B by u\nafter match skip none", "A:k@0 B:k@1", ""},
      // `next` looks at all events of the rule key.
      {"from s by k\nA by u next B by u\nafter match skip none", "A:k:u1@0 A:k:u2@1 B:k:u1@2", ""},
      // Skipping uses the run key.
      {"from s by k\nA by u then B by u", "A:k:u1@0 A:k:u2@1 B:k:u1@2 B:k:u2@3",
       "m(0,2)@2 m(1,3)@3"},
  });
}

TEST_CASE("limits tell what they drop") {
  Limits limits;
  limits.open_runs_per_key = 2;
  CHECK(Run("from s\nA then B\nafter match skip none", "A@0 A@1 A@2 B@3", 100, limits) ==
        "o(2)@2 m(0,3)@3 m(1,3)@3");
  // Lengths of one loop share their first event.
  CHECK(Run("from s\na: A[v == 1] then b: A[v == 2]{3,} then B\nafter match skip past last",
            "A1@0 A2@1 A2@2 A2@3 A2@4 B@5", 100, limits) == "m(0,1,2,3,4,5)@5");
  limits = Limits();
  limits.bound_events = 3;
  CHECK(Run("from s\na: A+ then B\nafter match skip past last", "A@0 A@1 A@2 A@3 B@4", 100,
            limits) == "o(0,1,2)@3 m(0,1,4)@4 o(1,2,3)@4");
}

// Event 1 is as if a rule had emitted it: it came before event 2 of its time, though its position is behind.
TEST_CASE("an emitted event stands where it came, not where its position is") {
  const auto program = BuildProgram(
      RuleText("r", "from s\nA then B then not C\nwithin 10ms\nafter match skip past last"));
  const oracle::EventTable table(TestCatalog(), program->layout(), ParseEvents("A@1 B@5 A@5 B@6"));
  std::vector<Event> events = table.events();
  events[1].position.topic = kDerivedTopic;
  Matcher matcher(program);
  KeyState state;
  Outcomes outcomes;
  for (std::size_t i = 0; i < events.size(); ++i) {
    matcher.Begin(events[i], static_cast<std::uint32_t>(i));
    matcher.Advance(program->routes(0)[0].id, "", &state, &outcomes);
  }
  // At 11 the first match skips what began at or before event 1: event 2 began behind it.
  matcher.ExpireUntil("", 100, &state, &outcomes);
  std::vector<TimestampMs> completed;
  for (const Outcome& outcome : outcomes.items) completed.push_back(outcome.time);
  CHECK(completed == std::vector<TimestampMs>{11, 15});
}

}  // namespace
}  // namespace shrike::nfa
