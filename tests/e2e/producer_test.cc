// KafkaProducer on a real broker: what a transaction shows, and who may still commit.
#include "alerts/kafka/kafka_producer.h"

#include <doctest/doctest.h>

#include <algorithm>

#include <string>
#include <vector>

#include "tests/e2e/broker.h"
#include "tests/e2e/member.h"

namespace shrike::testing {
namespace {

using alerts::CommitResult;
using alerts::KafkaProducer;
using alerts::OutputRecord;
using alerts::OutputTopic;
using Values = std::vector<std::string>;

void Send(KafkaProducer* producer, std::string_view value) {
  OutputRecord record;
  record.topic = OutputTopic::kAlerts;
  record.partition = 0;
  record.key = "key";
  record.value = value;
  const Result<void> sent = producer->Send(record);
  REQUIRE_MESSAGE(sent.has_value(), sent.error().message);
}

TEST_CASE("only what is committed is to be seen") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("out", 1);
  const auto producer = NewProducer(broker, broker.NewName("p"), topic, {"input"});

  Send(producer.get(), "a");
  CHECK(producer->Commit({}, "") == CommitResult::kCommitted);
  Send(producer.get(), "b");
  CHECK(producer->Abort().has_value());
  Send(producer.get(), "c");
  CHECK(producer->Commit({}, "") == CommitResult::kCommitted);
  CHECK(producer->Commit({}, "") == CommitResult::kCommitted);  // Nothing to do.
  CHECK(producer->Abort().has_value());                         // Nothing either.
  CHECK(ValuesOf(broker.Read(topic, 1)) == Values{"a", "c"});

  Send(producer.get(), "open");
  CHECK(ValuesOf(broker.ReadNow(topic, 1)) == Values{"a", "c"});
}

TEST_CASE("a record keeps key, value, time and headers, and absent ones stay absent") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("out", 4);
  const auto producer = NewProducer(broker, broker.NewName("p"), topic, {"input"});
  const alerts::OutputHeader headers[] = {{"reason", "late"}, {"empty", ""}};
  OutputRecord record;
  record.partition = 2;
  record.key = "";
  record.value = "full";
  record.timestamp = 1'700'000'000'123;
  record.headers = headers;
  REQUIRE(producer->Send(record).has_value());
  record = {};
  record.partition = 2;
  record.key = "tombstone";
  REQUIRE(producer->Send(record).has_value());
  record = {};
  record.partition = 2;
  record.value = std::string_view();
  REQUIRE(producer->Send(record).has_value());
  // Where Java's default partitioner puts this key among four partitions: murmur2("21") = -973932308.
  record = {};
  record.key = "21";
  record.value = "by key";
  REQUIRE(producer->Send(record).has_value());
  REQUIRE(producer->Commit({}, "") == CommitResult::kCommitted);

  std::vector<TopicRecord> records = broker.Read(topic, 4);
  REQUIRE(records.size() == 4);
  const std::int32_t by_key = static_cast<std::int32_t>((-973932308 & 0x7fffffff) % 4);
  const auto keyed =
      std::ranges::find(records, std::optional<std::string>("21"), &TopicRecord::key);
  REQUIRE(keyed != records.end());
  CHECK(keyed->partition == by_key);
  records.erase(keyed);
  CHECK(records[0].key == "");
  CHECK(records[0].value == "full");
  CHECK(records[0].timestamp == 1'700'000'000'123);
  CHECK(records[0].headers == kafka::Properties{{"reason", "late"}, {"empty", ""}});
  CHECK(records[1].key == "tombstone");
  CHECK_FALSE(records[1].value.has_value());
  CHECK(records[1].timestamp > 1'700'000'000'123);
  CHECK_FALSE(records[2].key.has_value());
  CHECK(records[2].value == "");
}

