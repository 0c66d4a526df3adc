#include "tests/sim/sim_rules.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "nfa/program.h"
#include "tests/oracle/rule_set_maker.h"
#include "tests/oracle/rule_text.h"

namespace shrike::sim {
namespace {

// Small, because some generated patterns have exponentially many runs; those with `combinations` for each subset.
Limits LimitsOf(const std::string& text) {
  const bool is_worst = text.find("combinations") != std::string::npos;
  return {.open_runs_per_key = 12, .bound_events = is_worst ? 3 : 10};
}

constexpr DurationMs kTail = 400;  // longer than anything that a generated rule waits for

std::string HashOf(const std::string& text) { return HexPrefix(Sha256(text), 16); }

// A rule set for every second, else one rule of any shape.
oracle::Pair MakeRules(testing::Random* random) {
  const std::uint64_t seed = random->Next() % 1'000'000;
  return random->OneIn(3) ? oracle::MakePair(seed) : oracle::MakeRuleSet(seed);
}

oracle::RawEvent Late(oracle::RawEvent event, testing::Random* random) {
  event.ts = std::max<TimestampMs>(0, event.ts - static_cast<TimestampMs>(random->Below(12)));
  return event;
}

std::string Broken(std::string bytes, testing::Random* random) {
  if (random->OneIn(2)) return bytes.substr(0, random->Below(bytes.size()));
  return "{\"ts\":\"soon\"}";
}

}  // namespace

Result<std::shared_ptr<const engine::RuleSet>> SimRules::Compile(const std::string& text) const {
  if (const auto known = Find(HashOf(text))) return known;
  const Limits limits = LimitsOf(text);
  oracle::CheckedText checked =
      oracle::CheckRuleText(text, catalog_, limits, oracle::GeneratorInputs());
  if (checked.spec.rules.empty()) return Fail(ErrorCode::kRule, checked.errors);
  auto program = nfa::Program::Build(std::move(checked.spec), catalog_, limits);
  if (!program) return tl::unexpected(program.error());
  return std::make_shared<const engine::RuleSet>(
      engine::RuleSet{HashOf(text), text, std::move(*program)});
}

std::shared_ptr<const engine::RuleSet> SimRules::Make(testing::Random* random) {
  while (true) {
    const oracle::Pair pair = MakeRules(random);
    const auto made = Compile(oracle::RuleFileText(pair.pattern, pair.others));
    if (!made) continue;  // The checker refuses some.
    by_hash_[(*made)->hash] = *made;
    return *made;
  }
}

std::shared_ptr<const engine::RuleSet> SimRules::Find(const std::string& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? nullptr : found->second;
}

SimInput MakeInput(const Catalog& catalog, int partitions, testing::Random* random) {
  SimInput input(2, std::vector<std::vector<SimRecord>>(static_cast<std::size_t>(partitions)));
  TimestampMs shift = 0;
  const auto add = [&](oracle::RawEvent event, std::size_t partition) {
    const TimestampMs ts = event.ts;
    if (random->OneIn(9)) event = Late(std::move(event), random);
    std::string bytes = oracle::ToJson(event, catalog);
    if (random->OneIn(25)) bytes = Broken(std::move(bytes), random);
    input[static_cast<std::size_t>(event.stream)][partition].push_back({std::move(bytes), ts});
  };
  const std::size_t rounds = 1 + random->Below(3);
  for (std::size_t round = 0; round < rounds; ++round) {
    oracle::Random choice(random->Next());
    for (oracle::RawEvent event : oracle::MakeEvents(&choice, random->OneIn(2))) {
      event.ts += shift;
      add(std::move(event), random->Below(static_cast<std::size_t>(partitions)));
    }
    shift += static_cast<TimestampMs>(random->Below(200));
  }
  for (int stream = 0; stream < 2; ++stream) {
    for (std::size_t partition = 0; partition < static_cast<std::size_t>(partitions); ++partition) {
      for (int last = 1; last <= 2; ++last) {
        oracle::RawEvent event;
        event.stream = stream;
        event.type_index = 0;
        event.ts = 4 * TimestampMs{86'400'000} + shift + last * kTail;
        const std::string bytes = oracle::ToJson(event, catalog);
        input[static_cast<std::size_t>(stream)][partition].push_back({bytes, event.ts});
      }
    }
  }
  return input;
}

}  // namespace shrike::sim
