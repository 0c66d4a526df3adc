// A notice is written down by the callback, handed over by Poll, and answered by Assign or Unassign:
//
//     callback -> State::notices -> Poll sets batch->rebalance -> Assign / Unassign -> the library goes on
//
// The library raises no second notice before the answer; should it do so all the same, the second waits in the queue.
#include "ingest/kafka/kafka_consumer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/kafka/handles.h"

namespace shrike::ingest {
namespace {

using kafka::Client;
using kafka::Deadline;
using kafka::PartitionList;

struct Notice {
  Rebalance kind = Rebalance::kNone;
  std::vector<InputPartition> partitions;  // ascending
};

// Where the consumer stands in a partition.
struct Place {
  bool assigned = false;
  bool held = false;  // a notice takes it away: it gives no records any more
  bool paused = false;
  std::int64_t next = 0;  // the offset of the next record, at least
};

struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using MessagePtr = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

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

// Errors that come as records while the library goes on by itself.
bool GoesOn(rd_kafka_resp_err_t code) {
  // Polled too late: the member was thrown out, and a notice (kLost) follows.
  return code == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED || kafka::MayPass(code);
}

Result<std::string> Serialized(const GroupMetadataPtr& metadata) {
  void* bytes = nullptr;
  std::size_t size = 0;
  if (auto error =
          kafka::TakeError(rd_kafka_consumer_group_metadata_write(metadata.get(), &bytes, &size))) {
    return Fail(ErrorCode::kIo, "cannot read the group's generation: " + error->text);
  }
  std::string text(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(nullptr, bytes);
  return text;
}

}  // namespace

struct KafkaConsumer::State {
  KafkaConsumerOptions options;
  std::unique_ptr<Client> client;
  std::vector<MessagePtr> messages;        // of the last batch, which borrows their bytes
  std::vector<std::vector<Place>> places;  // [topic][partition], grown on assignment
  std::deque<Notice> notices;              // not handed over yet
  std::optional<Notice> asked;             // handed over, not answered
  std::optional<Error> failed;             // the member cannot go on
  bool closing = false;
  KafkaConsumerCounters counters;

  rd_kafka_t* handle() const { return client->handle(); }
  bool cooperative() const { return options.topics.size() == 1; }
  const std::string& TopicName(InputPartition partition) const {
    return options.topics[static_cast<std::size_t>(partition.topic)];
  }
  std::string Text(InputPartition partition) const {
    return "partition " + std::to_string(partition.partition) + " of topic `" +
           TopicName(partition) + "`";
  }

  // nullptr: none of ours.
  Place* Find(InputPartition partition) {
    auto& of_topic = places[static_cast<std::size_t>(partition.topic)];
    const auto index = static_cast<std::size_t>(partition.partition);
    return index < of_topic.size() && of_topic[index].assigned ? &of_topic[index] : nullptr;
  }
  Place& Assigned(InputPartition partition) {
    Place* place = Find(partition);
    SHRIKE_CHECK(place != nullptr);
    return *place;
  }

  std::int32_t TopicIndex(std::string_view name) const;
  std::vector<InputPartition> Partitions(const rd_kafka_topic_partition_list_t* list) const;
  PartitionList List(std::span<const InputPartition> partitions) const;

  void OnRebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* list);
  void Answer(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* list);
  Result<void> Change(bool assign, const PartitionList& list);

