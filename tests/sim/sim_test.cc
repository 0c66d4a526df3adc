// The simulator: random worlds must come out as if nothing had ever failed, and every wrong variant of the protocol must
// be noticed.
//
// SHRIKE_SEEDS: how many worlds (default 2,000; the long run is 100,000). SHRIKE_SEED: the first seed; a failure prints
// its own, which repeats it.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "tests/sim/world.h"

namespace shrike::sim {
namespace {

using engine::Mutant;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void Add(const WorldStats& one, WorldStats* all) {
  all->crashes += one.crashes;
  all->recoveries += one.recoveries;
  all->decisions += one.decisions;
  all->moves += one.moves;
  all->refusals += one.refusals;
  all->outputs += one.outputs;
  all->late += one.late;
  all->steps += one.steps;
  all->without_decisions += one.without_decisions;
}

TEST_CASE(
    "whatever fails, every output is committed once, and the state is that of a life without "
    "faults") {
  const std::uint64_t seeds = FromEnvironment("SHRIKE_SEEDS", 2'000);
  const std::uint64_t first = FromEnvironment("SHRIKE_SEED", 1);
  WorldStats all;
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + seeds && failures < 5; ++seed) {
    World world(seed, Mutant::kNone);
    const std::string wrong = world.Run();
    Add(world.stats(), &all);
    CHECK(wrong == "");
    failures += wrong.empty() ? 0 : 1;
  }
  std::cout << "worlds: seeds " << first << " to " << first + seeds - 1 << ": " << all.crashes
            << " crashes, " << all.recoveries << " recoveries after an abort, " << all.decisions
            << " decisions, " << all.moves << " rebalances, " << all.refusals << " refusals, "
            << all.outputs << " outputs, " << all.late << " late\n";
  if (seeds < 1'000) return;
  CHECK(all.crashes > static_cast<std::int64_t>(seeds));
  CHECK(all.decisions > static_cast<std::int64_t>(seeds));
  CHECK(all.outputs > static_cast<std::int64_t>(seeds));
}

struct MutantRow {
  Mutant mutant;
  std::string_view name;
};
constexpr MutantRow kMutants[] = {
    {Mutant::kMuteByTime, "1 mute by time"},
    {Mutant::kWatermarkAtNext, "2 watermark at H"},
    {Mutant::kSkipByTime, "3 skip by time"},
    {Mutant::kTimeMovesInRebuffer, "4 time moves while re-buffering"},
    {Mutant::kEffectBeforeCommit, "5 effect before commit"},
    {Mutant::kSilentWake, "6 silent wake"},
    {Mutant::kWakeKeepsWatermark, "7 waking keeps the watermark"},
    {Mutant::kIgnoreBase, "8 base ignored"},
    {Mutant::kBaseEarly, "9 base announced early"},
    {Mutant::kPendingAlwaysCounts, "10 pending always counts"},
    {Mutant::kNoFirstCheckpoint, "11 no first checkpoint"},
    {Mutant::kRewindAfterAbort, "12 rewind after abort"},
    {Mutant::kTouchedOffsetsOnly, "13 touched offsets only"},
    {Mutant::kCommitInsideRelease, "14 commit inside a release"},
    {Mutant::kCommitInReplay, "15 commit in the replay"},
    {Mutant::kRulesFromDisk, "16 rules from disk"},
    {Mutant::kMuteBeforeSuppression, "17 mute before suppression"},
    {Mutant::kForgetAfterStore, "18 forget after store"},
};

TEST_CASE("every wrong variant of the protocol is noticed") {
  const std::uint64_t seeds_max = FromEnvironment("SHRIKE_MUTANT_SEEDS", 4'000);
  for (const MutantRow& row : kMutants) {
    std::string wrong;
    std::uint64_t seed = 1;
    for (; seed <= seeds_max && wrong.empty(); ++seed) wrong = World(seed, row.mutant).Run();
    std::cout << "mutant " << row.name << ": "
              << (wrong.empty() ? "not noticed" : wrong.substr(0, wrong.find('\n')).substr(0, 160))
              << "\n";
    CHECK_MESSAGE(!wrong.empty(), row.name);
  }
}

}  // namespace
}  // namespace shrike::sim
