// EventSource: the port through which records come in (architecture.md, step 1).
//
// Adapters: ingest/file/file_source.h (JSON lines). A source delivers the records of its partitions in offset order
// and in batches; the caller decides which source it asks next, so that one which lags can be read first.
// Next: ingest/json_decoder.h.
#ifndef SHRIKE_INGEST_EVENT_SOURCE_H_
#define SHRIKE_INGEST_EVENT_SOURCE_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "base/time.h"

namespace shrike::ingest {

// A record as it was read. `bytes` and `key` are borrowed: they live until the next call of the source they came from.
// A record of more than kRecordBytesMax bytes may be cut to any size above that: it is a dead letter all the same.
struct RawRecord {
  Position position;
  std::optional<TimestampMs> timestamp;  // the record's own, of Kafka; files have none
  std::string_view bytes;
  std::string_view key = {};  // the record's own, of Kafka; files have none
};

class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;

  // Replaces *batch by the next records, at most `count_max` (> 0). Returns false at the end of the input: then
  // the batch is empty and every later call says the same. True with an empty batch: nothing at the moment.
  // Errors: kIo with the place; the records before the place were delivered, and later calls repeat the error.
  virtual Result<bool> Poll(std::size_t count_max, std::vector<RawRecord>* batch) = 0;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_EVENT_SOURCE_H_