  bool TakeRecord(MessagePtr message, ConsumerBatch* batch);
  Result<void> TakeError(const rd_kafka_message_t& message, ConsumerBatch* batch);
  void HandOver(ConsumerBatch* batch);
  Result<void> SeekOne(InputPartition partition, std::int64_t offset);
};

using State = KafkaConsumer::State;

std::int32_t State::TopicIndex(std::string_view name) const {
  if (options.topics.size() == 1) {
    return 0;
  }
  const auto found = std::ranges::lower_bound(options.topics, name);
  SHRIKE_CHECK(found != options.topics.end() && *found == name);
  return static_cast<std::int32_t>(found - options.topics.begin());
}

std::vector<InputPartition> State::Partitions(const rd_kafka_topic_partition_list_t* list) const {
  std::vector<InputPartition> partitions;
  partitions.reserve(static_cast<std::size_t>(list->cnt));
  for (int i = 0; i < list->cnt; ++i) {
    partitions.push_back({TopicIndex(list->elems[i].topic), list->elems[i].partition});
  }
  std::ranges::sort(partitions);
  return partitions;
}

PartitionList State::List(std::span<const InputPartition> partitions) const {
  PartitionList list(static_cast<int>(partitions.size()));
  for (const InputPartition& partition : partitions) {
    list.Add(TopicName(partition), partition.partition);
  }
  return list;
}

// Answers the library at once, without the owner.
void State::Answer(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* list) {
  const bool assign = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  std::optional<kafka::CallError> error;
  if (!cooperative() || (!assign && code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)) {
    rd_kafka_assign(handle(), assign ? list : nullptr);
  } else if (assign) {
    error = kafka::TakeError(rd_kafka_incremental_assign(handle(), list));
  } else {
    error = kafka::TakeError(rd_kafka_incremental_unassign(handle(), list));
  }
  if (error) {
    client->Log(4, "rebalance: " + error->text);
  }
}

void State::OnRebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* list) {
  const bool assign = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  if (!assign && code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    client->Log(4, "rebalance failed: " + kafka::ErrorText(code));
    Answer(code, list);
    return;
  }
  ++counters.rebalances;
  if (closing || list->cnt == 0) {
    Answer(code, list);  // An empty set concerns nobody.
    return;
  }
  Notice notice;
  notice.partitions = Partitions(list);
  if (assign) {
    notice.kind = Rebalance::kAssign;
  } else {
    notice.kind = rd_kafka_assignment_lost(handle()) != 0 ? Rebalance::kLost : Rebalance::kRevoke;
    for (const InputPartition& partition : notice.partitions) {
      if (Place* place = Find(partition)) {
        place->held = true;
      }
    }
  }
  notices.push_back(std::move(notice));
  rd_kafka_yield(handle());  // Poll returns at once.
}

// Adds the list to the assignment, or takes it away.
Result<void> State::Change(bool assign, const PartitionList& list) {
  std::string text;
  if (!cooperative()) {
    // All partitions come and go together.
    const rd_kafka_resp_err_t code = rd_kafka_assign(handle(), assign ? list.get() : nullptr);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return client->Explain("answer a rebalance", code);
    }
    return {};
  }
  const auto error = kafka::TakeError(assign ? rd_kafka_incremental_assign(handle(), list.get())
                                             : rd_kafka_incremental_unassign(handle(), list.get()));
  if (error) {
    return client->Explain("answer a rebalance", error->code, error->text);
  }
  return {};
}

// False: the record is none to hand out.
bool State::TakeRecord(MessagePtr message, ConsumerBatch* batch) {
  const Position position{TopicIndex(rd_kafka_topic_name(message->rkt)), message->partition,
                          message->offset};
  Place* place = Find({position.topic, position.partition});
  if (place == nullptr || place->held || place->paused || position.offset < place->next) {
    counters.records_stale += place != nullptr && !place->held && !place->paused ? 1 : 0;
    return false;
  }
  counters.offsets_skipped += position.offset - place->next;
  place->next = position.offset + 1;
  RawRecord record{.position = position, .timestamp = std::nullopt, .bytes = {}, .key = {}};
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp = rd_kafka_message_timestamp(message.get(), &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) {
    record.timestamp = timestamp;
  }
  if (message->payload != nullptr) {
    record.bytes = {static_cast<const char*>(message->payload), message->len};
  }
  if (message->key != nullptr) {
    record.key = {static_cast<const char*>(message->key), message->key_len};
  }
  if (!batch->at_end.empty()) {
    std::erase(batch->at_end, InputPartition{position.topic, position.partition});
  }
  batch->records.push_back(record);
  messages.push_back(std::move(message));
  return true;
}

