// What of a task outlives it: its changed entries for a checkpoint, and keys that memory has no room for.
//
// Tested by: tests/engine/pipeline_state_test.cc, cold_keys_test.cc.
#include <algorithm>
#include <utility>

#include "engine/partition_task.h"
#include "engine/state_entry.h"

namespace shrike::engine {
namespace {

// When the key must be in memory: silent runs go with the coarse timers.
TimestampMs DueTime(const nfa::KeyState& state) {
  return std::min(state.deadline(), CoarseTimers::TickEnd(state.garbage()));
}

}  // namespace

void PartitionTask::TrackChanges() {
  keys_.TrackChanges();
  emitter_.TrackChanges();
}

void PartitionTask::AppendChanges(std::vector<StateChange>* changes) {
  keys_.ForEachChange(
      [&](const KeySlot& slot) {
        std::string state;
        slot.state.AppendBytes(*program_, slot.group, &state);
        const std::uint64_t group = program_->group_hash(slot.group);
        changes->push_back({KeyEntryName(group, slot.key), KeyEntryValue({group, slot.key, state}),
                            DueTime(slot.state)});
      },
      [&](int group, const std::string& key) {
        changes->push_back({KeyEntryName(program_->group_hash(group), key), std::nullopt});
      });
  emitter_.ForEachChange([&](const std::string& name, const std::string* bytes) {
    changes->push_back(
        {kIntervalEntry + name, bytes == nullptr ? std::nullopt : std::optional(*bytes)});
  });
}

void PartitionTask::SetStore(StateStore* store, std::size_t memory_bytes) {
  cold_.SetStore(store);
  memory_bytes_ = memory_bytes;
}

void PartitionTask::ForgetChanges() {
  keys_.ForgetChanges();
  erased_twins_.clear();
  Evict();
  emitter_.ForgetChanges();
}

void PartitionTask::TouchAll() {
  WarmAll();
  keys_.TouchAll();
  emitter_.TouchAll();
}

Result<bool> PartitionTask::Restore(const StateEntry& entry) {
  if (entry.name.front() == kIntervalEntry) return emitter_.RestoreInterval(entry.value);
  KeyEntry parts;
  if (!ReadKeyEntry(entry.name, entry.value, &parts))
    return Fail(ErrorCode::kCorrupt, "a stored key has a damaged name");
  const int group = program_->FindGroup(parts.group);
  if (group < 0) return false;
  const std::uint64_t hash = KeyStore::Hash(group, parts.key);
  if (keys_.Find(group, parts.key, hash) != kNoSlot)
    return Fail(ErrorCode::kCorrupt, "a key is stored twice");
  SHRIKE_TRY(const SlotIndex slot, Insert(group, parts));
  return slot != kNoSlot;
}

Result<bool> PartitionTask::RestoreStored(const StateEntry& entry) {
  if (cold_.store() == nullptr || keys_.bytes() < memory_bytes_ ||
      entry.name.front() == kIntervalEntry)
    return Restore(entry);
  KeyEntry parts;
  if (!ReadKeyEntry(entry.name, entry.value, &parts)) return Restore(entry);
  const int group = program_->FindGroup(parts.group);
  if (group < 0) return false;
  return cold_.Add(KeyStore::Hash(group, parts.key), entry.due) ? Result<bool>(true)
                                                                : Restore(entry);
}

// kNoSlot: of what is stored nothing has a place in this Program.
Result<SlotIndex> PartitionTask::Insert(int group, const KeyEntry& parts) {
  std::size_t dropped = 0;
  SHRIKE_TRY(nfa::KeyState state,
             nfa::KeyState::FromBytes(*program_, group, parts.state, &dropped));
  if (state.empty()) return kNoSlot;
  const SlotIndex slot =
      keys_.Insert(group, parts.key, KeyStore::Hash(group, parts.key), std::move(state));
  keys_.SetStored(slot);
  Arm(slot);
  return slot;
}

// ---- Keys that are only in the store.

// What does not fit. Until the next time memory grows with the keys that are looked at.
void PartitionTask::Evict() {
  if (cold_.store() == nullptr) return;
  keys_.Evict(memory_bytes_,
              [&](const KeySlot& slot) { return cold_.Add(slot.hash, DueTime(slot.state)); });
}

SlotIndex PartitionTask::Warm(int group, const std::string& key) {
  const std::string name = KeyEntryName(program_->group_hash(group), key);
  if (erased_twins_.contains({group, key})) return kNoSlot;
  const std::optional<std::string> value = cold_.Read(name);
  if (!value) return kNoSlot;
  return WarmEntry({name, *value});
}

// kNoSlot: it is not cold, or damaged.
SlotIndex PartitionTask::WarmEntry(const StateEntry& entry) {
  KeyEntry parts;
  if (!ReadKeyEntry(entry.name, entry.value, &parts)) {
    cold_.Fail({ErrorCode::kCorrupt, "a stored key has a damaged name"});
    return kNoSlot;
  }
  const int group = program_->FindGroup(parts.group);
  if (group < 0) return kNoSlot;
  const std::uint64_t hash = KeyStore::Hash(group, parts.key);
  if (!cold_.Has(hash) || keys_.Find(group, parts.key, hash) != kNoSlot ||
      erased_twins_.contains({group, std::string(parts.key)}))
    return kNoSlot;
  cold_.Remove(hash);
  const Result<SlotIndex> slot = Insert(group, parts);
  if (!slot) {
    cold_.Fail(slot.error());
    return kNoSlot;
  }
  if (*slot == kNoSlot) keys_.RememberRemoval(group, std::string(parts.key));
  return *slot;
}

void PartitionTask::WarmDue(TimestampMs time) {
  cold_.ForEachDue(time, [this](const StateEntry& entry) {
    if (entry.name.front() == kKeyEntry || entry.name.front() == kLongKeyEntry) WarmEntry(entry);
  });
}

void PartitionTask::WarmAll() {
  cold_.ForEach([this](const StateEntry& entry) { WarmEntry(entry); });
}

}  // namespace shrike::engine
