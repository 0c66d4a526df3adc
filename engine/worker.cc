#include "engine/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace shrike::engine {
namespace {

constexpr std::size_t kBatchRecords = 1000;
// A partition that is so far ahead of the others that this much of it is held back is not read on.
constexpr std::size_t kWaitingMax = 10'000;
constexpr std::size_t kHeldBackMax = 100'000;

}  // namespace

Worker::Worker(const TaskContext& context, WorkerOptions options, WorkerPorts ports,
               std::shared_ptr<const RuleSet> rules)
    : context_(context),
      options_(options),
      ports_(std::move(ports)),
      rules_(std::move(rules)),
      committer_(context, ports_.consumer, ports_.producer, &send_failed_,
                 ports_.changelog != nullptr) {
  checkpoint_at_ = committed_at_ = ports_.clock->Elapsed();
}

Worker::~Worker() = default;

std::vector<LiveTask*> Worker::AllTasks() {
  std::vector<LiveTask*> all;
  for (auto& [id, live] : tasks_) all.push_back(&live);
  return all;
}

bool Worker::ready() const { return not_ready_reason().empty(); }

std::string Worker::not_ready_reason() const {
  if (!trouble_.empty()) return trouble_;
  if (!assigning_.empty()) return "tasks are being taken over";
  for (const auto& [id, live] : tasks_) {
    if (!live.live()) return fmt::format("task {} is being brought back", id);
  }
  return "";
}

// False: something is not there yet; this round only keeps the membership.
Result<bool> Worker::Prepare() {
  trouble_.clear();
  if (!producer_ready_) {
    const Result<void> initialized = ports_.producer->Initialize();
    if (!initialized && initialized.error().code != ErrorCode::kIo)
      return tl::unexpected(initialized.error());
    producer_ready_ = initialized.has_value();
    if (!initialized) trouble_ = initialized.error().message;
  }
  if (!producer_ready_) return false;
  SHRIKE_TRY_VOID(OpenTasks());
  SHRIKE_TRY_VOID(StartReading());
  const bool first = std::any_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
    return entry.second.live() && entry.second.reading &&
           (entry.second.needs_first_commit || entry.second.needs_first_checkpoint);
  });
  if (first || store_failed_) CommitNow(true);
  for (auto& [id, live] : tasks_) {
    if (live.task != nullptr) SHRIKE_TRY_VOID(Pump(&live));
  }
  return true;
}

Result<void> Worker::Step(DurationMs wait) {
  SHRIKE_TRY(const bool prepared, Prepare());
  if (send_failed_) TakeResult(MoveResult::kRecover);
  const DurationMs due = committed_at_ + options_.commit_interval - ports_.clock->Elapsed();
  const DurationMs wait_max =
      prepared && !store_failed_ ? std::clamp<DurationMs>(due, 0, wait) : wait;
  SHRIKE_TRY_VOID(ports_.consumer->Poll(kBatchRecords, wait_max, &batch_));
  SHRIKE_TRY_VOID(FeedBatch());
  if (send_failed_) TakeResult(MoveResult::kRecover);
  if (batch_.rebalance != ingest::Rebalance::kNone) SHRIKE_TRY_VOID(TakeRebalance(batch_));
  SHRIKE_TRY_VOID(DecideNext());
  CommitIfDue();
  return Throttle();
}

Result<void> Worker::FeedBatch() {
  const DurationMs now = ports_.clock->Elapsed();
  for (const ingest::RawRecord& record : batch_.records) {
    const auto found = tasks_.find(record.position.partition);
    // Not ours any more, or to be read again when the task is back.
    if (found == tasks_.end() || found->second.task == nullptr || !found->second.reading) continue;
    LivePartition& partition =
        found->second.partitions[static_cast<std::size_t>(record.position.topic)];
    partition.heard = now;
    partition.at_end = false;
    ++stats_.records;
    SHRIKE_TRY_VOID(FeedRecord(&found->second, record));
  }
  for (const InputPartition& at : batch_.at_end) {
    const auto found = tasks_.find(at.partition);
    if (found != tasks_.end() && !found->second.partitions.empty())
      found->second.partitions[static_cast<std::size_t>(at.topic)].at_end = true;
  }
  return {};
}