Result<void> State::TakeError(const rd_kafka_message_t& message, ConsumerBatch* batch) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    const InputPartition partition{TopicIndex(rd_kafka_topic_name(message.rkt)), message.partition};
    const Place* place = Find(partition);
    if (place != nullptr && !place->held && !place->paused && message.offset >= place->next) {
      std::erase(batch->at_end, partition);
      batch->at_end.push_back(partition);
    }
    return {};
  }
  const std::string text = rd_kafka_message_errstr(&message);
  if (GoesOn(message.err)) {
    client->Log(4, text);
    return {};
  }
  std::string what = "read the input";
  if (message.rkt != nullptr) {
    what = "read topic `" + std::string(rd_kafka_topic_name(message.rkt)) + "`";
    if (message.partition >= 0) {
      what += ", partition " + std::to_string(message.partition);
    }
  }
  failed = client->Explain(what, message.err, text).value();
  return tl::unexpected<Error>(*failed);
}

void State::HandOver(ConsumerBatch* batch) {
  if (asked || notices.empty()) {
    return;
  }
  asked = std::move(notices.front());
  notices.pop_front();
  batch->rebalance = asked->kind;
  batch->partitions = asked->partitions;
}

// The place is set already. A paused partition is sought when it is resumed.
Result<void> State::SeekOne(InputPartition partition, std::int64_t offset) {
  const TopicPtr topic(rd_kafka_topic_new(handle(), TopicName(partition).c_str(), nullptr));
  return client->Persist("seek in " + Text(partition), options.timeout, [&](int wait_ms) {
    return rd_kafka_seek(topic.get(), partition.partition, offset, wait_ms);
  });
}

KafkaConsumer::KafkaConsumer() : state_(std::make_unique<State>()) {}

