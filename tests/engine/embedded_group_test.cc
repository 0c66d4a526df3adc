#include "engine/embedded/consumer_group.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/engine/embedded_fixture.h"

namespace shrike::engine {
namespace {

void Unassign(EmbeddedConsumer* consumer, const std::vector<InputPartition>& partitions) {
  REQUIRE(consumer->Unassign(partitions));
}

TEST_CASE("tasks are dealt out contiguously, the first members take one more") {
  struct Row {
    std::int32_t member_count, task_count;
    std::string_view want;
  };
  const Row rows[] = {
      {1, 3, "0 1 2 |"},    {2, 3, "0 1 |2 |"},          {3, 3, "0 |1 |2 |"},
      {4, 3, "0 |1 |2 ||"}, {3, 7, "0 1 2 |3 4 |5 6 |"}, {2, 0, "||"},
  };
  for (const Row& row : rows) {
    ConsumerGroup group;
    for (std::int32_t i = 0; i < row.member_count; ++i) group.Join({{0}, row.task_count});
    std::string text;
    for (const ConsumerGroup::Member& member : group.members()) {
      for (const std::int32_t task : member.tasks) text += std::to_string(task) + " ";
      text += "|";
    }
    CHECK(text == row.want);
    CHECK_FALSE(group.rebalancing());
  }
}

TEST_CASE("a task is the same partition of all topics") {
  const auto log = MakeLog(3);
  const auto one = MakeConsumer(log.get(), {"b", "a"});
  const auto two = MakeConsumer(log.get(), {"a", "b"});
  CHECK(PollText(one.get()) == "assign a/0 a/1 b/0 b/1 ");
  CHECK(PollText(two.get()) == "assign a/2 b/2 ");
  CHECK(one->PartitionCounts().value() == std::vector<int>{3, 3});
}

TEST_CASE("a member that joins waits until the others have let go") {
  const auto log = MakeLog(2);
  const auto one = MakeConsumer(log.get());
  const std::vector<InputPartition> all = TakeAssignment(one.get());
  const std::string old_token = one->GroupToken().value();
  const auto two = MakeConsumer(log.get());
  CHECK(PollText(two.get()).empty());
  CHECK(PollText(one.get()) == "revoke a/0 a/1 ");
  CHECK(PollText(one.get()).empty());  // Not before it answers, and not twice.
  CHECK(PollText(two.get()).empty());

  // It may still commit for them.
  const auto producer = MakeProducer(log.get());
  REQUIRE(producer->Initialize());
  const std::vector<InputOffset> offsets = {{{0, 0}, 1, "m"}, {{0, 1}, 2, ""}};
  CHECK(producer->Commit(offsets, old_token) == alerts::CommitResult::kCommitted);

  Unassign(one.get(), all);
  CHECK(producer->Commit(offsets, old_token) == alerts::CommitResult::kAborted);
  CHECK(PollText(two.get()) == "assign a/1 ");
  CHECK(PollText(one.get()) == "assign a/0 ");
  CHECK(producer->Commit(offsets, old_token) == alerts::CommitResult::kAborted);
  CHECK(producer->Commit(offsets, two->GroupToken().value()) == alerts::CommitResult::kCommitted);
}

TEST_CASE("a member that leaves gives its tasks back") {
  const auto log = MakeLog(2);
  const auto one = MakeConsumer(log.get());
  auto two = MakeConsumer(log.get());
  const std::vector<InputPartition> half = TakeAssignment(one.get());
  TakeAssignment(two.get());
  two.reset();
  CHECK(PollText(one.get()) == "revoke a/0 ");
  Unassign(one.get(), half);
  CHECK(TakeAssignment(one.get()).size() == 2);
}

TEST_CASE("a member that is declared dead loses all without being asked") {
  const auto log = MakeLog(2);
  AppendValues(log.get(), Place(*log, "a"), {"x", "y"});
  const auto one = MakeConsumer(log.get());
  const std::vector<InputPartition> all = TakeAssignment(one.get());
  const std::string old_token = one->GroupToken().value();
  const auto two = MakeConsumer(log.get());
  log->ExpireMember("group", one->member());
  CHECK(TakeAssignment(two.get()) == all);
  const auto producer = MakeProducer(log.get());
  REQUIRE(producer->Initialize());
  CHECK(producer->Commit({}, old_token) == alerts::CommitResult::kAborted);
  CHECK(producer->Commit({}, one->GroupToken().value()) == alerts::CommitResult::kAborted);
  CHECK(PollText(one.get()) == "lost a/0 a/1 ");
  CHECK(PollText(one.get()).empty());
  Unassign(one.get(), all);
  CHECK(PollText(one.get()).empty());  // It has joined again, and two must let go.
  CHECK(producer->Commit({}, one->GroupToken().value()) == alerts::CommitResult::kAborted);
  CHECK(PollText(two.get()) == "revoke a/0 a/1 ");
  Unassign(two.get(), all);
  CHECK(PollText(one.get()) == "assign a/1 ");  // Its number is the newer one now.
  CHECK(producer->Commit({}, one->GroupToken().value()) == alerts::CommitResult::kCommitted);
}

TEST_CASE("a member that dies holds the others up until its session is over") {
  const auto log = MakeLog(2);
  auto one = MakeConsumer(log.get());
  TakeAssignment(one.get());
  const std::int64_t dead = one->member();
  one->Crash();
  one.reset();
  const auto two = MakeConsumer(log.get());
  CHECK(PollText(two.get()).empty());
  log->ExpireMember("group", dead);
  CHECK(PollText(two.get()) == "assign a/0 a/1 ");
  log->ExpireMember("group", dead);
  log->ExpireMember("group", 77);
  CHECK_FALSE(log->Group("group")->rebalancing());
}

TEST_CASE("no notice comes before the last one is answered") {
  const auto log = MakeLog(1);
  const auto one = MakeConsumer(log.get());
  CHECK(PollText(one.get()) == "assign a/0 ");
  const auto two = MakeConsumer(log.get());
  CHECK(PollText(one.get()).empty());
  CHECK(PollText(two.get()).empty());
  const std::vector<InputOffset> starts = {{{0, 0}, 0, ""}};
  SUBCASE("then it is revoked") {
    REQUIRE(one->Assign(starts));
    CHECK(PollText(one.get()) == "revoke a/0 ");
  }
  SUBCASE("or lost, if it took too long") {
    log->ExpireMember("group", one->member());
    CHECK(PollText(two.get()) == "assign a/0 ");
    REQUIRE(one->Assign(starts));
    CHECK(PollText(one.get()) == "lost a/0 ");
  }
}

TEST_CASE("a member that has not heard of its tasks need not let go of them") {
  const auto log = MakeLog(2);
  const auto one = MakeConsumer(log.get());
  const auto two = MakeConsumer(log.get());
  const auto three = MakeConsumer(log.get());
  CHECK(PollText(three.get()).empty());
  CHECK(PollText(two.get()) == "assign a/1 ");
  CHECK(PollText(one.get()) == "assign a/0 ");
}

TEST_CASE("one that was declared dead while it had nothing joins again silently") {
  const auto log = MakeLog(1);
  const auto one = MakeConsumer(log.get());
  const auto two = MakeConsumer(log.get());
  CHECK(PollText(two.get()).empty());
  const std::int64_t before = two->member();
  log->ExpireMember("group", before);
  CHECK(PollText(two.get()).empty());
  CHECK(two->member() > before);
}

TEST_CASE("new partitions make a new generation") {
  const auto log = MakeLog(1);
  const auto one = MakeConsumer(log.get());
  const std::vector<InputPartition> all = TakeAssignment(one.get());
  REQUIRE(log->AddPartitions("out", 4));
  CHECK(PollText(one.get()) == "end a/0 ");
  REQUIRE(log->AddPartitions("a", 2));
  CHECK(PollText(one.get()) == "revoke a/0 ");
  Unassign(one.get(), all);
  CHECK(PollText(one.get()) == "assign a/0 a/1 ");
}

TEST_CASE("topics whose counts differ give what they have") {
  const auto log = MakeLog(1);
  REQUIRE(log->AddPartitions("b", 2));
  const auto one = MakeConsumer(log.get(), {"a", "b"});
  CHECK(PollText(one.get()) == "assign a/0 b/0 b/1 ");
  CHECK(one->PartitionCounts().value() == std::vector<int>{1, 2});
  CHECK(EmbeddedConsumer::Join(log.get(), {"group", {"a", "nope"}}).error().message ==
        "there is no topic nope");
}

}  // namespace
}  // namespace shrike::engine
