// KafkaConsumer on a real broker: places, rebalances, and who is a member.
#include "ingest/kafka/kafka_consumer.h"

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/broker.h"
#include "tests/e2e/member.h"

namespace shrike::testing {
namespace {

using alerts::CommitResult;
using alerts::KafkaProducer;
using ingest::Rebalance;
using Values = std::vector<std::string>;

Values Numbers(int begin, int end) {
  Values values;
  for (int i = begin; i < end; ++i) {
    values.push_back(std::to_string(i));
  }
  return values;
}

Values Sorted(Values values) {
  std::ranges::sort(values);
  return values;
}

void Commit(KafkaProducer* producer, Member* member) {
  const auto token = member->consumer().GroupToken();
  REQUIRE_MESSAGE(token.has_value(), token.error().message);
  REQUIRE(producer->Commit(member->Offsets("m"), *token) == CommitResult::kCommitted);
}

TEST_CASE("records come in order, then the end") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 2);
  broker.Write(topic, 0, Numbers(0, 500));
  Member member(broker, {.group = broker.NewName("g"), .topics = {topic}});
  std::set<InputPartition> ended;
  REQUIRE(Await([&] { return ended.size() == 2; },
                [&] {
                  member.Step();
                  ended.insert(member.at_end.begin(), member.at_end.end());
                }));
  CHECK(member.values == Numbers(0, 500));
  CHECK(member.notices == std::vector<Rebalance>{Rebalance::kAssign});
  CHECK(member.consumer().counters().records_stale == 0);
  CHECK(member.consumer().counters().offsets_skipped == 0);

  const auto counts = member.consumer().PartitionCounts();
  REQUIRE(counts.has_value());
  CHECK(*counts == std::vector<int>{2});
  const auto range = member.consumer().Range({0, 0});
  REQUIRE(range.has_value());
  CHECK(range->begin == 0);
  CHECK(range->end == 500);
}

TEST_CASE("key, time and a missing value of a record") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 1);
  const auto producer = NewProducer(broker, broker.NewName("p"), topic, {"x"});
  alerts::OutputRecord record;
  record.key = "the key";
  record.timestamp = 1'700'000'000'000;
  REQUIRE(producer->Send(record).has_value());
  REQUIRE(producer->Commit({}, "") == CommitResult::kCommitted);

  auto consumer = ingest::KafkaConsumer::Make(
      {.client = broker.Options(), .group = broker.NewName("g"), .topics = {topic}});
  REQUIRE(consumer.has_value());
  ingest::ConsumerBatch batch;
  REQUIRE(Await([&] { return !batch.records.empty(); },
                [&] {
                  REQUIRE((*consumer)->Poll(10, 100, &batch).has_value());
                  if (batch.rebalance == Rebalance::kAssign) {
                    const InputOffset start{{0, 0}, 0, ""};
                    REQUIRE((*consumer)->Assign({&start, 1}).has_value());
                  }
                }));
  CHECK(batch.records[0].key == "the key");
  CHECK(batch.records[0].bytes.empty());
  CHECK(batch.records[0].timestamp == 1'700'000'000'000);
}

TEST_CASE("seek goes back and forth") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 1);
  broker.Write(topic, 0, Numbers(0, 100));
  Member member(broker, {.group = broker.NewName("g"), .topics = {topic}});
  const auto seek = [&](std::int64_t offset) {
    member.values.clear();
    member.next[{0, 0}] = offset;
    const InputOffset to{{0, 0}, offset, ""};
    const Result<void> sought = member.consumer().Seek({&to, 1});
    REQUIRE_MESSAGE(sought.has_value(), sought.error().message);
  };
  const auto read = [&] {
    REQUIRE(Await([&] { return !member.at_end.empty(); }, [&] { member.Step(); }));
    member.at_end.clear();
  };
  REQUIRE(Await([&] { return !member.values.empty(); }, [&] { member.Step(); }));
  seek(40);  // With records fetched ahead, and before the end was seen.
  read();
  CHECK(member.values == Numbers(40, 100));
  seek(0);
  read();
  CHECK(member.values == Numbers(0, 100));
  seek(10);
  seek(99);
  read();
  CHECK(member.values == Numbers(99, 100));
}

