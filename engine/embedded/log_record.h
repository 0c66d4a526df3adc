// Records of the embedded log: as they come in, as they are kept, and where.
//
// Tested by: tests/engine/embedded_partition_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_LOG_RECORD_H_
#define SHRIKE_ENGINE_EMBEDDED_LOG_RECORD_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "alerts/producer.h"
#include "base/time.h"

namespace shrike::engine {

// A partition of the log. topic: EmbeddedLog::FindTopic; it is not InputPartition's, which counts one input's topics only.
struct TopicPartition {
  std::int32_t topic = 0;
  std::int32_t partition = 0;

  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

// Borrowed for the call. Of key, value and headers each at most 2 GiB (checked).
struct NewRecord {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
  std::optional<TimestampMs> timestamp;   // nullopt: the log's time
  std::span<const alerts::OutputHeader> headers;
};

// A record as the log keeps it. Cost: 56 bytes and one allocation; moving it moves none of its bytes.
class StoredRecord {
 public:
  struct Place {
    std::int64_t offset = 0;
    TimestampMs timestamp = 0;
    std::uint64_t transaction = 0;  // that has not ended yet; 0: committed
  };

  StoredRecord(const Place& place, const NewRecord& record);

  std::int64_t offset() const { return place_.offset; }
  TimestampMs timestamp() const { return place_.timestamp; }
  std::uint64_t transaction() const { return place_.transaction; }
  void EndTransaction() { place_.transaction = 0; }

  // Borrowed from the record.
  std::optional<std::string_view> key() const;
  std::optional<std::string_view> value() const;
  std::vector<alerts::OutputHeader> headers() const;

 private:
  static constexpr std::int32_t kNone = -1;

  Place place_;
  std::unique_ptr<char[]> bytes_;  // key, value, then name and value of each header as texts
  std::int32_t key_size_ = kNone;
  std::int32_t value_size_ = kNone;
  std::int32_t headers_size_ = 0;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_LOG_RECORD_H_
