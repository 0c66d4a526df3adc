// `shrike state`: a look at what a worker has written, sound, damaged and removed.
#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/embedded/embedded_consumer.h"
#include "engine/embedded/embedded_log.h"
#include "engine/embedded/embedded_producer.h"
#include "engine/lmdb/lmdb_store.h"
#include "engine/state_entry.h"
#include "engine/worker.h"
#include "tests/tools/cli_fixture.h"
#include "tools/shrike/rule_bundle.h"
#include "tools/shrike/run_setup.h"
#include "tools/shrike/state_tasks.h"

namespace shrike::tools {
namespace {

using testing::CliResult;
using testing::Contains;
using testing::RunShrike;
using testing::TempFolder;
using testing::TxnLine;

const char* const kWindowRule = R"(rules:
  - id: many
    version: 1
    pattern: |
      from txn by (card, note)
      txn[count(over 1h) > 5]
)";

const std::array<std::string, alerts::kOutputTopicCount> kTopics = {
    "alerts", "alerts-shadow", "events-late", "events-dead-letter", "test-state"};

class SteppedClock : public Clock {
 public:
  DurationMs Elapsed() override { return time_ += 20; }

 private:
  DurationMs time_ = 0;
};

// An application that has run and was stopped.
class Fixture {
 public:
  Fixture() {
    folder.Write("shrike.yaml", testing::kConfig);
    folder.Write("rules/pair.yaml", testing::kRules);
    folder.Write("rules/many.yaml", kWindowRule);
  }

  void Run(const std::string& lines) {
    CommonOptions options;
    options.config = folder.path("shrike.yaml");
    options.paths = {folder.path("rules")};
    const auto bundle = LoadBundle(options);
    REQUIRE(bundle);
    REQUIRE(bundle->loaded.rule_errors == 0);
    const auto rules = MakeRuleSet(*bundle);
    REQUIRE(rules);
    engine::TaskContext context;
    context.application = "test";
    context.catalog = bundle->loaded.config->catalog;
    context.fingerprint = engine::StreamFingerprint(context.catalog);
    REQUIRE(SetInput(context.catalog, &context));
    const auto log = std::move(*engine::EmbeddedLog::Open({}));
    REQUIRE(log->CreateTopic("txn", 1));
    for (const std::string& topic : kTopics) REQUIRE(log->CreateTopic(topic, 1));
    for (std::size_t begin = 0; begin < lines.size();) {
      const std::size_t end = lines.find('\n', begin);
      engine::NewRecord record;
      record.value = std::string_view(lines).substr(begin, end - begin);
      REQUIRE(log->Append({*log->FindTopic("txn"), 0}, record));
      begin = end + 1;
    }
    Work(log.get(), context, *rules);
  }

  CliResult Call(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "state");
    arguments.insert(arguments.end(), {"-c", folder.path("shrike.yaml")});
    return RunShrike(arguments);
  }

  TempFolder folder;

 private:
  void Work(engine::EmbeddedLog* log, const engine::TaskContext& context,
            const std::shared_ptr<const engine::RuleSet>& rules) const {
    const auto consumer = std::move(*engine::EmbeddedConsumer::Join(log, {"test", {"txn"}}));
    engine::EmbeddedProducer producer(log, {"test-0", kTopics});
    SteppedClock clock;
    engine::WorkerPorts ports;
    ports.consumer = consumer.get();
    ports.producer = &producer;
    ports.clock = &clock;
    ports.open_store = [this](int task) -> Result<std::unique_ptr<engine::StateStore>> {
      std::filesystem::create_directories(folder.path("state"));
      SHRIKE_TRY(auto opened, engine::LmdbStore::Open(
                                  {.folder = folder.path("state/task-" + std::to_string(task)),
                                   .identity = {"test", std::to_string(task)},
                                   .sync = false}));
      return std::move(opened.store);
    };
    ports.compile = CompileBundle;
    ports.new_history = [] { return std::uint64_t{7}; };
    engine::Worker worker(context, {.commit_interval = 1, .checkpoint_interval = 1}, ports, rules);
    for (int round = 0; round < 20; ++round) REQUIRE(worker.Step(0));
    REQUIRE(worker.Stop());
  }
};

