// What the embedded log writes to its journal: changes that are committed, several of them in a frame.
//
// A frame is a list of changes and takes effect as a whole. Records of open transactions are never in it: after a
// restart they were never there.
// Tested by: tests/engine/embedded_durable_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_LOG_CHANGES_H_
#define SHRIKE_ENGINE_EMBEDDED_LOG_CHANGES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "engine/embedded/log_record.h"
#include "ingest/consumer.h"

namespace shrike::engine {

// Stored in the journal. Never renumber.
enum class LogChangeKind : std::uint8_t {
  kTopic = 1,    // a topic is made (they are numbered in this order), or gets more partitions
  kRecord = 2,   // a committed record
  kEnd = 3,      // a partition's end is at least this
  kEpoch = 4,    // of a transactional id
  kOffset = 5,   // a group has committed this
  kCompact = 6,  // PartitionLog::Compact
  kDelete = 7,   // PartitionLog::DeleteBefore
};

// Adds changes to a payload.
class ChangeWriter {
 public:
  explicit ChangeWriter(std::string* payload) : writer_(payload) {}

  void AddTopic(std::string_view name, std::int32_t partition_count);
  void AddRecord(TopicPartition where, const StoredRecord& record);
  void AddEnd(TopicPartition where, std::int64_t end);
  void AddEpoch(std::string_view transactional_id, std::int32_t epoch);
  void AddOffset(std::string_view group, TopicPartition where,
                 const ingest::CommittedOffset& committed);
  void AddCompact(TopicPartition where, std::int64_t offset, bool drop_tombstones);
  void AddDelete(TopicPartition where, std::int64_t offset);

 private:
  ByteWriter& Begin(LogChangeKind kind, TopicPartition where);

  ByteWriter writer_;
};

// One change as it was read; what its kind does not have is empty. Borrowed from the payload.
struct LogChange {
  LogChangeKind kind = LogChangeKind::kTopic;
  TopicPartition where;
  std::string_view name;    // topic, transactional id or group
  std::int64_t number = 0;  // partition count, offset, end or epoch
  bool drop_tombstones = false;
  std::string_view metadata;
  NewRecord record;
  std::vector<alerts::OutputHeader> headers;  // what record.headers points to
};

// Reads the next change; false: the bytes are none, and reader->ok() is false from then on.
bool ReadChange(ByteReader* reader, LogChange* change);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_LOG_CHANGES_H_
