// KeyStore: the key states of a task, found by key group and encoded key.
//
// A flat table from the 64-bit hash to a slot (engine/key_table.h); the whole key is compared. Slots stand in chunks
// that never move, and are reused: memory follows the number of keys that have state at once.
// Budget: 10-20 ns a look-up in cache; nothing is allocated for a key whose bytes fit a slot used before.
// Tested by: tests/engine/key_store_test.cc.  Next: engine/timer_queue.h.
#ifndef SHRIKE_ENGINE_KEY_STORE_H_
#define SHRIKE_ENGINE_KEY_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "engine/key_table.h"
#include "nfa/key_state.h"

namespace shrike::engine {

// One key with state.
struct KeySlot {
  nfa::KeyState state;
  std::string key;  // encoded (nfa/key.h)
  std::uint64_t hash = 0;
  TimestampMs deadline_armed = kTimeMax;  // the earliest timer entry of this slot; kTimeMax: none
  TimestampMs garbage_armed = kTimeMax;   // the same of the silent timers
  std::int32_t group = -1;                // -1: free
  bool changed = false;                   // since the last checkpoint (KeyStore::TrackChanges)
  bool stored = false;                    // some checkpoint may have the key
  bool recent = false;                    // changed between the last two looks of Evict
  std::uint32_t bytes = 0;                // as counted in KeyStore::bytes
  SlotIndex next = kNoSlot;               // of a free slot, the next free one
};

// One task's; one thread.
class KeyStore {
 public:
  // The same function for every task, and for ever: sharding by it must agree between runs.
  static std::uint64_t Hash(int group, std::string_view key);

  // kNoSlot if the key has no state. hash: Hash(group, key).
  SlotIndex Find(int group, std::string_view key, std::uint64_t hash) const;

  // A look-up ahead of time, in steps that each leave the processor time to fetch what the next one reads: the
  // table's line; a slot that may be the key's, or kNoSlot; what its state's runs and records are read from.
  void Prefetch(std::uint64_t hash) const { table_.Prefetch(hash); }
  SlotIndex PrefetchSlot(std::uint64_t hash) const;
  void PrefetchSlotAt(SlotIndex slot) const;
  void PrefetchRuns(SlotIndex slot) const { (*this)[slot].state.PrefetchRuns(); }
  void PrefetchRecords(SlotIndex slot) const { (*this)[slot].state.PrefetchRecords(); }

  // Adds a key that has none (checked in debug builds by the caller's Find). Timers are not armed.
  SlotIndex Insert(int group, std::string_view key, std::uint64_t hash, nfa::KeyState state);

  // Forgets the key and frees what its state holds. Timer entries of the slot become stale.
  void Erase(SlotIndex slot);

  KeySlot& operator[](SlotIndex slot) { return chunks_[slot / kChunkSlots][slot % kChunkSlots]; }
  const KeySlot& operator[](SlotIndex slot) const {
    return chunks_[slot / kChunkSlots][slot % kChunkSlots];
  }

  // What a checkpoint must write (exactly-once.md): from this call on, keys that Touch names and keys that are erased are
  // remembered until ForgetChanges, which says that all of them were written.
  void TrackChanges() { tracks_ = true; }
  void Touch(SlotIndex slot) {
    if (tracks_ && !(*this)[slot].changed) NoteChange(slot);
  }
  // Until ForgetChanges every key that is erased is remembered: somebody holds a newer checkpoint than the one that the
  // keys were read from (a changelog).
  void RememberAllRemovals() { remembers_all_ = true; }
  // The checkpoint has the key, and nothing is left of it here.
  void RememberRemoval(int group, std::string key) { removed_.emplace_back(group, std::move(key)); }
  // A key that was read from a checkpoint.
  void SetStored(SlotIndex slot) { (*this)[slot].stored = true; }
  // Calls changed(slot) for each key that was touched and is there, then removed(group, key) for each one of the last
  // checkpoint that is not. Can be called again until ForgetChanges.
  void ForEachChange(const std::function<void(const KeySlot&)>& changed,
                     const std::function<void(int, const std::string&)>& removed);
  void ForgetChanges();
  // Every key counts as touched: the checkpoint's bytes are of another Program.
  void TouchAll();

  // Bytes of all slots in use, each as it was when it came or was last changed; counted while changes are tracked.
  std::size_t bytes() const { return bytes_; }
  // Lets go keys that the last checkpoint has as they are, those that have not changed for longest first, roughly, until
  // bytes() <= bytes_max; may_go(slot) says whether one may. Cost: a look at every slot, twice.
  void Evict(std::size_t bytes_max, const std::function<bool(const KeySlot&)>& may_go);

  std::size_t size() const { return table_.size(); }  // keys with state
  SlotIndex slot_count() const {
    return slot_count_;
  }  // used at least once: [0, slot_count) may be looked at

 private:
  static constexpr SlotIndex kChunkSlots = 1024;

  void NoteChange(SlotIndex slot);
  void Count(KeySlot* slot);
  void Free(SlotIndex slot);

  KeyTable table_;
  std::vector<std::unique_ptr<KeySlot[]>> chunks_;
  SlotIndex slot_count_ = 0;
  SlotIndex free_ = kNoSlot;
  bool tracks_ = false;
  bool remembers_all_ = false;
  std::vector<SlotIndex>
      changed_;  // some may be free again, or here twice: KeySlot::changed decides
  std::vector<std::pair<int, std::string>> removed_;  // stored keys that were erased: group, key
  std::size_t bytes_ = 0;
  SlotIndex hand_ = 0;  // where Evict looks next
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_KEY_STORE_H_
