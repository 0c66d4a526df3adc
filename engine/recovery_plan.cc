#include "engine/recovery_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace shrike::engine {
namespace {

constexpr std::string_view kWaysOut =
    " Ways out: put the group's offsets back where they were; or begin a new history: stop all "
    "instances and run `shrike state rebuild --forget`, which forgets open runs and windows, and "
    "tells how to delete the group's offsets";

Result<CommittedState> ReadCommitted(const TaskContext& context, const RecoveryFindings& found) {
  CommittedState state;
  for (std::size_t topic = 0; topic < found.committed.size(); ++topic) {
    const auto& committed = found.committed[topic];
    const std::string place = fmt::format("{} [{}]", context.topics[topic], found.task);
    if (!committed) {
      return Fail(ErrorCode::kCorrupt,
                  fmt::format("task {}: the group has no offset for {}, but has for other "
                              "partitions of the task: it was deleted, or has expired.{}",
                              found.task, place, kWaysOut));
    }
    const std::optional<CommitMetadata> metadata = ParseCommitMetadata(committed->metadata);
    if (!metadata) {
      return Fail(ErrorCode::kCorrupt,
                  fmt::format("task {}: the offset {} of {} was not committed by shrike (its "
                              "metadata is `{}`): it was moved by hand, or the group belongs to "
                              "another application.{}",
                              found.task, committed->offset, place, committed->metadata, kWaysOut));
    }
    if (topic == 0) state.common = *metadata;
    if (metadata->history != state.common.history || metadata->sequence != state.common.sequence ||
        metadata->base != state.common.base) {
      return Fail(
          ErrorCode::kCorrupt,
          fmt::format("task {}: the offset of {} is of commit {}, that of {} [{}] of commit "
                      "{}: some were moved.{}",
                      found.task, place, metadata->sequence, context.topics[0], found.task,
                      state.common.sequence, kWaysOut));
    }
    state.low_offsets.push_back(committed->offset);
    state.next_offsets.push_back(metadata->next_offset);
  }
  return state;
}

Result<void> CheckOwner(const TaskContext& context, int task, const CheckpointHead& head) {
  if (head.application != context.application || head.task != task) {
    return Fail(
        ErrorCode::kCorrupt,
        fmt::format("the state is of task {} of application `{}`; expected task {} of `{}`. "
                    "Give each application a `state.path` of its own",
                    head.task, head.application, task, context.application));
  }
  if (head.partition_count != context.partition_count) {
    return Fail(
        ErrorCode::kCorrupt,
        fmt::format("task {}: the state is of topics with {} partitions, now they have {}: "
                    "keys have moved between them. Read from topics with {} partitions, or "
                    "forget the state with `shrike state rebuild --forget`",
                    task, head.partition_count, context.partition_count, head.partition_count));
  }
  std::vector<std::string> topics;
  for (const PartitionCheckpoint& partition : head.partitions) topics.push_back(partition.topic);
  if (topics != context.topics) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("task {}: the state is of the topics {}; the configuration names {}. "
                            "Configure the former again, or forget the state with `shrike state "
                            "rebuild --forget`",
                            task, fmt::join(topics, ", "), fmt::join(context.topics, ", ")));
  }
  return {};
}

// Whether reading can begin where the state needs it.
Result<void> CheckInput(const TaskContext& context, const RecoveryFindings& found,
                        const CheckpointHead* head, const CommittedState& committed) {
  for (std::size_t topic = 0; topic < found.ranges.size(); ++topic) {
    const ingest::OffsetRange& range = found.ranges[topic];
    const std::int64_t begin =
        head != nullptr ? head->partitions[topic].read_offset : committed.low_offsets[topic];
    const std::int64_t end = committed.next_offsets[topic];
    if (begin < range.begin) {
      return Fail(ErrorCode::kCorrupt,
                  fmt::format("task {}: {} [{}] begins at offset {}, but the state needs it from "
                              "{} on: retention has taken what lies between. Restore the topic, or "
                              "give up open runs and windows with `shrike state rebuild --forget`",
                              found.task, context.topics[topic], found.task, range.begin, begin));
    }
    if (end > range.end) {
      return Fail(
          ErrorCode::kCorrupt,
          fmt::format("task {}: {} [{}] ends at offset {}, but was read up to {}: the topic "
                      "was cut or made anew.{}",
                      found.task, context.topics[topic], found.task, range.end, end, kWaysOut));
    }
  }
  return {};
}

