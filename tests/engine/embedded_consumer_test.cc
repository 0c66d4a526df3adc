#include "engine/embedded/embedded_consumer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/engine/embedded_fixture.h"

namespace shrike::engine {
namespace {

TEST_CASE("records come in offset order, over gaps, up to the last stable offset") {
  const auto log = MakeLog(1);
  const TopicPartition a = Place(*log, "a");
  const auto handle = log->InitializeProducer("other").value();
  NewRecord record;
  record.value = "t";
  record.timestamp = 77;
  const auto consumer = MakeConsumer(log.get());
  TakeAssignment(consumer.get());
  CHECK(PollText(consumer.get()) == "end a/0 ");
  AppendValues(log.get(), a, {"x"});
  REQUIRE(log->Send(handle, a, record) == TransactionOutcome::kDone);
  AppendValues(log.get(), a, {"y"});
  CHECK(PollText(consumer.get()) == "a/0:0=x end a/0 ");
  CHECK(PollText(consumer.get()) == "end a/0 ");
  CHECK(consumer->Range({0, 0}).value().end == 1);
  REQUIRE(log->EndTransaction(handle, true) == TransactionOutcome::kDone);
  CHECK(PollText(consumer.get(), 1) == "a/0:1=t ");
  CHECK(PollText(consumer.get(), 1) == "a/0:2=y end a/0 ");  // 3 is the marker.
  CHECK(consumer->Range({0, 0}).value().end == 4);
  REQUIRE(log->Send(handle, a, record) == TransactionOutcome::kDone);
  REQUIRE(log->EndTransaction(handle, false) == TransactionOutcome::kDone);
  CHECK(PollText(consumer.get()) == "end a/0 ");
  log->SetTime(1234);
  AppendValues(log.get(), a, {"z"});
  record.key = "k";
  REQUIRE(log->Append(a, record));
  ingest::ConsumerBatch batch;
  REQUIRE(consumer->Poll(5, 0, &batch));
  REQUIRE(batch.records.size() == 2);
  CHECK(batch.records[0].key.empty());
  CHECK(batch.records[1].key == "k");
  CHECK(batch.records[0].position == Position{0, 0, 6});
  CHECK(batch.records[0].timestamp == 1234);
}

TEST_CASE("records stay where they are while others are written") {
  const auto log = MakeLog(1);
  const TopicPartition a = Place(*log, "a");
  const auto consumer = MakeConsumer(log.get());
  TakeAssignment(consumer.get());
  AppendValues(log.get(), a, {"x", "y"});
  ingest::ConsumerBatch batch;
  REQUIRE(consumer->Poll(5, 0, &batch));
  AppendValues(log.get(), a, std::vector<std::string>(1000, "z"));
  REQUIRE(batch.records.size() == 2);
  CHECK(batch.records[0].bytes == "x");
  CHECK(batch.records[1].bytes == "y");
}

TEST_CASE("partitions take turns, and one alone may fill a batch") {
  const auto log = MakeLog(3);
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    const std::vector<std::string> values(partition == 2 ? 1 : 4, "x");
    AppendValues(log.get(), Place(*log, "a", partition), values);
  }
  const auto consumer = MakeConsumer(log.get());
  TakeAssignment(consumer.get());
  CHECK(PollText(consumer.get(), 2) == "a/1:0=x a/2:0=x end a/2 ");
  CHECK(PollText(consumer.get(), 3) == "a/0:0=x a/1:1=x a/0:1=x end a/2 ");
  CHECK(PollText(consumer.get(), 9) == "a/0:2=x a/0:3=x a/1:2=x a/1:3=x end a/0 a/1 a/2 ");
}

TEST_CASE("pause keeps the place, seek moves it") {
  const auto log = MakeLog(2);
  AppendValues(log.get(), Place(*log, "a", 0), {"p", "q", "r"});
  AppendValues(log.get(), Place(*log, "a", 1), {"s"});
  const auto consumer = MakeConsumer(log.get());
  TakeAssignment(consumer.get());
  const std::vector<InputPartition> first = {{0, 0}};
  REQUIRE(consumer->SetPaused(first, true));
  CHECK(PollText(consumer.get()) == "a/1:0=s end a/1 ");
  REQUIRE(consumer->SetPaused(first, false));
  CHECK(PollText(consumer.get()) == "a/0:0=p a/0:1=q a/0:2=r end a/0 a/1 ");
  const std::vector<InputOffset> back = {{{0, 0}, 1, ""}};
  REQUIRE(consumer->Seek(back));
  CHECK(PollText(consumer.get()) == "a/0:1=q a/0:2=r end a/0 a/1 ");
}

TEST_CASE("an offset that is not there is an error, not a silent jump") {
  const auto log = MakeLog(1);
  const TopicPartition a = Place(*log, "a");
  AppendValues(log.get(), a, {"p", "q", "r"});
  const auto consumer = MakeConsumer(log.get());
  TakeAssignment(consumer.get());
  CHECK(PollText(consumer.get(), 1) == "a/0:0=p ");
  REQUIRE(log->DeleteBefore(a, 2));
  CHECK(PollText(consumer.get()) == "offset 1 of a/0 cannot be read: the log has [2, 3)");
  CHECK(consumer->Range({0, 0}).value().begin == 2);
  const std::vector<InputOffset> beyond = {{{0, 0}, 4, ""}};
  REQUIRE(consumer->Seek(beyond));
  CHECK(PollText(consumer.get()) == "offset 4 of a/0 cannot be read: the log has [2, 3)");
  const std::vector<InputOffset> good = {{{0, 0}, 2, ""}};
  REQUIRE(consumer->Seek(good));
  CHECK(PollText(consumer.get()) == "a/0:2=r end a/0 ");
}

TEST_CASE("committed offsets are those of the last commit, once nothing is pending") {
  const auto log = MakeLog(2);
  const auto consumer = MakeConsumer(log.get());
  const std::vector<InputPartition> all = TakeAssignment(consumer.get());
  const std::string token = consumer->GroupToken().value();
  auto producer = MakeProducer(log.get());
  REQUIRE(producer->Initialize());
  const std::vector<InputOffset> first = {{{0, 0}, 3, std::string("m\0n", 3)}};
  CHECK(producer->Commit(first, token) == alerts::CommitResult::kCommitted);
  auto committed = consumer->Committed(all).value();
  REQUIRE(committed.size() == 2);
  CHECK(committed[0]->offset == 3);
  CHECK(committed[0]->metadata == std::string("m\0n", 3));
  CHECK_FALSE(committed[1]);

  const std::vector<InputOffset> second = {{{0, 1}, 8, ""}};
  CHECK(producer->SendOffsets(second, token) == TransactionOutcome::kDone);
  CHECK(consumer->Committed(all).error().code == ErrorCode::kIo);
  CHECK(consumer->Committed(std::span(all).first(1)).has_value());
  SUBCASE("the producer goes on") {
    CHECK(producer->Commit(first, token) == alerts::CommitResult::kCommitted);
    CHECK(consumer->Committed(all).value()[1]->offset == 8);
  }
  SUBCASE("the producer wakes up when its group has moved on") {
    log->ExpireMember("group", consumer->member());
    CHECK(producer->CommitSent() == alerts::CommitResult::kCommitted);
    CHECK(consumer->Committed(all).value()[1]->offset == 8);
  }
  SUBCASE("the producer dies, and its transaction expires") {
    producer.reset();
    CHECK(consumer->Committed(all).error().code == ErrorCode::kIo);
    CHECK(log->ExpireTransaction("p").value());
    CHECK_FALSE(log->ExpireTransaction("p").value());
    CHECK_FALSE(consumer->Committed(all).value()[1]);
  }
  SUBCASE("the producer dies, and its successor settles it") {
    producer = MakeProducer(log.get());
    REQUIRE(producer->Initialize());
    CHECK_FALSE(consumer->Committed(all).value()[1]);
  }
}

}  // namespace
}  // namespace shrike::engine
