// What the user reads when a topic, a right, a password or the broker itself is missing.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>

#include "alerts/kafka/kafka_producer.h"
#include "ingest/kafka/kafka_changelog_reader.h"
#include "ingest/kafka/kafka_consumer.h"
#include "tests/e2e/broker.h"

namespace shrike::testing {
namespace {

using ingest::ConsumerBatch;
using ingest::KafkaConsumer;

std::unique_ptr<KafkaConsumer> NewConsumer(const kafka::ClientOptions& client,
                                           const std::string& topic, DurationMs timeout) {
  auto made = KafkaConsumer::Make(
      {.client = client, .group = "refused", .topics = {topic}, .timeout = timeout});
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  return *std::move(made);
}

std::unique_ptr<alerts::KafkaProducer> NewRefusedProducer(const kafka::ClientOptions& client,
                                                          const std::string& topic,
                                                          DurationMs timeout) {
  auto made = alerts::KafkaProducer::Make({.client = client,
                                           .application = "refused",
                                           .transactional_id = "refused-0",
                                           .topics = {topic, "", "", "", ""},
                                           .input_topics = {"input"},
                                           .timeout = timeout});
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  return *std::move(made);
}

// The first error that Poll gives.
Error PollError(KafkaConsumer* consumer) {
  ConsumerBatch batch;
  Result<void> polled;
  Await([&] { return !polled.has_value(); }, [&] { polled = consumer->Poll(10, 100, &batch); });
  REQUIRE_FALSE(polled.has_value());
  CHECK_FALSE(consumer->Poll(10, 0, &batch).has_value());  // It stays so.
  return polled.error();
}

void CheckError(const Error& error, ErrorCode code, const std::vector<std::string>& parts) {
  CHECK_MESSAGE(error.code == code, error.message);
  for (const std::string& part : parts) {
    CHECK_MESSAGE(error.message.find(part) != std::string::npos, error.message);
  }
  CHECK_MESSAGE(error.message.find("wrong-password") == std::string::npos, error.message);
}

TEST_CASE("a topic that does not exist is named") {
  WITH_BROKER(broker);
  const std::string name = broker.NewName("nowhere");
  const auto consumer = NewConsumer(broker.Options(), name, 10'000);
  CheckError(consumer->PartitionCounts().error(), ErrorCode::kConfig, {"`" + name + "`"});
  CheckError(PollError(consumer.get()), ErrorCode::kConfig, {name});
  const auto producer = NewRefusedProducer(broker.Options(), name, 10'000);
  CheckError(producer->Initialize().error(), ErrorCode::kConfig, {"`" + name + "`"});
  auto reader = ingest::KafkaChangelogReader::Make(
      {.client = broker.Options(), .group = "refused", .topic = name, .timeout = 10'000});
  REQUIRE(reader.has_value());
  CheckError((*reader)->Range(0).error(), ErrorCode::kConfig, {"`" + name + "`"});
}

TEST_CASE("a wrong password") {
  WITH_BROKER(broker);
  const kafka::ClientOptions client = broker.SaslOptions("wrong-password");
  CheckError(NewConsumer(client, "input", 10'000)->PartitionCounts().error(), ErrorCode::kConfig,
             {"cannot log in to Kafka", "sasl.password"});
  const auto consumer = NewConsumer(client, "input", 10'000);
  CheckError(PollError(consumer.get()), ErrorCode::kConfig, {"cannot log in to Kafka"});
  const auto producer = NewRefusedProducer(client, "out", 10'000);
  CheckError(producer->Initialize().error(), ErrorCode::kConfig, {"cannot log in to Kafka"});
}

TEST_CASE("a user without rights") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 1);
  const kafka::ClientOptions client = broker.SaslOptions("alice-password");
  const auto consumer = NewConsumer(client, topic, 10'000);
  CheckError(consumer->PartitionCounts().error(), ErrorCode::kConfig,
             {"`" + topic + "`", "rights on the topic"});
  CheckError(PollError(consumer.get()), ErrorCode::kConfig, {"the user needs"});
  const auto producer = NewRefusedProducer(client, topic, 10'000);
  CheckError(producer->Initialize().error(), ErrorCode::kConfig,
             {"`" + topic + "`", "rights on the topic"});
  const auto only_id = NewRefusedProducer(client, "", 10'000);
  CheckError(only_id->Initialize().error(), ErrorCode::kConfig, {"refused-0", "transactional ids"});
}

TEST_CASE("a broker that is not there") {
  kafka::ClientOptions client;
  client.properties = {{"bootstrap.servers", "127.0.0.1:1"}};
  const auto consumer = NewConsumer(client, "input", 300);
  CheckError(consumer->PartitionCounts().error(), ErrorCode::kIo,
             {"cannot find the input topic `input` within 300 ms", "127.0.0.1:1", "refused"});
  ConsumerBatch batch;
  CHECK(consumer->Poll(10, 100, &batch).has_value());  // It waits for it.
  CHECK(batch.records.empty());
  const auto producer = NewRefusedProducer(client, "", 300);
  CheckError(producer->Initialize().error(), ErrorCode::kIo,
             {"cannot initialize transactions of `refused-0`", "127.0.0.1:1"});
}

}  // namespace
}  // namespace shrike::testing
