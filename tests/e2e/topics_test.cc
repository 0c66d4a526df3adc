// EnsureTopics on a real broker: what is missing is created, what is wrong is named.
#include "base/kafka/topics.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/e2e/broker.h"

namespace shrike::testing {
namespace {

using kafka::EnsureTopics;
using kafka::TopicWish;
using Names = std::vector<std::string>;

TEST_CASE("missing topics are created once") {
  WITH_BROKER(broker);
  const std::string application = broker.NewName("app");
  const TopicWish wishes[] = {{.name = application + "-alerts"},
                              kafka::StateTopicWish(application, 3, 1'000'000)};
  const auto first = EnsureTopics(broker.Options(), wishes, 30'000);
  REQUIRE_MESSAGE(first.has_value(), first.error().message);
  CHECK(*first == Names{application + "-alerts", application + "-state"});
  const auto second = EnsureTopics(broker.Options(), wishes, 30'000);
  REQUIRE_MESSAGE(second.has_value(), second.error().message);
  CHECK(second->empty());
  broker.Write(application + "-state", 2, {"x"});
  CHECK(broker.Read(application + "-state", 3).size() == 1);
}

TEST_CASE("all topics that are missing or wrong are named at once") {
  WITH_BROKER(broker);
  const std::string application = broker.NewName("app");
  const TopicWish deleting = {.name = application + "-state", .partitions = 2};
  REQUIRE(EnsureTopics(broker.Options(), {&deleting, 1}, 30'000).has_value());
  const TopicWish wishes[] = {{.name = application + "-late", .create = false},
                              kafka::StateTopicWish(application, 3, 1'000'000)};
  const auto result = EnsureTopics(broker.Options(), wishes, 30'000);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::kConfig);
  const std::string& message = result.error().message;
  for (const std::string& part :
       {"topic `" + application + "-late` does not exist",
        "topic `" + application + "-state` has 2 partitions; 3 are needed",
        "topic `" + application + "-state` has cleanup.policy `delete`; it must be `compact`"}) {
    CHECK_MESSAGE(message.find(part) != std::string::npos, message);
  }
}

TEST_CASE("a topic that does not take large records is named") {
  WITH_BROKER(broker);
  const std::string topic = broker.NewTopic("small", 1, {{"max.message.bytes", "1000"}});
  const TopicWish wish = {.name = topic, .record_bytes_min = 2000};
  const auto result = EnsureTopics(broker.Options(), {&wish, 1}, 30'000);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::kConfig);
  CHECK_MESSAGE(result.error().message.find(
                    "has max.message.bytes 1000; it must take 2000 at least") != std::string::npos,
                result.error().message);
}

TEST_CASE("a topic that cannot be created is named") {
  WITH_BROKER(broker);
  const TopicWish bad = {.name = "no spaces allowed"};
  const auto result = EnsureTopics(broker.Options(), {&bad, 1}, 30'000);
  REQUIRE_FALSE(result.has_value());
  CHECK_MESSAGE(result.error().code == ErrorCode::kConfig, result.error().message);
  CHECK(result.error().message.find("`no spaces allowed`") != std::string::npos);
}

}  // namespace
}  // namespace shrike::testing