TEST_CASE("offsets with metadata are committed with the records, or not at all") {
  WITH_BROKER(broker);
  const std::string input = broker.NewTopic("input", 2);
  const std::string output = broker.NewTopic("out", 1);
  broker.Write(input, 0, {"0", "1", "2"});
  Member member(broker, {.group = broker.NewName("g"), .topics = {input}});
  REQUIRE(Await([&] { return member.values.size() == 3; }, [&] { member.Step(); }));
  const auto producer = NewProducer(broker, broker.NewName("p"), output, {input});

  const auto committed = [&] {
    const std::vector<InputPartition> partitions = {{0, 0}, {0, 1}};
    auto found = member.consumer().Committed(partitions);
    REQUIRE_MESSAGE(found.has_value(), found.error().message);
    return *std::move(found);
  };
  CHECK_FALSE(committed()[0].has_value());

  const auto token = member.consumer().GroupToken();
  REQUIRE(token.has_value());
  Send(producer.get(), "a");
  const std::string metadata("bytes \x01 of state", 16);
  CHECK(producer->Commit(member.Offsets(metadata), *token) == CommitResult::kCommitted);
  REQUIRE(committed()[0].has_value());
  CHECK(committed()[0]->offset == 3);
  CHECK(committed()[0]->metadata == metadata);
  REQUIRE(committed()[1].has_value());  // Nothing was read there; it is committed all the same.
  CHECK(committed()[1]->offset == 0);

  // Offsets alone.
  CHECK(producer->Commit(member.Offsets("next"), *member.consumer().GroupToken()) ==
        CommitResult::kCommitted);
  CHECK(committed()[0]->metadata == "next");

  // A transaction that aborts moves nothing.
  Send(producer.get(), "b");
  CHECK(producer->Commit(member.Offsets("wrong"), "no token") == CommitResult::kAborted);
  CHECK(committed()[0]->metadata == "next");
  CHECK(ValuesOf(broker.Read(output, 1)) == Values{"a"});
}

TEST_CASE("the second producer with one id fences the first") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("out", 1);
  const std::string id = broker.NewName("p");
  const auto first = NewProducer(broker, id, topic, {"input"});
  Send(first.get(), "of the first");
  const auto second = NewProducer(broker, id, topic, {"input"});
  CHECK(first->Commit({}, "") == CommitResult::kUnknown);
  OutputRecord record;
  record.value = "x";
  CHECK_FALSE(first->Send(record).has_value());  // Not before Initialize.
  CHECK_FALSE(first->Abort().has_value());
  Send(second.get(), "of the second");
  CHECK(second->Commit({}, "") == CommitResult::kCommitted);

  REQUIRE(first->Initialize().has_value());
  Send(first.get(), "of the first, again");
  CHECK(first->Commit({}, "") == CommitResult::kCommitted);
  CHECK(ValuesOf(broker.Read(topic, 1)) == Values{"of the second", "of the first, again"});
}

TEST_CASE("Initialize settles what a dead producer left open") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("out", 1);
  const std::string id = broker.NewName("p");
  auto dead = NewProducer(broker, id, topic, {"input"});
  Send(dead.get(), "left open");
  REQUIRE(Await([&] { return broker.ReadNow(topic, 1, false).size() == 1; }, [] {}));
  dead.reset();
  const auto next = NewProducer(broker, id, topic, {"input"});
  Send(next.get(), "a");
  CHECK(next->Commit({}, "") == CommitResult::kCommitted);
  CHECK(ValuesOf(broker.Read(topic, 1)) == Values{"a"});  // Not held back by the open one.
}

TEST_CASE("a record that its topic does not take ends the producer, and is named") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("small", 1, {{"max.message.bytes", "2000"}});
  const auto producer = NewProducer(broker, broker.NewName("p"), topic, {"input"});
  Send(producer.get(), "small");
  CHECK(producer->Commit({}, "") == CommitResult::kCommitted);
  Send(producer.get(), std::string(5000, 'x'));
  CHECK(producer->Commit({}, "") == CommitResult::kUnknown);
  const Result<void> again = producer->Initialize();
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().code == ErrorCode::kConfig);
  CHECK_MESSAGE(again.error().message.find("topic `" + topic +
                                           "` does not take a record of 5003") != std::string::npos,
                again.error().message);
  CHECK(ValuesOf(broker.ReadNow(topic, 1)) == Values{"small"});
}

TEST_CASE("commits in a row, with and without records") {
  WITH_BROKER(broker);
  const std::string input = broker.NewTopic("input", 1);
  const std::string output = broker.NewTopic("out", 1);
  Member member(broker, {.group = broker.NewName("g"), .topics = {input}});
  REQUIRE(Await([&] { return !member.next.empty(); }, [&] { member.Step(); }));
  const auto producer = NewProducer(broker, broker.NewName("p"), output, {input});
  for (int i = 0; i < 6; ++i) {
    if (i % 3 != 2) {
      Send(producer.get(), std::to_string(i));
    }
    REQUIRE(producer->Commit(member.Offsets(std::to_string(i)), *member.consumer().GroupToken()) ==
            CommitResult::kCommitted);
  }
  CHECK(ValuesOf(broker.Read(output, 1)) == Values{"0", "1", "3", "4"});
  const auto committed = member.consumer().Committed(member.Partitions());
  REQUIRE(committed.has_value());
  CHECK((*committed)[0]->metadata == "5");
}

}  // namespace
}  // namespace shrike::testing
