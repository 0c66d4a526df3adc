// Task: one task's deterministic core with its place in history (exactly-once.md): what Pipeline makes of the input, how
// much output there was, which decisions hold. It knows neither log nor store: engine/commit.h writes what it says,
// engine/recovery.h brings it back.
//
// A task's partitions are those with one number, of all topics. Between two calls it stands between releases.
// Tested by: tests/engine/task_test.cc, tests/sim.  Next: engine/commit.h, engine/recovery.h.
#ifndef SHRIKE_ENGINE_TASK_H_
#define SHRIKE_ENGINE_TASK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/input_offset.h"
#include "base/result.h"
#include "base/schema.h"
#include "engine/checkpoint.h"
#include "engine/commit_metadata.h"
#include "engine/mutants.h"
#include "engine/pipeline.h"
#include "engine/rule_set.h"
#include "engine/state_store.h"
#include "engine/task_output.h"
#include "ingest/event_source.h"

namespace shrike::engine {

// The same for all tasks of a process.
struct TaskContext {
  std::string application;
  Catalog catalog;
  std::vector<std::string> topics;   // of the input, sorted by bytes: Position::topic
  std::vector<int> streams;          // streams[topics]: what a topic's records are
  std::string fingerprint;           // StreamFingerprint(catalog)
  std::int32_t partition_count = 1;  // of each topic
  std::int64_t outlier_distance =
      10'000;                     // below H: a checkpoint keeps buffered records from so far back
  Mutant mutant = Mutant::kNone;  // tests only
};

// Hash of all of the configuration that decides what an input record means. 32 hex digits.
std::string StreamFingerprint(const Catalog& catalog);

// Where a task stands in the sequence of commits.
struct TaskHistory {
  std::uint64_t id = 0;
  std::int64_t sequence = -1;  // of the last commit; -1: none was made
  std::int64_t base = 0;
};

class Task {
 public:
  // A new history. offsets: where it begins, [topics].
  struct Beginning {
    int id = 0;
    std::uint64_t history = 0;
    std::vector<std::int64_t> offsets;
  };
  // context: borrowed, must outlive this; so with all that `sink` refers to.
  Task(const TaskContext& context, const Beginning& beginning, std::shared_ptr<const RuleSet> rules,
       TaskOutput::Sink sink);
  // As a checkpoint left it, before its entries are restored. rules: those of head.rules.
  Task(const TaskContext& context, const CheckpointHead& head, std::shared_ptr<const RuleSet> rules,
       TaskOutput::Sink sink);

  int id() const { return id_; }
  int partition_count() const { return static_cast<int>(partitions_.size()); }
  InputPartition partition(int index) const;

  // See PartitionTask: `state.memory`.
  void SetStore(StateStore* store, std::size_t memory_bytes) {
    pipeline_->SetStore(store, memory_bytes);
  }
  // A key could not be read from the store: nothing may be committed any more.
  Result<void> health() const { return pipeline_->health(); }
  std::size_t key_bytes() const { return pipeline_->task().key_bytes(); }

  // Before anything is fed. Errors: kCorrupt.
  Result<void> RestoreEntry(const StateEntry& entry);

  // The next record of a partition that is not idle. Errors: those of Pipeline::Feed, and of health(): the task must stop.
  Result<void> Feed(int index, const ingest::RawRecord& record);
  // Recovery: see Pipeline::Rebuffer.
  void Rebuffer(int index, const ingest::RawRecord& record);
  // Processes all that time has passed: before every commit.
  void Advance();

  // The decision takes effect. rules: of kSwap. Errors: kInternal.
  Result<void> Apply(const Decision& decision, std::shared_ptr<const RuleSet> rules);

  ingest::PartitionPosition position(int index) const { return pipeline_->position(index); }
  std::int64_t next_offset(int index) const { return pipeline_->next_offset(index); }  // H
  bool idle(int index) const { return pipeline_->idle(index); }
  // Between the two calls output is counted, not sent.
  void SetReplaying(bool replaying);
  // After re-buffering: the watermark is what the checkpoint says.
  void SetWatermark(int index, TimestampMs watermark);
  TimestampMs front() const { return pipeline_->front(); }

  TaskHistory& history() { return history_; }
  const TaskHistory& history() const { return history_; }
  TaskOutput& output() { return output_; }
  const RuleSet& rules() const { return *rules_; }

  // For the next commit, which has the sequence number `sequence`: an offset for each partition, moved or not.
  std::vector<InputOffset> Offsets(std::int64_t sequence, std::int64_t base) const;
  // Whether anything has happened since MarkCommitted.
  bool HasNews() const;
  void MarkCommitted();

  CheckpointHead Head(const std::optional<Decision>& pending) const;
  // What the next checkpoint must write beside the head: changed entries, and texts that it has not. pending: the rules
  // that a pending swap names, or null.
  std::vector<StateChange> Changes(const RuleSet* pending);
  void ForgetChanges();
  // See KeyStore.
  void RememberAllRemovals() { pipeline_->RememberAllRemovals(); }
  // The next Changes() is everything: for a changelog that misses some.
  void TouchAll();

  // Whether the partition was read since MarkCommitted.
  bool Moved(int index) const;

  // Mutant::kRewindAfterAbort: reading goes back, and nothing else does.
  void RewindForTest(const std::vector<InputOffset>& offsets);

  const Pipeline& pipeline() const { return *pipeline_; }

 private:
  PartitionCheckpoint PartitionHead(int index) const;
  void AdvanceAloneForTest(int index);  // Mutant::kTimeMovesInRebuffer
  void MakePipeline(const std::vector<std::int64_t>& offsets);
  std::vector<RuleStart> Starts() const;
  void SetStarts(const CheckpointHead& head);
  // What a commit would show: where the partitions stand, front, how much output.
  std::vector<std::int64_t> Marks() const;

  const TaskContext& context_;
  int id_;
  std::vector<InputPartition> partitions_;  // [topics]: the index of a partition is its topic's
  std::shared_ptr<const RuleSet> rules_;
  TaskHistory history_;
  TaskOutput output_;
  bool recovered_ = false;  // a replay has ended
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<std::int64_t> committed_;  // Marks() of the last commit
  std::vector<std::string> texts_;       // hashes whose text the store has
  std::vector<std::string> new_texts_;   // the same after the last Changes()
  bool texts_again_ = false;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_TASK_H_
