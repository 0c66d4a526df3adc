// The simulator: random worlds must come out as if nothing had ever failed, and every wrong variant of the protocol must
// be noticed.
//
// SHRIKE_SEEDS: how many worlds (default 2,000; the long run is 100,000). SHRIKE_SEED: the first seed; a failure prints
// its own, which repeats it.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>
#include <string>

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

}  // namespace
}  // namespace shrike::sim