Result<void> CheckGap(const TaskContext& context, const CheckpointHead& head,
                      const CommittedState& committed) {
  if (head.streams == context.fingerprint || head.sequence == committed.common.sequence) return {};
  // A commit that read nothing and processed nothing leaves nothing to replay.
  bool empty = head.front == committed.common.front && head.outputs == committed.common.outputs;
  for (std::size_t topic = 0; topic < head.partitions.size(); ++topic)
    empty &= head.partitions[topic].next_offset == committed.next_offsets[topic];
  if (empty) return {};
  return Fail(ErrorCode::kCorrupt,
              fmt::format("task {}: the streams' configuration (or the version of shrike) has "
                          "changed since the last checkpoint, and {} commits were made after it, "
                          "which must be replayed under the old one. Start once as before and stop "
                          "gracefully, then make the change",
                          head.task, committed.common.sequence - head.sequence));
}

bool IsUsable(const TaskContext& context, const CheckpointHead& head, const CommittedState& b) {
  if (head.history != b.common.history || head.sequence > b.common.sequence) return false;
  if (context.mutant == Mutant::kIgnoreBase) return true;
  // Another instance may have written a checkpoint at the very commit of a decision, and without it.
  const bool has_decision = head.pending.has_value() || head.base == b.common.base;
  return head.sequence > b.common.base || (head.sequence == b.common.base && has_decision);
}

Result<RecoveryPlan> PlanWithCommit(const TaskContext& context, const RecoveryFindings& found) {
  RecoveryPlan plan;
  SHRIKE_TRY(plan.committed, ReadCommitted(context, found));
  const CommitMetadata& b = plan.committed.common;
  const bool marker_fits = found.marker && found.marker->history == b.history;
  if (found.stored && IsUsable(context, *found.stored, plan.committed)) {
    plan.kind = RecoveryPlan::Kind::kStored;
    plan.full_image_next = !marker_fits || found.marker->sequence < found.stored->sequence;
  } else if (found.stored && found.stored->history == b.history &&
             found.stored->sequence > b.sequence) {
    return Fail(
        ErrorCode::kCorrupt,
        fmt::format("task {}: the state is of commit {}, the log knows only {}: offsets were "
                    "moved back, or the log has lost data.{}",
                    found.task, found.stored->sequence, b.sequence, kWaysOut));
  } else if (marker_fits && IsUsable(context, *found.marker, plan.committed)) {
    plan.kind = RecoveryPlan::Kind::kMarker;
  } else if (b.sequence == 0) {
    plan.kind = RecoveryPlan::Kind::kFirstCommit;
  } else {
    const std::string has = !found.stored ? "has no state"
                            : found.stored->history != b.history
                                ? "has the state of another history"
                                : fmt::format("has the state of commit {}", found.stored->sequence);
    return Fail(
        ErrorCode::kCorrupt,
        fmt::format("task {}: this instance {}, but needs one of commits {} to {} to go on, "
                    "and there is no changelog that has it. Start the instance that had the "
                    "task last; for the future, `state.changelog: on`. To begin anew: "
                    "`shrike state rebuild --forget`",
                    found.task, has, b.base, b.sequence));
  }
  const CheckpointHead* head = plan.kind == RecoveryPlan::Kind::kStored   ? &*found.stored
                               : plan.kind == RecoveryPlan::Kind::kMarker ? &*found.marker
                                                                          : nullptr;
  SHRIKE_TRY_VOID(CheckInput(context, found, head, plan.committed));
  if (head != nullptr) SHRIKE_TRY_VOID(CheckGap(context, *head, plan.committed));
  return plan;
}

}  // namespace

Result<RecoveryPlan> PlanRecovery(const TaskContext& context, const RecoveryFindings& found) {
  for (const auto* head : {&found.stored, &found.marker}) {
    if (*head) SHRIKE_TRY_VOID(CheckOwner(context, found.task, **head));
  }
  const bool any = std::any_of(found.committed.begin(), found.committed.end(),
                               [](const auto& committed) { return committed.has_value(); });
  if (any) return PlanWithCommit(context, found);
  if (!found.stored && !found.marker) return RecoveryPlan{};
  const std::int64_t sequence = found.stored ? found.stored->sequence : found.marker->sequence;
  return Fail(ErrorCode::kCorrupt,
              fmt::format("task {}: there is a state of commit {}, but the group has no offsets: "
                          "they were deleted, have expired, or the group was renamed.{}",
                          found.task, sequence, kWaysOut));
}

}  // namespace shrike::engine
