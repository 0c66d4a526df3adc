// engine/key_table.h.
#include "engine/key_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "tests/support/random.h"

namespace shrike::engine {
namespace {

SlotIndex FindSlot(const KeyTable& table, std::uint64_t hash, SlotIndex slot) {
  return table.Find(hash, [&](SlotIndex s) { return s == slot; });
}

TEST_CASE("several slots under one hash") {
  KeyTable table;
  table.Insert(7, 1);
  table.Insert(7, 2);
  table.Insert(7, 3);
  CHECK(FindSlot(table, 7, 2) == 2);
  CHECK(FindSlot(table, 7, 4) == kNoSlot);
  CHECK(FindSlot(table, 23, 1) == kNoSlot);  // the same home in a table of 16
  table.Erase(7, 2);
  CHECK(FindSlot(table, 7, 1) == 1);
  CHECK(FindSlot(table, 7, 2) == kNoSlot);
  CHECK(FindSlot(table, 7, 3) == 3);
  CHECK(table.size() == 2);
}

TEST_CASE("random insertions and removals agree with a map, near the end of the table too") {
  testing::Random random(20260);
  for (int round = 0; round < 40; ++round) {
    KeyTable table;
    std::vector<std::pair<std::uint64_t, SlotIndex>> known;
    SlotIndex next = 0;
    for (int step = 0; step < 400; ++step) {
      // Few homes, the last ones of the table among them, so that chains run into each other and wrap around.
      const std::uint64_t hash = random.Below(4) == 0 ? ~std::uint64_t{0} - random.Below(3)
                                                      : random.Below(8) * 16 + random.Below(2);
      if (known.empty() || random.Below(5) < 3) {
        known.emplace_back(hash, next);
        table.Insert(hash, next++);
      } else {
        const std::size_t at = random.Below(known.size());
        table.Erase(known[at].first, known[at].second);
        known.erase(known.begin() + static_cast<std::ptrdiff_t>(at));
      }
      REQUIRE(table.size() == known.size());
      for (const auto& [h, slot] : known) REQUIRE(FindSlot(table, h, slot) == slot);
    }
  }
}

}  // namespace
}  // namespace shrike::engine
