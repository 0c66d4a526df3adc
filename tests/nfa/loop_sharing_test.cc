// Runs in one loop share their records (nfa/record.h), over streams long enough for arenas to be compacted many times;
// judged by a direct computation of what the patterns mean.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "nfa/key.h"
#include "nfa/matcher.h"
#include "nfa/program_data.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/event_table.h"
#include "tests/support/random.h"

namespace shrike::nfa {
namespace {

struct TestItem {
  char type;
  int v;
  TimestampMs ts;
};

std::vector<TestItem> RandomItems(testing::Random* random, int count) {
  std::vector<TestItem> items;
  TimestampMs ts = 0;
  for (int i = 0; i < count; ++i) {
    ts += static_cast<TimestampMs>(random->Below(20));
    items.push_back({"AAAAABBC"[random->Below(8)], static_cast<int>(random->Below(9)), ts});
  }
  return items;
}

// first, last event and the alert's fields as text.
using Found = std::multiset<std::string>;

Found RunMatcher(const std::string& rule, const std::vector<TestItem>& items,
                 std::size_t* largest) {
  const auto program = BuildProgram(rule);
  REQUIRE(program->data().rules[0].layout.shares_loops);
  std::string text;
  for (const TestItem& item : items) {
    text +=
        std::string(1, item.type) + std::to_string(item.v) + "@" + std::to_string(item.ts) + " ";
  }
  const oracle::EventTable table(TestCatalog(), program->layout(), ParseEvents(text));
  Matcher matcher(program);
  KeyState state;
  Outcomes outcomes;
  Found found;
  for (const Event& event : table.events()) {
    matcher.Begin(event);
    matcher.ExpireUntil("", event.ts, &state, &outcomes);
    matcher.Advance(program->routes(0)[0].id, "", &state, &outcomes);
    for (const Outcome& o : outcomes.items) {
      std::string line = std::to_string(outcomes.events[o.events_begin].position.offset) + "-" +
                         std::to_string(event.position.offset);
      for (std::uint32_t f = 0; f < o.fields_count; ++f) {
        line += " ";
        AppendJson(outcomes.values[o.fields_begin + f], &line);
      }
      found.insert(line);
    }
    outcomes.Clear();
    *largest = std::max(*largest, state.size_bytes());
  }
  return found;
}

std::string Line(std::size_t first, std::size_t last, const std::vector<int>& values) {
  std::string line = std::to_string(first) + "-" + std::to_string(last);
  int sum = 0;
  for (const int v : values) sum += v;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  for (const int n :
       {static_cast<int>(values.size()), sum, values.front(), values.back(), *least, *most})
    line += " " + std::to_string(n);
  return line;
}

constexpr char kAlert[] =
    "    alert:\n      fields:\n        f1: count(a)\n        f2: sum(a.v)\n        f3: "
    "first(a).v\n"
    "        f4: last(a).v\n        f5: min(a.v)\n        f6: max(a.v)\n";

TEST_CASE("five in a row, then one above an eighth of their sum") {
  testing::Random random(testing::SeedFor("loop sharing"));
  for (int round = 0; round < 10; ++round) {
    const std::vector<TestItem> items = RandomItems(&random, 2000);
    std::size_t largest = 0;
    const Found found =
        RunMatcher(RuleText("r",
                            "from s\na: A{5} consecutive next b: B[8 * v > sum(a.v)]\nwithin 1m\n"
                            "after match skip none",
                            kAlert),
                   items, &largest);
    Found want;
    for (std::size_t i = 0; i + 5 < items.size(); ++i) {
      std::vector<int> values;
      int sum = 0;
      for (std::size_t k = i; k < i + 5 && items[k].type == 'A'; ++k) {
        values.push_back(items[k].v);
        sum += items[k].v;
      }
      const TestItem& last = items[i + 5];
      if (values.size() < 5 || last.type != 'B' || 8 * last.v <= sum) continue;
      want.insert(Line(i, i + 5, values));
    }
    CHECK(want.size() > 3);
    CHECK(found == want);
    CHECK(largest < 6000);  // a record an event, and not for ever
  }
}

TEST_CASE("a relaxed loop of every length, the whole chain shared") {
  testing::Random random(testing::SeedFor("loop sharing, relaxed"));
  for (int round = 0; round < 10; ++round) {
    const std::vector<TestItem> items = RandomItems(&random, 300);
    std::size_t largest = 0;
    const Found found = RunMatcher(
        RuleText("r",
                 "from s\na: A{2,} then b: B[v == count(a)]\nwithin 150ms\nafter match skip none",
                 kAlert),
        items, &largest);
    // For each first A and each length the first B behind that is as large as the length; links and all in 150 ms.
    Found want;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].type != 'A') continue;
      std::vector<int> values;
      for (std::size_t k = i; k < items.size() && items[k].ts < items[i].ts + 150; ++k) {
        if (items[k].type != 'A') continue;
        values.push_back(items[k].v);
        if (values.size() < 2) continue;
        for (std::size_t b = k + 1; b < items.size() && items[b].ts < items[i].ts + 150; ++b) {
          if (items[b].type != 'B' || items[b].v != static_cast<int>(values.size())) continue;
          want.insert(Line(i, b, values));
          break;
        }
      }
    }
    CHECK(want.size() > 100);
    CHECK(found == want);
  }
}

}  // namespace
}  // namespace shrike::nfa
