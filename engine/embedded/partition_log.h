// PartitionLog: the records of one partition, and which of them a reader of committed records may see.
//
// Offsets only grow and are never used twice; one may be missing: a transaction's marker, an aborted record, a record
// that compaction removed. The records from the last stable offset on are hidden, whether committed or not: they wait
// for the oldest open transaction to end, as in Kafka. Aborted records are removed at once; no reader can tell.
// One thread. Nothing here is durable: EmbeddedLog writes the journal before it calls.
// Tested by: tests/engine/embedded_partition_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_PARTITION_LOG_H_
#define SHRIKE_ENGINE_EMBEDDED_PARTITION_LOG_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/embedded/log_record.h"

namespace shrike::engine {

class PartitionLog {
 public:
  // Offsets that were not deleted by retention: [begin, end).
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }
  // The first offset that a reader may not see yet.
  std::int64_t stable_end() const { return open_.empty() ? end_ : open_.front().begin; }

  // Adds a record; transaction: its number, 0: it is committed as it is. Returns the offset.
  std::int64_t Append(const NewRecord& record, TimestampMs timestamp, std::uint64_t transaction);

  // Ends a transaction that has records here. marker: it takes an offset. Cost: O(records since its first one).
  void Commit(std::uint64_t transaction, bool marker);
  void Abort(std::uint64_t transaction, bool marker);

  // The visible records with offset >= begin, in offset order. Borrowed until the next call that is not const.
  std::span<const StoredRecord> Committed(std::int64_t begin) const;
  // All that is there since an open transaction's first record; others' records lie between.
  std::span<const StoredRecord> Since(std::uint64_t transaction) const;

  // Keeps of the visible records below `offset` only the newest of each key; those without a key stay.
  // drop_tombstones: nor is a key kept whose newest record is a tombstone.
  void Compact(std::int64_t offset, bool drop_tombstones);
  // Deletes the records below `offset`, at most to the last stable offset.
  void DeleteBefore(std::int64_t offset);

  // What a journal brings back. Restore: false, a record with this offset is there already or was deleted.
  bool Restore(const NewRecord& record, const StoredRecord::Place& place);
  // The end is at least this.
  void RaiseEnd(std::int64_t end);

 private:
  struct OpenTransaction {
    std::uint64_t transaction;
    std::int64_t begin;  // its first record's offset
  };

  // The index of the first record with offset >= `offset`.
  std::size_t Find(std::int64_t offset) const;
  // Ends it for the partition's bookkeeping; returns the index of its first record.
  std::size_t Close(std::uint64_t transaction, bool marker);

  std::vector<StoredRecord> records_;  // by offset
  std::vector<OpenTransaction> open_;  // by begin
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_PARTITION_LOG_H_
