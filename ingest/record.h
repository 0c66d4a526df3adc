// Record: one record's bytes with what was decoded from them, and the pool that owns such objects.
//
// A record keeps its bytes for as long as it lives: the reorder buffer re-decodes them when the loaded rules change,
// and later a checkpoint stores them (exactly-once.md, re-buffering). All memory of a record is used again: in the
// steady state nothing is allocated per event.
// Budget: 240-byte events take about 700 bytes each; the pool keeps as many as were ever alive at once.
#ifndef SHRIKE_INGEST_RECORD_H_
#define SHRIKE_INGEST_RECORD_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/time.h"
#include "base/value.h"

namespace shrike::ingest {

struct Record {
  Position position;
  std::optional<TimestampMs> timestamp;  // the record's own, not the event's
  std::string bytes;                     // as read

  // Set by the decoder.
  TimestampMs ts = 0;           // event time
  std::int32_t stream = 0;      // Catalog index
  std::int32_t event_type = 0;  // Catalog::EventTypeId
  std::vector<Value> row;       // row[columns of the RowLayout]; strings lie in `bytes` or `text`
  std::string text;             // strings that had escapes
  std::vector<Value> items;     // elements of lists

  // Set by the reorder buffer: its partition's watermark just before this record came.
  TimestampMs watermark_before = kTimeMin;
  std::int32_t partition_index = 0;  // ReorderBuffer::AddPartition

  EventOrder order() const { return {ts, position}; }
  // Borrows the row: valid while the record lives and is not decoded again.
  Event event() const { return {ts, position, stream, event_type, row.data()}; }
};

class RecordPool;

// Gives a record back to its pool.
struct RecordReturn {
  RecordPool* pool = nullptr;
  void operator()(Record* record) const;
};
using RecordPtr = std::unique_ptr<Record, RecordReturn>;

// One thread. Must outlive the records that it gave out (checked).
class RecordPool {
 public:
  RecordPool() = default;
  RecordPool(const RecordPool&) = delete;
  RecordPool& operator=(const RecordPool&) = delete;
  ~RecordPool();

  // The record given back last, with old content in it: the decoder sets every field.
  RecordPtr Acquire();

  std::size_t in_use() const { return in_use_; }

 private:
  friend struct RecordReturn;

  std::vector<std::unique_ptr<Record>> free_;
  std::size_t in_use_ = 0;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_RECORD_H_
