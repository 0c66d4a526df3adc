// Idea: events mostly come in order, so the buffer is a queue of an ascending run plus a heap of what did not fit at
// the run's end. The next event is the smaller of the run's first and the heap's first.
#include "ingest/reorder.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace shrike::ingest {
namespace {

bool After(const RecordPtr& a, const RecordPtr& b) { return a->order() > b->order(); }

}  // namespace

int ReorderBuffer::AddPartition(const PartitionSpec& spec) {
  partitions_.push_back({spec.topic, spec.partition, spec.next_offset});
  return watermarks_.AddPartition(spec.out_of_order);
}

void ReorderBuffer::AdvanceOffset(int partition, std::int64_t offset) {
  Partition& p = partitions_[static_cast<std::size_t>(partition)];
  SHRIKE_CHECK(offset >= p.next_offset);
  p.next_offset = offset + 1;
}

bool ReorderBuffer::Offer(int partition, RecordPtr* record) {
  Record& r = **record;
  const Partition& p = partitions_[static_cast<std::size_t>(partition)];
  SHRIKE_CHECK(r.position.topic == p.topic && r.position.partition == p.partition);
  AdvanceOffset(partition, r.position.offset);
  r.partition_index = partition;
  r.watermark_before = watermarks_.watermark(partition);
  if (watermarks_.IsLate(partition, r.ts)) {
    return false;
  }
  watermarks_.Observe(partition, r.ts);
  Insert(std::move(*record));
  return true;
}

void ReorderBuffer::Insert(RecordPtr record) {
  if (run_begin_ == run_.size() || run_.back()->order() < record->order()) {
    run_.push_back(std::move(record));
  } else {
    heap_.push_back(std::move(record));
    std::push_heap(heap_.begin(), heap_.end(), After);
  }
}

void ReorderBuffer::Keep(int partition, RecordPtr record, TimestampMs watermark_before) {
  SHRIKE_CHECK(record->position.offset < next_offset(partition));
  record->partition_index = partition;
  record->watermark_before = watermark_before;
  Insert(std::move(record));
}

ReorderBuffer::Outliers ReorderBuffer::FindOutliers(int partition, std::int64_t distance) const {
  const std::int64_t near = next_offset(partition) - distance;
  Outliers found{next_offset(partition), watermarks_.watermark(partition), {}};
  const auto look_at = [&](const RecordPtr& record) {
    if (record->partition_index != partition) return;
    const std::int64_t offset = record->position.offset;
    if (offset < near) {
      found.records.push_back(record.get());
    } else if (offset < found.read_offset) {
      found.read_offset = offset;
      found.read_watermark = record->watermark_before;
    }
  };
  std::for_each(run_.begin() + static_cast<std::ptrdiff_t>(run_begin_), run_.end(), look_at);
  std::for_each(heap_.begin(), heap_.end(), look_at);
  std::sort(found.records.begin(), found.records.end(), [](const Record* a, const Record* b) {
    return a->position.offset < b->position.offset;
  });
  return found;
}

void ReorderBuffer::Skip(int partition, const Record& record) {
  AdvanceOffset(partition, record.position.offset);
  watermarks_.Observe(partition, record.ts);
}

void ReorderBuffer::Reject(int partition, std::int64_t offset) { AdvanceOffset(partition, offset); }

bool ReorderBuffer::RunIsNext() const {
  return run_begin_ < run_.size() &&
         (heap_.empty() || run_[run_begin_]->order() < heap_.front()->order());
}

RecordPtr ReorderBuffer::PopRun() {
  constexpr std::size_t kCompactFrom = 64;
  RecordPtr record = std::move(run_[run_begin_++]);
  if (run_begin_ == run_.size()) {
    run_.clear();
    run_begin_ = 0;
  } else if (run_begin_ >= kCompactFrom && run_begin_ >= run_.size() - run_begin_) {
    // At least as many were taken as have to be moved.
    run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_begin_));
    run_begin_ = 0;
  }
  return record;
}

RecordPtr ReorderBuffer::PopUpTo(TimestampMs until) {
  if (RunIsNext()) {
    return run_[run_begin_]->ts > until ? nullptr : PopRun();
  }
  if (heap_.empty() || heap_.front()->ts > until) {
    return nullptr;
  }
  std::pop_heap(heap_.begin(), heap_.end(), After);
  RecordPtr record = std::move(heap_.back());
  heap_.pop_back();
  return record;
}

std::optional<EventOrder> ReorderBuffer::NextOrder() const {
  if (RunIsNext()) {
    return run_[run_begin_]->order();
  }
  return heap_.empty() ? std::nullopt : std::optional(heap_.front()->order());
}

PartitionPosition ReorderBuffer::position(int partition) const {
  const Partition& p = partitions_[static_cast<std::size_t>(partition)];
  PartitionPosition position{p.next_offset, p.next_offset, watermarks_.watermark(partition),
                             watermarks_.watermark(partition), watermarks_.idle(partition)};
  const auto look_at = [&position, partition](const RecordPtr& record) {
    if (record->partition_index == partition && record->position.offset < position.low_offset) {
      position.low_offset = record->position.offset;
      position.low_watermark = record->watermark_before;
    }
  };
  std::for_each(run_.begin() + static_cast<std::ptrdiff_t>(run_begin_), run_.end(), look_at);
  std::for_each(heap_.begin(), heap_.end(), look_at);
  return position;
}

}  // namespace shrike::ingest
