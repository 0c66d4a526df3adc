// engine/emitter.h, as a task uses it: rules over rules.
#include "engine/emitter.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/partition_task.h"
#include "tests/engine/engine_fixture.h"

namespace shrike::engine {
namespace {

using testing::RuleOptions;
using testing::TestEvent;
using Told = std::vector<std::string>;

class Harness {
 public:
  explicit Harness(const std::vector<RuleOptions>& rules)
      : program_(testing::MakeProgram(rules)),
        task(program_, [this](nfa::Outcomes& outcomes) { Take(&outcomes); },
             {{"s"}, [this](const EmittedEvent& emitted) {
                emitted_at.push_back(emitted.event.ts);
                positions.push_back(emitted.event.position);
              }}) {}

  void Process(char type, TimestampMs ts, const std::string& key) {
    TestEvent event(type, ts, key);
    event.event.position.offset = offset_++;
    task.Process(event.event);
  }

 private:
  void Take(nfa::Outcomes* outcomes) {
    for (const nfa::Outcome& outcome : outcomes->items)
      told.push_back(testing::Describe(*program_, *outcomes, outcome));
    if (hides) outcomes->items.clear();
  }

  std::shared_ptr<const nfa::Program> program_;
  std::int64_t offset_ = 0;

 public:
  bool hides = false;  // what is told is suppressed
  Told told;
  std::vector<TimestampMs> emitted_at;
  std::vector<Position> positions;
  PartitionTask task;
};

TEST_CASE("a match's event follows it at once, before the next event") {
  Harness harness(
      {{.id = "down", .stream = 1}, {.id = "up1", .emits = 'a'}, {.id = "up2", .emits = 'b'}});
  harness.Process('a', 1000, "k1");
  harness.Process('b', 2000, "k1");
  // up1 emits a_t, up2 b_t, both at 2000: down takes them in the order of their rules.
  CHECK(harness.told ==
        Told{"up1 match k1 1,2 @2000", "up2 match k1 1,2 @2000", "down match k1 2,2 @2000"});
  CHECK(harness.task.stats().emitted == 2);
  CHECK(harness.task.stats().events == 2);
}

TEST_CASE("a match at a deadline emits an event of that time") {
  Harness harness(
      {{.id = "down", .stream = 1, .absence = true}, {.id = "up", .absence = true, .emits = 'a'}});
  harness.Process('a', 1000, "k1");
  harness.task.AdvanceTime(11'000);
  CHECK(harness.emitted_at == std::vector<TimestampMs>{11'000});
  harness.task.Flush();
  CHECK(harness.told == Told{"up match k1 1 @11000!", "down match k1 11 @21000!"});
}

TEST_CASE("with `every` a key gives its last match at the end of the interval") {
  Harness harness(
      {{.id = "down", .stream = 1, .absence = true}, {.id = "up", .emits = 'a', .every = 60'000}});
  for (const TimestampMs second : {0, 10, 30}) {
    harness.Process('a', second * 1000, "k1");
    harness.Process('b', second * 1000 + 1000, "k1");
  }
  harness.Process('a', 40'000, "k2");
  harness.Process('b', 41'000, "k2");
  CHECK(harness.emitted_at.empty());
  harness.Process('a', 60'000, "k3");
  CHECK(harness.emitted_at == std::vector<TimestampMs>{60'000, 60'000});
  harness.Process('b', 60'000, "k3");
  harness.task.Flush();
  CHECK(harness.emitted_at == std::vector<TimestampMs>{60'000, 60'000, 120'000});
  CHECK(harness.told.back() == "down match k3 120 @130000!");
}

TEST_CASE("neither timeouts nor what is suppressed is emitted") {
  Harness harness({{.id = "up", .timeouts = true, .emits = 'a'}});
  harness.Process('a', 1000, "k1");
  harness.task.AdvanceTime(11'000);
  CHECK(harness.told == Told{"up timeout k1 1 @11000!"});
  harness.hides = true;
  harness.Process('a', 12'000, "k1");
  harness.Process('b', 13'000, "k1");
  CHECK(harness.told.size() == 2);
  CHECK(harness.emitted_at.empty());
}

TEST_CASE("a derived event's position tells its cause, whatever else came at its time") {
  Harness alone({{.id = "up", .emits = 'a'}});
  Harness among({{.id = "up", .emits = 'a'}});
  alone.Process('a', 1000, "k1");
  alone.Process('b', 2000, "k1");
  for (const char* key : {"k1", "k0", "k2"}) {
    TestEvent event('a', 1000, key);
    event.event.position.offset = key == std::string("k1") ? 0 : 7;
    among.task.Process(event.event);
  }
  for (const char* key : {"k0", "k1", "k2"}) {
    TestEvent event('b', 2000, key);
    event.event.position.offset = key == std::string("k1") ? 1 : 8;
    among.task.Process(event.event);
  }
  REQUIRE(alone.positions.size() == 1);
  REQUIRE(among.positions.size() == 3);
  CHECK(among.positions[1] == alone.positions[0]);
  CHECK(among.positions[0] != alone.positions[0]);
  CHECK(alone.positions[0].topic == kDerivedTopic + 1);
}

}  // namespace
}  // namespace shrike::engine
