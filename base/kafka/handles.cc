#include "base/kafka/handles.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace shrike::kafka {

void PartitionList::Destroy::operator()(rd_kafka_topic_partition_list_s* list) const {
  rd_kafka_topic_partition_list_destroy(list);
}

PartitionList::PartitionList(int count_expected)
    : list_(rd_kafka_topic_partition_list_new(count_expected)) {}

void PartitionList::Add(const std::string& topic, std::int32_t partition, std::int64_t offset,
                        std::string_view metadata) {
  rd_kafka_topic_partition_t* added =
      rd_kafka_topic_partition_list_add(list_.get(), topic.c_str(), partition);
  added->offset = offset;
  if (!metadata.empty()) {
    // The list frees it with free().
    added->metadata = std::malloc(metadata.size());
    SHRIKE_CHECK(added->metadata != nullptr);
    std::memcpy(added->metadata, metadata.data(), metadata.size());
    added->metadata_size = metadata.size();
  }
}

std::optional<CallError> TakeError(rd_kafka_error_s* error) {
  if (error == nullptr) {
    return std::nullopt;
  }
  CallError taken{
      .code = rd_kafka_error_code(error),
      .fatal = rd_kafka_error_is_fatal(error) != 0,
      .retriable = rd_kafka_error_is_retriable(error) != 0,
      .abortable = rd_kafka_error_txn_requires_abort(error) != 0,
      .text = std::string(rd_kafka_error_string(error)) + " (" + rd_kafka_error_name(error) + ")"};
  rd_kafka_error_destroy(error);
  return taken;
}

bool MayPass(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
      return true;
    default:
      return false;
  }
}

std::string ErrorText(int code) {
  const auto known = static_cast<rd_kafka_resp_err_t>(code);
  return std::string(rd_kafka_err2str(known)) + " (" + rd_kafka_err2name(known) + ")";
}

int Deadline::Left(int most) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      end_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, most));
}

}  // namespace shrike::kafka
