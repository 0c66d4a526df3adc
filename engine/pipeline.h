// Pipeline: steps 2 to 7 of one event's way (architecture.md): a record's bytes in, outcomes after suppression out.
//
// Decodes, orders by event time, and hands events to a PartitionTask as soon as the task's time has passed them. It
// reads nothing itself: engine/replay.h feeds it from files, `shrike test` from the tests inside rule files.
// Tested by: tests/engine/pipeline_test.cc, tests/engine/pipeline_state_test.cc.  Next: engine/partition_task.h.
#ifndef SHRIKE_ENGINE_PIPELINE_H_
#define SHRIKE_ENGINE_PIPELINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/suppression.h"
#include "base/result.h"
#include "base/schema.h"
#include "base/time.h"
#include "engine/mutants.h"
#include "engine/partition_task.h"
#include "engine/state_store.h"
#include "ingest/dead_letter.h"
#include "ingest/event_source.h"
#include "ingest/json_decoder.h"
#include "ingest/record.h"
#include "ingest/reorder.h"
#include "nfa/program.h"

namespace shrike::engine {

// A record that became no event of the task.
struct RejectedRecord {
  bool late = false;  // else a dead letter
  Position position;
  std::optional<TimestampMs> ts;  // of a late event
  std::string_view reason;        // "late", or ingest::DeadLetterReasonName
  std::string_view bytes;         // as read; valid for the call, as the key
  std::string_view key = {};      // the record's own; empty: none
};

struct PipelineStats {
  std::int64_t records = 0;  // fed
  std::int64_t events = 0;   // accepted: neither late nor skipped nor dead letters
  std::int64_t late = 0;
  std::int64_t skipped = 0;  // their event type is not declared
  std::int64_t dead_letters = 0;
  std::map<ingest::DeadLetterReason, std::int64_t> dead_letters_by_reason;
};

// What happens when the input has ended (interfaces.md, "replay").
struct AtEnd {
  enum class Kind : std::uint8_t {
    kFlush,  // every deadline fires
    kHold,   // every event is processed, nothing fires after the last
    kTime,   // time moves to `time`; one before the last event is as kHold
  };
  Kind kind = Kind::kFlush;
  TimestampMs time = 0;
};

// One task's; one thread.
class Pipeline {
 public:
  struct Handlers {
    // Called with the alerts of one moment, after suppression; never with none; valid for the call.
    std::function<void(const nfa::Outcomes&)> outcomes;
    std::function<void(const RejectedRecord&)> rejected =
        {};  // may be empty; not called for `late: drop`
    PartitionTask::Emission emission = {};
  };

  // catalog: borrowed, must outlive this. program: built for the catalog.
  Pipeline(const Catalog& catalog, std::shared_ptr<const nfa::Program> program, Handlers handlers);
  Pipeline(const Pipeline&) = delete;  // The task's handler points here.
  Pipeline& operator=(const Pipeline&) = delete;

  struct PartitionSpec {
    int stream = 0;
    std::int32_t topic = 0;
    std::int32_t partition = 0;
    std::int64_t next_offset = 0;  // the first one to be fed, or one below it
  };
  // All partitions are added before the first record. Returns the index.
  int AddPartition(const PartitionSpec& spec);

  // The partition's next record; its offset must not go back (checked). Borrowed for the call. Events are handed on in
  // batches: what it leads to may be told by a later call, by Drain at the latest.
  // Errors: kIo, a late event of a stream that says `late: stop`; nothing may be fed after it.
  Result<void> Feed(int partition, const ingest::RawRecord& record);

  // Time moves on the partition as by an event at `ts` that nobody sees. It takes the offset, as a record would.
  void AdvancePartition(int partition, TimestampMs ts, std::int64_t offset);

  // The partition has no more records: it no longer holds time back.
  void EndPartition(int partition);

  // Processes every event that time has passed.
  void Drain() { Release(buffer_.task_time()); }

  // All partitions have ended: processes what is still held back, then does what `at_end` says.
  void Finish(const AtEnd& at_end);

  // --- For a task that outlives its process (engine/task.h).

  // Processes everything that time has passed, deadlines and intervals too: `front` of exactly-once.md moves to the
  // task's time.
  void Advance();
  TimestampMs task_time() const { return buffer_.task_time(); }
  TimestampMs front() const { return front_; }

  // An idle partition does not hold time back; a partition that wakes goes on from `front`.
  void SetIdle(int partition) { buffer_.SetIdle(partition); }
  void Wake(int partition);
  bool idle(int partition) const { return buffer_.watermarks().idle(partition); }
  std::int64_t next_offset(int partition) const { return buffer_.next_offset(partition); }
  ingest::PartitionPosition position(int partition) const { return buffer_.position(partition); }

