// KafkaChangelogReader on a real broker: to the end, past what was aborted and what is still open.
#include "ingest/kafka/kafka_changelog_reader.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/broker.h"
#include "tests/e2e/member.h"

namespace shrike::testing {
namespace {

using alerts::CommitResult;
using alerts::KafkaProducer;
using alerts::OutputTopic;
using ingest::ChangelogRecord;
using ingest::KafkaChangelogReader;
using Values = std::vector<std::string>;

void Put(KafkaProducer* producer, std::string_view key, std::optional<std::string_view> value) {
  alerts::OutputRecord record;
  record.topic = OutputTopic::kState;
  record.partition = 1;
  record.key = key;
  record.value = value;
  REQUIRE(producer->Send(record).has_value());
}

std::unique_ptr<KafkaChangelogReader> NewReader(const Broker& broker, const std::string& topic,
                                                DurationMs timeout) {
  auto made = KafkaChangelogReader::Make({.client = broker.Options(),
                                          .group = "changelog-reader",
                                          .topic = topic,
                                          .timeout = timeout});
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  return *std::move(made);
}

struct Seen {
  Values records;  // key=value
  Result<std::int64_t> end = 0;
};

Seen ReadAll(KafkaChangelogReader* reader, std::int64_t begin) {
  Seen seen;
  seen.end = reader->Read(1, begin, [&](const ChangelogRecord& record) -> Result<void> {
    seen.records.push_back(std::string(record.key) + "=" +
                           std::string(record.value.value_or("(none)")));
    return {};
  });
  return seen;
}

TEST_CASE("the changelog is read to its end, without what was aborted") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("state", 2, {{"cleanup.policy", "compact"}});
  const auto reader = NewReader(broker, topic, 30'000);
  CHECK(ReadAll(reader.get(), 0).records.empty());

  const auto producer = NewProducer(broker, broker.NewName("p"), topic, {"input"});
  Put(producer.get(), "a", "1");
  Put(producer.get(), "b", "");
  REQUIRE(producer->Commit({}, "") == CommitResult::kCommitted);
  Put(producer.get(), "a", "2");
  REQUIRE(producer->Commit({}, "") == CommitResult::kCommitted);
  Put(producer.get(), "c", "aborted");
  REQUIRE(producer->Abort().has_value());

  Seen seen = ReadAll(reader.get(), 0);
  REQUIRE_MESSAGE(seen.end.has_value(), seen.end.error().message);
  CHECK(seen.records == Values{"a=1", "b=", "a=2"});
  const auto range = reader->Range(1);
  REQUIRE(range.has_value());
  CHECK(*seen.end <= range->end);  // The end of the last transaction may come later.

  const std::int64_t end = *seen.end;
  CHECK(ReadAll(reader.get(), end).records.empty());
  Put(producer.get(), "a", std::nullopt);
  REQUIRE(producer->Commit({}, "") == CommitResult::kCommitted);
  seen = ReadAll(reader.get(), end);
  CHECK(seen.records == Values{"a=(none)"});

  const Result<std::int64_t> stopped =
      reader->Read(1, 0, [](const ChangelogRecord&) -> Result<void> {
        return Fail(ErrorCode::kCorrupt, "stop here");
      });
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().message == "stop here");
  CHECK(ReadAll(reader.get(), 0).records.size() == 4);  // The reader is as good as before.
}

TEST_CASE("the changelog waits for a transaction that is open before its end") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("state", 2, {{"cleanup.policy", "compact"}});
  const auto open = NewProducer(broker, broker.NewName("p"), topic, {"input"});
  const auto other = NewProducer(broker, broker.NewName("p"), topic, {"input"});
  Put(open.get(), "open", "1");
  REQUIRE(Await([&] { return broker.ReadNow(topic, 2, false).size() == 1; }, [] {}));
  Put(other.get(), "behind", "2");
  REQUIRE(other->Commit({}, "") == CommitResult::kCommitted);

  const auto impatient = NewReader(broker, topic, 500);
  const Seen late = ReadAll(impatient.get(), 0);
  REQUIRE_FALSE(late.end.has_value());
  CHECK(late.end.error().code == ErrorCode::kIo);
  CHECK_MESSAGE(late.end.error().message.find("left open") != std::string::npos,
                late.end.error().message);

  const auto reader = NewReader(broker, topic, 30'000);
  Seen seen;
  std::thread reading([&] { seen = ReadAll(reader.get(), 0); });
  SUBCASE("and shows it once it is committed") {
    CHECK(open->Commit({}, "") == CommitResult::kCommitted);
    reading.join();
    CHECK(seen.records == Values{"open=1", "behind=2"});
  }
  SUBCASE("and not if it is aborted") {
    CHECK(open->Abort().has_value());
    reading.join();
    CHECK(seen.records == Values{"behind=2"});
  }
}

}  // namespace
}  // namespace shrike::testing
