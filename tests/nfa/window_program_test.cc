// Windows, risk and look-ups inside of a program: when a matcher updates and reads them, what it keeps of a key and for
// how long, and what it tells when a limit is reached. What windows amount to is tests/nfa/window_test.cc's.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "nfa/key.h"
#include "nfa/matcher.h"
#include "nfa/program_data.h"
#include "nfa/shared_use.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/event_table.h"

namespace shrike::nfa {
namespace {

// One key's events through one matcher; `told` has a line for each outcome: rule, kind, time, values of the fields.
class KeyRun {
 public:
  explicit KeyRun(std::shared_ptr<const Program> program)
      : program_(std::move(program)), matcher_(program_) {}

  void Feed(const std::string& events) {
    const oracle::EventTable table(TestCatalog(), program_->layout(), ParseEvents(events));
    for (const Event& event : table.events()) {
      Expire(event.ts);
      matcher_.Begin(event);
      for (const KeyRoute& route : program_->routes(event.stream)) {
        if (state.empty() && !matcher_.Starts(route.id)) continue;
        matcher_.Advance(route.id, Key(), &state, &out_);
      }
      Collect();
    }
  }

  void Expire(TimestampMs time) {
    matcher_.ExpireUntil(Key(), time, &state, &out_);
    Collect();
  }

  KeyState state;
  std::vector<std::string> told;

 private:
  static std::string Key() { return ""; }

  void Collect() {
    for (const Outcome& outcome : out_.items) {
      std::string line = program_->rules()[static_cast<std::size_t>(outcome.rule)].id;
      line += outcome.kind == OutcomeKind::kOverflow
                  ? " overflow " + std::to_string(static_cast<int>(outcome.limit))
              : outcome.kind == OutcomeKind::kTimeout ? " timeout"
                                                      : " match";
      line += "@" + std::to_string(outcome.time);
      for (std::uint32_t i = 0; i < outcome.fields_count; ++i) {
        line += " ";
        AppendText(out_.values[outcome.fields_begin + i], &line);
      }
      told.push_back(line);
    }
    out_.Clear();
  }

