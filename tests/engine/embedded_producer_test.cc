#include "engine/embedded/embedded_producer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/embedded/embedded_changelog_reader.h"
#include "engine/embedded/murmur2.h"
#include "tests/engine/embedded_fixture.h"

namespace shrike::engine {
namespace {

using alerts::CommitResult;

// A log with one partition a topic, a member that has its partition, and a producer.
struct Setup {
  std::unique_ptr<EmbeddedLog> log = MakeLog(1);
  std::unique_ptr<EmbeddedConsumer> consumer = MakeConsumer(log.get());
  std::unique_ptr<EmbeddedProducer> producer = MakeProducer(log.get());
  TopicPartition out = Place(*log, "out");
  std::string token;

  Setup() {
    TakeAssignment(consumer.get());
    token = consumer->GroupToken().value();
    REQUIRE(producer->Initialize());
  }
};

TEST_CASE("a transaction is seen whole or not at all") {
  Setup setup;
  REQUIRE(setup.producer->Send(Alert("x")));
  REQUIRE(setup.producer->Send(Alert("y")));
  CHECK(Visible(*setup.log, setup.out).empty());
  SUBCASE("commit") {
    CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
    CHECK(Visible(*setup.log, setup.out) == "0:x 1:y ");
    REQUIRE(setup.producer->Send(Alert("z")));
    CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
    CHECK(Visible(*setup.log, setup.out) == "0:x 1:y 3:z ");
  }
  SUBCASE("abort") {
    REQUIRE(setup.producer->Abort());
    REQUIRE(setup.producer->Send(Alert("z")));
    CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
    CHECK(Visible(*setup.log, setup.out) == "3:z ");
  }
  SUBCASE("a token that nobody gave") {
    for (const std::string& token :
         {std::string(), std::string("x"), setup.token + "x", EmbeddedLog::MakeToken("other", 1, 1),
          EmbeddedLog::MakeToken("group", 1, 2), EmbeddedLog::MakeToken("group", 2, 1)}) {
      if (token == setup.token + "x") continue;
      CHECK(setup.producer->Commit({}, token) == CommitResult::kAborted);
    }
    CHECK(Visible(*setup.log, setup.out).empty());
    CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
    CHECK(Visible(*setup.log, setup.out).empty());
  }
}

TEST_CASE("without markers offsets have no gaps but those of aborts") {
  const auto log = MakeLog(1, /*markers=*/false);
  const auto consumer = MakeConsumer(log.get());
  TakeAssignment(consumer.get());
  const auto producer = MakeProducer(log.get());
  REQUIRE(producer->Initialize());
  for (const std::string_view value : {"x", "y"}) {
    REQUIRE(producer->Send(Alert(value)));
    CHECK(producer->Commit({}, consumer->GroupToken().value()) == CommitResult::kCommitted);
  }
  CHECK(Visible(*log, Place(*log, "out")) == "0:x 1:y ");
}

TEST_CASE("a successor with the same id fences") {
  Setup setup;
  REQUIRE(setup.producer->Send(Alert("x")));
  const auto successor = MakeProducer(setup.log.get());
  REQUIRE(successor->Initialize());
  SUBCASE("Send") { CHECK(setup.producer->Send(Alert("y")).error().code == ErrorCode::kIo); }
  SUBCASE("Commit") { CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kUnknown); }
  SUBCASE("Abort") { CHECK(setup.producer->Abort().error().code == ErrorCode::kIo); }
  REQUIRE(successor->Send(Alert("z")));
  CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kUnknown);
  CHECK(successor->Commit({}, setup.token) == CommitResult::kCommitted);
  CHECK(Visible(*setup.log, setup.out) == "2:z ");
  // It can come back, and fences in its turn.
  REQUIRE(setup.producer->Initialize());
  REQUIRE(setup.producer->Send(Alert("w")));
  CHECK_FALSE(successor->Send(Alert("v")));
  CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
  CHECK(Visible(*setup.log, setup.out) == "2:z 4:w ");
}

TEST_CASE("producers with other ids are independent, but hide each other's records") {
  Setup setup;
  const auto other = MakeProducer(setup.log.get(), "q");
  REQUIRE(other->Initialize());
  REQUIRE(other->Send(Alert("q")));
  REQUIRE(setup.producer->Send(Alert("p")));
  CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
  CHECK(Visible(*setup.log, setup.out).empty());
  CHECK(setup.log->ExpireTransaction("q").value());
  CHECK(Visible(*setup.log, setup.out) == "1:p ");
  CHECK(other->Commit({}, setup.token) == CommitResult::kUnknown);
  REQUIRE(other->Initialize());
  CHECK(other->Commit({}, setup.token) == CommitResult::kCommitted);
}

