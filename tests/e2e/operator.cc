#include "tests/e2e/operator.h"

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "base/kafka/handles.h"

namespace shrike::testing {
namespace {

using kafka::Client;

struct Destroy {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewPartitions_t* wish) const { rd_kafka_NewPartitions_destroy(wish); }
  void operator()(rd_kafka_DeleteRecords_t* wish) const { rd_kafka_DeleteRecords_destroy(wish); }
  void operator()(rd_kafka_DeleteGroup_t* wish) const { rd_kafka_DeleteGroup_destroy(wish); }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

std::unique_ptr<Client> NewClient(const Broker& broker, const std::string& group) {
  auto client = Client::Make(broker.Options(), {.role = Client::Role::kConsumer,
                                                .defaults = {},
                                                .fixed = {{"group.id", group}},
                                                .callbacks = {},
                                                .owner = nullptr});
  REQUIRE(client.has_value());
  return *std::move(client);
}

// Sends a request until its answer is good.
void Ask(Client* client, const std::function<void(rd_kafka_queue_t*)>& send,
         const std::function<rd_kafka_resp_err_t(rd_kafka_event_t*)>& read) {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__IN_PROGRESS;
  const bool done = Await(
      [&] { return code == RD_KAFKA_RESP_ERR_NO_ERROR; },
      [&] {
        const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client->handle()));
        send(queue.get());
        const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), 10'000));
        code = event == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(event.get());
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = read(event.get());
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
          std::this_thread::sleep_for(std::chrono::milliseconds(100));
      });
  REQUIRE_MESSAGE(done, kafka::ErrorText(code));
}

rd_kafka_resp_err_t TopicError(const rd_kafka_event_t* event) {
  std::size_t count = 0;
  return rd_kafka_topic_result_error(rd_kafka_CreatePartitions_result_topics(
      rd_kafka_event_CreatePartitions_result(const_cast<rd_kafka_event_t*>(event)), &count)[0]);
}

}  // namespace

void MoveOffset(const Broker& broker, const std::string& group, const GroupOffset& offset) {
  const auto client = NewClient(broker, group);
  kafka::PartitionList list;
  list.Add(offset.topic, offset.partition, offset.offset);
  const bool done = Await(
      [&] {
        return rd_kafka_commit(client->handle(), list.get(), 0) == RD_KAFKA_RESP_ERR_NO_ERROR;
      },
      [] { std::this_thread::sleep_for(std::chrono::milliseconds(100)); });
  REQUIRE_MESSAGE(done, "the offset cannot be committed");
}

void DeleteGroup(const Broker& broker, const std::string& group) {
  const auto client = NewClient(broker, "operator");
  const Owned<rd_kafka_DeleteGroup_t> wish(rd_kafka_DeleteGroup_new(group.c_str()));
  Ask(
      client.get(),
      [&](rd_kafka_queue_t* queue) {
        rd_kafka_DeleteGroup_t* list[] = {wish.get()};
        rd_kafka_DeleteGroups(client->handle(), list, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) {
        std::size_t count = 0;
        const rd_kafka_group_result_t** results =
            rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
        const rd_kafka_error_t* error = rd_kafka_group_result_error(results[0]);
        return error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
      });
}

void AddPartitions(const Broker& broker, const std::string& topic, std::size_t count) {
  const auto client = NewClient(broker, "operator");
  const Owned<rd_kafka_NewPartitions_t> wish(
      rd_kafka_NewPartitions_new(topic.c_str(), count, nullptr, 0));
  Ask(
      client.get(),
      [&](rd_kafka_queue_t* queue) {
        rd_kafka_NewPartitions_t* list[] = {wish.get()};
        rd_kafka_CreatePartitions(client->handle(), list, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) { return TopicError(event); });
}

void DeleteRecords(const Broker& broker, const std::string& topic, std::int32_t partition) {
  const auto client = NewClient(broker, "operator");
  kafka::PartitionList list;
  list.Add(topic, partition, RD_KAFKA_OFFSET_END);
  const Owned<rd_kafka_DeleteRecords_t> wish(rd_kafka_DeleteRecords_new(list.get()));
  Ask(
      client.get(),
      [&](rd_kafka_queue_t* queue) {
        rd_kafka_DeleteRecords_t* wishes[] = {wish.get()};
        rd_kafka_DeleteRecords(client->handle(), wishes, 1, nullptr, queue);
      },
      [](rd_kafka_event_t* event) {
        return rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event))
            ->elems[0]
            .err;
      });
}

}  // namespace shrike::testing
