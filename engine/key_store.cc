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
  if (slot != kNoSlot) PrefetchSlotAt(slot);
  return slot;
}

void KeyStore::PrefetchSlotAt(SlotIndex slot) const {
  const char* begin = reinterpret_cast<const char*>(&(*this)[slot]);
  for (std::size_t line = 0; line < sizeof(KeySlot); line += 64) __builtin_prefetch(begin + line);
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
  if (tracks_) Count(&slot);
  return index;
}

void KeyStore::Erase(SlotIndex index) {
  const KeySlot& slot = (*this)[index];
  if (slot.stored || remembers_all_) removed_.emplace_back(slot.group, slot.key);
  Free(index);
}

void KeyStore::Count(KeySlot* slot) {
  bytes_ -= slot->bytes;
  const std::size_t bytes =
      sizeof *slot + slot->key.capacity() + slot->state.size_bytes() - sizeof slot->state;
  slot->bytes = static_cast<std::uint32_t>(std::min<std::size_t>(bytes, 0xffffffff));
  bytes_ += slot->bytes;
}

void KeyStore::Free(SlotIndex index) {
  KeySlot& slot = (*this)[index];
  SHRIKE_CHECK(slot.group >= 0);
  bytes_ -= slot.bytes;
  slot.bytes = 0;
  slot.recent = false;
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
    Count(&slot);
    changed(slot);
  }
  // A key may have been erased, have come back and been erased again.
  std::sort(removed_.begin(), removed_.end());
  removed_.erase(std::unique(removed_.begin(), removed_.end()), removed_.end());
  for (const auto& [group, key] : removed_) {
    // It may have come back.
    if (Find(group, key, Hash(group, key)) == kNoSlot) removed(group, key);
  }
}

void KeyStore::ForgetChanges() {
  for (const SlotIndex index : changed_) {
    KeySlot& slot = (*this)[index];
    slot.recent = slot.recent || slot.changed;
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

// A clock: who has changed since the hand was last here stays for another round.
void KeyStore::Evict(std::size_t bytes_max, const std::function<bool(const KeySlot&)>& may_go) {
  for (std::size_t looked = 0; bytes_ > bytes_max && looked < 2 * std::size_t{slot_count_};
       ++looked) {
    hand_ = hand_ + 1 < slot_count_ ? hand_ + 1 : 0;
    KeySlot& slot = (*this)[hand_];
    if (slot.group < 0 || slot.changed) continue;
    if (slot.recent) {
      slot.recent = false;
      continue;
    }
    SHRIKE_CHECK(slot.stored);
    if (may_go(slot)) Free(hand_);
  }
}

}  // namespace shrike::engine
