// KeyStore: the key states of a task, found by key group and encoded key.
//
// A flat table from the 64-bit hash to a slot; slots with equal hashes form a chain, and the whole key is compared.
// Slots stand in chunks that never move, and are reused: memory follows the number of keys that have state at once.
// Budget: 10-20 ns a look-up in cache; nothing is allocated for a key whose bytes fit a slot used before.
// Tested by: tests/engine/key_store_test.cc.  Next: engine/timer_queue.h.
#ifndef SHRIKE_ENGINE_KEY_STORE_H_
#define SHRIKE_ENGINE_KEY_STORE_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "nfa/key_state.h"

namespace shrike::engine {

using SlotIndex = std::uint32_t;
inline constexpr SlotIndex kNoSlot = 0xffffffff;

// One key with state.
struct KeySlot {
  nfa::KeyState state;
  std::string key;  // encoded (nfa/key.h)
  std::uint64_t hash = 0;
  TimestampMs deadline_armed = kTimeMax;  // the earliest timer entry of this slot; kTimeMax: none
  TimestampMs garbage_armed = kTimeMax;   // the same of the silent timers
  std::int32_t group = -1;                // -1: free
  SlotIndex next = kNoSlot;  // the chain of its hash; of a free slot, the next free one
};

// One task's; one thread.
class KeyStore {
 public:
  // The same function for every task, and for ever: sharding by it must agree between runs.
  static std::uint64_t Hash(int group, std::string_view key);

  // kNoSlot if the key has no state. hash: Hash(group, key).
  SlotIndex Find(int group, std::string_view key, std::uint64_t hash) const;

  // Adds a key that has none (checked in debug builds by the caller's Find). Timers are not armed.
  SlotIndex Insert(int group, std::string_view key, std::uint64_t hash, nfa::KeyState state);

  // Forgets the key and frees what its state holds. Timer entries of the slot become stale.
  void Erase(SlotIndex slot);

  KeySlot& operator[](SlotIndex slot) { return chunks_[slot / kChunkSlots][slot % kChunkSlots]; }
  const KeySlot& operator[](SlotIndex slot) const {
    return chunks_[slot / kChunkSlots][slot % kChunkSlots];
  }

  std::size_t size() const { return size_; }  // keys with state
  SlotIndex slot_count() const {
    return slot_count_;
  }  // used at least once: [0, slot_count) may be looked at

 private:
  static constexpr SlotIndex kChunkSlots = 1024;

  // The hash is mixed already.
  struct Identity {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t hash) const { return hash; }
  };

  boost::unordered_flat_map<std::uint64_t, SlotIndex, Identity> heads_;
  std::vector<std::unique_ptr<KeySlot[]>> chunks_;
  SlotIndex slot_count_ = 0;
  SlotIndex free_ = kNoSlot;
  std::size_t size_ = 0;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_KEY_STORE_H_