  // Recovery, before anything is fed: where the task stood.
  void Resume(TimestampMs front);
  void RestorePartition(int partition, TimestampMs watermark, bool idle);
  // Tests only: breaks a sentence of the protocol.
  void SetMutant(Mutant mutant) { mutant_ = mutant; }
  void DropOutcomes(bool drop) { drops_outcomes_ = drop; }
  void RewindForTest(const std::vector<std::int64_t>& offsets);
  // Reads a record again that was read before: what is no event, or not after what was processed, is dropped without a
  // word. Time stands still.
  void Rebuffer(int partition, const ingest::RawRecord& record);

  // Buffers a record that a checkpoint kept; see ReorderBuffer::Keep, here and below.
  void Keep(int partition, const ingest::RawRecord& record, TimestampMs watermark_before);
  ingest::ReorderBuffer::Outliers FindOutliers(int partition, std::int64_t distance) const {
    return buffer_.FindOutliers(partition, distance);
  }

  // What a checkpoint must write, as PartitionTask says it. Between calls only.
  void TrackChanges();
  void AppendChanges(std::vector<StateChange>* changes);
  void ForgetChanges();
  void RememberAllRemovals();
  void TouchAll();
  Result<bool> Restore(const StateEntry& entry);
  // The same of an entry that the store has: one that is dropped goes with the next checkpoint.
  Result<void> RestoreStored(const StateEntry& entry);
  // See PartitionTask.
  void SetStore(StateStore* store, std::size_t memory_bytes);
  // Errors: of a key that could not be read from the store.
  Result<void> health() const {
    return task_->failure() ? Result<void>(tl::unexpected(*task_->failure())) : Result<void>();
  }
  // From when `learn` counts for each rule, once an event has come.
  bool started() const { return task_->started(); }
  const std::vector<TimestampMs>& starts() const { return task_->starts(); }
  void SetStarts(const std::vector<TimestampMs>& starts);

  // Goes on with another program for the same catalog: what both mean the same keeps its state, the summaries of other
  // suppression windows are told by the old one, at `front`. Cost: that of writing and reading the whole state.
  // Errors: kInternal: the state cannot be read back; the pipeline must not be used any more.
  Result<void> Swap(std::shared_ptr<const nfa::Program> program);

  TimestampMs watermark(int partition) const { return buffer_.watermarks().watermark(partition); }
  std::size_t held_back() const { return buffer_.size(); }
  const PipelineStats& stats() const { return stats_; }
  const PartitionTask& task() const { return *task_; }
  const alerts::Suppression& suppression() const { return suppression_; }

 private:
  struct Partition {
    PartitionSpec spec;
    ingest::JsonDecoder decoder;
  };

  void MakeTask();
  std::vector<StateChange> AllEntries();
  std::vector<TimestampMs> StartsIn(const nfa::Program& next) const;
  Result<void> TakeOver(const std::vector<StateChange>& entries);
  Result<void> RejectLate(const Partition& partition, const ingest::RawRecord& raw, TimestampMs ts);
  void RejectDeadLetter(const ingest::RawRecord& record, ingest::DeadLetterReason reason);
  void Release(TimestampMs until);
  // Suppression stands between the task and the handler; summaries come before all else of their time.
  void TakeOutcomes(nfa::Outcomes* outcomes);
  void CloseSuppressionUntil(TimestampMs time);
  // What suppression made, in order.
  void TellMade();

  const Catalog& catalog_;
  std::shared_ptr<const nfa::Program> program_;
  Handlers handlers_;
  ingest::RecordPool pool_;  // outlives all records
  ingest::ReorderBuffer buffer_;
  std::vector<Partition> partitions_;
  ingest::RecordPtr record_;  // scratch: given to the buffer when it is an event
  alerts::Suppression suppression_;
  std::optional<PartitionTask> task_;  // always there
  TimestampMs front_ = kTimeMin;
  bool tracks_ = false;
  bool remembers_all_removals_ = false;  // until ForgetChanges, over swaps
  StateStore* store_ = nullptr;
  std::size_t memory_bytes_ = 0;
  Mutant mutant_ = Mutant::kNone;
  bool drops_outcomes_ = false;
  std::vector<std::string> gone_;            // names of entries that a swap dropped
  std::size_t fed_ = 0;                      // records since the last release
  std::vector<ingest::RecordPtr> released_;  // scratch
  std::vector<Event> events_;                // scratch: of released_
  PipelineStats stats_;
  nfa::Outcomes made_;  // scratch: what suppression tells
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_PIPELINE_H_