TEST_CASE("where a record goes") {
  Setup setup;
  REQUIRE(setup.log->AddPartitions("out", 8));
  alerts::OutputRecord record = Alert("x");
  record.partition = 8;
  CHECK(setup.producer->Send(record).error().message ==
        "topic out has 8 partitions; there is no 8");
  record.partition.reset();
  record.key = "21";
  REQUIRE(setup.producer->Send(record));
  record.key.reset();
  REQUIRE(setup.producer->Send(record));
  CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
  CHECK(Visible(*setup.log, Place(*setup.log, "out", PartitionOfKey("21", 8))).find("21=x") !=
        std::string::npos);
  CHECK(Visible(*setup.log, setup.out).find("0:x") != std::string::npos);
}

// From org.apache.kafka.common.utils.UtilsTest.testMurmur2.
TEST_CASE("murmur2 is Kafka's") {
  struct Row {
    std::string_view key;
    std::int32_t want;
  };
  constexpr Row kRows[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.key);
    CHECK(static_cast<std::int32_t>(Murmur2(row.key)) == row.want);
    CHECK(PartitionOfKey(row.key, 7) == (row.want & 0x7fffffff) % 7);
  }
}

TEST_CASE("nothing is sent before Initialize, and a missing topic is told there") {
  const auto log = MakeLog(1);
  const auto producer = MakeProducer(log.get());
  CHECK_FALSE(producer->Send(Alert("x")));
  CHECK_FALSE(producer->Abort());
  CHECK(producer->Commit({}, "") == CommitResult::kUnknown);
  EmbeddedProducer::Options options;
  options.transactional_id = "p";
  options.topics[2] = "none";
  EmbeddedProducer lost(log.get(), options);
  CHECK(lost.Initialize().error().code == ErrorCode::kConfig);
  CHECK(lost.Initialize().error().message == "there is no topic none");
}

TEST_CASE("the changelog is read to its end, or not at all") {
  Setup setup;
  EmbeddedChangelogReader reader(setup.log.get(), "state");
  std::string seen;
  const auto visit = [&seen](const ingest::ChangelogRecord& record) -> Result<void> {
    if (record.key == "bad") return Fail(ErrorCode::kCorrupt, "bad key");
    seen += std::to_string(record.offset) + ":" + std::string(record.key) + "=" +
            std::string(record.value.value_or("-")) + " ";
    return {};
  };
  const auto send = [&setup](std::string_view key, std::optional<std::string_view> value) {
    alerts::OutputRecord record;
    record.topic = alerts::OutputTopic::kState;
    record.partition = 0;
    record.key = key;
    record.value = value;
    REQUIRE(setup.producer->Send(record));
  };
  CHECK(reader.Read(0, 0, visit).value() == 0);
  send("k", "1");
  send("l", "2");
  CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
  send("k", "3");
  CHECK(reader.Read(0, 0, visit).error().code == ErrorCode::kIo);
  CHECK(reader.Range(0).value().end == 4);
  send("l", std::nullopt);
  CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
  CHECK(seen.empty());
  CHECK(reader.Read(0, 1, visit).value() == 6);
  CHECK(seen == "1:l=2 3:k=3 4:l=- ");
  seen.clear();
  const TopicPartition state = Place(*setup.log, "state");
  REQUIRE(setup.log->Compact(state, EmbeddedLog::Tombstones::kKeep));
  CHECK(reader.Read(0, 0, visit).value() == 6);
  CHECK(seen == "3:k=3 4:l=- ");
  seen.clear();
  REQUIRE(setup.log->Compact(state, EmbeddedLog::Tombstones::kDrop));
  CHECK(reader.Read(0, 0, visit).value() == 6);
  CHECK(seen == "3:k=3 ");
  CHECK(reader.Range(0).value().begin == 0);
  send("bad", "");
  CHECK(setup.producer->Commit({}, setup.token) == CommitResult::kCommitted);
  CHECK(reader.Read(0, 0, visit).error().message == "bad key");
  CHECK(reader.Read(1, 0, visit).error().code == ErrorCode::kConfig);
  EmbeddedChangelogReader none(setup.log.get(), "none");
  CHECK(none.Range(0).error().code == ErrorCode::kConfig);
}

}  // namespace
}  // namespace shrike::engine