TEST_CASE("a paused partition keeps its place, others go on") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 2);
  Member member(broker, {.group = broker.NewName("g"), .topics = {topic}});
  const InputPartition paused{0, 0};
  REQUIRE(Await([&] { return member.next.size() == 2; }, [&] { member.Step(); }));
  broker.Write(topic, 0, Numbers(0, 10));
  REQUIRE(Await([&] { return member.next[paused] == 10; }, [&] { member.Step(); }));
  REQUIRE(member.consumer().SetPaused({&paused, 1}, true).has_value());
  broker.Write(topic, 0, Numbers(10, 20));
  broker.Write(topic, 1, Numbers(100, 110));
  member.values.clear();
  REQUIRE(Await([&] { return member.values.size() == 10; }, [&] { member.Step(); }));
  CHECK(member.values == Numbers(100, 110));

  SUBCASE("resumed where it was") {
    member.values.clear();
    REQUIRE(member.consumer().SetPaused({&paused, 1}, false).has_value());
    REQUIRE(Await([&] { return member.values.size() == 10; }, [&] { member.Step(); }));
    CHECK(member.values == Numbers(10, 20));
  }
  SUBCASE("sought while paused") {
    member.values.clear();
    member.next[paused] = 5;
    const InputOffset to{paused, 5, ""};
    REQUIRE(member.consumer().Seek({&to, 1}).has_value());
    member.Step();
    CHECK(member.values.empty());
    REQUIRE(member.consumer().SetPaused({&paused, 1}, false).has_value());
    REQUIRE(Await([&] { return member.values.size() == 15; }, [&] { member.Step(); }));
    CHECK(member.values == Numbers(5, 20));
  }
}

// Two members share the partitions; each commits before it lets go, so every record is read once.
void TwoMembers(const Broker& broker, const std::vector<std::string>& topics, int partitions) {
  const std::string output = broker.NewTopic("out", 1);
  const std::string group = broker.NewName("g");
  int written = 0;
  const auto write = [&] {
    for (const std::string& topic : topics) {
      for (int i = 0; i < partitions; ++i) {
        broker.Write(topic, i, Numbers(written, written + 10));
        written += 10;
      }
    }
  };
  write();
  Member first(broker, {.group = group, .topics = topics});
  const auto first_producer = NewProducer(broker, group + "-1", output, topics);
  first.on_revoke = [&] { Commit(first_producer.get(), &first); };
  const std::size_t all = static_cast<std::size_t>(partitions) * topics.size();
  REQUIRE(Await([&] { return first.values.size() == static_cast<std::size_t>(written); },
                [&] { first.Step(); }));
  CHECK(first.Partitions().size() == all);

  Member second(broker, {.group = group, .topics = topics});
  const auto second_producer = NewProducer(broker, group + "-2", output, topics);
  second.on_revoke = [&] { Commit(second_producer.get(), &second); };
  const auto both = [&] {
    first.Step();
    second.Step();
  };
  REQUIRE(
      Await([&] { return first.next.size() == all / 2 && second.next.size() == all / 2; }, both));
  write();
  REQUIRE(Await(
      [&] {
        return first.values.size() + second.values.size() == static_cast<std::size_t>(written);
      },
      both));

  std::vector<InputPartition> shared = first.Partitions();
  for (const InputPartition& partition : second.Partitions()) {
    shared.push_back(partition);
  }
  std::ranges::sort(shared);
  CHECK(std::ranges::adjacent_find(shared) == shared.end());
  CHECK(shared.size() == all);
  for (const Member* member : {&first, &second}) {
    std::map<std::int32_t, std::size_t> topics_of;
    for (const InputPartition& partition : member->Partitions()) {
      ++topics_of[partition.partition];
    }
    for (const auto& [partition, count] : topics_of) {
      CHECK_MESSAGE(count == topics.size(), "partition " << partition << " is split");
    }
  }

  Commit(second_producer.get(), &second);
  const std::size_t rebalances = first.notices.size();
  second.Leave();
  REQUIRE(Await([&] { return first.next.size() == all; }, [&] { first.Step(); }));
  CHECK(first.notices.size() > rebalances);
  write();
  REQUIRE(Await(
      [&] {
        return first.values.size() + second.values.size() == static_cast<std::size_t>(written);
      },
      [&] { first.Step(); }));
  Values values = first.values;
  values.insert(values.end(), second.values.begin(), second.values.end());
  CHECK(Sorted(values) == Sorted(Numbers(0, written)));
}

TEST_CASE("two members, one topic: only what moves is revoked, and is committed first") {
  WITH_BROKER(broker);
  TwoMembers(broker, {broker.NewTopic("input", 4)}, 4);
}

TEST_CASE("two members, two topics: whole tasks move") {
  WITH_BROKER(broker);
  TwoMembers(broker, {broker.NewTopic("input-a", 4), broker.NewTopic("input-b", 4)}, 4);
}

TEST_CASE("a token of an older generation commits nothing") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 2);
  const std::string output = broker.NewTopic("out", 1);
  const std::string group = broker.NewName("g");
  Member first(broker, {.group = group, .topics = {topic}});
  REQUIRE(Await([&] { return first.next.size() == 2; }, [&] { first.Step(); }));
  const auto old_token = first.consumer().GroupToken();
  REQUIRE(old_token.has_value());
  const std::vector<InputOffset> old_offsets = first.Offsets("old");

  Member second(broker, {.group = group, .topics = {topic}});
  REQUIRE(Await([&] { return first.next.size() == 1 && second.next.size() == 1; },
                [&] {
                  first.Step();
                  second.Step();
                }));
  const auto producer = NewProducer(broker, group + "-p", output, {topic});
  alerts::OutputRecord record;
  record.value = "of the past";
  REQUIRE(producer->Send(record).has_value());
  CHECK(producer->Commit(old_offsets, *old_token) != CommitResult::kCommitted);
  CHECK(broker.Read(output, 1).empty());
  const auto committed = first.consumer().Committed(std::vector<InputPartition>{{0, 0}, {0, 1}});
  REQUIRE(committed.has_value());
  CHECK_FALSE((*committed)[0].has_value());
  CHECK_FALSE((*committed)[1].has_value());
}