bool Worker::MustWait(const LiveTask& live, int index, std::int64_t offset) const {
  if (live.recovery != nullptr) return !live.recovery->Wants(index, offset);
  if (store_failed_ || live.needs_first_commit || live.needs_first_checkpoint) return true;
  return live.task->idle(index) && context_.mutant != Mutant::kSilentWake;
}

Result<void> Worker::FeedRecord(LiveTask* live, const ingest::RawRecord& record) {
  const int index = record.position.topic;
  LivePartition& partition = live->partitions[static_cast<std::size_t>(index)];
  if (!partition.waiting.empty() || MustWait(*live, index, record.position.offset)) {
    partition.waiting.push_back(
        {record.position, record.timestamp, std::string(record.bytes), std::string(record.key)});
    return {};
  }
  const bool recovers = live->recovery != nullptr;
  SHRIKE_TRY_VOID(Give(live, index, record));
  // Others may have waited for this one.
  return recovers ? Pump(live) : Result<void>();
}

Result<void> Worker::Give(LiveTask* live, int index, const ingest::RawRecord& record) {
  if (live->recovery == nullptr) {
    if (live->task->idle(index))  // kSilentWake
      SHRIKE_TRY_VOID(live->task->Apply({Decision::Kind::kWake, index, ""}, nullptr));
    return live->task->Feed(index, record);
  }
  SHRIKE_TRY_VOID(live->recovery->Feed(index, record));
  SHRIKE_TRY_VOID(live->recovery->Advance());
  if (live->recovery->done()) live->recovery.reset();
  return {};
}

Result<void> Worker::Pump(LiveTask* live) {
  bool moved = true;
  while (moved) {
    moved = false;
    for (std::size_t index = 0; index < live->partitions.size(); ++index) {
      std::deque<OwnedRecord>& waiting = live->partitions[index].waiting;
      while (!waiting.empty() &&
             !MustWait(*live, static_cast<int>(index), waiting.front().position.offset)) {
        SHRIKE_TRY_VOID(Give(live, static_cast<int>(index), waiting.front().raw()));
        waiting.pop_front();
        moved = true;
      }
    }
  }
  return {};
}

// One decision a round and task: each is a commit and a checkpoint of its own.
Result<void> Worker::DecideNext() {
  for (LiveTask* live : AllTasks()) {
    if (store_failed_ || !producer_ready_ || !live->live() || live->needs_first_commit ||
        live->needs_first_checkpoint)
      continue;
    const std::optional<PendingDecision> decision = NextDecision(live);
    if (!decision) continue;
    SHRIKE_TRY(const MoveResult result, committer_.Decide(AllTasks(), *decision));
    ++stats_.decisions;
    TakeResult(result);
    if (result != MoveResult::kDone) return {};
    SHRIKE_TRY_VOID(Pump(live));
  }
  return {};
}

std::optional<PendingDecision> Worker::NextDecision(LiveTask* live) {
  using Kind = Decision::Kind;
  const Task& task = *live->task;
  for (int index = 0; index < task.partition_count(); ++index) {
    if (task.idle(index) && !live->partitions[static_cast<std::size_t>(index)].waiting.empty())
      return PendingDecision{live, {Kind::kWake, index, ""}, nullptr};
  }
  if (task.rules().hash != rules_->hash)
    return PendingDecision{live, {Kind::kSwap, 0, rules_->hash}, rules_};
  const DurationMs now = ports_.clock->Elapsed();
  for (int index = 0; index < task.partition_count(); ++index) {
    const LivePartition& partition = live->partitions[static_cast<std::size_t>(index)];
    const auto stream = static_cast<std::size_t>(context_.streams[static_cast<std::size_t>(index)]);
    const DurationMs idle = context_.catalog.streams[stream].idle;
    if (partition.at_end && now - partition.heard >= idle && HoldsTimeBack(*live, index))
      return PendingDecision{live, {Kind::kIdle, index, ""}, nullptr};
  }
  return std::nullopt;
}

