// The simulator: random worlds must come out as if nothing had ever failed, and every wrong variant of the protocol must
// be noticed.
//
// SHRIKE_SEEDS: how many worlds (default 2,000; the long run is 100,000). SHRIKE_SEED: the first seed; a failure prints
// its own, which repeats it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "base/check.h"
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

// seed: of a world that notices it; where it has moved, others are tried.
struct MutantRow {
  Mutant mutant;
  std::string_view name;
  std::uint64_t seed;
};
constexpr MutantRow kMutants[] = {
    {Mutant::kMuteByTime, "1 mute by time", 1},
    {Mutant::kWatermarkAtNext, "2 watermark at H", 83},
    {Mutant::kSkipByTime, "3 skip by time", 1},
    {Mutant::kTimeMovesInRebuffer, "4 time moves while re-buffering", 1},
    {Mutant::kEffectBeforeCommit, "5 effect before commit", 2},
    {Mutant::kSilentWake, "6 silent wake", 5},
    {Mutant::kWakeKeepsWatermark, "7 waking keeps the watermark", 20},
    {Mutant::kIgnoreBase, "8 base ignored", 15},
    {Mutant::kBaseEarly, "9 base announced early", 45},
    {Mutant::kPendingAlwaysCounts, "10 pending always counts", 168},
    {Mutant::kNoFirstCheckpoint, "11 no first checkpoint", 11899},
    {Mutant::kRewindAfterAbort, "12 rewind after abort", 1},
    {Mutant::kTouchedOffsetsOnly, "13 touched offsets only", 1},
    {Mutant::kCommitInsideRelease, "14 commit inside a release", 1},
    {Mutant::kCommitInReplay, "15 commit in the replay", 6},
    {Mutant::kRulesFromDisk, "16 rules from disk", 5},
    {Mutant::kMuteBeforeSuppression, "17 mute before suppression", 1},
    {Mutant::kForgetAfterStore, "18 forget after store", 30},
};

// In a process of its own: a wrong variant may also run into a check of the engine, which aborts.
bool Noticed(const MutantRow& row, std::uint64_t seed) {
  std::cout << std::flush;
  const pid_t child = fork();
  SHRIKE_CHECK(child >= 0);
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    const std::string wrong = World(seed, row.mutant).Run();
    if (!wrong.empty()) {
      std::cout << "mutant " << row.name << ": " << wrong.substr(0, wrong.find('\n')) << "\n"
                << std::flush;
    }
    _exit(wrong.empty() ? 0 : 1);
  }
  int status = 0;
  SHRIKE_CHECK(waitpid(child, &status, 0) == child);
  if (!WIFEXITED(status))
    std::cout << "mutant " << row.name << ": seed " << seed << ": stopped by a check\n";
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

TEST_CASE("every wrong variant of the protocol is noticed") {
  const std::uint64_t seeds = FromEnvironment("SHRIKE_MUTANT_SEEDS", 2'000);
  for (const MutantRow& row : kMutants) {
    bool noticed = Noticed(row, row.seed);
    for (std::uint64_t seed = 1; seed <= seeds && !noticed; ++seed) noticed = Noticed(row, seed);
    CHECK_MESSAGE(noticed, row.name);
  }
}

}  // namespace
}  // namespace shrike::sim
