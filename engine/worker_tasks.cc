// Which tasks a worker has: assignment, revocation, and how a task comes back from log, store and changelog.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "engine/changelog.h"
#include "engine/worker.h"

namespace shrike::engine {

Result<void> Worker::TakeRebalance(const ingest::ConsumerBatch& batch) {
  ++stats_.rebalances;
  switch (batch.rebalance) {
    case ingest::Rebalance::kAssign:
      return TakeAssignment(batch.partitions);
    case ingest::Rebalance::kRevoke:
      return LetGo(batch.partitions, false);
    case ingest::Rebalance::kLost:
      return LetGo(batch.partitions, true);
    case ingest::Rebalance::kNone:
      return {};
  }
  return {};
}

Result<void> Worker::TakeAssignment(const std::vector<InputPartition>& partitions) {
  std::map<int, std::size_t> topics;
  for (const InputPartition& partition : partitions) ++topics[partition.partition];
  for (const auto& [number, count] : topics) {
    if (count != context_.topics.size()) {
      return Fail(ErrorCode::kConfig,
                  fmt::format("partition {} was assigned of {} of {} topics: a task needs all of "
                              "them. All topics must have the same number of partitions, and every "
                              "instance must run the same configuration",
                              number, count, context_.topics.size()));
    }
    if (number >= context_.partition_count) {
      return Fail(ErrorCode::kCorrupt,
                  fmt::format("partition {} was assigned, but the topics had {} partitions when "
                              "this instance started: they were given more, and keys have moved "
                              "between them. Read from topics with {} partitions, or forget the "
                              "state: stop all instances and run `shrike state rebuild --forget`",
                              number, context_.partition_count, context_.partition_count));
    }
    SHRIKE_CHECK(!tasks_.contains(number));
    LiveTask& live = tasks_[number];
    live.id = number;
    live.partitions.resize(context_.topics.size());
  }
  assigning_.insert(assigning_.end(), partitions.begin(), partitions.end());
  if (partitions.empty()) return ports_.consumer->Assign({});
  return {};
}

Result<void> Worker::LetGo(const std::vector<InputPartition>& partitions, bool lost) {
  std::set<int> numbers;
  for (const InputPartition& partition : partitions) numbers.insert(partition.partition);
  if (!lost && producer_ready_ && !store_failed_) {
    CommitNow(true);
  }
  for (const int number : numbers) tasks_.erase(number);
  std::erase_if(assigning_, [&](const InputPartition& partition) {
    return numbers.contains(partition.partition);
  });
  // What these tasks have sent in the open transaction must not be committed with the others' output.
  if (lost && !tasks_.empty()) TakeResult(MoveResult::kRecover);
  if (lost && tasks_.empty() && producer_ready_)
    producer_ready_ = ports_.producer->Abort().has_value();
  return ports_.consumer->Unassign(partitions);
}

void Worker::DropTasks() {
  send_failed_ = false;
  store_failed_ = false;
  if (context_.mutant == Mutant::kRewindAfterAbort && RewindForTest()) return;
  if (producer_ready_) producer_ready_ = ports_.producer->Abort().has_value();
  for (auto& [id, live] : tasks_) {
    live.recovery.reset();
    live.task.reset();
    live.needs_first_commit = false;
    live.needs_first_checkpoint = false;
    live.reading = false;
    for (LivePartition& partition : live.partitions) partition.waiting.clear();
  }
}

bool Worker::RewindForTest() {
  if (!ports_.producer->Abort()) return false;
  for (auto& [id, live] : tasks_) {
    const auto committed = ports_.consumer->Committed(PartitionsOf(live));
    if (!live.live() || !live.reading || !committed) return false;
    std::vector<InputOffset> offsets;
    for (std::size_t topic = 0; topic < committed->size(); ++topic) {
      if (!(*committed)[topic]) return false;
      const InputPartition partition{static_cast<std::int32_t>(topic), id};
      offsets.push_back({partition, (*committed)[topic]->offset, ""});
    }
    live.task->RewindForTest(offsets);
    if (!ports_.consumer->Seek(offsets)) return false;
    for (LivePartition& partition : live.partitions) partition.waiting.clear();
  }
  return true;
}

Result<void> Worker::OpenTasks() {
  for (auto& [id, live] : tasks_) {
    if (live.task != nullptr) continue;
    const Result<void> opened = OpenTask(&live);
    if (opened) continue;
    live.recovery.reset();
    live.task.reset();
    // What does not answer is asked again in the next round.
    if (opened.error().code != ErrorCode::kIo) return opened;
    trouble_ = opened.error().message;
  }
  return {};
}

Result<RecoveryFindings> Worker::LookAt(LiveTask* live) {
  RecoveryFindings found;
  found.task = live->id;
  const std::vector<InputPartition> partitions = PartitionsOf(*live);
  SHRIKE_TRY(found.committed, ports_.consumer->Committed(partitions));
  for (const InputPartition& partition : partitions) {
    SHRIKE_TRY(const ingest::OffsetRange range, ports_.consumer->Range(partition));
    found.ranges.push_back(range);
  }
  SHRIKE_TRY(const std::optional<std::string> head, live->store->ReadHead());
  if (head && *head != kRestoringHead) {
    SHRIKE_TRY(found.stored, ReadCheckpointHead(*head));
  }
  if (ports_.changelog != nullptr) {
    SHRIKE_TRY(found.marker, ReadMarker(ports_.changelog, live->id));
  }
  return found;
}

Result<void> Worker::OpenTask(LiveTask* live) {
  if (live->store == nullptr) {
    SHRIKE_TRY(live->store, ports_.open_store(live->id));
  }
  SHRIKE_TRY(const RecoveryFindings found, LookAt(live));
  SHRIKE_TRY(const RecoveryPlan plan, PlanRecovery(context_, found));
  live->marker_sequence = found.marker ? found.marker->sequence : -1;
  live->full_image_next = plan.full_image_next && ports_.changelog != nullptr;
  live->changelog_names.clear();
  if (live->full_image_next && found.marker) {
    SHRIKE_TRY(live->changelog_names, ReadEntryNames(ports_.changelog, live->id));
  }
  for (LivePartition& partition : live->partitions) {
    partition.heard = ports_.clock->Elapsed();
    partition.at_end = false;
  }
  switch (plan.kind) {
    case RecoveryPlan::Kind::kEmptyStart:
    case RecoveryPlan::Kind::kFirstCommit:
      return BeginTask(live, plan, found);
    case RecoveryPlan::Kind::kStored:
      return RestoreTask(live, plan, *found.stored);
    case RecoveryPlan::Kind::kMarker:
      break;
  }
  SHRIKE_TRY(const CheckpointHead marker,
             RestoreFromChangelog(ports_.changelog, live->id, live->store.get()));
  return RestoreTask(live, plan, marker);
}

Result<void> Worker::BeginTask(LiveTask* live, const RecoveryPlan& plan,
                               const RecoveryFindings& found) {
  SHRIKE_TRY_VOID(live->store->Clear());
  Task::Beginning beginning{live->id, ports_.new_history(), plan.committed.low_offsets};
  if (plan.kind == RecoveryPlan::Kind::kEmptyStart) {
    for (const ingest::OffsetRange& range : found.ranges)
      beginning.offsets.push_back(options_.begin_at_end ? range.end : range.begin);
  }
  live->task = std::make_unique<Task>(context_, beginning, rules_, MakeSink());
  live->needs_first_commit = true;
  live->needs_first_checkpoint = context_.mutant != Mutant::kNoFirstCheckpoint;
  live->stored_sequence = -1;
  return {};
}

Result<void> Worker::RestoreTask(LiveTask* live, const RecoveryPlan& plan,
                                 const CheckpointHead& head) {
  // Rules are compiled for their streams: those of other ones cannot go on. There is nothing to replay then, and a commit
  // and a checkpoint follow before anything is fed.
  const bool same_streams = head.streams == context_.fingerprint;
  std::shared_ptr<const RuleSet> rules = rules_;
  if (same_streams) {
    SHRIKE_TRY(rules, RulesOf(live, head.rules));
  }
  Recovery::Inputs inputs{head, plan.committed, nullptr};
  if (!same_streams && head.pending && head.pending->kind == Decision::Kind::kSwap)
    inputs.checkpoint.pending.reset();
  if (inputs.checkpoint.pending && head.pending->kind == Decision::Kind::kSwap) {
    SHRIKE_TRY(inputs.pending_rules, RulesOf(live, head.pending->rules));
  }
  live->task = std::make_unique<Task>(context_, head, std::move(rules), MakeSink());
  live->task->SetStore(live->store.get(), MemoryOfTask());
  live->needs_first_commit = live->needs_first_checkpoint = !same_streams;
  if (live->marker_sequence > head.sequence) live->task->RememberAllRemovals();
  Result<void> restored;
  SHRIKE_TRY_VOID(live->store->ForEach("", [&](const StateEntry& entry) {
    restored = live->task->RestoreEntry(entry);
    return restored.has_value();
  }));
  SHRIKE_TRY_VOID(restored);
  if (!same_streams) live->task->TouchAll();
  SHRIKE_TRY_VOID(live->task->health());
  live->stored_sequence = head.sequence;
  live->recovery = std::make_unique<Recovery>(context_, std::move(inputs), live->task.get());
  return {};
}

Result<std::shared_ptr<const RuleSet>> Worker::RulesOf(LiveTask* live, const std::string& hash) {
  if (hash == rules_->hash || context_.mutant == Mutant::kRulesFromDisk) return rules_;
  std::string text;
  SHRIKE_TRY(const bool there, live->store->Read(TextEntryName(hash), &text));
  if (!there) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("the state of task {} lacks the text of its rules", live->id));
  }
  return ports_.compile(text);
}