Result<std::unique_ptr<KafkaConsumer>> KafkaConsumer::Make(KafkaConsumerOptions options) {
  SHRIKE_CHECK(!options.topics.empty() && !options.group.empty());
  SHRIKE_CHECK(std::ranges::adjacent_find(options.topics, std::greater_equal<>()) ==
               options.topics.end());
  std::unique_ptr<KafkaConsumer> consumer(new KafkaConsumer);
  State& state = *consumer->state_;
  state.options = std::move(options);
  state.places.resize(state.options.topics.size());
  Client::Spec spec{.role = Client::Role::kConsumer,
                    .defaults = {{"client.id", state.options.group},
                                 // Partitions that are added are a mistake, to be found soon.
                                 {"topic.metadata.refresh.interval.ms", "10000"},
                                 // A client whose queue is full fetches nothing for up to a second:
                                 // the queue must last as long, or reading stands still meanwhile.
                                 {"queued.min.messages", "10000000"},
                                 {"queued.max.messages.kbytes", "131072"}},
                    .fixed = {{"group.id", state.options.group},
                              {"enable.auto.commit", "false"},
                              {"enable.auto.offset.store", "false"},
                              {"auto.offset.reset", "error"},
                              {"enable.partition.eof", "true"},
                              {"isolation.level", "read_committed"},
                              {"partition.assignment.strategy",
                               state.cooperative() ? "cooperative-sticky" : "range"}},
                    .callbacks = {},
                    .owner = &state};
  if (!state.options.instance.empty()) {
    spec.fixed.emplace_back("group.instance.id", state.options.instance);
  }
  spec.callbacks = [](rd_kafka_conf_t* conf) {
    rd_kafka_conf_set_rebalance_cb(conf, [](rd_kafka_t*, rd_kafka_resp_err_t code,
                                            rd_kafka_topic_partition_list_t* list, void* client) {
      static_cast<State*>(static_cast<Client*>(client)->owner())->OnRebalance(code, list);
    });
  };
  SHRIKE_TRY(state.client, Client::Make(state.options.client, spec));
  PartitionList topics;
  for (const std::string& topic : state.options.topics) {
    topics.Add(topic, RD_KAFKA_PARTITION_UA);
  }
  const rd_kafka_resp_err_t code = rd_kafka_subscribe(state.handle(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return state.client->Explain("subscribe to the input", code);
  }
  return consumer;
}

KafkaConsumer::~KafkaConsumer() {
  if (state_->client == nullptr) {
    return;
  }
  state_->closing = true;
  state_->messages.clear();
  if (state_->asked) {
    state_->notices.push_front(*std::move(state_->asked));
  }
  for (const Notice& notice : state_->notices) {
    // What was not answered yet would keep the library waiting.
    const bool assign = notice.kind == Rebalance::kAssign;
    state_->Answer(
        assign ? RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS : RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS,
        state_->List(notice.partitions).get());
  }
  rd_kafka_consumer_close(state_->handle());
}

Result<void> KafkaConsumer::Poll(std::size_t count_max, DurationMs wait, ConsumerBatch* batch) {
  SHRIKE_CHECK(count_max > 0);
  State& state = *state_;
  state.messages.clear();
  batch->records.clear();
  batch->at_end.clear();
  batch->partitions.clear();
  batch->rebalance = Rebalance::kNone;
  state.client->Serve();
  if (!state.failed && state.client->stopped()) {
    state.failed = state.client->stopped();
  }
  if (state.failed) {
    return tl::unexpected<Error>(*state.failed);
  }
  const Deadline deadline(wait);
  while (batch->records.size() < count_max && (state.asked || state.notices.empty())) {
    const bool nothing_yet = batch->records.empty() && batch->at_end.empty();
    const int wait_ms = nothing_yet ? deadline.Left(std::numeric_limits<int>::max()) : 0;
    MessagePtr message(rd_kafka_consumer_poll(state.handle(), wait_ms));
    if (message == nullptr) {
      if (!nothing_yet || deadline.Over()) {
        break;
      }
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      state.TakeRecord(std::move(message), batch);
    } else {
      SHRIKE_TRY_VOID(state.TakeError(*message, batch));
    }
  }
  if (batch->records.empty()) {
    state.HandOver(batch);
  }
  return {};
}

Result<void> KafkaConsumer::Assign(std::span<const InputOffset> starts) {
  State& state = *state_;
  SHRIKE_CHECK(state.asked && state.asked->kind == Rebalance::kAssign);
  SHRIKE_CHECK(starts.size() == state.asked->partitions.size());
  PartitionList list(static_cast<int>(starts.size()));
  for (const InputOffset& start : starts) {
    SHRIKE_CHECK(std::ranges::binary_search(state.asked->partitions, start.partition));
    SHRIKE_CHECK(start.offset >= 0);
    list.Add(state.TopicName(start.partition), start.partition.partition, start.offset);
    auto& of_topic = state.places[static_cast<std::size_t>(start.partition.topic)];
    const auto index = static_cast<std::size_t>(start.partition.partition);
    of_topic.resize(std::max(of_topic.size(), index + 1));
    of_topic[index] = {.assigned = true, .held = false, .paused = false, .next = start.offset};
  }
  state.asked.reset();
  return state.Change(true, list);
}

Result<void> KafkaConsumer::Unassign(std::span<const InputPartition> partitions) {
  State& state = *state_;
  SHRIKE_CHECK(state.asked && state.asked->kind != Rebalance::kAssign);
  SHRIKE_CHECK(partitions.size() == state.asked->partitions.size());
  for (const InputPartition& partition : partitions) {
    SHRIKE_CHECK(std::ranges::binary_search(state.asked->partitions, partition));
    if (Place* place = state.Find(partition)) {
      *place = {};
    }
  }
  state.asked.reset();
  return state.Change(false, state.List(partitions));
}

Result<void> KafkaConsumer::Seek(std::span<const InputOffset> offsets) {
  for (const InputOffset& to : offsets) {
    Place& place = state_->Assigned(to.partition);
    place.next = to.offset;
    if (!place.paused && !place.held) {
      SHRIKE_TRY_VOID(state_->SeekOne(to.partition, to.offset));
    }
  }
  return {};
}

Result<void> KafkaConsumer::SetPaused(std::span<const InputPartition> partitions, bool paused) {
  State& state = *state_;
  std::vector<InputPartition> changed;
  for (const InputPartition& partition : partitions) {
    Place& place = state.Assigned(partition);
    if (place.paused != paused && !place.held) {
      place.paused = paused;
      changed.push_back(partition);
    }
  }
  const PartitionList list = state.List(changed);
  const rd_kafka_resp_err_t code = paused ? rd_kafka_pause_partitions(state.handle(), list.get())
                                          : rd_kafka_resume_partitions(state.handle(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return state.client->Explain(paused ? "pause the input" : "resume the input", code);
  }
  for (const InputPartition& partition : changed) {
    if (!paused) {
      SHRIKE_TRY_VOID(state.SeekOne(partition, state.Assigned(partition).next));
    }
  }
  return {};
}

Result<std::vector<std::optional<CommittedOffset>>> KafkaConsumer::Committed(
    std::span<const InputPartition> partitions) {
  State& state = *state_;
  const PartitionList list = state.List(partitions);
  if (partitions.empty()) {
    return std::vector<std::optional<CommittedOffset>>{};
  }
  SHRIKE_TRY_VOID(state.client->Persist(
      "read the committed offsets of group `" + state.options.group + "`", state.options.timeout,
      [&](int wait_ms) {
        const rd_kafka_resp_err_t code = rd_kafka_committed(state.handle(), list.get(), wait_ms);
        for (int i = 0; i < list.get()->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
          if (list.get()->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return list.get()->elems[i].err;
          }
        }
        return code;
      }));
  std::vector<std::optional<CommittedOffset>> committed(partitions.size());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const rd_kafka_topic_partition_t& found = list.get()->elems[i];
    SHRIKE_CHECK(found.partition == partitions[i].partition);
    if (found.offset >= 0) {
      committed[i] = {found.offset, {}};
      if (found.metadata_size > 0) {
        committed[i]->metadata.assign(static_cast<const char*>(found.metadata),
                                      found.metadata_size);
      }
    }
  }
  return committed;
}

Result<OffsetRange> KafkaConsumer::Range(InputPartition partition) {
  State& state = *state_;
  OffsetRange range;
  // The handle reads committed records only, so the end is that of the last transaction that is decided.
  SHRIKE_TRY_VOID(state.client->Persist(
      "read the range of " + state.Text(partition), state.options.timeout, [&](int wait_ms) {
        return rd_kafka_query_watermark_offsets(state.handle(), state.TopicName(partition).c_str(),
                                                partition.partition, &range.begin, &range.end,
                                                wait_ms);
      }));
  return range;
}

Result<std::vector<int>> KafkaConsumer::PartitionCounts() {
  State& state = *state_;
  std::vector<int> counts;
  for (const std::string& name : state.options.topics) {
    const TopicPtr topic(rd_kafka_topic_new(state.handle(), name.c_str(), nullptr));
    int count = 0;
    SHRIKE_TRY_VOID(state.client->Persist(
        "find the input topic `" + name + "`", state.options.timeout, [&](int wait_ms) {
          const rd_kafka_metadata_t* found = nullptr;
          const rd_kafka_resp_err_t code =
              rd_kafka_metadata(state.handle(), 0, topic.get(), &found, wait_ms);
          if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return code;
          }
          const rd_kafka_resp_err_t of_topic = found->topics[0].err;
          count = found->topics[0].partition_cnt;
          rd_kafka_metadata_destroy(found);
          return of_topic;
        }));
    counts.push_back(count);
  }
  return counts;
}

Result<std::string> KafkaConsumer::GroupToken() {
  State& state = *state_;
  const GroupMetadataPtr own(rd_kafka_consumer_group_metadata(state.handle()));
  const GroupMetadataPtr outsider(
      rd_kafka_consumer_group_metadata_new(state.options.group.c_str()));
  SHRIKE_CHECK(own != nullptr && outsider != nullptr);
  SHRIKE_TRY(std::string token, Serialized(own));
  SHRIKE_TRY(const std::string no_member, Serialized(outsider));
  if (token == no_member) {
    return Fail(ErrorCode::kIo,
                "this instance is no member of the group `" + state.options.group + "` any more");
  }
  return token;
}

const KafkaConsumerCounters& KafkaConsumer::counters() const { return state_->counters; }

}  // namespace shrike::ingest
