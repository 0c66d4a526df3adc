// Commit, checkpoint, decision: the three moves of exactly-once.md that write something. Read beside that page.
//
//   Commit      one transaction in the log: what the tasks sent since the last one, and the offsets of all partitions of
//               each task that has news; with a changelog and a checkpoint to follow, the changed state too.
//   Checkpoint  right after a commit whose number it bears: one transaction of the task's store.
//   Decide      a commit of the task even without news; a checkpoint that holds the decision as pending; only then its
//               effect. Commits from then on name the first one as base.
// Order of writes: the log first, the store second; for a decision log, store, effect.
// Tested by: tests/engine/commit_test.cc, tests/sim.  Next: engine/worker.h.
#ifndef SHRIKE_ENGINE_COMMIT_H_
#define SHRIKE_ENGINE_COMMIT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alerts/producer.h"
#include "base/result.h"
#include "engine/checkpoint.h"
#include "engine/live_task.h"
#include "engine/rule_set.h"
#include "ingest/consumer.h"

namespace shrike::engine {

enum class MoveResult : std::uint8_t {
  kDone,
  kRecover,  // the transaction was aborted, or nobody knows: memory is ahead of the log, recover all tasks
  kStoreFailed,  // the log has it, the store has not: nothing may be fed until a checkpoint succeeds
};

// A decision for one task.
struct PendingDecision {
  LiveTask* task = nullptr;
  Decision decision;
  std::shared_ptr<const RuleSet> rules;  // of a swap
};

// One worker's. All borrowed.
class Committer {
 public:
  // changelog: the state topic is written too.
  // send_failed: whether a task's output could not be sent since the last commit: then there is none.
  Committer(const TaskContext& context, ingest::Consumer* consumer, alerts::Producer* producer,
            const bool* send_failed, bool changelog)
      : context_(context),
        consumer_(consumer),
        producer_(producer),
        send_failed_(send_failed),
        changelog_(changelog) {}

  // Commits every live task of `tasks` that has news. Between releases only; a task that recovers is left out.
  // checkpoint: one follows, of all of them.
  MoveResult Commit(std::span<LiveTask* const> tasks, bool checkpoint);

  // The state at the task's last commit, to its store. Nothing was fed since (the caller's duty).
  MoveResult Checkpoint(LiveTask* live);

  // kStoreFailed: the decision has not taken effect; it is to be made again. Errors: those of Task::Apply.
  Result<MoveResult> Decide(std::span<LiveTask* const> tasks, const PendingDecision& decision);

  // Transactions that were committed.
  std::int64_t commits() const { return commits_; }
  // Why the last move failed. For the log.
  const std::string& reason() const { return reason_; }

 private:
  // A task's part in a transaction.
  struct Part {
    LiveTask* live = nullptr;
    bool decides = false;
    bool changes = false;  // its state goes to the changelog too
  };
  MoveResult Run(std::span<LiveTask* const> tasks, const PendingDecision* decision,
                 bool checkpoint);
  MoveResult Write(LiveTask* live, const PendingDecision* decision);
  Result<void> SendChanges(LiveTask* live, const PendingDecision* decision);
  // Lets time pass in all of them, then: those that take part.
  std::vector<Part> PartsOf(std::span<LiveTask* const> tasks, const PendingDecision* decision,
                            bool checkpoint) const;
  MoveResult EndTransaction(std::span<const InputOffset> offsets);
  MoveResult Recover(std::string reason);
  void AppendOffsets(const Part& part, std::vector<InputOffset>* offsets) const;
  static void TakeCommitted(const Part& part);
  bool Skips(const LiveTask& live, const PendingDecision* decision) const;

  const TaskContext& context_;
  ingest::Consumer* consumer_;
  alerts::Producer* producer_;
  const bool* send_failed_;
  bool changelog_;
  std::string reason_;
  std::int64_t commits_ = 0;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_COMMIT_H_