std::vector<InputPartition> Worker::PartitionsOf(const LiveTask& live) const {
  std::vector<InputPartition> partitions;
  for (std::size_t topic = 0; topic < context_.topics.size(); ++topic)
    partitions.push_back({static_cast<std::int32_t>(topic), live.id});
  return partitions;
}

std::vector<InputOffset> Worker::StartsOf(const LiveTask& live) const {
  if (live.recovery != nullptr) return live.recovery->Starts();
  std::vector<InputOffset> starts;
  for (int index = 0; index < live.task->partition_count(); ++index)
    starts.push_back({live.task->partition(index), live.task->next_offset(index), ""});
  return starts;
}

// Answers the assignment when all of its tasks are open; a task that came back otherwise goes on where it has to.
Result<void> Worker::StartReading() {
  const bool all_open = std::all_of(assigning_.begin(), assigning_.end(), [&](const auto& at) {
    return tasks_.at(at.partition).task != nullptr;
  });
  std::vector<InputOffset> assigned;
  for (auto& [id, live] : tasks_) {
    if (live.task == nullptr || live.reading) continue;
    if (!live.assigned && !all_open) continue;
    const std::vector<InputOffset> starts = StartsOf(live);
    if (live.assigned) {
      SHRIKE_TRY_VOID(ports_.consumer->Seek(starts));
    } else {
      assigned.insert(assigned.end(), starts.begin(), starts.end());
    }
    live.assigned = true;
    live.reading = true;
    for (LivePartition& partition : live.partitions) partition.paused = false;
  }
  if (!assigned.empty()) {
    assigning_.clear();
    std::sort(assigned.begin(), assigned.end(),
              [](const InputOffset& a, const InputOffset& b) { return a.partition < b.partition; });
    SHRIKE_TRY_VOID(ports_.consumer->Assign(assigned));
  }
  for (auto& [id, live] : tasks_) {
    if (live.recovery == nullptr || !live.reading) continue;
    SHRIKE_TRY_VOID(live.recovery->Advance());
    if (live.recovery->done()) live.recovery.reset();
  }
  return {};
}

TaskOutput::Sink Worker::MakeSink() {
  return [this](const alerts::OutputRecord& record) {
    if (send_failed_) return;
    const Result<void> sent = ports_.producer->Send(record);
    if (sent) return;
    send_failed_ = true;
    ports_.log(sent.error().message);
  };
}

}  // namespace shrike::engine
