#include "ingest/watermark.h"

#include <algorithm>

#include "base/check.h"

namespace shrike::ingest {

int Watermarks::AddPartition(DurationMs out_of_order) {
  SHRIKE_CHECK(out_of_order >= 0);
  partitions_.push_back({kTimeMin, out_of_order, false});
  UpdateTaskTime();
  return partition_count() - 1;
}

void Watermarks::Observe(int partition, TimestampMs ts) {
  Partition& p = partitions_[static_cast<std::size_t>(partition)];
  const TimestampMs watermark = AddSaturated(AddSaturated(ts, -p.out_of_order), -1);
  if (watermark <= p.watermark) {
    return;
  }
  const bool held_back_task = p.watermark <= task_time_;
  p.watermark = watermark;
  // Only the slowest partition holds the task's time; any may move it if all are idle.
  if (held_back_task || p.idle) {
    UpdateTaskTime();
  }
}

void Watermarks::SetIdle(int partition) {
  partitions_[static_cast<std::size_t>(partition)].idle = true;
  UpdateTaskTime();
}

void Watermarks::Wake(int partition, TimestampMs front) {
  Partition& p = partitions_[static_cast<std::size_t>(partition)];
  p.idle = false;
  p.watermark = std::max(p.watermark, front);
  UpdateTaskTime();
}

void Watermarks::Restore(int partition, TimestampMs watermark, bool idle) {
  Partition& p = partitions_[static_cast<std::size_t>(partition)];
  p.watermark = watermark;
  p.idle = idle;
  UpdateTaskTime();
}

void Watermarks::UpdateTaskTime() {
  TimestampMs low = kTimeMax;
  TimestampMs high = kTimeMin;
  bool any_awake = false;
  for (const Partition& p : partitions_) {
    high = std::max(high, p.watermark);
    if (!p.idle) {
      low = std::min(low, p.watermark);
      any_awake = true;
    }
  }
  task_time_ = any_awake ? low : high;
}

}  // namespace shrike::ingest
