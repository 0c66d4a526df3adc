// A key's state goes to bytes and back at any moment without changing what follows; foreign bytes are refused.
#include "nfa/key_state.h"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "nfa/key.h"
#include "nfa/matcher.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/event_table.h"

namespace shrike::nfa {
namespace {

// Everything an outcome says, as text.
void AppendOutcomes(const Outcomes& outcomes, std::string* out) {
  for (const Outcome& o : outcomes.items) {
    *out += std::to_string(o.rule) + ":" + std::to_string(static_cast<int>(o.kind)) + "@" +
            std::to_string(o.time);
    for (std::uint32_t i = 0; i < o.events_count; ++i) {
      const BoundEvent& e = outcomes.events[o.events_begin + i];
      *out += " " + std::to_string(e.step) + "=" + std::to_string(e.position.offset);
      for (std::uint32_t f = 0; f < e.values_count; ++f)
        AppendJson(outcomes.values[e.values_begin + f], out);
    }
    *out += " |";
    for (std::uint32_t f = 0; f < o.fields_count; ++f)
      AppendJson(outcomes.values[o.fields_begin + f], out);
    *out += "\n";
  }
}

// Runs one key through the matcher; every `period` events the state is written and read back (0: never).
std::string RunKey(const std::shared_ptr<const Program>& program, const std::vector<Event>& events,
                   int period) {
  Matcher matcher(program);
  KeyState state;
  Outcomes outcomes;
  std::string out;
  int seen = 0;
  for (const Event& event : events) {
    std::string key;
    REQUIRE(EncodeKey(program->routes(0)[0].columns, event, &key));
    matcher.Begin(event);
    matcher.ExpireUntil(key, event.ts, &state, &outcomes);
    matcher.Advance(0, key, &state, &outcomes);
    AppendOutcomes(outcomes, &out);
    outcomes.Clear();
    if (period == 0 || ++seen % period != 0) continue;
    std::string bytes;
    state.AppendBytes(*program, 0, &bytes);
    std::size_t dropped = 0;
    Result<KeyState> back = KeyState::FromBytes(*program, 0, bytes, &dropped);
    REQUIRE(back.has_value());
    CHECK(dropped == 0);
    std::string again;
    back->AppendBytes(*program, 0, &again);
    CHECK(again == bytes);
    CHECK(back->deadline() == state.deadline());
    state = std::move(*back);
  }
  return out;
}

std::vector<oracle::RawEvent> RandomEvents(int count) {
  std::mt19937 random(7);
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += std::string(1, static_cast<char>('A' + random() % 4)) + std::to_string(random() % 9) +
            ":key:u" + std::to_string(random() % 3) + "@" + std::to_string(i * 3) + " ";
  }
  return ParseEvents(text);
}

const char kFields[] =
    "    on_timeout: alert\n    alert: { fields: { n: count(a), s: sum(a.v), first: first(a).u, m: "
    "max(a.v), d: "
    "distinct(a.u) } }\n";

std::string ManyRules() {
  return RuleText("r1",
                  "from s by k\na: A+ then b: B[v > avg(a.v)]\nwithin 90ms\nafter match skip none",
                  kFields) +
         RuleText("r2",
                  "from s by k\na: A by u then not C by u then b: (x: B or y: D)\nwithin 60ms",
                  kFields) +
         RuleText("r3", "from s by k\nall(a: A, b: B, C) then D\nwithin 50ms", kFields) +
         RuleText("r4", "from s by k\na: A then within 20ms not D", kFields);
}

TEST_CASE("a state written and read back goes on the same") {
  const auto program = BuildProgram(ManyRules());
  const oracle::EventTable table(TestCatalog(), program->layout(), RandomEvents(600));
  const std::string plain = RunKey(program, table.events(), 0);
  CHECK(plain.size() > 1000);
  for (const int period : {1, 2, 7}) CHECK(RunKey(program, table.events(), period) == plain);
}

TEST_CASE("runs survive in another rule set if their rule is the same, else they are dropped") {
  const auto before = BuildProgram(ManyRules());
  const oracle::EventTable table(TestCatalog(), before->layout(),
                                 ParseEvents("A1:key:u1@0 B1:key:u1@1"));
  Matcher matcher(before);
  KeyState state;
  Outcomes outcomes;
  for (const Event& event : table.events()) {
    std::string key;
    EncodeKey(before->routes(0)[0].columns, event, &key);
    matcher.Begin(event);
    matcher.ExpireUntil(key, event.ts, &state, &outcomes);
    matcher.Advance(0, key, &state, &outcomes);
  }
  std::string bytes;
  state.AppendBytes(*before, 0, &bytes);
  const std::size_t runs = state.run_count();
  REQUIRE(runs > 2);

  std::size_t dropped = 0;
  // A rule more in front, and another column order: the same rules have other numbers.
  const auto more =
      BuildProgram(RuleText("q0", "from s by k\nx: X[f > 1] then D\nwithin 1m") + ManyRules());
  Result<KeyState> kept = KeyState::FromBytes(*more, 0, bytes, &dropped);
  REQUIRE(kept.has_value());
  CHECK(dropped == 0);
  CHECK(kept->run_count() == runs);
  // One rule alone: the others' runs go.
  const auto less =
      BuildProgram(RuleText("r4", "from s by k\na: A then within 20ms not D", kFields));
  kept = KeyState::FromBytes(*less, 0, bytes, &dropped);
  REQUIRE(kept.has_value());
  CHECK(kept->run_count() == 1);
  CHECK(dropped == runs - 1);
  // A changed pattern is another rule.
  const auto changed =
      BuildProgram(RuleText("r4", "from s by k\na: A then within 21ms not D", kFields));
  kept = KeyState::FromBytes(*changed, 0, bytes, &dropped);
  REQUIRE(kept.has_value());
  CHECK(kept->empty());
}

TEST_CASE("bytes that are no state are refused, never read past their end") {
  const auto program = BuildProgram(ManyRules());
  const oracle::EventTable table(TestCatalog(), program->layout(), RandomEvents(40));
  Matcher matcher(program);
  KeyState state;
  Outcomes outcomes;
  for (const Event& event : table.events()) {
    std::string key;
    EncodeKey(program->routes(0)[0].columns, event, &key);
    matcher.Begin(event);
    matcher.ExpireUntil(key, event.ts, &state, &outcomes);
    matcher.Advance(0, key, &state, &outcomes);
  }
  std::string bytes;
  state.AppendBytes(*program, 0, &bytes);
  REQUIRE(!state.empty());
  std::size_t dropped = 0;
  int refused = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (!KeyState::FromBytes(*program, 0, std::string_view(bytes).substr(0, size), &dropped))
      ++refused;
  }
  CHECK(refused > 0);
  CHECK_FALSE(KeyState::FromBytes(*program, 0, "", &dropped).has_value());
  CHECK_FALSE(KeyState::FromBytes(*program, 0, std::string(16, '\xff'), &dropped).has_value());
}

TEST_CASE("memory is given back") {
  const auto program =
      BuildProgram(RuleText("r", "from s by k\na: A+ then b: B\nwithin 100ms", kFields));
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "A1:key:u1@" + std::to_string(i * 10) + " ";
  const oracle::EventTable table(TestCatalog(), program->layout(), ParseEvents(text));
  Matcher matcher(program);
  KeyState state;
  Outcomes outcomes;
  std::size_t peak = 0;
  std::string key;
  for (const Event& event : table.events()) {
    key.clear();
    EncodeKey(program->routes(0)[0].columns, event, &key);
    matcher.Begin(event);
    matcher.ExpireUntil(key, event.ts, &state, &outcomes);
    matcher.Advance(0, key, &state, &outcomes);
    outcomes.Clear();
    peak = std::max(peak, state.size_bytes());
  }
  CHECK(peak < 64 * 1024);  // some 10 first events are open at a time
  matcher.ExpireUntil(key, 1'000'000, &state, &outcomes);
  CHECK(state.empty());
  CHECK(state.deadline() == kTimeMax);
}

}  // namespace
}  // namespace shrike::nfa
