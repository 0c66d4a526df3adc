// The table of values against a plain list of sights.
#include "nfa/value_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace shrike::nfa {
namespace {

struct Known {
  std::string bytes;
  Sight sight;
};

TEST_CASE("a table says what a list of sights says") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t bound) {
      return static_cast<std::uint32_t>(random()) % bound;
    };
    WindowMemory memory;
    const Place at = memory.Allocate(ValueTable::kWords);
    std::vector<Known> list;  // in the order of last sight
    TimestampMs ts = 0;
    for (std::uint32_t number = 1; number <= 600; ++number) {
      CAPTURE(seed);
      CAPTURE(number);
      ts += below(3);
      ValueTable table(&memory, at);
      const std::string bytes(below(15), static_cast<char>('a' + below(12)));
      const auto known =
          std::find_if(list.begin(), list.end(), [&](const Known& k) { return k.bytes == bytes; });
      const ValueTable::Seen seen = table.See(bytes, {ts, number});
      REQUIRE(seen.known == (known != list.end()));
      if (seen.known) {
        REQUIRE(seen.before.ts == known->sight.ts);
        REQUIRE(seen.before.number == known->sight.number);
        list.erase(known);
      }
      list.push_back({bytes, {ts, number}});
      table.SetExtra(seen.slot, number);
      if (below(4) == 0) {
        const ValueTable::Slot oldest = table.Oldest();
        REQUIRE(table.BytesOf(oldest) == list.front().bytes);
        table.Remove(oldest);
        REQUIRE(table.Find(list.front().bytes) == ValueTable::kNoSlot);
        list.erase(list.begin());
      }
      REQUIRE(table.size() == list.size());
      std::uint32_t cursor = 0;
      for (const Known& k : list) {
        const ValueTable::Slot slot = table.Next(&cursor);
        REQUIRE(table.BytesOf(slot) == k.bytes);
        REQUIRE(table.SightOf(slot).number == k.sight.number);
        REQUIRE(table.ExtraOf(slot) == k.sight.number);
        REQUIRE(table.Find(k.bytes) == slot);
      }
      REQUIRE(table.Next(&cursor) == ValueTable::kNoSlot);
      const TimestampMs bound = ts - static_cast<TimestampMs>(below(40));
      REQUIRE(table.CountAfter(bound) ==
              std::count_if(list.begin(), list.end(),
                            [&](const Known& k) { return k.sight.ts > bound; }));
      const std::uint32_t behind = number - std::min(number, below(40));
      REQUIRE(table.CountBehind(behind) ==
              std::count_if(list.begin(), list.end(),
                            [&](const Known& k) { return k.sight.number > behind; }));
    }
  }
}

}  // namespace
}  // namespace shrike::nfa
