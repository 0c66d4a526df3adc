// ReorderBuffer: holds events back until time has passed them, and lets them out in the total order
// (event time, topic, partition, offset) of language.md, 5.1.
//
// Per partition: H, the next offset to read; w, the watermark; L, the lowest buffered offset (H if none); wL, the
// watermark just below L (exactly-once.md, "Checkpoint"). Every buffered record keeps its bytes and the watermark
// before it, so that L and wL can be told at any time and the rows decoded again for other rules.
//
//   for each record read:   decoder.Decode -> Offer (event), Skip (type not declared), Reject (dead letter)
//   then:                   while (RecordPtr r = buffer.PopUpTo(buffer.task_time())) process(*r);
//
// Held: what came within out_of_order of the newest event, and while a partition lags, all that the others read ahead;
// the reader bounds that by reading the lagging partition first.
// Cost: events that come in order pass through a queue (a few ns); others through a binary heap.
// Tested by: tests/ingest/reorder_test.cc.
#ifndef SHRIKE_INGEST_REORDER_H_
#define SHRIKE_INGEST_REORDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/event.h"
#include "base/time.h"
#include "ingest/record.h"
#include "ingest/watermark.h"

namespace shrike::ingest {

// What a commit and a checkpoint say about a partition.
struct PartitionPosition {
  std::int64_t next_offset = 0;          // H
  std::int64_t low_offset = 0;           // L
  TimestampMs watermark = kTimeMin;      // w
  TimestampMs low_watermark = kTimeMin;  // wL
  bool idle = false;
};

// One task's buffer, one thread. Owns the buffered records. The RecordPool must outlive it.
class ReorderBuffer {
 public:
  // topic: as in Position. next_offset: H at the start. Returns the partition's index.
  struct PartitionSpec {
    std::int32_t topic = 0;
    std::int32_t partition = 0;
    std::int64_t next_offset = 0;
    DurationMs out_of_order = 0;
  };
  int AddPartition(const PartitionSpec& spec);

  // Takes an event, unless it is late: then *record stays with the caller and false is returned. The offset must be
  // H or beyond (checked); H becomes offset + 1. The watermark moves after the question.
  [[nodiscard]] bool Offer(int partition, RecordPtr* record);
  // A record whose event type is not declared: the watermark and H move.
  void Skip(int partition, const Record& record);
  // A dead letter: only H moves.
  void Reject(int partition, std::int64_t offset);

  // A record that a checkpoint kept, with the watermark before it: it is buffered again whatever the watermark is now.
  // Its offset is below H; H and the watermark stay. In the order of offsets, before anything is offered.
  void Keep(int partition, RecordPtr record, TimestampMs watermark_before);

  // The next event in the total order if its ts <= until, else null.
  RecordPtr PopUpTo(TimestampMs until);
  // Where that event stands; nullopt if nothing is buffered.
  std::optional<EventOrder> NextOrder() const;
  bool empty() const { return size() == 0; }
  std::size_t size() const { return run_.size() - run_begin_ + heap_.size(); }

  // Idle, awake, task time: see Watermarks.
  void SetIdle(int partition) { watermarks_.SetIdle(partition); }
  void Wake(int partition, TimestampMs front) { watermarks_.Wake(partition, front); }
  // For recovery: the watermark as a checkpoint holds it.
  void Restore(int partition, TimestampMs watermark, bool idle) {
    watermarks_.Restore(partition, watermark, idle);
  }
  TimestampMs task_time() const { return watermarks_.task_time(); }
  const Watermarks& watermarks() const { return watermarks_; }

  std::int64_t next_offset(int partition) const {
    return partitions_[static_cast<std::size_t>(partition)].next_offset;
  }
  // Cost: O(buffered). Between releases only.
  PartitionPosition position(int partition) const;

  // What is buffered `distance` or more below H, in the order of offsets, and where the partition must be read again
  // for the rest: L and wL without these. Borrowed; cost as position().
  struct Outliers {
    std::int64_t read_offset = 0;
    TimestampMs read_watermark = kTimeMin;
    std::vector<const Record*> records;
  };
  Outliers FindOutliers(int partition, std::int64_t distance) const;

  // Calls visit(Record&) for every buffered record, in no particular order; ts and position must stay as they are.
  template <typename Visit>
  void ForEachBuffered(Visit visit) {
    for (std::size_t i = run_begin_; i < run_.size(); ++i) {
      visit(*run_[i]);
    }
    for (RecordPtr& record : heap_) {
      visit(*record);
    }
  }

 private:
  struct Partition {
    std::int32_t topic = 0;
    std::int32_t partition = 0;
    std::int64_t next_offset = 0;
  };

  void AdvanceOffset(int partition, std::int64_t offset);
  void Insert(RecordPtr record);
  bool RunIsNext() const;
  RecordPtr PopRun();

  Watermarks watermarks_;
  std::vector<Partition> partitions_;
  // run_[run_begin_, ..): what came in order, ascending; before it only null. Used again from the front when it is
  // empty or mostly null, so that events in order cost no allocation.
  std::vector<RecordPtr> run_;
  std::size_t run_begin_ = 0;
  std::vector<RecordPtr>
      heap_;  // the rest; smallest at the front (std::push_heap with the order reversed)
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_REORDER_H_
