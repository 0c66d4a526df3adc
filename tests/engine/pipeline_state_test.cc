#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/pipeline.h"
#include "nfa/program.h"
#include "tests/oracle/event_table.h"
#include "tests/oracle/rule_set_maker.h"
#include "tests/oracle/rule_text.h"
#include "tests/support/map_store.h"
#include "tests/support/random.h"

namespace shrike::engine {
namespace {

using Told = std::vector<std::string>;

constexpr std::size_t kMuch = 1 << 30;

// A pipeline over the streams s and t of the generator, with what a store would hold of it.
class Harness {
 public:
  // memory_bytes: of `state.memory`.
  Harness(const Catalog& catalog, const std::shared_ptr<const nfa::Program>& program, Told* told,
          std::size_t memory_bytes = kMuch)
      : catalog_(catalog),
        program_(program),
        told_(told),
        memory_bytes_(memory_bytes),
        pipeline_(Make()) {}

  void Feed(const oracle::RawEvent& event, std::int64_t offset) {
    fed_.push_back({event.stream, offset, oracle::ToJson(event, catalog_)});
    REQUIRE(pipeline_->Feed(event.stream, Raw(fed_.back())));
    pipeline_->AdvancePartition(1 - event.stream, event.ts, offset);
  }
  void Advance() { pipeline_->Advance(); }

  // Writes what has changed and, if asked, goes on as another process would.
  void Checkpoint(bool restart) {
    pipeline_->Advance();
    std::vector<StateChange> changes;
    pipeline_->AppendChanges(&changes);
    std::vector<StateChange> again;
    pipeline_->AppendChanges(&again);
    CHECK(again.size() == changes.size());
    for (const StateChange& change : changes) CHECK(change.name.size() <= kStateNameBytesMax);
    REQUIRE(store_.Write("", changes));
    pipeline_->ForgetChanges();
    cold_ += pipeline_->task().cold_count();
    if (restart) Restart();
  }
  void Swap(const std::shared_ptr<const nfa::Program>& program) {
    program_ = program;
    REQUIRE(pipeline_->Swap(program));
  }
  Pipeline& pipeline() { return *pipeline_; }
  // Sum over the checkpoints: keys that were in the store alone.
  std::size_t cold() const { return cold_; }

 private:
  struct Fed {
    int stream = 0;
    std::int64_t offset = 0;
    std::string line;
  };
  static ingest::RawRecord Raw(const Fed& fed) {
    ingest::RawRecord record;
    record.position = {fed.stream, 0, fed.offset};
    record.bytes = fed.line;
    return record;
  }

  std::unique_ptr<Pipeline> Make() {
    auto pipeline = std::make_unique<Pipeline>(
        catalog_, program_,
        Pipeline::Handlers{.outcomes =
                               [this](const nfa::Outcomes& outcomes) {
                                 for (const nfa::Outcome& item : outcomes.items)
                                   told_->push_back(Line(outcomes, item));
                               },
                           .rejected = {},
                           .emission = {{"s", "t"}, {}}});
    pipeline->TrackChanges();
    pipeline->SetStore(&store_, memory_bytes_);
    for (int stream = 0; stream < 2; ++stream) pipeline->AddPartition({stream, stream, 0, 0});
    return pipeline;
  }

  // What is buffered is read again, as exactly-once.md says it.
  void Restart() {
    std::unique_ptr<Pipeline> next = Make();
    next->Resume(pipeline_->front());
    for (int partition = 0; partition < 2; ++partition) {
      const ingest::PartitionPosition at = pipeline_->position(partition);
      next->RestorePartition(partition, std::max(at.low_watermark, next->front()), false);
      for (const Fed& fed : fed_) {
        if (fed.stream == partition && fed.offset >= at.low_offset)
          next->Rebuffer(partition, Raw(fed));
      }
      next->RestorePartition(partition, at.watermark, false);
    }
    if (pipeline_->started()) next->SetStarts(pipeline_->starts());
    for (const auto& [name, change] : store_.entries)
      REQUIRE(next->RestoreStored({name, *change.value, change.due}));
    pipeline_ = std::move(next);
  }

