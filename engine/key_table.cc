#include "engine/key_table.h"

#include <utility>

#include "base/check.h"

namespace shrike::engine {

void KeyTable::Insert(std::uint64_t hash, SlotIndex slot) {
  if (3 * (size_ + 1) > 2 * entries_.size()) Grow();
  std::size_t at = Home(hash);
  while (entries_[at].slot != kNoSlot) at = Next(at);
  entries_[at] = {hash, slot};
  ++size_;
}

void KeyTable::Erase(std::uint64_t hash, SlotIndex slot) {
  std::size_t hole = Home(hash);
  while (entries_[hole].slot != slot) {
    SHRIKE_CHECK(entries_[hole].slot != kNoSlot);
    hole = Next(hole);
  }
  // An entry behind the hole may fill it if its home is not between the two (cyclically).
  for (std::size_t at = Next(hole); entries_[at].slot != kNoSlot; at = Next(at)) {
    const std::size_t mask = entries_.size() - 1;
    const std::size_t from_home = (at - Home(entries_[at].hash)) & mask;
    if (from_home < ((at - hole) & mask)) continue;
    entries_[hole] = entries_[at];
    hole = at;
  }
  entries_[hole] = {};
  --size_;
}

void KeyTable::Grow() {
  std::vector<Entry> old(2 * entries_.size());
  std::swap(old, entries_);
  for (const Entry& entry : old) {
    if (entry.slot == kNoSlot) continue;
    std::size_t at = Home(entry.hash);
    while (entries_[at].slot != kNoSlot) at = Next(at);
    entries_[at] = entry;
  }
}

}  // namespace shrike::engine
