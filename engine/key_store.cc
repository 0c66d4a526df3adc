#include "engine/key_store.h"

#include <utility>

#include "base/check.h"
#include "base/hash.h"

namespace shrike::engine {

std::uint64_t KeyStore::Hash(int group, std::string_view key) {
  return Hash64(key, static_cast<std::uint64_t>(group));
}

SlotIndex KeyStore::Find(int group, std::string_view key, std::uint64_t hash) const {
  const auto head = heads_.find(hash);
  if (head == heads_.end()) {
    return kNoSlot;
  }
  SlotIndex slot = head->second;
  while (slot != kNoSlot) {
    const KeySlot& candidate = (*this)[slot];
    if (candidate.group == group && candidate.key == key) {
      return slot;
    }
    slot = candidate.next;
  }
  return kNoSlot;
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
  const auto [head, added] = heads_.try_emplace(hash, index);
  slot.next = added ? kNoSlot : std::exchange(head->second, index);
  ++size_;
  return index;
}

void KeyStore::Erase(SlotIndex index) {
  KeySlot& slot = (*this)[index];
  SHRIKE_CHECK(slot.group >= 0);
  const auto head = heads_.find(slot.hash);
  SHRIKE_CHECK(head != heads_.end());
  if (head->second == index && slot.next == kNoSlot) {
    heads_.erase(head);
  } else {
    SlotIndex* link = &head->second;
    while (*link != index) {
      SHRIKE_CHECK(*link != kNoSlot);
      link = &(*this)[*link].next;
    }
    *link = slot.next;
  }
  slot.state = nfa::KeyState();
  slot.deadline_armed = kTimeMax;
  slot.garbage_armed = kTimeMax;
  slot.group = -1;
  slot.next = free_;
  free_ = index;
  --size_;
}

}  // namespace shrike::engine
