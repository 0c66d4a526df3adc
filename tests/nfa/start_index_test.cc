// nfa/start_index.h: what is reached is a superset of what holds, each entry once; selective conditions reach few.
#include "nfa/start_index.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "nfa/program_data.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/engine_run.h"
#include "tests/oracle/event_table.h"
#include "tests/support/random.h"

namespace shrike::nfa {
namespace {

std::vector<StartIndex::Entry> Reached(const Program& program, const Event& event) {
  std::vector<StartIndex::Entry> out;
  program.data().route_data[0].starts[static_cast<std::size_t>(event.event_type)].Append(event.row,
                                                                                         &out);
  return out;
}

std::string Name(int i) { return "r" + std::to_string(1000 + i); }

TEST_CASE("an equality reaches only its own rules, a threshold only those it exceeds") {
  std::string rules;
  for (int i = 0; i < 100; ++i) {
    rules += RuleText(Name(i), "from s\nA[k == \"k" + std::to_string(i) + "\" and v > " +
                                   std::to_string(i) + "]");
  }
  for (int i = 0; i < 100; ++i)
    rules += RuleText("t" + Name(i), "from s\nB[v >= " + std::to_string(10 * i) + "]");
  const auto program = BuildProgram(rules);
  const oracle::EventTable table(TestCatalog(), program->layout(),
                                 ParseEvents("A500:k7@1 A3:k7@2 A7:k7@3 A1:zz@4 B35@5 B@6"));
  const std::vector<std::size_t> want = {1, 0, 1, 0, 4, 0};
  for (std::size_t i = 0; i < want.size(); ++i) {
    CAPTURE(i);
    CHECK(Reached(*program, table.events()[i]).size() == want[i]);
  }
}

TEST_CASE("two equalities together reach what neither does alone") {
  std::string rules;
  for (int i = 0; i < 400; ++i) {
    const std::string k = std::to_string(i / 20);
    const std::string u = std::to_string(i % 20);
    rules += RuleText(Name(i), "from s\nA[k == \"k" + k + "\" and u in [\"u" + u + "\", \"v" + u +
                                   "\"] and v > " + u + "]");
  }
  const auto program = BuildProgram(rules);
  const oracle::EventTable table(
      TestCatalog(), program->layout(),
      ParseEvents("A50:k3:u4@1 A50:k3:v4@2 A4:k3:u4@3 A50:k3:w@4 A50::u4@5 A50:k3@6"));
  const std::vector<std::size_t> want = {1, 1, 1, 0, 0, 0};
  for (std::size_t i = 0; i < want.size(); ++i) {
    CAPTURE(i);
    CHECK(Reached(*program, table.events()[i]).size() == want[i]);
  }
}

// A condition of random conjuncts over v, k, u, amount.
std::string RandomCondition(testing::Random* random) {
  const auto number = [&] { return std::to_string(static_cast<int>(random->Below(7)) - 2); };
  const auto text = [&] { return std::string(1, static_cast<char>('a' + random->Below(4))); };
  static const char* const kOps[] = {"==", "!=", "<", "<=", ">", ">="};
  std::string out;
  const std::size_t count = 1 + random->Below(3);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += random->Below(6) == 0 ? " or " : " and ";
    const std::string op = std::string(" ") + kOps[random->Below(6)] + " ";
    switch (random->Below(7)) {
      case 0:
        out += "v" + op + number();
        break;
      case 1:
        out += number() + op + "v";
        break;
      case 2:
        out += "k" + op + "\"" + text() + "\"";
        break;
      case 3:
        out += "u in [\"" + text() + "\", \"" + text() + "\", null]";
        break;
      case 4:
        out += "v not in [" + number() + ", " + number() + "]";
        break;
      case 5:
        out += "v between " + number() + " and " + number();
        break;
      default:
        out += "k is null";
        break;
    }
  }
  return out;
}

TEST_CASE("among many random rules an event starts what it starts alone") {
  testing::Random random(testing::SeedFor("start index"));
  constexpr int kRules = 120;
  std::vector<std::string> texts;
  std::string all;
  for (int i = 0; i < kRules; ++i) {
    texts.push_back(RuleText(Name(i), "from s\n(A[" + RandomCondition(&random) + "] or B[" +
                                          RandomCondition(&random) + "])"));
    all += texts.back();
  }
  const auto program = BuildProgram(all);
  std::string events;
  for (int i = 0; i < 60; ++i) {
    const auto part = [&](bool number) {
      if (random.Below(5) == 0) return std::string();
      return number ? std::to_string(static_cast<int>(random.Below(7)) - 2)
                    : std::string(1, static_cast<char>('a' + random.Below(4)));
    };
    events += std::string(1, "AABC"[random.Below(4)]) + part(true) + ":" + part(false) + ":" +
              part(false) + "@" + std::to_string(i) + " ";
  }
  CAPTURE(events);
  const oracle::EventTable table(TestCatalog(), program->layout(), ParseEvents(events));
  std::multiset<std::string> together;
  for (const oracle::OracleOutcome& o : oracle::RunEngine(program, table.events(), 1000))
    together.insert(Name(static_cast<int>(o.rule)) + "@" + std::to_string(o.event));
  std::multiset<std::string> alone;
  for (int i = 0; i < kRules; ++i) {
    const auto one = BuildProgram(texts[static_cast<std::size_t>(i)]);
    const oracle::EventTable own(TestCatalog(), one->layout(), ParseEvents(events));
    for (const oracle::OracleOutcome& o : oracle::RunEngine(one, own.events(), 1000))
      alone.insert(Name(i) + "@" + std::to_string(o.event));
  }
  CHECK(together.size() > 300);
  CHECK(together == alone);
  for (const Event& event : table.events()) {
    std::set<std::pair<int, int>> seen;
    for (const StartIndex::Entry& entry : Reached(*program, event))
      CHECK(seen.emplace(entry.rule, entry.predicate).second);
  }
}

}  // namespace
}  // namespace shrike::nfa
