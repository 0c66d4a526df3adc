// PartitionList, CallError, Deadline: small owners of what the Kafka client library hands out.
//
// The library's headers stand in .cc files only, so its types are forward-declared here by their tags.
// Tested by: tests/base/kafka_client_test.cc.
#ifndef SHRIKE_BASE_KAFKA_HANDLES_H_
#define SHRIKE_BASE_KAFKA_HANDLES_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

struct rd_kafka_error_s;
struct rd_kafka_topic_partition_list_s;

namespace shrike::kafka {

// A list of partitions, each with an offset and its metadata. Owned.
class PartitionList {
 public:
  explicit PartitionList(int count_expected = 4);

  // offset: as the library reads it; -1001 says none.
  void Add(const std::string& topic, std::int32_t partition, std::int64_t offset = kNoOffset,
           std::string_view metadata = {});

  rd_kafka_topic_partition_list_s* get() const { return list_.get(); }

  static constexpr std::int64_t kNoOffset = -1001;

 private:
  struct Destroy {
    void operator()(rd_kafka_topic_partition_list_s* list) const;
  };
  std::unique_ptr<rd_kafka_topic_partition_list_s, Destroy> list_;
};

// What a call of the transactional interface said.
struct CallError {
  int code = 0;
  bool fatal = false;      // the handle is of no use any more
  bool retriable = false;  // the same call, again
  bool abortable = false;  // the transaction must be aborted
  std::string text;
};

// Takes the error over; nullopt: there was none.
std::optional<CallError> TakeError(rd_kafka_error_s* error);

// May the same call succeed a little later (leader changes, time-outs, a coordinator that loads)?
bool MayPass(int code);

// "Broker: Unknown topic or partition (UNKNOWN_TOPIC_OR_PART)".
std::string ErrorText(int code);

// A moment that a loop of calls must not outlast.
class Deadline {
 public:
  explicit Deadline(DurationMs timeout)
      : end_(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout)) {}

  // Milliseconds that are left, 0 at least and `most` at most.
  int Left(int most) const;
  bool Over() const { return Left(1) == 0; }

 private:
  std::chrono::steady_clock::time_point end_;
};

}  // namespace shrike::kafka

#endif  // SHRIKE_BASE_KAFKA_HANDLES_H_
