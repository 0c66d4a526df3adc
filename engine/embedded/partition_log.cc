#include "engine/embedded/partition_log.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace shrike::engine {

std::int64_t PartitionLog::Append(const NewRecord& record, TimestampMs timestamp,
                                  std::uint64_t transaction) {
  const auto is_it = [transaction](const OpenTransaction& open) {
    return open.transaction == transaction;
  };
  if (transaction != 0 && std::none_of(open_.begin(), open_.end(), is_it))
    open_.push_back({transaction, end_});
  records_.emplace_back(StoredRecord::Place{end_, timestamp, transaction}, record);
  return end_++;
}

std::size_t PartitionLog::Find(std::int64_t offset) const {
  const auto found = std::lower_bound(
      records_.begin(), records_.end(), offset,
      [](const StoredRecord& record, std::int64_t wanted) { return record.offset() < wanted; });
  return static_cast<std::size_t>(found - records_.begin());
}

std::size_t PartitionLog::Close(std::uint64_t transaction, bool marker) {
  const auto open = std::find_if(
      open_.begin(), open_.end(),
      [transaction](const OpenTransaction& each) { return each.transaction == transaction; });
  SHRIKE_CHECK(open != open_.end());
  const std::size_t first = Find(open->begin);
  open_.erase(open);
  if (marker) ++end_;
  return first;
}

void PartitionLog::Commit(std::uint64_t transaction, bool marker) {
  for (std::size_t index = Close(transaction, marker); index < records_.size(); ++index) {
    if (records_[index].transaction() == transaction) records_[index].EndTransaction();
  }
}

void PartitionLog::Abort(std::uint64_t transaction, bool marker) {
  const std::size_t first = Close(transaction, marker);
  const auto gone = std::remove_if(
      records_.begin() + static_cast<std::ptrdiff_t>(first), records_.end(),
      [transaction](const StoredRecord& record) { return record.transaction() == transaction; });
  records_.erase(gone, records_.end());
}

std::span<const StoredRecord> PartitionLog::Committed(std::int64_t begin) const {
  const std::size_t first = Find(begin);
  const std::size_t last = open_.empty() ? records_.size() : Find(stable_end());
  if (first >= last) return {};
  return std::span(records_).subspan(first, last - first);
}

std::span<const StoredRecord> PartitionLog::Since(std::uint64_t transaction) const {
  for (const OpenTransaction& open : open_) {
    if (open.transaction == transaction) return std::span(records_).subspan(Find(open.begin));
  }
  return {};
}

void PartitionLog::Compact(std::int64_t offset, bool drop_tombstones) {
  const std::size_t last = Find(std::min(offset, stable_end()));
  // The views stay good: moving a record leaves its bytes where they are.
  boost::unordered_flat_map<std::string_view, std::int64_t> newest;
  for (std::size_t index = 0; index < last; ++index) {
    if (const auto key = records_[index].key()) newest[*key] = records_[index].offset();
  }
  std::size_t kept = 0;
  for (std::size_t index = 0; index < last; ++index) {
    StoredRecord& record = records_[index];
    const auto key = record.key();
    const bool newer = key && newest.find(*key)->second != record.offset();
    if (newer || (key && drop_tombstones && !record.value())) continue;
    // Swapped, not moved: `newest` may speak of the bytes of the one that goes.
    if (kept != index) std::swap(records_[kept], record);
    ++kept;
  }
  records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(kept),
                 records_.begin() + static_cast<std::ptrdiff_t>(last));
}

void PartitionLog::DeleteBefore(std::int64_t offset) {
  const std::int64_t begin = std::min(offset, stable_end());
  if (begin <= begin_) return;
  begin_ = begin;
  records_.erase(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(Find(begin)));
}

bool PartitionLog::Restore(const NewRecord& record, const StoredRecord::Place& place) {
  const std::size_t index = Find(place.offset);
  if (place.offset < begin_ ||
      (index < records_.size() && records_[index].offset() == place.offset))
    return false;
  records_.emplace(records_.begin() + static_cast<std::ptrdiff_t>(index), place, record);
  RaiseEnd(place.offset + 1);
  return true;
}

void PartitionLog::RaiseEnd(std::int64_t end) { end_ = std::max(end_, end); }

}  // namespace shrike::engine
