#include "base/kafka/topics.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/kafka/handles.h"

namespace shrike::kafka {
namespace {

constexpr int kFromBroker = -1;  // partitions, replicas: the broker's default
constexpr int kAttemptMs = 5000;
constexpr std::string_view kCleanup = "cleanup.policy";
constexpr std::string_view kRecordBytes = "max.message.bytes";

struct Destroy {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
  void operator()(rd_kafka_ConfigResource_t* resource) const {
    rd_kafka_ConfigResource_destroy(resource);
  }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;

class Admin {
 public:
  Admin(Client* client, DurationMs timeout) : client_(client), timeout_(timeout) {}

  // nullopt: there is no such topic.
  Result<std::optional<int>> PartitionCount(const std::string& name);
  Result<void> Create(const TopicWish& wish);
  // Waits until each partition has a leader.
  Result<void> AwaitLeaders(const std::string& name);
  Result<Properties> Settings(const std::string& name);

 private:
  Result<void> Ask(std::string_view what,
                   const std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& send,
                   const std::function<int(rd_kafka_event_t*)>& read);

  Client* client_;
  DurationMs timeout_;
};

// Sends a request and reads its answer; errors that may pass are tried again.
Result<void> Admin::Ask(
    std::string_view what,
    const std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& send,
    const std::function<int(rd_kafka_event_t*)>& read) {
  return client_->Persist(what, timeout_, [&](int) -> int {
    const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_->handle()));
    const Owned<rd_kafka_AdminOptions_t> options(
        rd_kafka_AdminOptions_new(client_->handle(), RD_KAFKA_ADMIN_OP_ANY));
    std::array<char, 256> why{};
    rd_kafka_AdminOptions_set_request_timeout(options.get(), kAttemptMs, why.data(), why.size());
    send(options.get(), queue.get());
    const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), kAttemptMs));
    if (event == nullptr) {
      return RD_KAFKA_RESP_ERR__TIMED_OUT;
    }
    const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? read(event.get()) : code;
  });
}

Result<std::optional<int>> Admin::PartitionCount(const std::string& name) {
  const Owned<rd_kafka_topic_t> topic(rd_kafka_topic_new(client_->handle(), name.c_str(), nullptr));
  std::optional<int> count;
  SHRIKE_TRY_VOID(
      client_->Persist("look at topic `" + name + "`", timeout_, [&](int wait_ms) -> int {
        const rd_kafka_metadata_t* found = nullptr;
        const rd_kafka_resp_err_t code =
            rd_kafka_metadata(client_->handle(), 0, topic.get(), &found, wait_ms);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
          return code;
        }
        const rd_kafka_metadata_topic_t& of_topic = found->topics[0];
        rd_kafka_resp_err_t error = of_topic.err;
        for (int i = 0; i < of_topic.partition_cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
          error = of_topic.partitions[i].err;
        }
        count = of_topic.partition_cnt;
        rd_kafka_metadata_destroy(found);
        if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
          count = std::nullopt;
          return RD_KAFKA_RESP_ERR_NO_ERROR;
        }
        return error;
      }));
  return count;
}

Result<void> Admin::AwaitLeaders(const std::string& name) {
  const Deadline deadline(timeout_);
  while (true) {
    SHRIKE_TRY(const std::optional<int> count, PartitionCount(name));
    if (count) {
      return {};
    }
    if (deadline.Over()) {
      return client_->Explain("find topic `" + name + "` after it was created",
                              RD_KAFKA_RESP_ERR__TIMED_OUT);
    }
    client_->Serve(50);
  }
}

Result<void> Admin::Create(const TopicWish& wish) {
  std::array<char, 512> why{};
  const Owned<rd_kafka_NewTopic_t> topic(
      rd_kafka_NewTopic_new(wish.name.c_str(), wish.partitions > 0 ? wish.partitions : kFromBroker,
                            kFromBroker, why.data(), why.size()));
  if (topic == nullptr) {
    return Fail(ErrorCode::kConfig, "cannot create topic `" + wish.name + "`: " + why.data());
  }
  for (const auto& [name, value] : wish.settings) {
    rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  }
  return Ask(
      "create topic `" + wish.name + "`",
      [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_NewTopic_t* list[] = {topic.get()};
        rd_kafka_CreateTopics(client_->handle(), list, 1, options, queue);
      },
      [](rd_kafka_event_t* event) -> int {
        std::size_t count = 0;
        const rd_kafka_topic_result_t** results =
            rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
        SHRIKE_CHECK(count == 1);
        const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[0]);
        // Another instance was quicker: what it made is looked at like any other.
        return code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ? RD_KAFKA_RESP_ERR_NO_ERROR : code;
      });
}

