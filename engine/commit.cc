#include "engine/commit.h"

#include <utility>

#include "base/check.h"
#include "engine/changelog.h"

namespace shrike::engine {
namespace {

using alerts::CommitResult;

const RuleSet* RulesOf(const PendingDecision* decision) {
  return decision == nullptr ? nullptr : decision->rules.get();
}

std::optional<Decision> DecisionOf(const PendingDecision* decision) {
  return decision == nullptr ? std::nullopt : std::optional(decision->decision);
}

}  // namespace

MoveResult Committer::Commit(std::span<LiveTask* const> tasks, bool checkpoint) {
  return Run(tasks, nullptr, checkpoint);
}

// A task without news is left out: its last commit says it all. The decider is not.
bool Committer::Skips(const LiveTask& live, const PendingDecision* decision) const {
  const bool replays = live.recovery != nullptr && live.recovery->replaying() &&
                       context_.mutant == Mutant::kCommitInReplay;
  if (!live.live() && !replays) return true;
  if (live.needs_first_commit) return false;
  const bool decides = decision != nullptr && decision->task == &live;
  return !decides && !live.task->HasNews();
}

MoveResult Committer::Run(std::span<LiveTask* const> tasks, const PendingDecision* decision,
                          bool checkpoint) {
  const std::vector<Part> parts = PartsOf(tasks, decision, checkpoint);
  if (*send_failed_) return Recover("an output could not be sent");
  for (const LiveTask* live : tasks) {
    if (live->task == nullptr) continue;
    if (const Result<void> health = live->task->health(); !health)
      return Recover(health.error().message);
  }
  if (parts.empty()) return MoveResult::kDone;
  std::vector<InputOffset> offsets;
  for (const Part& part : parts) AppendOffsets(part, &offsets);
  for (const Part& part : parts) {
    ++part.live->task->history().sequence;  // The marker bears the number of this commit.
    if (!part.changes) continue;
    const Result<void> sent = SendChanges(part.live, part.decides ? decision : nullptr);
    if (!sent) return Recover(sent.error().message);
  }
  const MoveResult ended = EndTransaction(offsets);
  if (ended != MoveResult::kDone) return ended;
  for (const Part& part : parts) TakeCommitted(part);
  return MoveResult::kDone;
}

std::vector<Committer::Part> Committer::PartsOf(std::span<LiveTask* const> tasks,
                                                const PendingDecision* decision,
                                                bool checkpoint) const {
  std::vector<Part> parts;
  for (LiveTask* live : tasks) {
    if (live->task != nullptr && live->live()) live->task->Advance();
    if (Skips(*live, decision)) continue;
    const bool decides = decision != nullptr && decision->task == live;
    parts.push_back({live, decides, changelog_ && (checkpoint || decides)});
  }
  return parts;
}

MoveResult Committer::EndTransaction(std::span<const InputOffset> offsets) {
  const Result<std::string> token = consumer_->GroupToken();
  if (!token) return Recover(token.error().message);
  const CommitResult result = producer_->Commit(offsets, *token);
  if (result == CommitResult::kAborted) return Recover("the transaction was aborted");
  if (result == CommitResult::kUnknown) return Recover("the transaction's end is not known");
  ++commits_;
  return MoveResult::kDone;
}

MoveResult Committer::Recover(std::string reason) {
  reason_ = std::move(reason);
  return MoveResult::kRecover;
}

void Committer::AppendOffsets(const Part& part, std::vector<InputOffset>* offsets) const {
  const Task& task = *part.live->task;
  const std::int64_t sequence = task.history().sequence + 1;
  const bool early = part.decides && context_.mutant == Mutant::kBaseEarly;
  for (InputOffset& offset : task.Offsets(sequence, early ? sequence : task.history().base)) {
    const bool touched = task.Moved(offset.partition.topic);
    if (context_.mutant == Mutant::kTouchedOffsetsOnly && sequence > 0 && !touched) continue;
    offsets->push_back(std::move(offset));
  }
}

void Committer::TakeCommitted(const Part& part) {
  LiveTask& live = *part.live;
  live.task->MarkCommitted();
  live.needs_first_commit = false;
  if (!part.changes) return;
  live.marker_sequence = live.task->history().sequence;
  live.full_image_next = false;
  live.changelog_names.clear();
}

Result<void> Committer::SendChanges(LiveTask* live, const PendingDecision* decision) {
  Task& task = *live->task;
  if (live->full_image_next) task.TouchAll();
  SHRIKE_TRY_VOID(task.health());
  alerts::OutputRecord record;
  record.topic = alerts::OutputTopic::kState;
  record.partition = live->id;
  for (const std::string& name : live->changelog_names) {
    record.key = name;
    record.value = std::nullopt;
    SHRIKE_TRY_VOID(producer_->Send(record));
  }
  for (const StateChange& change : task.Changes(RulesOf(decision))) {
    const std::string value = change.value ? ChangelogValue(change) : "";
    record.key = change.name;
    record.value = change.value ? std::optional<std::string_view>(value) : std::nullopt;
    SHRIKE_TRY_VOID(producer_->Send(record));
  }
  const std::string head = WriteCheckpointHead(task.Head(DecisionOf(decision)));
  record.key = kMarkerKey;
  record.value = head;
  return producer_->Send(record);
}

MoveResult Committer::Checkpoint(LiveTask* live) { return Write(live, nullptr); }

MoveResult Committer::Write(LiveTask* live, const PendingDecision* decision) {
  Task& task = *live->task;
  SHRIKE_CHECK(live->live());
  // What a first checkpoint holds is no function of the input before it.
  if (live->needs_first_checkpoint) task.history().base = task.history().sequence;
  const std::vector<StateChange> changes = task.Changes(RulesOf(decision));
  const CheckpointHead head = task.Head(DecisionOf(decision));
  const Result<void> written = live->store->Write(WriteCheckpointHead(head), changes);
  if (!written) {
    reason_ = written.error().message;
    return MoveResult::kStoreFailed;
  }
  // Both must have them for the same commit (exactly-once.md, 18): else they are changes of the next one too.
  const bool both = !changelog_ || live->marker_sequence == task.history().sequence;
  if (both || context_.mutant == Mutant::kForgetAfterStore) task.ForgetChanges();
  live->needs_first_checkpoint = false;
  live->stored_sequence = task.history().sequence;
  live->stored_read_offsets.clear();
  for (const PartitionCheckpoint& partition : head.partitions)
    live->stored_read_offsets.push_back(partition.read_offset);
  return MoveResult::kDone;
}

Result<MoveResult> Committer::Decide(std::span<LiveTask* const> tasks,
                                     const PendingDecision& decision) {
  LiveTask* live = decision.task;
  if (context_.mutant == Mutant::kEffectBeforeCommit) {
    SHRIKE_TRY_VOID(live->task->Apply(decision.decision, decision.rules));
    const MoveResult committed = Run(tasks, nullptr, true);
    if (committed != MoveResult::kDone) return committed;
    live->task->history().base = live->task->history().sequence;
    return Write(live, nullptr);
  }
  MoveResult moved = Run(tasks, &decision, false);
  if (moved == MoveResult::kDone) moved = Write(live, &decision);
  if (moved != MoveResult::kDone) return moved;
  live->task->history().base = live->task->history().sequence;
  SHRIKE_TRY_VOID(live->task->Apply(decision.decision, decision.rules));
  return MoveResult::kDone;
}

}  // namespace shrike::engine
