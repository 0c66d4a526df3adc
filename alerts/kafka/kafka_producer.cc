#include "alerts/kafka/kafka_producer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/kafka/handles.h"

namespace shrike::alerts {
namespace {

using kafka::CallError;
using kafka::Client;
using kafka::Deadline;
using kafka::PartitionList;

constexpr int kAttemptMs = 1000;  // after each, complaints are looked at
constexpr int kPauseMs = 50;      // between attempts that fail at once
constexpr int kQueuePollMs = 10;  // while the queue is full

enum class Stage {
  kNew,          // no handle, or one whose Initialize was not done
  kReady,        // no transaction
  kTransaction,  // begun
  kBroken,       // the handle must not be used any more
};

struct DestroyTopic {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using TopicPtr = std::unique_ptr<rd_kafka_topic_t, DestroyTopic>;

struct DestroyGroupMetadata {
  void operator()(rd_kafka_consumer_group_metadata_t* metadata) const {
    rd_kafka_consumer_group_metadata_destroy(metadata);
  }
};
using GroupMetadataPtr = std::unique_ptr<rd_kafka_consumer_group_metadata_t, DestroyGroupMetadata>;

struct DestroyHeaders {
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
using HeadersPtr = std::unique_ptr<rd_kafka_headers_t, DestroyHeaders>;

HeadersPtr HeadersOf(std::span<const OutputHeader> headers) {
  if (headers.empty()) {
    return nullptr;
  }
  HeadersPtr made(rd_kafka_headers_new(headers.size()));
  for (const OutputHeader& header : headers) {
    rd_kafka_header_add(made.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  return made;
}

}  // namespace

struct KafkaProducer::State {
  KafkaProducerOptions options;
  std::unique_ptr<Client> client;
  Stage stage = Stage::kNew;
  std::string lost;              // the first record that could not be written, since the last begin
  std::optional<Error> refused;  // a record that no topic will ever take: the process must stop

  rd_kafka_t* handle() const { return client->handle(); }
  const std::string& TopicOf(const OutputRecord& record) const {
    return record.topic == OutputTopic::kDerived
               ? options.derived_topics[static_cast<std::size_t>(record.stream)]
               : options.topics[static_cast<std::size_t>(record.topic)];
  }

  Result<void> MakeHandle();
  void TakeUndelivered(const rd_kafka_message_t& message);
  tl::unexpected<Error> Refuse(const std::string& topic, std::size_t size);
  Result<void> FindTopics();
  std::optional<CallError> Repeat(const std::function<rd_kafka_error_t*(int wait_ms)>& call);
  Result<void> Begin();
  rd_kafka_resp_err_t Enqueue(const OutputRecord& record);
  std::optional<CallError> SendOffsets(std::span<const InputOffset> offsets,
                                       std::string_view group_token);
  CommitResult Give(std::string_view what, const CallError& error);
};

Result<void> KafkaProducer::State::MakeHandle() {
  client.reset();  // Before the new one: it must not say anything more under this id.
  stage = Stage::kNew;
  SHRIKE_TRY(client,
             Client::Make(options.client,
                          {.role = Client::Role::kProducer,
                           .defaults = {{"client.id", options.application},
                                        {"transaction.timeout.ms", "30000"},
                                        {"linger.ms", "5"},
                                        {"retry.backoff.ms", "20"}},
                           .fixed = {{"message.max.bytes", std::to_string(kStateRecordBytesMax)},
                                     {"transactional.id", options.transactional_id},
                                     {"enable.idempotence", "true"},
                                     {"delivery.report.only.error", "true"},
                                     {"partitioner", "murmur2_random"}},
                           .callbacks =
                               [](rd_kafka_conf_t* conf) {
                                 rd_kafka_conf_set_dr_msg_cb(
                                     conf, [](rd_kafka_t*, const rd_kafka_message_t* message,
                                              void* opaque) {
                                       static_cast<State*>(static_cast<Client*>(opaque)->owner())
                                           ->TakeUndelivered(*message);
                                     });
                               },
                           .owner = this}));
  return {};
}

void KafkaProducer::State::TakeUndelivered(const rd_kafka_message_t& message) {
  const rd_kafka_resp_err_t code = message.err;
  if (code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
    return;
  }
  const std::string topic = rd_kafka_topic_name(message.rkt);
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    (void)Refuse(topic, message.len + message.key_len);
  }
  if (lost.empty()) {
    lost = "a record for topic `" + topic + "` was not written: " + kafka::ErrorText(code);
  }
}

// It would be refused again after every recovery, for ever.
tl::unexpected<Error> KafkaProducer::State::Refuse(const std::string& topic, std::size_t size) {
  refused = Error{
      ErrorCode::kConfig,
      "topic `" + topic + "` does not take a record of " + std::to_string(size) +
          " bytes: raise the topic's max.message.bytes, to " +
          std::to_string(topic == options.topics[static_cast<std::size_t>(OutputTopic::kState)]
                             ? kStateRecordBytesMax
                             : kOutputRecordBytesMax) +
          " at least"};
  stage = Stage::kBroken;
  return tl::unexpected<Error>(*refused);
}

// Repeats the call while it says that it may be repeated. The last error, or nullopt.
std::optional<CallError> KafkaProducer::State::Repeat(
    const std::function<rd_kafka_error_t*(int wait_ms)>& call) {
  const Deadline deadline(options.timeout);
  while (true) {
    std::optional<CallError> error = kafka::TakeError(call(std::max(1, deadline.Left(kAttemptMs))));
    if (!error) {
      return std::nullopt;
    }
    client->Serve(std::min(kPauseMs, deadline.Left(kPauseMs)));
    if (client->stopped() && !error->abortable) {
      error->fatal = true;
      return error;
    }
    if (!error->retriable || deadline.Over()) {
      return error;
    }
  }
}

// Also makes the connections to their leaders' brokers known, which the first commit would have to wait for.
Result<void> KafkaProducer::State::FindTopics() {
  std::vector<std::string> names(options.topics.begin(), options.topics.end());
  names.insert(names.end(), options.derived_topics.begin(), options.derived_topics.end());
  for (const std::string& name : names) {
    if (name.empty()) {
      continue;
    }
    const TopicPtr topic(rd_kafka_topic_new(handle(), name.c_str(), nullptr));
    SHRIKE_TRY_VOID(
        client->Persist("find the output topic `" + name + "`", options.timeout, [&](int wait_ms) {
          const rd_kafka_metadata_t* found = nullptr;
          const rd_kafka_resp_err_t code =
              rd_kafka_metadata(handle(), 0, topic.get(), &found, wait_ms);
          if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return code;
          }
          const rd_kafka_resp_err_t of_topic = found->topics[0].err;
          rd_kafka_metadata_destroy(found);
          return of_topic;
        }));
  }
  return {};
}

Result<void> KafkaProducer::State::Begin() {
  if (stage == Stage::kTransaction) {
    return {};
  }
  if (stage != Stage::kReady) {
    return Fail(ErrorCode::kIo, "the producer must be initialized before it can send");
  }
  lost.clear();
  if (auto error = kafka::TakeError(rd_kafka_begin_transaction(handle()))) {
    stage = Stage::kBroken;
    return client->Explain("begin a transaction", error->code, error->text);
  }
  stage = Stage::kTransaction;
  return {};
}

// Copies the record into the library's queue. _QUEUE_FULL: nothing was done.
rd_kafka_resp_err_t KafkaProducer::State::Enqueue(const OutputRecord& record) {
  const std::string& topic = TopicOf(record);
  SHRIKE_CHECK(!topic.empty());
  HeadersPtr headers = HeadersOf(record.headers);
  // An empty value is not a missing one: the pointer says which.
  static constexpr char kEmpty[1] = "";
  const auto data = [](const std::optional<std::string_view>& bytes) {
    const char* begin = bytes && bytes->data() == nullptr ? kEmpty : bytes.value_or("").data();
    return bytes ? const_cast<char*>(begin) : nullptr;
  };
  std::array<rd_kafka_vu_t, 7> parts{};
  std::size_t count = 0;
  const auto add = [&](rd_kafka_vtype_t type) -> decltype(parts[0].u)& {
    parts[count].vtype = type;
    return parts[count++].u;
  };
  add(RD_KAFKA_VTYPE_TOPIC).cstr = topic.c_str();
  add(RD_KAFKA_VTYPE_PARTITION).i32 = record.partition.value_or(RD_KAFKA_PARTITION_UA);
  add(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
  add(RD_KAFKA_VTYPE_KEY).mem = {data(record.key), record.key.value_or("").size()};
  add(RD_KAFKA_VTYPE_VALUE).mem = {data(record.value), record.value.value_or("").size()};
  if (record.timestamp) {
    add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = *record.timestamp;
  }
  if (headers != nullptr) {
    add(RD_KAFKA_VTYPE_HEADERS).headers = headers.get();
  }
  const auto error = kafka::TakeError(rd_kafka_produceva(handle(), parts.data(), count));
  if (error) {
    return static_cast<rd_kafka_resp_err_t>(error->code);
  }
  (void)headers.release();  // The message owns them.
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::optional<CallError> KafkaProducer::State::SendOffsets(std::span<const InputOffset> offsets,
                                                           std::string_view group_token) {
  rd_kafka_consumer_group_metadata_t* read = nullptr;
  if (auto error = kafka::TakeError(
          rd_kafka_consumer_group_metadata_read(&read, group_token.data(), group_token.size()))) {
    error->abortable = true;  // Nothing has reached the broker.
    return error;
  }
  const GroupMetadataPtr group(read);
  PartitionList list(static_cast<int>(offsets.size()));
  for (const InputOffset& offset : offsets) {
    list.Add(options.input_topics[static_cast<std::size_t>(offset.partition.topic)],
             offset.partition.partition, offset.offset, offset.metadata);
  }
  return Repeat([&](int wait_ms) {
    return rd_kafka_send_offsets_to_transaction(handle(), list.get(), group.get(), wait_ms);
  });
}

// The transaction has failed with this error: what is to be said of its outcome.
CommitResult KafkaProducer::State::Give(std::string_view what, const CallError& error) {
  client->Log(4, "transaction: cannot " + std::string(what) + ": " + error.text +
                     (lost.empty() ? "" : "; " + lost));
  if (error.fatal || !error.abortable || refused) {
    stage = Stage::kBroken;
    return CommitResult::kUnknown;
  }
  const auto aborted =
      Repeat([this](int wait_ms) { return rd_kafka_abort_transaction(handle(), wait_ms); });
  if (aborted) {
    client->Log(4, "transaction: cannot abort: " + aborted->text);
    stage = Stage::kBroken;
    return CommitResult::kUnknown;
  }
  stage = Stage::kReady;
  return CommitResult::kAborted;
}

KafkaProducer::KafkaProducer() : state_(std::make_unique<State>()) {}
KafkaProducer::~KafkaProducer() = default;

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::Make(KafkaProducerOptions options) {
  SHRIKE_CHECK(!options.transactional_id.empty());
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer);
  producer->state_->options = std::move(options);
  SHRIKE_TRY_VOID(producer->state_->MakeHandle());
  return producer;
}

Result<void> KafkaProducer::Initialize() {
  State& state = *state_;
  if (state.refused) {
    return tl::unexpected<Error>(*state.refused);
  }
  // A handle is initialized once. One whose time ran out goes on where it was.
  if (state.stage != Stage::kNew || state.client == nullptr || state.client->stopped()) {
    SHRIKE_TRY_VOID(state.MakeHandle());
  }
  SHRIKE_TRY_VOID(state.FindTopics());
  const auto error = state.Repeat(
      [&state](int wait_ms) { return rd_kafka_init_transactions(state.handle(), wait_ms); });
  if (error) {
    if (!error->retriable) {
      state.stage = Stage::kBroken;
    } else if (state.client->stopped()) {
      return tl::unexpected<Error>(*state.client->stopped());
    }
    return state.client->Explain(
        "initialize transactions of `" + state.options.transactional_id + "`", error->code,
        error->text);
  }
  state.stage = Stage::kReady;
  return {};
}

Result<void> KafkaProducer::Send(const OutputRecord& record) {
  State& state = *state_;
  SHRIKE_TRY_VOID(state.Begin());
  const Deadline deadline(state.options.timeout);
  while (true) {
    const rd_kafka_resp_err_t code = state.Enqueue(record);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {};
    }
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      return state.Refuse(state.TopicOf(record),
                          record.value.value_or("").size() + record.key.value_or("").size());
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || deadline.Over()) {
      return state.client->Explain("send a record", code, state.lost);
    }
    state.client->Serve(kQueuePollMs);
  }
}

CommitResult KafkaProducer::Commit(std::span<const InputOffset> offsets,
                                   std::string_view group_token) {
  State& state = *state_;
  if (state.stage == Stage::kReady && offsets.empty()) {
    return CommitResult::kCommitted;  // Nothing to say.
  }
  if (const Result<void> begun = state.Begin(); !begun) {
    state.client->Log(4, begun.error().message);
    return CommitResult::kUnknown;
  }
  state.client->Serve();
  if (!offsets.empty()) {
    if (auto error = state.SendOffsets(offsets, group_token)) {
      // Not committed as yet: what may still be tried again may be aborted too.
      error->abortable = error->abortable || (error->retriable && !error->fatal);
      return state.Give("send the offsets", *error);
    }
  }
  // It writes out what is queued first, and fails if a record could not be written.
  const auto error = state.Repeat(
      [&state](int wait_ms) { return rd_kafka_commit_transaction(state.handle(), wait_ms); });
  if (error) {
    return state.Give("commit", *error);
  }
  state.stage = Stage::kReady;
  return CommitResult::kCommitted;
}

Result<void> KafkaProducer::Abort() {
  State& state = *state_;
  if (state.stage == Stage::kReady) {
    return {};
  }
  if (state.stage != Stage::kTransaction) {
    return Fail(ErrorCode::kIo, "the producer must be initialized before it can abort");
  }
  const auto error = state.Repeat(
      [&state](int wait_ms) { return rd_kafka_abort_transaction(state.handle(), wait_ms); });
  if (error) {
    state.stage = Stage::kBroken;
    return state.client->Explain("abort the transaction", error->code, error->text);
  }
  state.stage = Stage::kReady;
  return {};
}

}  // namespace shrike::alerts