// Only then idleness changes anything.
bool Worker::HoldsTimeBack(const LiveTask& live, int index) const {
  const Pipeline& pipeline = live.task->pipeline();
  if (pipeline.idle(index)) return false;
  for (int other = 0; other < live.task->partition_count(); ++other) {
    if (pipeline.watermark(other) > pipeline.watermark(index)) return true;
  }
  return false;
}

void Worker::CommitIfDue() {
  const DurationMs now = ports_.clock->Elapsed();
  if (now - committed_at_ < options_.commit_interval || !producer_ready_ || store_failed_) return;
  CommitNow(now - checkpoint_at_ >= options_.checkpoint_interval || MemoryIsFull());
}

std::size_t Worker::MemoryOfTask() const {
  return options_.memory_bytes / std::max<std::size_t>(tasks_.size(), 1);
}

// Only what a checkpoint has written can be let go.
bool Worker::MemoryIsFull() const {
  const std::size_t most = MemoryOfTask() + MemoryOfTask() / 4;
  return std::any_of(tasks_.begin(), tasks_.end(), [&](const auto& entry) {
    return entry.second.live() && entry.second.task->key_bytes() > most;
  });
}

void Worker::CommitNow(bool checkpoint) {
  const std::vector<LiveTask*> all = AllTasks();
  const MoveResult result = committer_.Commit(all, checkpoint);
  stats_.commits = committer_.commits();
  committed_at_ = ports_.clock->Elapsed();
  TakeResult(result);
  if (result != MoveResult::kDone) return;
  if (checkpoint) CheckpointAll();
}

void Worker::CheckpointAll() {
  store_failed_ = false;
  for (LiveTask* live : AllTasks()) {
    if (!live->live() || live->needs_first_commit ||
        (live->stored_sequence == live->task->history().sequence && !live->needs_first_checkpoint))
      continue;
    live->task->SetStore(live->store.get(), MemoryOfTask());
    const MoveResult result = committer_.Checkpoint(live);
    TakeResult(result);
    stats_.checkpoints += result == MoveResult::kDone ? 1 : 0;
  }
  checkpoint_at_ = ports_.clock->Elapsed();
}

void Worker::TakeResult(MoveResult result) {
  if (result == MoveResult::kDone) return;
  if (result == MoveResult::kStoreFailed) {
    store_failed_ = true;
    trouble_ = committer_.reason();
    ports_.log("the checkpoint is tried again: " + trouble_);
    return;
  }
  ++stats_.recoveries;
  ports_.log("tasks are brought back from the log: " + committer_.reason());
  DropTasks();
}

// Reading ahead is bounded: a partition whose records wait, or that is ahead of the others, pauses.
Result<void> Worker::Throttle() {
  for (auto& [id, live] : tasks_) {
    if (live.task == nullptr || !live.reading) continue;
    const bool full = live.task->pipeline().held_back() > kHeldBackMax;
    for (int index = 0; index < live.task->partition_count(); ++index) {
      LivePartition& partition = live.partitions[static_cast<std::size_t>(index)];
      const TimestampMs ahead = live.task->pipeline().watermark(index);
      const bool pause = partition.waiting.size() > kWaitingMax ||
                         (full && ahead > live.task->pipeline().task_time());
      if (pause == partition.paused) continue;
      const InputPartition which = live.task->partition(index);
      SHRIKE_TRY_VOID(ports_.consumer->SetPaused({&which, 1}, pause));
      partition.paused = pause;
    }
  }
  return {};
}

Result<void> Worker::Stop() {
  if (!producer_ready_) return {};
  CommitNow(true);
  if (trouble_.empty()) return {};
  return Fail(ErrorCode::kIo, "the last commit or checkpoint failed: " + trouble_);
}

}  // namespace shrike::engine