  std::string Line(const nfa::Outcomes& outcomes, const nfa::Outcome& item) const {
    std::string line = program_->rules()[static_cast<std::size_t>(item.rule)].id + " " +
                       std::to_string(static_cast<int>(item.kind)) + " @" +
                       std::to_string(item.time);
    for (std::uint32_t i = 0; i < item.events_count; ++i) {
      const Position& position = outcomes.events[item.events_begin + i].position;
      line += " " + std::to_string(position.topic) + "/" + std::to_string(position.offset);
    }
    return line + " " + std::to_string(item.suppressed.count);
  }

  const Catalog& catalog_;
  std::shared_ptr<const nfa::Program> program_;
  Told* told_;
  std::vector<Fed> fed_;
  MapStore store_;
  std::size_t memory_bytes_;
  std::size_t cold_ = 0;
  std::unique_ptr<Pipeline> pipeline_;
};

struct World {
  Catalog catalog = oracle::GeneratorCatalog();
  oracle::Pair pair;
  std::shared_ptr<const nfa::Program> program;
};

std::shared_ptr<const nfa::Program> Compile(const Catalog& catalog, const oracle::Pair& pair) {
  oracle::CheckedText checked =
      oracle::CheckRuleText(oracle::RuleFileText(pair.pattern, pair.others), catalog, pair.limits,
                            oracle::GeneratorInputs());
  if (checked.spec.rules.empty()) return nullptr;
  auto program = nfa::Program::Build(std::move(checked.spec), catalog, pair.limits);
  return program ? *program : nullptr;
}

// A random set of rules that the checker takes, and events for it.
World RandomWorld(testing::Random* random) {
  World world;
  while (world.program == nullptr) {
    world.pair = oracle::MakeRuleSet(random->Next());
    world.program = Compile(world.catalog, world.pair);
  }
  return world;
}

// The rules of one file.
World WorldOf(const std::string& rules) {
  World world;
  oracle::CheckedText checked =
      oracle::CheckRuleText(rules, world.catalog, Limits(), oracle::GeneratorInputs());
  REQUIRE(checked.errors == "");
  world.program = *nfa::Program::Build(std::move(checked.spec), world.catalog, Limits());
  return world;
}

// Shows the first difference.
bool Same(const Told& got, const Told& want) {
  std::size_t at = 0;
  while (at < got.size() && at < want.size() && got[at] == want[at]) ++at;
  const std::string got_line = at < got.size() ? got[at] : "nothing";
  const std::string want_line = at < want.size() ? want[at] : "nothing";
  CHECK(got_line == want_line);
  return got_line == want_line;
}

// Each event on its own, with what is due before the next.
Told Run(const World& world, testing::Random* random, int restart_one_in,
         std::size_t memory_bytes = kMuch, std::size_t* cold = nullptr) {
  Told told;
  Harness harness(world.catalog, world.program, &told, memory_bytes);
  std::int64_t offset = 0;
  for (const oracle::RawEvent& event : world.pair.events) {
    harness.Feed(event, offset++);
    if (restart_one_in == 0) {
      harness.Advance();
    } else if (random->OneIn(2)) {
      harness.Checkpoint(random->OneIn(static_cast<std::size_t>(restart_one_in)));
    }
  }
  harness.Advance();
  if (cold != nullptr) *cold += harness.cold();
  return told;
}

TEST_CASE("a state that was stored bit by bit and read back goes on as if nothing had been") {
  testing::Random random(testing::SeedFor("pipeline state"));
  std::size_t alerts = 0;
  for (int worlds = 0; worlds < 300; ++worlds) {
    const World world = RandomWorld(&random);
    const Told want = Run(world, &random, 0);
    alerts += want.size();
    const Told got = Run(world, &random, 3);
    if (!Same(got, want)) {
      MESSAGE(oracle::RuleFileText(world.pair.pattern, world.pair.others));
      break;
    }
  }
  CHECK(alerts > 1000);
}

TEST_CASE("keys that memory has no room for mean the same") {
  testing::Random random(testing::SeedFor("cold keys"));
  std::size_t alerts = 0;
  std::size_t cold = 0;
  for (int worlds = 0; worlds < 300; ++worlds) {
    const World world = RandomWorld(&random);
    const Told want = Run(world, &random, 0);
    alerts += want.size();
    const Told got = Run(world, &random, 5, random.OneIn(2) ? 0 : 1000, &cold);
    if (!Same(got, want)) {
      MESSAGE(oracle::RuleFileText(world.pair.pattern, world.pair.others));
      break;
    }
  }
  CHECK(alerts > 1000);
  CHECK(cold > 1000);
}

TEST_CASE("a window that everything has left reads back") {
  const World world = WorldOf(
      "rules:\n  - id: r\n    version: 1\n    pattern: |\n      from s by k\n"
      "      A[count(A over 10ms where v > 5) >= 0 and count(A over 1h) > 0]\n");
  Told told;
  Harness harness(world.catalog, world.program, &told);
  const int values[] = {9, 0, 0, 0};
  for (int i = 0; i < 4; ++i) {
    oracle::RawEvent event;
    event.ts = 1000 * i;
    event.fields = {{"k", oracle::MakeInteger(Kind::kInt, std::int64_t{1})},
                    {"v", oracle::MakeInteger(Kind::kInt, std::int64_t{values[i]})}};
    harness.Feed(event, i);
    harness.Checkpoint(true);
  }
  CHECK(told.size() == 3);  // The last one waits for time to pass.
}

// A changelog that is ahead of the store has keys that came after the store's checkpoint; when they go, it must hear so.
TEST_CASE("removals of keys that no checkpoint had are told when asked for, after a swap too") {
  for (const bool asked : {false, true}) {
    const World world = WorldOf(
        "rules:\n  - id: r\n    version: 1\n    pattern: |\n      from s by k\n"
        "      A then B\n      within 1s\n");
    Told told;
    Harness harness(world.catalog, world.program, &told);
    if (asked) harness.pipeline().RememberAllRemovals();
    harness.Swap(world.program);
    for (int i = 0; i < 3; ++i) {
      oracle::RawEvent event;
      event.ts = 1000 + i;
      event.type_index = i == 1 ? 1 : 0;
      event.fields = {{"k", oracle::MakeInteger(Kind::kInt, std::int64_t{i == 2 ? 2 : 1})}};
      harness.Feed(event, i);
    }
    harness.Advance();
    CHECK(told.size() == 1);
    std::vector<StateChange> changes;
    harness.pipeline().AppendChanges(&changes);
    const auto removals = std::count_if(changes.begin(), changes.end(),
                                        [](const StateChange& change) { return !change.value; });
    CHECK(removals == (asked ? 1 : 0));
  }
}

TEST_CASE("a swap to the same rules changes nothing, a swap away and back forgets runs") {
  testing::Random random(testing::SeedFor("pipeline swap"));
  for (int worlds = 0; worlds < 100; ++worlds) {
    const World world = RandomWorld(&random);
    const Told want = Run(world, &random, 0);
    Told told;
    Harness harness(world.catalog, world.program, &told, worlds % 2 == 0 ? 0 : kMuch);
    std::int64_t offset = 0;
    for (const oracle::RawEvent& event : world.pair.events) {
      harness.Feed(event, offset++);
      if (random.OneIn(4)) harness.Swap(Compile(world.catalog, world.pair));
      if (random.OneIn(4)) harness.Checkpoint(random.OneIn(2));
    }
    harness.Advance();
    if (!Same(told, want)) break;
  }
}

}  // namespace
}  // namespace shrike::engine