  std::shared_ptr<const Program> program_;
  Matcher matcher_;
  Outcomes out_;
};

using Lines = std::vector<std::string>;

std::string Fields(const std::string& fields) {
  return "    alert: { fields: { " + fields + " } }\n";
}

Lines ToldOf(const std::string& rules, const std::string& events, Limits limits = {}) {
  KeyRun run(BuildProgram(rules, limits));
  run.Feed(events);
  run.Expire(1'000'000);
  return run.told;
}

TEST_CASE("a condition reads the window with the event that it looks at") {
  CHECK(ToldOf(RuleText("r", "from s\nA[count(over 10ms) >= 3]"), "A@0 A@1 A@9 A@10 A@30") ==
        Lines{"r match@9", "r match@10"});
  CHECK(ToldOf(RuleText("r", "from s\nA[v > 2 * avg(v over 10ms excluding current)]"),
               "A1@0 A2@1 A3@2 A9@3 A9@4") == Lines{"r match@3", "r match@4"});
  CHECK(ToldOf(RuleText("r", "from s\nA[new(k over 10ms)]"), "A1:x@0 A1:y@1 A1:x@9 A1:x@19") ==
        Lines{"r match@0", "r match@1", "r match@19"});
}

TEST_CASE("an alert reads the window when it is told, a deadline as 1 ms before") {
  // Of `next not`, and of a deadline, the current event is the bound one.
  CHECK(ToldOf(RuleText(
                   "r", "from s\nA then not B within 10ms",
                   Fields("n: count(A over 5ms), m: count(event over 20ms), o: \"count(A over 20ms "
                          "excluding current)\"")),
               "A1@0 C@3 A2@6") == Lines{"r match@10 1 3 1", "r match@16 0 3 1"});
  CHECK(ToldOf(RuleText("r", "from s\nA next not B within 10ms",
                        Fields("n: \"count(event over 20ms excluding current)\"")),
               "A1@0 C@3 C@4") == Lines{"r match@3 1"});
  CHECK(ToldOf(RuleText("r", "from s\nA then B within 7ms",
                        Fields("n: \"max(event.v over tumbling 10ms excluding current)\"") +
                            "    on_timeout: alert\n"),
               "C3@1 A9@2 C4@9 A1@11") == Lines{"r timeout@9 3", "r timeout@18 null"});
}

TEST_CASE("`where` and exceptions read windows") {
  const std::string features = "features:\n  busy: { from: s, value: count(event over 10ms) }\n";
  CHECK(ToldOf(RuleText("r", "from s\nA\nwhere count(A over 10ms) == 2"), "A@0 A@1 A@2") ==
        Lines{"r match@1"});
  // The third event makes the key busy before the rule looks at it, and so it is not seen.
  CHECK(ToldOf(RuleText("r", "from s\nA", "    exceptions: [ { name: busy, when: busy > 2 } ]\n") +
                   features,
               "A@0 A@1 A@2 A@20") == Lines{"r match@0", "r match@1", "r match@20"});
}

TEST_CASE(
    "rules that overflow a window are told, once a limit and event, before what else they tell") {
  Limits limits;
  limits.window_events = 2;
  limits.distinct_values = 2;
  const std::string rules =
      RuleText("a", "from s\nA",
               Fields("n: count(A over 1h), m: sum(A.v over 2h), o: sum(A.v over 2ms)")) +
      RuleText("b", "from s\nA[v == 9]") +
      RuleText("c", "from s\nA[count(A over 1h) > 5 or distinct(v over 1h) > 5]");
  CHECK(ToldOf(rules, "A1@0 A2@10 A9@20", limits) ==
        Lines{"a match@0 1 1 1", "a match@10 2 3 2", "a overflow 3@20", "a match@20 2 11 9",
              "b match@20", "c overflow 3@20", "c overflow 4@20"});
}

TEST_CASE("a key is kept as long as a window holds an event of it") {
  KeyRun run(BuildProgram(RuleText("r", "from s\nA[count(B over 10ms) > 5]")));
  run.Feed("C@0");
  CHECK(run.state.empty());
  run.Feed("B@1");
  CHECK_FALSE(run.state.empty());
  CHECK(run.state.run_count() == 0);
  CHECK(run.state.garbage() == 11);
  run.Feed("B@4");
  CHECK(run.state.garbage() == 14);
  run.Expire(13);
  CHECK_FALSE(run.state.empty());
  run.Expire(14);
  CHECK(run.state.empty());
  CHECK(run.state.garbage() == kTimeMax);
}

TEST_CASE("rules share a feed, and a changed rule goes on with it") {
  const auto before = BuildProgram(RuleText("a", "from s\nA[count(over 10ms where v > 1) > 1]") +
                                   RuleText("b", "from s\nA[count(over 1h where v > 1) > 2]"));
  CHECK(before->data().windows.groups[0].feeds.size() == 1);
  KeyRun run(before);
  run.Feed("A2@0 A2@1");
  std::string bytes;
  run.state.AppendBytes(*before, 0, &bytes);
  const auto after = BuildProgram(RuleText("b",
                                           "from s\nA[count(over 1h where v > 1) > 2]\n"
                                           "then B[count(A over 5ms) > 0] within 1m"));
  KeyRun next(after);
  std::size_t dropped = 0;
  Result<KeyState> loaded = KeyState::FromBytes(*after, 0, bytes, &dropped);
  REQUIRE(loaded.has_value());
  next.state = std::move(*loaded);
  next.Feed("A2@2 B@3");
  CHECK(next.told == Lines{"b match@3"});
}

TEST_CASE("windows of another rule's text are other windows") {
  const auto one = BuildProgram(RuleText("r", "from s\nA[count(over 10ms) > 1]"));
  const auto two = BuildProgram(RuleText("r", "from s\nA[count(over 11ms) > 1]"));
  CHECK(one->data().rules[0].content_hash != two->data().rules[0].content_hash);
}

TEST_CASE("a rule that is complete by `next not` leaves the current event to the rules behind it") {
  KeyRun run(BuildProgram(RuleText("r1", "from s\nA next not B\nwithin 1m") +
                          RuleText("r2", "from s\nC[count(C over 1m excluding current) == 1]")));
  run.Feed("C@1 A@2 C@3 A@4 C@5");
  CHECK(run.told == std::vector<std::string>{"r1 match@3", "r2 match@3", "r1 match@5"});
}

}  // namespace
}  // namespace shrike::nfa
