// DemoGenerator: a seeded source of card traffic with fraud stories in it.
//
// The fields of its events are documented in tools/shrike/demo_event.h. The same options give the same bytes, on
// every machine: there is no floating point in it. Also the input of the throughput benchmark
// (`shrike demo --generate-only`).
//
// Ordinary traffic: each user pays with one card in one home city, some of it online, a few payments are declined for
// lack of money; online payments above 400 are verified within a minute; users log in from their own device, and now
// and then mistype their password once. About one event in twenty comes up to 4 s late, within the stream's
// out_of_order of 5 s. A story begins every 1,500 ordinary events or so.
// Tested by: tests/tools/demo_generator_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_DEMO_GENERATOR_H_
#define SHRIKE_TOOLS_SHRIKE_DEMO_GENERATOR_H_

#include <array>
#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include "base/time.h"
#include "tools/shrike/demo_event.h"

namespace shrike::tools {

// SplitMix64: small, and the same everywhere.
class DemoRandom {
 public:
  explicit DemoRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next();
  // 0 to bound - 1; bound > 0. The bias of the remainder is of no interest here.
  std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }
  // low to high, both included.
  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool OneIn(std::uint64_t count) { return Below(count) == 0; }

 private:
  std::uint64_t state_;
};

struct DemoOptions {
  std::int64_t events = 200'000;
  std::uint64_t seed = 1;
  std::uint32_t users = 10'000;           // 100 at least
  TimestampMs start = 1'704'067'200'000;  // 2024-01-01
};

class DemoGenerator {
 public:
  explicit DemoGenerator(const DemoOptions& options);

  // Appends the next event's line, without a newline; false after options.events of them.
  bool Next(std::string* line);

  // When the last event that was given out reaches the topic; before the first one the start.
  TimestampMs time() const { return time_; }

  // Stories whose first event was given out already, by DemoStory.
  const std::array<std::int64_t, kDemoStoryCount>& stories() const { return stories_; }

 private:
  struct Pending {
    TimestampMs emitted;  // when it reaches the topic
    std::uint64_t sequence;
    DemoEvent event;
    bool opens_story;

    bool operator>(const Pending& other) const {
      return emitted != other.emitted ? emitted > other.emitted : sequence > other.sequence;
    }
  };

  DemoEvent Ordinary(std::uint32_t user, TimestampMs ts) const;
  void Schedule(const DemoEvent& event, bool opens_story = false);
  void AddTraffic();
  void AddPayment(std::uint32_t user);
  void AddLogin(std::uint32_t user);

  void AddStory(DemoStory story);
  void AddCardTesting(DemoEvent event);
  void AddAccountTakeover(DemoEvent event);
  void AddImpossibleTravel(DemoEvent event);
  void AddVelocity(DemoEvent event);
  void AddMissingVerification(DemoEvent event);
  void AddCashOut(DemoEvent event);
  void AddRefundAbuse(DemoEvent event);
  void AddBinAttack(DemoEvent event);

  DemoOptions options_;
  DemoRandom random_;
  TimestampMs clock_;  // of the next ordinary event
  std::int64_t given_ = 0;
  TimestampMs time_;  // of the last one given out
  std::uint64_t sequence_ = 0;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
  std::array<std::int64_t, kDemoStoryCount> stories_{};
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_DEMO_GENERATOR_H_