std::string OneRun() {
  return TxnLine(1'000, "c1", "150") + TxnLine(2'000, "c2", "5") + TxnLine(10'000, "c3", "5");
}

TEST_CASE("ls tells what a checkpoint holds") {
  Fixture fixture;
  fixture.Run(OneRun());
  const CliResult result = fixture.Call({"ls"});
  CHECK(result.err.empty());
  CHECK(result.code == 0);
  CHECK(Contains(result.out, "task 0: commit "));
  CHECK(Contains(result.out, "front 1970-01-01T00:00:08.999Z, 0 outputs; 1 keys, 0 windows, "));
  CHECK(Contains(result.out, "  txn [0]: 2..3, watermark 1970-01-01T00:00:08.999Z\n"));
  const CliResult keys = fixture.Call({"ls", "--keys"});
  CHECK(Contains(keys.out, "  key c1: by card, "));
  CHECK(Contains(keys.out, "due 1970-01-01T01:00:01.000Z"));
  const CliResult json = fixture.Call({"ls", "--keys", "--format", "json"});
  CHECK(Contains(json.out, R"("front":8999,"outputs":0,"keys":1,)"));
  CHECK(Contains(json.out, R"("partitions":[{"topic":"txn","partition":0,"low_offset":2,)"));
  CHECK(Contains(json.out, R"("listed_keys":[{"key":"c1","group":"by card",)"));
}

TEST_CASE("show tells what a key waits for") {
  Fixture fixture;
  fixture.Run(OneRun());
  const CliResult result = fixture.Call({"show", "c1"});
  CHECK(result.code == 0);
  CHECK(Contains(result.out, "task 0, key c1 (by card): 1 open runs, "));
  CHECK(Contains(result.out,
                 "  rule card-pair: at step a since 1970-01-01T00:00:01.000Z, waits for `then b`, "
                 "until 1970-01-01T01:00:01.000Z\n"
                 "    a: txn [0] offset 0, 1970-01-01T00:00:01.000Z\n"));
  const CliResult json = fixture.Call({"show", "c1", "--format", "json"});
  CHECK(Contains(json.out, R"("runs":[{"rule":"card-pair","step":"a","since":1000,"last":1000,)"
                           R"("waits_for":"then b","deadline":3601000,"event_count":1,)"
                           R"("events":[{"step":"a","topic":"txn","partition":0,"offset":0,)"
                           R"("ts":1000}]}])"));
  const CliResult none = fixture.Call({"show", "c2"});
  CHECK(none.code == 1);
  CHECK(Contains(none.out, "no task has state for the key c2"));
}

TEST_CASE("show names the windows of a key, whole or by its first part") {
  Fixture fixture;
  fixture.Run(R"({"ts":1000,"card":"c1","amount":1,"note":"a|b"})"
              "\n" +
              TxnLine(10'000, "c3", "5"));
  for (const std::string key : {"c1", R"(c1|a\|b)"}) {
    CAPTURE(key);
    const CliResult result = fixture.Call({"show", key});
    CHECK(result.code == 0);
    CHECK(Contains(result.out, R"(task 0, key c1|a\|b (by card, note): 0 open runs)"));
    CHECK(Contains(result.out, "count(over 1h)"));
  }
  CHECK(fixture.Call({"show", "a"}).code == 1);
}

TEST_CASE("a key reads as an alert's subject") {
  CHECK(SubjectOf("").empty());
  CHECK_FALSE(KeyFits("", "c1"));
}

TEST_CASE("verify finds what checksums and what decoding finds") {
  Fixture fixture;
  fixture.Run(OneRun());
  const CliResult good = fixture.Call({"verify"});
  CHECK(good.code == 0);
  CHECK(Contains(good.out, "task 0: 2 entries, good\n"));

  // Sound for the store, but no key state.
  const std::string task = fixture.folder.path("state/task-0");
  {
    auto opened = engine::LmdbStore::Open({.folder = task, .identity = {"test", "0"}});
    REQUIRE(opened);
    auto head = opened->store->ReadHead();
    REQUIRE(head);
    std::vector<engine::StateChange> changes;
    REQUIRE(opened->store->ForEach("k", [&](const engine::StateEntry& entry) {
      changes.push_back({std::string(entry.name), "nonsense", entry.due});
      return true;
    }));
    REQUIRE(changes.size() == 1);
    changes.push_back({"?", "of a later version"});
    REQUIRE(opened->store->Write(**head, changes));
  }
  const CliResult bad = fixture.Call({"verify"});
  CHECK(bad.code == 4);
  CHECK(Contains(bad.out, "task 0: 3 entries, 2 faults\n"));
  CHECK(Contains(bad.out, "  key c1: the state of a key is not what was written\n"));
  CHECK(Contains(bad.out, "  an entry of an unknown kind, 0x3f\n"));
  CHECK(fixture.Call({"show", "c1"}).code == 4);

  // Bytes that the disk has changed.
  const std::string file = task + "/data.mdb";
  std::string bytes = TempFolder::Read(file);
  const std::size_t at = bytes.find("nonsense");
  REQUIRE(at != std::string::npos);
  for (std::size_t i = at; i != std::string::npos; i = bytes.find("nonsense", i + 1))
    bytes[i] = 'N';
  std::ofstream(file, std::ios::binary) << bytes;
  const CliResult torn = fixture.Call({"verify", "--format", "json"});
  CHECK(torn.code == 4);
  CHECK(Contains(torn.out, "checksum"));
}

TEST_CASE("rebuild removes nothing that cannot come back, unless it is told to") {
  Fixture fixture;
  fixture.Run(OneRun());
  const CliResult refused = fixture.Call({"rebuild"});
  CHECK(refused.code == 2);
  CHECK(Contains(refused.err, "without `state.changelog: on` the local state is the only one"));
  const CliResult asked = fixture.Call({"rebuild", "--forget"});
  CHECK(asked.code == 2);
  CHECK(Contains(asked.err, "add --yes"));
  CHECK(fixture.Call({"rebuild", "--forget", "--yes", "--task", "0"}).code == 2);
  CHECK(fixture.Call({"show", "c1"}).code == 0);
  {
    const auto in_use = engine::LmdbStore::Open(
        {.folder = fixture.folder.path("state/task-0"), .identity = {"test", "0"}});
    REQUIRE(in_use);
    CHECK(fixture.Call({"rebuild", "--forget", "--yes"}).code == 3);
  }
  const CliResult forgot = fixture.Call({"rebuild", "--forget", "--yes"});
  CHECK(forgot.code == 0);
  CHECK(Contains(forgot.out, "kafka-consumer-groups.sh --delete --group test"));
  CHECK(fixture.Call({"show", "c1"}).code == 1);
  CHECK(fixture.Call({"ls"}).out == "task 0: nothing yet\n");
  CHECK(fixture.Call({"verify"}).code == 0);
  fixture.Run(OneRun());
  CHECK(fixture.Call({"show", "c1"}).code == 0);
}

TEST_CASE("what is not there and what is foreign is refused") {
  Fixture fixture;
  const CliResult nothing = fixture.Call({"ls"});
  CHECK(nothing.code == 3);
  CHECK(Contains(nothing.err, "(`state.path`)"));
  fixture.Run(OneRun());
  CHECK(fixture.Call({"ls", "--task", "7"}).code == 3);
  CHECK(fixture.Call({"frob"}).code == 2);
  std::string config = testing::kConfig;
  config.replace(config.find("test"), 4, "other");
  fixture.folder.Write("shrike.yaml", config);
  for (const std::string verb : {"ls", "verify"}) {
    CAPTURE(verb);
    CHECK(fixture.Call({verb}).code == 4);
  }
  const CliResult rebuild = fixture.Call({"rebuild", "--forget", "--yes"});
  CHECK(rebuild.code == 4);
  CHECK(Contains(rebuild.err, "is of application `test`"));
}

}  // namespace
}  // namespace shrike::tools
