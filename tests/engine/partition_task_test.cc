#include "engine/partition_task.h"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

#include "tests/engine/engine_fixture.h"

namespace shrike::engine {
namespace {

using testing::kOtherColumn;
using testing::MakeProgram;
using testing::TestEvent;

// A task that writes down what it is told.
class Harness {
 public:
  explicit Harness(const std::vector<testing::RuleOptions>& rules)
      : program_(MakeProgram(rules)), task(program_, [this](const nfa::Outcomes& outcomes) {
          CHECK_FALSE(outcomes.items.empty());
          for (const nfa::Outcome& outcome : outcomes.items) {
            told.push_back(testing::Describe(*program_, outcomes, outcome));
          }
        }) {}

  void Process(char type, TimestampMs ts, const std::string& key, const std::string& other = "") {
    TestEvent event(type, ts, key, other);
    event.event.position.offset = offset_++;
    task.Process(event.event);
  }

 private:
  std::shared_ptr<const nfa::Program> program_;
  std::int64_t offset_ = 0;

 public:
  PartitionTask task;
  std::vector<std::string> told;
};

using Told = std::vector<std::string>;

TEST_CASE("matches of several keys, and keys that end are forgotten") {
  Harness harness({{.id = "r"}});
  harness.Process('a', 1000, "k1");
  harness.Process('a', 2000, "k2");
  CHECK(harness.task.key_count() == 2);
  harness.Process('b', 3000, "k1");
  CHECK(harness.task.key_count() == 1);
  harness.Process('b', 4000, "k2");
  harness.Process('b', 5000, "k3");
  CHECK(harness.told == Told{"r match k1 1,3 @3000", "r match k2 2,4 @4000"});
  CHECK(harness.task.key_count() == 0);
  CHECK(harness.task.stats().keys_peak == 2);
  CHECK(harness.task.stats().events == 5);
  // `b` of k3 can start nothing: the matcher did not see it.
  CHECK(harness.task.stats().advanced == 4);
}

TEST_CASE("a deadline fires before the first event with that time, of whatever key") {
  Harness harness({{.id = "r", .absence = true}});
  harness.Process('a', 1000, "k1");
  harness.Process('c', 10'999, "k2");
  CHECK(harness.told.empty());
  harness.Process('b', 11'000, "k1");
  CHECK(harness.told == Told{"r match k1 1 @11000!"});
}

TEST_CASE("time alone fires deadlines too, and a flush all of them in order") {
  Harness harness({{.id = "r", .absence = true}});
  harness.Process('a', 1000, "k1");
  harness.Process('a', 3000, "k2");
  harness.Process('a', 5000, "k3");
  harness.task.AdvanceTime(10'999);
  CHECK(harness.told.empty());
  harness.task.AdvanceTime(11'000);
  CHECK(harness.told.size() == 1);
  harness.task.Flush();
  CHECK(harness.told ==
        Told{"r match k1 1 @11000!", "r match k2 3 @13000!", "r match k3 5 @15000!"});
  CHECK(harness.task.key_count() == 0);
}

TEST_CASE("deadlines of one time: matches before timeouts, then rule, first event, key") {
  Harness harness({{.id = "r1", .timeouts = true}, {.id = "r2", .absence = true}});
  for (const char* key : {"k3", "k1", "k2"}) {
    harness.Process('a', 1000, key);
  }
  harness.task.Flush();
  CHECK(harness.told == Told{"r2 match k3 1 @11000!", "r2 match k1 1 @11000!",
                             "r2 match k2 1 @11000!", "r1 timeout k3 1 @11000!",
                             "r1 timeout k1 1 @11000!", "r1 timeout k2 1 @11000!"});
}

TEST_CASE("rules of several key groups tell by rule id at one event") {
  // r1 and r3 are in one group, r2 in another.
  Harness harness({{.id = "r1"}, {.id = "r2", .key = kOtherColumn}, {.id = "r3"}});
  harness.Process('a', 1000, "k", "o");
  harness.Process('b', 2000, "k", "o");
  CHECK(harness.told ==
        Told{"r1 match k 1,2 @2000", "r2 match o 1,2 @2000", "r3 match k 1,2 @2000"});
}

TEST_CASE("an event without a key is not seen, and counted for its group") {
  Harness harness({{.id = "r1"}, {.id = "r2", .key = kOtherColumn}});
  harness.Process('a', 1000, "", "o");
  harness.Process('b', 2000, "", "o");
  harness.Process('a', 3000, "k", "");
  CHECK(harness.told == Told{"r2 match o 1,2 @2000"});
  std::int64_t total = 0;
  for (const std::int64_t count : harness.task.stats().without_key) {
    total += count;
  }
  CHECK(total == 3);
}

TEST_CASE("runs that end silently give their memory back") {
  Harness harness({{.id = "r"}});
  for (int key = 0; key < 1000; ++key) {
    harness.Process('a', key, "k" + std::to_string(key));
  }
  CHECK(harness.task.key_count() == 1000);
  harness.Process('c', 50'000, "other");
  CHECK(harness.task.key_count() == 0);
  CHECK(harness.told.empty());
}

TEST_CASE("a busy key keeps few timers") {
  Harness harness({{.id = "r", .absence = true}});
  std::size_t matches = 0;
  for (int event = 0; event < 20'000; ++event) {
    // `b` ends every run; a new one follows at once.
    harness.Process('a', event * 10, "k");
    harness.Process('b', event * 10 + 5, "k");
  }
  matches = harness.told.size();
  CHECK(matches == 0);
  harness.Process('a', 300'000, "k");
  harness.task.Flush();
  CHECK(harness.told == Told{"r match k 300 @310000!"});
}

TEST_CASE("the output does not depend on how keys hash") {
  // The same story for many keys at one time: the order of output is that of first events.
  Harness harness({{.id = "r", .absence = true}});
  Told want;
  for (int key = 999; key >= 0; --key) {
    const std::string name = "k" + std::to_string(key * 7919 % 1000);
    harness.Process('a', 1000, name);
    want.push_back("r match " + name + " 1 @11000!");
  }
  harness.task.Flush();
  CHECK(harness.told == want);
}

TEST_CASE("a batch of events says what they say one by one") {
  const std::vector<testing::RuleOptions> rules = {{.id = "r"}};
  Harness one(rules);
  Harness batch(rules);
  std::deque<TestEvent> kept;  // events borrow their rows from it
  std::vector<Event> events;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "k" + std::to_string(i * 7 % 13);
    const char type = "aabc"[i * 5 % 4];
    one.Process(type, i * 300, key);
    kept.emplace_back(type, i * 300, key, "");
    kept.back().event.position.offset = i;
    events.push_back(kept.back().event);
  }
  batch.task.Process(events);
  CHECK(one.told.size() > 20);
  CHECK(batch.told == one.told);
  CHECK(batch.task.key_count() == one.task.key_count());
}

}  // namespace
}  // namespace shrike::engine
