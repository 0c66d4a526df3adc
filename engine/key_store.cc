#include "engine/key_store.h"

#include <utility>

#include "base/check.h"
#include "base/hash.h"

namespace shrike::engine {

std::uint64_t KeyStore::Hash(int group, std::string_view key) {
  return Hash64(key, static_cast<std::uint64_t>(group));
}

SlotIndex KeyStore::Find(int group, std::string_view key, std::uint64_t hash) const {
  return table_.Find(hash, [&](SlotIndex slot) {
    const KeySlot& candidate = (*this)[slot];
    return candidate.group == group && candidate.key == key;
  });
}

SlotIndex KeyStore::PrefetchSlot(std::uint64_t hash) const {
  const SlotIndex slot = table_.Find(hash, [](SlotIndex) { return true; });
  if (slot == kNoSlot) return slot;
  const char* begin = reinterpret_cast<const char*>(&(*this)[slot]);
  for (std::size_t line = 0; line < sizeof(KeySlot); line += 64) __builtin_prefetch(begin + line);
  return slot;
}

SlotIndex KeyStore::Insert(int group, std::string_view key, std::uint64_t hash,
                           nfa::KeyState state) {
  SlotIndex index = free_;
  if (index == kNoSlot) {
    index = slot_count_++;
    SHRIKE_CHECK(index != kNoSlot);
    if (index / kChunkSlots == chunks_.size()) {
      chunks_.push_back(std::make_unique<KeySlot[]>(kChunkSlots));
    }
  } else {
    free_ = (*this)[index].next;
  }
  KeySlot& slot = (*this)[index];
  slot.state = std::move(state);
  slot.key = key;
  slot.hash = hash;
  slot.group = group;
  slot.next = kNoSlot;
  table_.Insert(hash, index);
  return index;
}

void KeyStore::Erase(SlotIndex index) {
  KeySlot& slot = (*this)[index];
  SHRIKE_CHECK(slot.group >= 0);
  table_.Erase(slot.hash, index);
  slot.state = nfa::KeyState();
  slot.deadline_armed = kTimeMax;
  slot.garbage_armed = kTimeMax;
  slot.group = -1;
  slot.next = free_;
  free_ = index;
}

}  // namespace shrike::engine
