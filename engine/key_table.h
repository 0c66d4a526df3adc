// KeyTable: from a key's 64-bit hash to its slot.
//
// Open addressing with linear probing, 16 bytes an entry, so that a look-up touches one cache line and can be fetched
// ahead of time; removal moves later entries back, there are no tombstones. Several keys may have one hash: the caller
// compares the keys.
// Budget: 10-20 ns a look-up in cache; grows by doubling above 2/3 full.
// Tested by: tests/engine/key_table_test.cc.  Next: engine/key_store.h.
#ifndef SHRIKE_ENGINE_KEY_TABLE_H_
#define SHRIKE_ENGINE_KEY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace shrike::engine {

using SlotIndex = std::uint32_t;
inline constexpr SlotIndex kNoSlot = 0xffffffff;

class KeyTable {
 public:
  KeyTable() : entries_(kEntriesMin) {}

  // Asks the processor for the line where the hash's entries begin.
  void Prefetch(std::uint64_t hash) const { __builtin_prefetch(&entries_[Home(hash)]); }

  // The first slot under the hash for which is(slot) holds, or kNoSlot.
  template <typename Is>
  SlotIndex Find(std::uint64_t hash, const Is& is) const {
    for (std::size_t at = Home(hash); entries_[at].slot != kNoSlot; at = Next(at)) {
      if (entries_[at].hash == hash && is(entries_[at].slot)) return entries_[at].slot;
    }
    return kNoSlot;
  }

  // slot: not in the table.
  void Insert(std::uint64_t hash, SlotIndex slot);
  // Needs the entry (checked).
  void Erase(std::uint64_t hash, SlotIndex slot);

  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kEntriesMin = 16;  // a power of two, as every size

  struct Entry {
    std::uint64_t hash = 0;
    SlotIndex slot = kNoSlot;  // kNoSlot: free
  };

  std::size_t Home(std::uint64_t hash) const { return hash & (entries_.size() - 1); }
  std::size_t Next(std::size_t at) const { return (at + 1) & (entries_.size() - 1); }
  void Grow();

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_KEY_TABLE_H_