Result<Properties> Admin::Settings(const std::string& name) {
  const Owned<rd_kafka_ConfigResource_t> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
  Properties settings;
  SHRIKE_TRY_VOID(Ask(
      "read the settings of topic `" + name + "`",
      [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_ConfigResource_t* list[] = {resource.get()};
        rd_kafka_DescribeConfigs(client_->handle(), list, 1, options, queue);
      },
      [&settings](rd_kafka_event_t* event) -> int {
        std::size_t count = 0;
        const rd_kafka_ConfigResource_t** results = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &count);
        SHRIKE_CHECK(count == 1);
        if (const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(results[0])) {
          return code;
        }
        const rd_kafka_ConfigEntry_t** entries =
            rd_kafka_ConfigResource_configs(results[0], &count);
        for (std::size_t i = 0; i < count; ++i) {
          const char* value = rd_kafka_ConfigEntry_value(entries[i]);
          if (value != nullptr) {
            settings.emplace_back(rd_kafka_ConfigEntry_name(entries[i]), value);
          }
        }
        return RD_KAFKA_RESP_ERR_NO_ERROR;
      }));
  return settings;
}

// What is wrong with the topic, as lines; empty: nothing.
Result<std::string> Look(Admin* admin, const TopicWish& wish, int partitions) {
  std::string lines;
  if (wish.partitions > 0 && partitions != wish.partitions) {
    lines +=
        "topic `" + wish.name + "` has " + std::to_string(partitions) + " partitions; " +
        std::to_string(wish.partitions) +
        " are needed, as many as the input has: delete the topic, or name another application\n";
  }
  if (!wish.compacted && wish.record_bytes_min == 0) {
    return lines;
  }
  SHRIKE_TRY(const Properties settings, admin->Settings(wish.name));
  const std::string policy = PropertyOr(settings, kCleanup, "");
  if (wish.compacted && policy != "compact") {
    lines += "topic `" + wish.name + "` has cleanup.policy `" + policy +
             "`; it must be `compact`, or state would be lost\n";
  }
  const std::string bytes = PropertyOr(settings, kRecordBytes, "0");
  if (std::strtoull(bytes.c_str(), nullptr, 10) < wish.record_bytes_min) {
    lines += "topic `" + wish.name + "` has max.message.bytes " + bytes + "; it must take " +
             std::to_string(wish.record_bytes_min) +
             " at least, or a record that is larger would end every transaction: raise it\n";
  }
  return lines;
}

}  // namespace

TopicWish StateTopicWish(const std::string& application, int partitions, std::size_t record_bytes) {
  return {
      .name = application + "-state",
      .partitions = partitions,
      .compacted = true,
      .create = true,
      .record_bytes_min = record_bytes,
      .settings = {
          {std::string(kCleanup), "compact"},
          {"delete.retention.ms", "604800000"},
          // The segment that is written to is never compacted, and all of it is read at a restore.
          {"segment.bytes", "52428800"},
          {std::string(kRecordBytes), std::to_string(record_bytes)}}};
}

Result<std::vector<int>> PartitionCounts(const ClientOptions& options,
                                         std::span<const std::string> topics, DurationMs timeout) {
  SHRIKE_TRY(const std::unique_ptr<Client> client, Client::Make(options, {}));
  Admin admin(client.get(), timeout);
  std::vector<int> counts;
  std::string missing;
  for (const std::string& topic : topics) {
    SHRIKE_TRY(const std::optional<int> count, admin.PartitionCount(topic));
    counts.push_back(count.value_or(0));
    if (!count) missing += (missing.empty() ? "`" : ", `") + topic + "`";
  }
  if (missing.empty()) return counts;
  return Fail(ErrorCode::kConfig, "the input topic does not exist: " + missing +
                                      ". Create it, or name another in `streams`");
}

Result<std::vector<std::string>> EnsureTopics(const ClientOptions& options,
                                              std::span<const TopicWish> wishes,
                                              DurationMs timeout) {
  // A consumer's handle: a producer's question would make the broker create the topic, with any settings.
  SHRIKE_TRY(const std::unique_ptr<Client> client, Client::Make(options, {}));
  Admin admin(client.get(), timeout);
  std::vector<std::string> created;
  std::string wrong;
  for (const TopicWish& wish : wishes) {
    SHRIKE_TRY(std::optional<int> partitions, admin.PartitionCount(wish.name));
    if (!partitions && !wish.create) {
      wrong += "topic `" + wish.name + "` does not exist\n";
      continue;
    }
    if (!partitions) {
      SHRIKE_TRY_VOID(admin.Create(wish));
      SHRIKE_TRY_VOID(admin.AwaitLeaders(wish.name));
      SHRIKE_TRY(partitions, admin.PartitionCount(wish.name));
      created.push_back(wish.name);
    }
    SHRIKE_TRY(const std::string lines, Look(&admin, wish, partitions.value_or(0)));
    wrong += lines;
  }
  if (!wrong.empty()) {
    wrong.pop_back();
    return Fail(ErrorCode::kConfig, std::move(wrong));
  }
  return created;
}

}  // namespace shrike::kafka
