// What of a pipeline outlives it: entries of the task, of suppression, of `emit`.
//
// Tested by: tests/engine/pipeline_state_test.cc.
#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "engine/outcome_order.h"
#include "engine/pipeline.h"
#include "engine/state_entry.h"

namespace shrike::engine {

void Pipeline::RewindForTest(const std::vector<std::int64_t>& offsets) {
  buffer_ = ingest::ReorderBuffer();
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    const PartitionSpec& spec = partitions_[i].spec;
    const auto stream = static_cast<std::size_t>(spec.stream);
    buffer_.AddPartition({.topic = spec.topic,
                          .partition = spec.partition,
                          .next_offset = offsets[i],
                          .out_of_order = catalog_.streams[stream].out_of_order});
    buffer_.Restore(static_cast<int>(i), front_, false);
  }
}

void Pipeline::TrackChanges() {
  tracks_ = true;
  task_->TrackChanges();
  suppression_.TrackChanges();
}

void Pipeline::AppendChanges(std::vector<StateChange>* changes) {
  task_->AppendChanges(changes);
  suppression_.ForEachChange([&](const std::string& name, const std::string* bytes) {
    changes->push_back(
        {kWindowEntry + name, bytes == nullptr ? std::nullopt : std::optional(*bytes)});
  });
  if (gone_.empty()) return;
  // What a swap dropped may have come back.
  std::set<std::string> written;
  for (const StateChange& change : *changes) written.insert(change.name);
  for (const std::string& name : gone_) {
    if (written.insert(name).second) changes->push_back({name, std::nullopt});
  }
}

void Pipeline::ForgetChanges() {
  task_->ForgetChanges();
  suppression_.ForgetChanges();
  gone_.clear();
  remembers_all_removals_ = false;
}

void Pipeline::RememberAllRemovals() {
  remembers_all_removals_ = true;
  task_->RememberAllRemovals();
}

void Pipeline::TouchAll() {
  task_->TouchAll();
  suppression_.TouchAll();
}

Result<bool> Pipeline::Restore(const StateEntry& entry) {
  if (entry.name.front() != kWindowEntry) return task_->Restore(entry);
  SHRIKE_TRY(const std::int64_t dropped, suppression_.RestoreWindow(entry.value));
  return dropped == 0;
}

Result<void> Pipeline::RestoreStored(const StateEntry& entry) {
  const bool is_key = entry.name.front() != kWindowEntry;
  SHRIKE_TRY(const bool kept, is_key ? task_->RestoreStored(entry) : Restore(entry));
  if (!kept) gone_.emplace_back(entry.name);
  return {};
}

void Pipeline::SetStarts(const std::vector<TimestampMs>& starts) {
  task_->SetStarts(starts);
  suppression_.SetStarts(starts);
}

void Pipeline::SetStore(StateStore* store, std::size_t memory_bytes) {
  store_ = store;
  memory_bytes_ = memory_bytes;
  task_->SetStore(store, memory_bytes);
}

std::vector<StateChange> Pipeline::AllEntries() {
  task_->TrackChanges();
  suppression_.TrackChanges();
  TouchAll();
  std::vector<StateChange> entries;
  AppendChanges(&entries);
  return entries;
}

Result<void> Pipeline::Swap(std::shared_ptr<const nfa::Program> program) {
  Advance();
  suppression_.CloseGone(*program, front_, &made_);
  OrderDeadlineOutcomes(&made_);
  TellMade();
  const std::vector<StateChange> entries = AllEntries();
  SHRIKE_TRY_VOID(health());
  const std::vector<TimestampMs> starts = StartsIn(*program);
  program_ = std::move(program);
  suppression_ = alerts::Suppression(program_);
  MakeTask();
  task_->SetStore(store_, memory_bytes_);
  if (remembers_all_removals_) task_->RememberAllRemovals();
  task_->Resume(front_);
  if (!starts.empty()) SetStarts(starts);
  SHRIKE_TRY_VOID(TakeOver(entries));
  for (Partition& partition : partitions_)
    partition.decoder = ingest::JsonDecoder(catalog_, partition.spec.stream, program_->layout());
  buffer_.ForEachBuffered([this](ingest::Record& record) {
    partitions_[static_cast<std::size_t>(record.partition_index)].decoder.DecodeAgain(&record);
  });
  return {};
}

// A rule that stays goes on learning; a new or changed one begins now. Of rules that do not learn checkpoints hold no
// start.
std::vector<TimestampMs> Pipeline::StartsIn(const nfa::Program& next) const {
  if (!task_->started()) return {};
  std::vector<TimestampMs> starts;
  for (const nfa::RuleSpec& rule : next.rules()) {
    const auto& rules = program_->rules();  // in the order of ids
    const auto same = std::lower_bound(
        rules.begin(), rules.end(), rule.id,
        [](const nfa::RuleSpec& known, const std::string& id) { return known.id < id; });
    const bool stays =
        same != rules.end() && same->id == rule.id && same->version == rule.version && same->learn;
    starts.push_back(stays ? task_->starts()[static_cast<std::size_t>(same - rules.begin())]
                           : front_);
  }
  return starts;
}

// The bytes that the store has are of the old program: all that stays is written anew.
Result<void> Pipeline::TakeOver(const std::vector<StateChange>& entries) {
  gone_.clear();
  for (const StateChange& entry : entries) {
    bool kept = false;
    if (entry.value) {
      SHRIKE_TRY(kept, Restore({entry.name, *entry.value, entry.due}));
    }
    if (!kept) gone_.push_back(entry.name);
  }
  if (!tracks_) {
    gone_.clear();
    return {};
  }
  TrackChanges();
  TouchAll();
  return {};
}

}  // namespace shrike::engine
