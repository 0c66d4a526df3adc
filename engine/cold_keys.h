// ColdKeys: which keys of a task are only in its store, because memory is bounded (`state.memory`).
//
// A key is cold from the checkpoint that found it unchanged until an event of it comes or it is due; what the store says
// of it is all there is. Of a cold key memory holds the hash: 24 to 48 bytes in a table; when it is due, the store's
// index says.
// A read that fails stays (failure()): what came of it must not be committed, the task must be brought back.
// Tested by: tests/engine/cold_keys_test.cc, tests/sim.  Next: engine/partition_task.h.
#ifndef SHRIKE_ENGINE_COLD_KEYS_H_
#define SHRIKE_ENGINE_COLD_KEYS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "engine/key_table.h"
#include "engine/state_store.h"

namespace shrike::engine {

class ColdKeys {
 public:
  // Where cold keys are read from; borrowed. Without one no key can be cold.
  void SetStore(StateStore* store) { store_ = store; }
  StateStore* store() const { return store_; }

  bool empty() const { return hashes_.size() == 0; }
  std::size_t size() const { return hashes_.size(); }
  // Whether a key with the hash is cold. Cost: one line of the table.
  bool Has(std::uint64_t hash) const {
    return hashes_.Find(hash, [](SlotIndex) { return true; }) != kNoSlot;
  }

  // The key is cold from now on; due: as the store has it, later than all that ForEachDue has shown.
  // False: another one with its hash is cold, and this one must stay in memory.
  bool Add(std::uint64_t hash, TimestampMs due);
  // A key with the hash is not cold any more.
  void Remove(std::uint64_t hash) { hashes_.Erase(hash, 0); }

  // No cold key is due before.
  TimestampMs next_due() const { return next_due_; }

  // What the store has under the name; nullopt: nothing, or the read failed.
  std::optional<std::string> Read(const std::string& name);
  // Shows all entries that are due up to `until` and were not shown before, those of keys that are not cold too.
  void ForEachDue(TimestampMs until, const std::function<void(const StateEntry&)>& visit);
  // The same of all entries of keys.
  void ForEach(const std::function<void(const StateEntry&)>& visit);

  // Of visit: what was read is damaged.
  void Fail(Error error);
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void FindNextDue();

  StateStore* store_ = nullptr;
  KeyTable hashes_;                     // of cold keys; the slot says nothing
  TimestampMs shown_until_ = kTimeMin;  // no cold key is due at or before
  TimestampMs next_due_ = kTimeMax;
  std::optional<Error> failure_;  // the first
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_COLD_KEYS_H_
