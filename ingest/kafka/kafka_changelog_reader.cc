#include "ingest/kafka/kafka_changelog_reader.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/kafka/handles.h"

namespace shrike::ingest {
namespace {

using kafka::Client;
using kafka::Deadline;
using kafka::PartitionList;

constexpr int kPollMs = 100;  // between looks at errors while nothing comes

struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using MessagePtr = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

// Reads nothing any more when it goes.
class Assignment {
 public:
  Assignment(rd_kafka_t* handle, const PartitionList& list)
      : handle_(handle), code_(rd_kafka_assign(handle, list.get())) {}
  Assignment(const Assignment&) = delete;
  Assignment& operator=(const Assignment&) = delete;
  ~Assignment() { rd_kafka_assign(handle_, nullptr); }
  rd_kafka_resp_err_t code() const { return code_; }

 private:
  rd_kafka_t* handle_;
  rd_kafka_resp_err_t code_;
};

Result<std::unique_ptr<Client>> MakeClient(const KafkaChangelogOptions& options,
                                           const std::string& isolation) {
  return Client::Make(
      options.client,
      {.role = Client::Role::kConsumer,
       // At the end of one partition the next has to wait for the last fetch of this one.
       .defaults = {{"client.id", options.group},
                    {"fetch.wait.max.ms", "5"},
                    // See ingest/kafka/kafka_consumer.cc.
                    {"queued.min.messages", "10000000"}},
       .fixed = {{"group.id", options.group},
                 {"enable.auto.commit", "false"},
                 {"enable.auto.offset.store", "false"},
                 {"auto.offset.reset", "error"},
                 {"enable.partition.eof", "true"},
                 {"isolation.level", isolation}},
       .callbacks = {},
       .owner = nullptr});
}

ChangelogRecord RecordOf(const rd_kafka_message_t& message) {
  ChangelogRecord record{.offset = message.offset, .key = {}, .value = std::nullopt};
  if (message.key != nullptr) {
    record.key = {static_cast<const char*>(message.key), message.key_len};
  }
  if (message.payload != nullptr) {
    record.value = {static_cast<const char*>(message.payload), message.len};
  }
  return record;
}

}  // namespace

Result<std::unique_ptr<KafkaChangelogReader>> KafkaChangelogReader::Make(
    KafkaChangelogOptions options) {
  std::unique_ptr<KafkaChangelogReader> reader(new KafkaChangelogReader);
  reader->options_ = std::move(options);
  SHRIKE_TRY(reader->records_, MakeClient(reader->options_, "read_committed"));
  SHRIKE_TRY(reader->ends_, MakeClient(reader->options_, "read_uncommitted"));
  return reader;
}

KafkaChangelogReader::~KafkaChangelogReader() {
  if (records_ != nullptr) {
    rd_kafka_consumer_close(records_->handle());
  }
}

std::string KafkaChangelogReader::Text(std::int32_t partition) const {
  return "partition " + std::to_string(partition) + " of the state topic `" + options_.topic + "`";
}

Result<OffsetRange> KafkaChangelogReader::Range(std::int32_t partition) {
  OffsetRange range;
  SHRIKE_TRY_VOID(
      ends_->Persist("read the range of " + Text(partition), options_.timeout, [&](int wait_ms) {
        return rd_kafka_query_watermark_offsets(ends_->handle(), options_.topic.c_str(), partition,
                                                &range.begin, &range.end, wait_ms);
      }));
  return range;
}

Result<std::int64_t> KafkaChangelogReader::Read(std::int32_t partition, std::int64_t begin,
                                                const Visit& visit) {
  SHRIKE_TRY(OffsetRange range, Range(partition));
  range.begin = std::max(begin, range.begin);
  if (range.begin < range.end) {
    SHRIKE_TRY_VOID(ReadUntil(partition, range, visit));
  }
  return std::max(range.begin, range.end);
}

// Ends when the place reaches the range's end: by a record, or by the library's word that it has come so far.
Result<void> KafkaChangelogReader::ReadUntil(std::int32_t partition, OffsetRange range,
                                             const Visit& visit) {
  // The client has to know the partition's leader and be connected to it, or it may sleep for a second first.
  SHRIKE_TRY_VOID(records_->Persist("reach " + Text(partition), options_.timeout, [&](int wait_ms) {
    OffsetRange unused;
    return rd_kafka_query_watermark_offsets(records_->handle(), options_.topic.c_str(), partition,
                                            &unused.begin, &unused.end, wait_ms);
  }));
  PartitionList list;
  list.Add(options_.topic, partition, range.begin);
  const Assignment assignment(records_->handle(), list);
  if (assignment.code() != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return records_->Explain("read " + Text(partition), assignment.code());
  }
  std::int64_t place = range.begin;
  Deadline deadline(options_.timeout);
  while (place < range.end) {
    const MessagePtr message(rd_kafka_consumer_poll(records_->handle(), kPollMs));
    records_->Serve();
    if (records_->stopped()) {
      return tl::unexpected<Error>(*records_->stopped());
    }
    const std::int64_t before = place;
    if (message == nullptr || kafka::MayPass(message->err) || message->partition != partition) {
      // Nothing came.
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      place = std::max(place, message->offset);
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return records_->Explain("read " + Text(partition), message->err,
                               rd_kafka_message_errstr(message.get()));
    } else {
      // What was written since the call began is another call's.
      if (message->offset < range.end) {
        SHRIKE_TRY_VOID(visit(RecordOf(*message)));
      }
      place = message->offset + 1;
    }
    if (place > before) {
      deadline = Deadline(options_.timeout);
    } else if (deadline.Over()) {
      return Fail(ErrorCode::kIo,
                  "cannot read " + Text(partition) + " up to offset " + std::to_string(range.end) +
                      ": nothing comes after " + std::to_string(place) + " for " +
                      std::to_string(options_.timeout) +
                      " ms; a transaction that its owner left open may hold the rest back");
    }
  }
  return {};
}

}  // namespace shrike::ingest
