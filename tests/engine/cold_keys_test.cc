#include "engine/cold_keys.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/partition_task.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/map_store.h"

namespace shrike::engine {
namespace {

using testing::MakeProgram;
using testing::TestEvent;

// A task whose memory holds `memory_bytes` of keys.
struct Bounded {
  explicit Bounded(std::size_t memory_bytes, const testing::RuleOptions& rule)
      : program(MakeProgram({rule})), task(program, [this](nfa::Outcomes& outcomes) {
          for (const nfa::Outcome& item : outcomes.items)
            told.push_back(testing::Describe(*program, outcomes, item));
        }) {
    task.TrackChanges();
    task.SetStore(&store, memory_bytes);
  }
  void Checkpoint() {
    std::vector<StateChange> changes;
    task.AppendChanges(&changes);
    REQUIRE(store.Write("", changes));
    task.ForgetChanges();
  }
  void Send(char type, TimestampMs ts, const std::string& key) {
    TestEvent event(type, ts, key);
    task.Process(event.event);
  }

  MapStore store;
  std::vector<std::string> told;
  std::shared_ptr<const nfa::Program> program;
  PartitionTask task;
};

TEST_CASE("a key that has not changed leaves memory, and comes back when it is looked at") {
  Bounded world(0, {});
  world.Send('a', 1000, "k1");
  world.Send('a', 2000, "k2");
  CHECK(world.task.cold_count() == 0);
  world.Checkpoint();
  CHECK(world.task.cold_count() == 2);
  CHECK(world.task.key_bytes() == 0);
  CHECK(world.task.key_count() == 2);
  world.Send('b', 3000, "k3");
  CHECK(world.store.reads == 0);  // Nothing is looked up of a key that was never there.
  world.Send('b', 3000, "k1");
  CHECK(world.store.reads == 1);
  CHECK(world.told.size() == 1);
  CHECK(world.task.cold_count() == 1);
  world.Checkpoint();
  CHECK(world.store.entries.size() == 1);
}

TEST_CASE("a deadline of a cold key fires in time order, and only what is due is read") {
  Bounded world(0, {.absence = true});
  world.Send('a', 1000, "k1");
  for (int i = 0; i < 100; ++i) world.Send('a', 5000, "x" + std::to_string(i));
  world.Send('a', 6000, "k2");
  world.Checkpoint();
  REQUIRE(world.task.cold_count() == 102);
  world.task.AdvanceTime(10'999);
  CHECK(world.told.empty());
  CHECK(world.store.reads == 0);
  world.task.AdvanceTime(11'000);
  CHECK(world.told.size() == 1);
  CHECK(world.store.reads == 1);
  world.task.AdvanceTime(15'000);
  CHECK(world.told.size() == 101);
  CHECK(world.task.cold_count() == 1);
}

TEST_CASE("what fits stays") {
  Bounded world(20'000, {});
  for (int i = 0; i < 200; ++i) world.Send('a', 1000 + i, "k" + std::to_string(i));
  const std::size_t all = world.task.key_bytes();
  REQUIRE(all > 30'000);
  world.Checkpoint();
  CHECK(world.task.key_bytes() <= 20'000);
  CHECK(world.task.key_bytes() > 15'000);
  CHECK(world.task.key_count() == 200);
  // Those that change stay rather than those that do not.
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) world.Send('a', 1300 + 100 * round + i, "k" + std::to_string(i));
    world.Checkpoint();
  }
  const std::int64_t reads = world.store.reads;
  for (int i = 0; i < 20; ++i) world.Send('b', 2000, "k" + std::to_string(i));
  CHECK(world.store.reads == reads);
}

TEST_CASE("a key that was erased since the checkpoint does not come back from it") {
  Bounded world(0, {});
  world.Send('a', 1000, "k1");
  world.Checkpoint();
  world.Send('b', 1500, "k1");  // Its run ends: nothing is left.
  CHECK(world.task.key_count() == 0);
  world.Send('b', 1600, "k1");
  CHECK(world.told.size() == 1);
  world.Checkpoint();
  CHECK(world.store.entries.empty());
}

TEST_CASE("a key that cannot be read stops the task") {
  for (const bool is_damaged : {false, true}) {
    for (int way = 0; way < 3; ++way) {
      CAPTURE(is_damaged);
      CAPTURE(way);
      Bounded world(0, {.absence = true});
      world.Send('a', 1000, "k1");
      world.Checkpoint();
      CHECK(!world.task.failure());
      if (is_damaged) {
        world.store.entries.begin()->second.value = "??";
      } else {
        world.store.fails = true;
      }
      if (way == 0) world.Send('b', 2000, "k1");
      if (way == 1) world.task.AdvanceTime(20'000);
      if (way == 2) world.task.TouchAll();
      REQUIRE(world.task.failure());
      CHECK(world.task.failure()->code == (is_damaged ? ErrorCode::kCorrupt : ErrorCode::kIo));
    }
  }
}

}  // namespace
}  // namespace shrike::engine
