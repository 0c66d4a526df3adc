// Watermarks: event time per partition and for the task (language.md, 5.3; exactly-once.md, "Order").
//
// A partition's watermark is w = max event time seen - out_of_order - 1 ms: no more events with ts <= w are expected.
// The task's time is the minimum over the partitions that are not idle; if all are idle, the maximum. Before its first
// event a partition's watermark is kTimeMin and holds the task back.
// Tested by: tests/ingest/watermark_test.cc.
#ifndef SHRIKE_INGEST_WATERMARK_H_
#define SHRIKE_INGEST_WATERMARK_H_

#include <cstddef>
#include <vector>

#include "base/time.h"

namespace shrike::ingest {

// Plain data, one thread. Partitions are numbered from 0 in the order they are added.
class Watermarks {
 public:
  // out_of_order >= 0.
  int AddPartition(DurationMs out_of_order);

  // Late: ts <= the partition's own watermark. Does not change anything.
  bool IsLate(int partition, TimestampMs ts) const { return ts <= at(partition).watermark; }

  // An event with `ts` was seen, late or not. Cost: O(1), or O(partitions) if it moves the task's time.
  void Observe(int partition, TimestampMs ts);

  // An idle partition does not hold the task back. A file at its end is one.
  void SetIdle(int partition);
  // The partition counts again. Its watermark is raised to `front` (time up to which the task has processed
  // everything), so that its next events cannot come out behind what was released without it.
  void Wake(int partition, TimestampMs front);

  // For recovery: the watermark as a checkpoint holds it.
  void Restore(int partition, TimestampMs watermark, bool idle);

  TimestampMs watermark(int partition) const { return at(partition).watermark; }
  bool idle(int partition) const { return at(partition).idle; }
  // Never falls but for Wake and Restore. kTimeMin without partitions.
  TimestampMs task_time() const { return task_time_; }
  int partition_count() const { return static_cast<int>(partitions_.size()); }

 private:
  struct Partition {
    TimestampMs watermark = kTimeMin;
    DurationMs out_of_order = 0;
    bool idle = false;
  };

  const Partition& at(int partition) const {
    return partitions_[static_cast<std::size_t>(partition)];
  }
  void UpdateTaskTime();

  std::vector<Partition> partitions_;
  TimestampMs task_time_ = kTimeMin;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_WATERMARK_H_
