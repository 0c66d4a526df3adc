// Worker: one stream thread's loop over its tasks: consume, process, commit, checkpoint, recover (exactly-once.md).
//
// It owns the tasks; the ports are borrowed. Each Step is one round: it reads a batch, feeds it, decides what has to be
// decided, and commits when it is time. Any abort of a transaction throws all tasks away and brings them back from the
// log. The caller runs it in a thread of its own (tools/shrike/run.cc) or steps it (the simulator).
// Tested by: tests/engine/worker_test.cc, tests/sim.  Next: engine/commit.h.
#ifndef SHRIKE_ENGINE_WORKER_H_
#define SHRIKE_ENGINE_WORKER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alerts/producer.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/commit.h"
#include "engine/live_task.h"
#include "engine/recovery_plan.h"
#include "engine/rule_set.h"
#include "engine/state_store.h"
#include "engine/task.h"
#include "ingest/changelog_reader.h"
#include "ingest/consumer.h"

namespace shrike::engine {

struct WorkerPorts {
  ingest::Consumer* consumer = nullptr;
  alerts::Producer* producer = nullptr;
  ingest::ChangelogReader* changelog = nullptr;  // null: `changelog: off`
  Clock* clock = nullptr;
  std::function<Result<std::unique_ptr<StateStore>>(int task)> open_store;
  RuleCompiler compile;
  std::function<std::uint64_t()> new_history;  // a random number
  std::function<void(const std::string& line)> log = [](const std::string&) {};
};

struct WorkerOptions {
  DurationMs commit_interval = 100;
  DurationMs checkpoint_interval = 10'000;
  bool begin_at_end = false;  // where a group without offsets begins; else at the first record
  std::size_t memory_bytes = std::size_t{512} << 20;  // of the key states of all tasks, roughly
};

struct WorkerStats {
  std::int64_t commits = 0;
  std::int64_t checkpoints = 0;
  std::int64_t recoveries = 0;  // of all tasks, after an abort
  std::int64_t decisions = 0;
  std::int64_t rebalances = 0;
  std::int64_t records = 0;
};

class Worker {
 public:
  // context: borrowed.
  Worker(const TaskContext& context, WorkerOptions options, WorkerPorts ports,
         std::shared_ptr<const RuleSet> rules);
  ~Worker();

  // One round; waits up to `wait` if nothing is there. What passes by itself (a log that does not answer, a full disk)
  // is tried again by later rounds, with `wait` between.
  // Errors: what does not pass: the process must stop, its message says what to do.
  Result<void> Step(DurationMs wait);

  // Commits and checkpoints what is there; nothing may be stepped after it. Errors: kIo, the last commit or checkpoint
  // failed; nothing is lost, the next start reads again.
  Result<void> Stop();

  // The rules that hold from now on: each task swaps as soon as it can.
  void SetRules(std::shared_ptr<const RuleSet> rules) { rules_ = std::move(rules); }

  // All tasks are at work, none is being brought back or waits for its disk.
  bool ready() const;
  // Why not; empty if ready.
  std::string not_ready_reason() const;

  const WorkerStats& stats() const { return stats_; }
  const std::map<int, LiveTask>& tasks() const { return tasks_; }

 private:
  // worker_tasks.cc: which tasks there are, and how they come back.
  Result<void> TakeRebalance(const ingest::ConsumerBatch& batch);
  Result<void> TakeAssignment(const std::vector<InputPartition>& partitions);
  Result<void> LetGo(const std::vector<InputPartition>& partitions, bool lost);
  Result<void> OpenTasks();
  Result<void> OpenTask(LiveTask* live);
  Result<RecoveryFindings> LookAt(LiveTask* live);
  Result<void> BeginTask(LiveTask* live, const RecoveryPlan& plan, const RecoveryFindings& found);
  Result<void> RestoreTask(LiveTask* live, const RecoveryPlan& plan, const CheckpointHead& head);
  Result<std::shared_ptr<const RuleSet>> RulesOf(LiveTask* live, const std::string& hash);
  Result<void> StartReading();
  std::vector<InputPartition> PartitionsOf(const LiveTask& live) const;
  std::vector<InputOffset> StartsOf(const LiveTask& live) const;
  TaskOutput::Sink MakeSink();
  void DropTasks();
  bool RewindForTest();  // Mutant::kRewindAfterAbort

  // worker.cc: the loop.
  Result<bool> Prepare();
  Result<void> FeedBatch();
  Result<void> FeedRecord(LiveTask* live, const ingest::RawRecord& record);
  bool MustWait(const LiveTask& live, int index, std::int64_t offset) const;
  Result<void> Give(LiveTask* live, int index, const ingest::RawRecord& record);
  Result<void> Pump(LiveTask* live);
  Result<void> DecideNext();
  std::optional<PendingDecision> NextDecision(LiveTask* live);
  bool HoldsTimeBack(const LiveTask& live, int index) const;
  void CommitIfDue();
  void CommitNow(bool checkpoint);
  void CheckpointAll();
  std::size_t MemoryOfTask() const;
  bool MemoryIsFull() const;
  void TakeResult(MoveResult result);
  Result<void> Throttle();
  std::vector<LiveTask*> AllTasks();

  const TaskContext& context_;
  WorkerOptions options_;
  WorkerPorts ports_;
  std::shared_ptr<const RuleSet> rules_;
  Committer committer_;
  std::map<int, LiveTask> tasks_;          // by number
  std::vector<InputPartition> assigning_;  // assigned, not answered yet
  bool producer_ready_ = false;
  bool send_failed_ = false;   // a record could not be sent: the transaction must be aborted
  bool store_failed_ = false;  // a checkpoint is owed: nothing is fed
  DurationMs committed_at_ = 0;
  DurationMs checkpoint_at_ = 0;
  std::string trouble_;  // what is being waited for
  WorkerStats stats_;
  ingest::ConsumerBatch batch_;  // scratch
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_WORKER_H_