// Why GroupToken refuses to give such a token.
TEST_CASE("a token of no member is taken by the broker") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 1);
  const std::string group = broker.NewName("g");
  Member member(broker, {.group = group, .topics = {topic}});
  REQUIRE(Await([&] { return member.next.size() == 1; }, [&] { member.Step(); }));
  rd_kafka_consumer_group_metadata_t* outsider =
      rd_kafka_consumer_group_metadata_new(group.c_str());
  void* bytes = nullptr;
  std::size_t size = 0;
  REQUIRE(rd_kafka_consumer_group_metadata_write(outsider, &bytes, &size) == nullptr);
  const std::string token(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(nullptr, bytes);
  rd_kafka_consumer_group_metadata_destroy(outsider);
  const auto producer =
      NewProducer(broker, broker.NewName("p"), broker.NewTopic("out", 1), {topic});
  CHECK(producer->Commit(member.Offsets("of nobody"), token) == CommitResult::kCommitted);
  CHECK(*member.consumer().GroupToken() != token);
}

TEST_CASE("who polls too late is lost, commits nothing, and comes back") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 1);
  const std::string output = broker.NewTopic("out", 1);
  Member member(broker,
                {.group = broker.NewName("g"),
                 .topics = {topic},
                 .properties = {{"session.timeout.ms", "1500"}, {"max.poll.interval.ms", "1500"}}});
  CHECK_FALSE(member.consumer().GroupToken().has_value());  // Has not joined.
  const auto producer = NewProducer(broker, broker.NewName("p"), output, {topic});
  int lost = 0;
  member.on_lost = [&] {
    ++lost;
    const auto token = member.consumer().GroupToken();
    if (token.has_value()) {  // Of the member that it was.
      CHECK(producer->Commit(member.Offsets("lost"), *token) != CommitResult::kCommitted);
    }
  };
  REQUIRE(Await([&] { return member.next.size() == 1; }, [&] { member.Step(); }));
  CHECK(member.consumer().GroupToken().has_value());
  const auto lag = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
  REQUIRE(Await([&] { return std::chrono::steady_clock::now() > lag; }, [] {}));  // Not polled.
  REQUIRE(Await([&] { return member.notices.size() == 3; }, [&] { member.Step(); }));
  CHECK(lost == 1);
  CHECK(member.notices ==
        std::vector<Rebalance>{Rebalance::kAssign, Rebalance::kLost, Rebalance::kAssign});
  const auto committed = member.consumer().Committed(std::vector<InputPartition>{{0, 0}});
  REQUIRE(committed.has_value());
  CHECK_FALSE((*committed)[0].has_value());
  broker.Write(topic, 0, {"a"});
  REQUIRE(Await([&] { return member.values == Values{"a"}; }, [&] { member.Step(); }));
}

TEST_CASE("a named member comes back without a rebalance of the others") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("input", 2);
  const std::string group = broker.NewName("g");
  Member first(broker, {.group = group, .topics = {topic}, .instance = "one"});
  const MemberOptions named{.group = group, .topics = {topic}, .instance = "two"};
  auto second = std::make_unique<Member>(broker, named);
  const auto both = [&] {
    first.Step();
    second->Step();
  };
  REQUIRE(Await([&] { return first.next.size() == 1 && second->next.size() == 1; }, both));
  const auto before = second->Partitions();
  const std::size_t notices = first.notices.size();
  second = std::make_unique<Member>(broker, named);
  REQUIRE(Await([&] { return second->next.size() == 1; }, both));
  CHECK(second->Partitions() == before);
  CHECK(first.notices.size() == notices);
}

TEST_CASE("a consumer may go while a notice waits for its answer") {
  WITH_BROKER(broker);
  for (const bool several : {false, true}) {
    std::vector<std::string> topics = {broker.NewTopic("input-a", 1)};
    if (several) {
      topics.push_back(broker.NewTopic("input-b", 1));
    }
    auto consumer = ingest::KafkaConsumer::Make(
        {.client = broker.Options(), .group = broker.NewName("g"), .topics = topics});
    REQUIRE(consumer.has_value());
    ingest::ConsumerBatch batch;
    REQUIRE(Await([&] { return batch.rebalance == Rebalance::kAssign; },
                  [&] { REQUIRE((*consumer)->Poll(10, 100, &batch).has_value()); }));
    consumer->reset();
  }
  CHECK(true);
}

}  // namespace
}  // namespace shrike::testing
