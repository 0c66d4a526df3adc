// `shrike run` and what it cannot go on with: each ends it with a message that says what was found, what was expected
// and what to do, and with the exit code of its kind; nothing is guessed.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/e2e/application.h"
#include "tests/e2e/broker.h"
#include "tests/e2e/operator.h"

namespace shrike::testing {
namespace {

constexpr int kCorrupt = 4;
constexpr int kConfig = 78;

struct Refusal {
  int exit_code = 0;
  std::vector<std::string> says;
};

void CheckRefused(Process* process, const Refusal& refusal) {
  CHECK(process->AwaitEnd());
  CHECK_MESSAGE(process->exit_code() == refusal.exit_code, process->said());
  for (const std::string& part : refusal.says)
    CHECK_MESSAGE(process->said().find(part) != std::string::npos, part << "\n" << process->said());
}

// Starts it with 30 payments in each partition, and stops it gracefully, or by kill -9 so that there is a gap.
void RunOnce(Application* application, bool gracefully = true) {
  application->Pay(30);
  Process process(*application, "one", gracefully ? "" : "after-commit:2");
  if (gracefully) {
    CHECK(process.AwaitSaid("first commit"));
    process.Stop();
    return;
  }
  CHECK(Await([&] { return process.Ended(); },
              [&] {
                application->Pay(1);
                Wait();
              }));
  CHECK_MESSAGE(process.WasKilled(), process.said());
}

TEST_CASE("what is wrong in the configuration is named") {
  WITH_BROKER(broker);
  struct Row {
    const char* replace;
    std::string by;
    Refusal refusal;
  };
  const Row rows[] = {
      {"topic: ", "topic: not-there-", {kConfig, {"does not exist: `not-there-payments-"}}},
      {"    partitioned_by: card\n", "", {kConfig, {"has 2 partitions", "Set `partitioned_by:`"}}},
      {"session.timeout.ms", "sesion.timeout.ms", {kConfig, {"did you mean `session.timeout.ms`"}}},
      {"session.timeout.ms",
       "auto.offset.reset: middle, session.timeout.ms",
       {kConfig, {"`earliest` or `latest`"}}},
      {"kafka: { bootstrap.servers: \"",
       "kafka: { security.protocol: sasl_plaintext, "
       "sasl.mechanism: PLAIN, sasl.username: alice, sasl.password: not-hers, "
       "bootstrap.servers: \"" +
           broker.bootstrap_sasl() + "\", client.id: \"",
       {kConfig, {"cannot log in to Kafka", "check kafka: sasl.mechanism, sasl.username"}}},
  };
  for (const Row& row : rows) {
    Application application(broker);
    application.Edit("one", row.replace, row.by);
    Process process(application);
    CheckRefused(&process, row.refusal);
  }
}

TEST_CASE("without a broker it says so, and ends") {
  WITH_BROKER(broker);
  Application application(broker);
  application.Edit("one", broker.bootstrap(), "127.0.0.1:1");
  Process process(application);
  CHECK(process.AwaitSaid("127.0.0.1:1"));  // long before it gives up
  CHECK_FALSE(process.Ended());
  process.Signal(SIGKILL);
}

TEST_CASE("a number of partitions that has changed is refused") {
  WITH_BROKER(broker);
  Application application(broker, {.kafka = R"(, topic.metadata.refresh.interval.ms: "500")"});
  RunOnce(&application);
  {
    Process process(application);
    CHECK(process.AwaitSaid("ready, 2 tasks"));
    AddPartitions(broker, application.topic(), 3);
    CheckRefused(&process,
                 {kCorrupt,
                  {"partition 2 was assigned", "had 2 partitions when this instance started",
                   "shrike state rebuild --forget"}});
  }
  Process again(application);
  CheckRefused(&again, {kCorrupt,
                        {"the state is of topics with 2 partitions, now they have 3",
                         "shrike state rebuild --forget"}});
}

TEST_CASE("offsets that were moved or deleted are refused") {
  WITH_BROKER(broker);
  {
    Application application(broker);
    RunOnce(&application);
    MoveOffset(broker, application.name(), {application.topic(), 1, 7});
    Process process(application);
    CheckRefused(&process,
                 {kCorrupt,
                  {"the offset 7 of " + application.topic() + " [1]", "was not committed by shrike",
                   "put the group's offsets back", "shrike state rebuild --forget"}});
  }
  Application application(broker);
  RunOnce(&application);
  DeleteGroup(broker, application.name());
  Process process(application);
  CheckRefused(&process, {kCorrupt, {"the group has no offsets", "shrike state rebuild --forget"}});
}

TEST_CASE("another application's state, and a damaged one, are refused") {
  WITH_BROKER(broker);
  Application first(broker);
  RunOnce(&first);
  Application second(broker);
  second.Pay(10);
  std::filesystem::copy(first.state_path(), second.state_path(),
                        std::filesystem::copy_options::recursive);
  {
    Process process(second);
    CheckRefused(&process, {kCorrupt, {first.name(), second.name(), "state.path"}});
  }
  const std::filesystem::path data = std::filesystem::path(first.state_path()) / "task-0/data.mdb";
  {
    std::fstream file(data, std::ios::in | std::ios::out | std::ios::binary);
    const std::string garbage(static_cast<std::size_t>(std::filesystem::file_size(data)), '\x5a');
    file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
  }
  Process process(first);
  CheckRefused(&process, {kCorrupt, {"task-0", "shrike state rebuild"}});
}

TEST_CASE("a gap that retention took is refused") {
  WITH_BROKER(broker);
  Application application(broker);
  RunOnce(&application, false);
  application.Pay(30);
  for (int partition = 0; partition < Application::kPartitions; ++partition)
    DeleteRecords(broker, application.topic(), partition);
  Process process(application);
  CheckRefused(&process, {kCorrupt,
                          {"retention has taken what lies between", "begins at offset",
                           "shrike state rebuild --forget"}});
}

TEST_CASE("a record that is larger than topics take is cut in the dead letters") {
  WITH_BROKER(broker);
  Application application(broker);
  const std::string large(3'000'000, 'x');
  const std::string topic = broker.NewTopic("large", 2, {{"max.message.bytes", "9000000"}});
  application.Edit("one", application.topic(), topic);
  broker.Write(topic, 0, {large, R"({"ts":1700000000000,"card":"c","amount":1,"n":1})"});
  Process process(application);
  CHECK(process.AwaitSaid("first commit"));
  const std::string dead = application.name() + "-dead";
  CHECK(Await([&] { return !broker.ReadNow(dead, 4).empty(); }, Wait));
  process.Stop();
  const auto records = broker.Read(dead, 4);
  REQUIRE(records.size() == 1);
  CHECK(records[0].value->size() == 900'000);
  CHECK(records[0].key->size() == 16'384);
  const auto has = [&](const std::string& name, const std::string& value) {
    for (const auto& header : records[0].headers)
      if (header == std::pair(name, value)) return true;
    return false;
  };
  CHECK(has("shrike.size", "3000000"));
  CHECK(has("shrike.key_size", "3000001"));
}

}  // namespace
}  // namespace shrike::testing
