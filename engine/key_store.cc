#include "engine/key_store.h"

#include <algorithm>
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
  if (slot.stored || remembers_all_) removed_.emplace_back(slot.group, slot.key);
  slot.changed = false;
  slot.stored = false;
  table_.Erase(slot.hash, index);
  slot.state = nfa::KeyState();
  slot.deadline_armed = kTimeMax;
  slot.garbage_armed = kTimeMax;
  slot.group = -1;
  slot.next = free_;
  free_ = index;
}

void KeyStore::NoteChange(SlotIndex slot) {
  (*this)[slot].changed = true;
  changed_.push_back(slot);
}

void KeyStore::ForEachChange(const std::function<void(const KeySlot&)>& changed,
                             const std::function<void(int, const std::string&)>& removed) {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  for (const SlotIndex index : changed_) {
    KeySlot& slot = (*this)[index];
    if (!slot.changed) continue;
    slot.stored =
        true;  // Perhaps: what is shown may be written, even if ForgetChanges does not follow.
    changed(slot);
  }
  for (const auto& [group, key] : removed_) {
    // It may have come back.
    if (Find(group, key, Hash(group, key)) == kNoSlot) removed(group, key);
  }
}

void KeyStore::ForgetChanges() {
  for (const SlotIndex index : changed_) {
    KeySlot& slot = (*this)[index];
    slot.changed = false;
  }
  changed_.clear();
  removed_.clear();
  remembers_all_ = false;
}

void KeyStore::TouchAll() {
  for (SlotIndex index = 0; index < slot_count_; ++index) {
    if ((*this)[index].group >= 0) Touch(index);
  }
}

}  // namespace shrike::engine
