#include "engine/recovery.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"

namespace shrike::engine {

Recovery::Recovery(const TaskContext& context, Inputs inputs, Task* task)
    : context_(context), inputs_(std::move(inputs)), task_(task) {
  for (const PartitionCheckpoint& partition : inputs_.checkpoint.partitions)
    rebuffer_ends_.push_back(partition.next_offset);
  task_->SetReplaying(true);
}

std::vector<InputOffset> Recovery::Starts() const {
  std::vector<InputOffset> starts;
  for (int index = 0; index < task_->partition_count(); ++index) {
    const auto at = static_cast<std::size_t>(index);
    starts.push_back({task_->partition(index), inputs_.checkpoint.partitions[at].read_offset, ""});
  }
  return starts;
}

bool Recovery::Wants(int index, std::int64_t offset) const {
  const auto at = static_cast<std::size_t>(index);
  switch (phase_) {
    case Phase::kRebuffer:
      return offset < rebuffer_ends_[at];
    case Phase::kReplay:
      return offset < inputs_.committed.next_offsets[at];
    case Phase::kDone:
      return true;
  }
  return true;
}

Result<void> Recovery::Feed(int index, const ingest::RawRecord& record) {
  SHRIKE_CHECK(Wants(index, record.position.offset) && !done());
  if (phase_ == Phase::kRebuffer) {
    task_->Rebuffer(index, record);
    return {};
  }
  if (context_.mutant == Mutant::kMuteByTime) {
    task_->Advance();
    task_->SetReplaying(task_->front() < inputs_.committed.common.front);
  }
  return task_->Feed(index, record);
}

bool Recovery::AllReached(const std::vector<std::int64_t>& offsets) const {
  for (int index = 0; index < task_->partition_count(); ++index) {
    if (task_->next_offset(index) < offsets[static_cast<std::size_t>(index)]) return false;
  }
  return true;
}

Result<void> Recovery::Advance() {
  if (phase_ == Phase::kRebuffer && AllReached(rebuffer_ends_)) {
    SHRIKE_TRY_VOID(EndRebuffer());
    SHRIKE_TRY_VOID(ApplyPending());
    phase_ = Phase::kReplay;
  }
  if (phase_ == Phase::kReplay && AllReached(inputs_.committed.next_offsets)) {
    SHRIKE_TRY_VOID(EndReplay());
    phase_ = Phase::kDone;
  }
  return {};
}

Result<void> Recovery::EndRebuffer() {
  for (int index = 0; index < task_->partition_count(); ++index) {
    const PartitionCheckpoint& was = inputs_.checkpoint.partitions[static_cast<std::size_t>(index)];
    task_->SetWatermark(index, was.watermark);
    const std::int64_t low = task_->position(index).low_offset;
    const bool same_streams = inputs_.checkpoint.streams == context_.fingerprint;
    if (low != was.low_offset && same_streams && context_.mutant == Mutant::kNone) {
      return Fail(
          ErrorCode::kInternal,
          fmt::format("task {}: after reading {} [{}] again from offset {} to {}, the lowest "
                      "buffered offset is {}: the topic is not what it was",
                      task_->id(), was.topic, was.partition, was.low_offset, was.next_offset, low));
    }
  }
  return {};
}

// It counts if no commit followed the checkpoint, or if those that did were made after it had taken effect. Else another
// instance went on without it.
Result<void> Recovery::ApplyPending() {
  const std::optional<Decision>& pending = inputs_.checkpoint.pending;
  const std::int64_t sequence = inputs_.checkpoint.sequence;
  const CommitMetadata& b = inputs_.committed.common;
  const bool live = b.sequence == sequence;
  const bool counts = live || b.base == sequence || context_.mutant == Mutant::kPendingAlwaysCounts;
  if (!pending || !counts) return {};
  applied_live_ = live;
  if (live) task_->SetReplaying(false);
  SHRIKE_TRY_VOID(task_->Apply(*pending, inputs_.pending_rules));
  if (live) task_->SetReplaying(true);
  return {};
}

Result<void> Recovery::EndReplay() {
  task_->Advance();
  SHRIKE_TRY_VOID(task_->health());
  task_->SetReplaying(false);
  const CommitMetadata& b = inputs_.committed.common;
  TaskHistory& history = task_->history();
  history.sequence = b.sequence;
  history.base = applied_live_ ? inputs_.checkpoint.sequence : b.base;
  if (applied_live_ || context_.mutant != Mutant::kNone) return {};
  for (int index = 0; index < task_->partition_count(); ++index) {
    const std::int64_t low = task_->position(index).low_offset;
    const std::int64_t committed = inputs_.committed.low_offsets[static_cast<std::size_t>(index)];
    if (low != committed && inputs_.checkpoint.streams == context_.fingerprint) {
      return Fail(ErrorCode::kInternal,
                  fmt::format("task {}: the replay of partition {} ended with {} as the lowest "
                              "buffered offset, committed was {}",
                              task_->id(), index, low, committed));
    }
  }
  if (task_->front() != b.front || task_->output().count() != b.outputs) {
    return Fail(ErrorCode::kInternal,
                fmt::format("task {}: the replay from commit {} to {} came out differently: front "
                            "{} instead of {}, {} outputs instead of {}, digest {:016x} instead of "
                            "{:016x}. Rules or input are not what they were; this is a defect of "
                            "shrike if neither was touched",
                            task_->id(), inputs_.checkpoint.sequence, b.sequence, task_->front(),
                            b.front, task_->output().count().count, b.outputs.count,
                            task_->output().count().digest, b.outputs.digest));
  }
  task_->MarkCommitted();
  return {};
}

}  // namespace shrike::engine
