// The world's life: what it does to its processes, turn by turn. tests/sim/world_check.cc compares at the end.
#include "tests/sim/world.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <utility>

#include "base/check.h"

namespace shrike::sim {
namespace {

constexpr int kTurnsMin = 40;
constexpr int kTurnsMax = 160;
constexpr int kTurnsToFinish = 4000;
constexpr const char* kGroup = "sim";
const std::array<std::string, alerts::kOutputTopicCount> kOutputTopics = {
    "alerts", "alerts-shadow", "events-late", "events-dead-letter", "sim-state"};

// Of the generator's catalog: two streams from outside, two that rules emit.
const std::vector<std::string> kDerivedTopics = {"", "", "made", "more"};

std::string TransactionalId(int instance) { return "sim-" + std::to_string(instance); }

Catalog MakeCatalog(testing::Random* random) {
  static constexpr DurationMs kOutOfOrder[] = {0, 0, 3, 10};
  Catalog catalog = oracle::GeneratorCatalog();
  const DurationMs idle = 20 + static_cast<DurationMs>(random->Below(60));
  for (StreamSchema& stream : catalog.streams) {
    stream.out_of_order = kOutOfOrder[random->Below(4)];
    stream.idle = idle;
  }
  return catalog;
}

}  // namespace

World::World(std::uint64_t seed, engine::Mutant mutant)
    : seed_(seed),
      mutant_(mutant),
      random_(seed),
      faults_(random_.Next(), static_cast<int>(random_.Below(3) * random_.Below(12))),
      catalog_(MakeCatalog(&random_)),
      rules_(catalog_) {
  partitions_ = 1 + static_cast<int>(random_.Below(3));
  changelog_ = random_.OneIn(2);
  // Without a changelog a task can only come back where its state is.
  alone_ = !changelog_;
  if (!changelog_ && random_.OneIn(2)) partitions_ = 1;
  changes_rules_ = random_.OneIn(2);
  context_.application = "sim";
  context_.catalog = catalog_;
  context_.topics = {"s", "t"};
  context_.streams = {0, 1};
  context_.fingerprint = engine::StreamFingerprint(catalog_);
  context_.partition_count = partitions_;
  context_.mutant = mutant;
  if (seed_ % 3 == 0) context_.outlier_distance = 1 + static_cast<std::int64_t>(seed_ % 5);
  newest_rules_ = rules_.Make(&random_);
  input_ = MakeInput(catalog_, partitions_, &random_);
  MakeLog();
  MakeInstances();
}

World::~World() {
  for (Instance& instance : instances_) {
    if (instance.consumer != nullptr) instance.consumer->inner().Crash();
    instance.worker.reset();
    instance.consumer.reset();
    instance.producer.reset();
    instance.changelog.reset();
  }
}

void World::MakeLog() {
  log_ = std::move(*engine::EmbeddedLog::Open({.journal = {}, .markers = random_.OneIn(2)}));
  for (const std::string& topic : context_.topics)
    SHRIKE_CHECK(log_->CreateTopic(topic, partitions_).has_value());
  for (const std::string& topic : kOutputTopics)
    SHRIKE_CHECK(log_->CreateTopic(topic, partitions_).has_value());
  for (const std::string& topic : kDerivedTopics) {
    if (!topic.empty()) SHRIKE_CHECK(log_->CreateTopic(topic, partitions_).has_value());
  }
  produced_.assign(2, std::vector<std::size_t>(static_cast<std::size_t>(partitions_)));
}

void World::MakeInstances() {
  const std::size_t count = !alone_ ? 1 + random_.Below(3) : partitions_ == 1 ? 2 : 1;
  for (std::size_t i = 0; i < count; ++i) {
    Instance& instance = instances_.emplace_back();
    instance.id = static_cast<int>(i);
    instance.rules = newest_rules_;
  }
}

void World::Start(Instance* instance) {
  auto consumer = engine::EmbeddedConsumer::Join(log_.get(), {kGroup, context_.topics});
  SHRIKE_CHECK(consumer.has_value());
  instance->consumer = std::make_unique<FaultyConsumer>(std::move(*consumer), &faults_);
  instance->producer = std::make_unique<FaultyProducer>(
      std::make_unique<engine::EmbeddedProducer>(
          log_.get(), engine::EmbeddedProducer::Options{TransactionalId(instance->id),
                                                        kOutputTopics, kDerivedTopics}),
      &faults_, [this, instance](std::span<const InputOffset> offsets) {
        for (const InputOffset& offset : offsets) Trace("commit " + offset.metadata, instance);
        history_.Commit(offsets);
      });
  instance->changelog = std::make_unique<FaultyChangelogReader>(
      std::make_unique<engine::EmbeddedChangelogReader>(log_.get(), kOutputTopics[4]), &faults_);
  engine::WorkerPorts ports;
  ports.consumer = instance->consumer.get();
  ports.producer = instance->producer.get();
  ports.changelog = changelog_ ? instance->changelog.get() : nullptr;
  ports.clock = &clock_;
  ports.open_store = [this, instance](int task) -> Result<std::unique_ptr<engine::StateStore>> {
    return std::make_unique<FaultyStore>(
        &instance->disks[task], &faults_, [this, instance](std::string_view head) {
          if (const auto read = engine::ReadCheckpointHead(head)) {
            Trace("checkpoint of task " + std::to_string(read->task) + " at " +
                      std::to_string(read->sequence) + (read->pending ? ", pending" : "") +
                      ", front " + std::to_string(read->front) + ", outputs " +
                      std::to_string(read->outputs.count),
                  instance);
          }
          history_.Checkpoint(head);
        });
  };
  Trace("start with\n" + instance->rules->text, instance);
  ports.log = [this, instance](const std::string& line) { Trace(line, instance); };
  ports.compile = [this](const std::string& text) { return rules_.Compile(text); };
  ports.new_history = [this] { return random_.Next(); };
  // In some worlds no key stays in memory, in some a few, in the others all.
  static constexpr std::size_t kMemory[] = {0, 3000, 1 << 30, 1 << 30};
  const engine::WorkerOptions options{
      .commit_interval = 5, .checkpoint_interval = 30, .memory_bytes = kMemory[seed_ % 4]};
  instance->worker = std::make_unique<engine::Worker>(context_, options, ports, instance->rules);
}

// The process is gone; the log finds out later.
void World::Kill(Instance* instance) {
  instance->consumer->inner().Crash();
  const std::int64_t member = instance->consumer->inner().member();
  Trace("dies", instance);
  instance->worker.reset();
  instance->consumer.reset();
  instance->producer.reset();
  instance->changelog.reset();
  log_->ExpireMember(kGroup, member);
  if (random_.OneIn(2)) static_cast<void>(log_->ExpireTransaction(TransactionalId(instance->id)));
}

void World::StopGracefully(Instance* instance) {
  Trace("stops", instance);
  try {
    static_cast<void>(instance->worker->Stop());
    instance->worker.reset();
    instance->consumer.reset();
    instance->producer.reset();
    instance->changelog.reset();
  } catch (const Crash&) {
    ++stats_.crashes;
    Kill(instance);
  }
}

void World::Refused(Instance* instance, const Error& error) {
  Trace("refuses: " + error.message, instance);
  ++stats_.refusals;
  instance->refused = true;
  if (error.code == ErrorCode::kInternal) trouble_ = error.message;
  // Two stores that each lack something, of an application without a changelog, are nobody's fault.
  if (std::all_of(instances_.begin(), instances_.end(),
                  [](const Instance& each) { return each.refused; }))
    trouble_ = "every instance refuses: " + error.message;
  Kill(instance);
}

void World::StepOnce(Instance* instance) {
  ++stats_.steps;
  try {
    const auto before = instance->worker->stats();
    const Result<void> stepped = instance->worker->Step(3);
    const auto& after = instance->worker->stats();
    stats_.recoveries += after.recoveries - before.recoveries;
    stats_.decisions += after.decisions - before.decisions;
    stats_.moves += after.rebalances - before.rebalances;
    if (after.commits > before.commits) {
      for (Instance& each : instances_) each.refused = false;
    }
    if (!stepped) Refused(instance, stepped.error());
  } catch (const Crash& crash) {
    Trace("crash " + crash.where, instance);
    ++stats_.crashes;
    Kill(instance);
  }
}

// SHRIKE_TRACE=1 shows what happens.
void World::Trace(const std::string& what, const Instance* instance) const {
  static const bool on = std::getenv("SHRIKE_TRACE") != nullptr;
  if (!on) return;
  std::cout << "  " << (instance == nullptr ? -1 : instance->id) << ": " << what << "\n";
}

void World::Produce(std::size_t records_max) {
  for (std::size_t topic = 0; topic < input_.size(); ++topic) {
    for (std::size_t partition = 0; partition < input_[topic].size(); ++partition) {
      std::size_t& next = produced_[topic][partition];
      const std::size_t end =
          std::min(input_[topic][partition].size(), next + random_.Below(records_max + 1));
      for (; next < end; ++next) {
        const SimRecord& record = input_[topic][partition][next];
        engine::NewRecord added;
        added.value = record.bytes;
        added.timestamp = record.timestamp;
        const engine::TopicPartition where{*log_->FindTopic(context_.topics[topic]),
                                           static_cast<std::int32_t>(partition)};
        SHRIKE_CHECK(log_->Append(where, added).has_value());
      }
    }
  }
}

// The files change on every machine, sooner on some; a process that runs sees it.
void World::ChangeRules() {
  newest_rules_ = rules_.Make(&random_);
  Trace("rules change to " + newest_rules_->hash + "\n" + newest_rules_->text, nullptr);
  for (Instance& instance : instances_) {
    if (random_.OneIn(4)) continue;
    instance.rules = newest_rules_;
    if (instance.alive()) instance.worker->SetRules(newest_rules_);
  }
}

// A process that the log takes for dead, but that is not.
void World::Stall(Instance* instance) {
  Trace("stalls", instance);
  log_->ExpireMember(kGroup, instance->consumer->inner().member());
  if (random_.OneIn(3)) static_cast<void>(log_->ExpireTransaction(TransactionalId(instance->id)));
}

void World::RandomTurn() {
  clock_.Advance(static_cast<DurationMs>(random_.Below(7)));
  if (random_.OneIn(3)) Produce(3);
  Instance& instance = instances_[random_.Below(instances_.size())];
  const bool other_lives =
      std::any_of(instances_.begin(), instances_.end(),
                  [&](const Instance& each) { return &each != &instance && each.alive(); });
  if (!instance.alive()) {
    if (alone_ && other_lives && !random_.OneIn(12)) return;
    // Alone means that the other one is as good as dead.
    for (Instance& each : instances_) {
      if (!alone_ || !each.alive()) continue;
      if (random_.OneIn(3)) {
        StopGracefully(&each);
      } else if (random_.OneIn(2)) {
        Stall(&each);
      } else {
        Kill(&each);
      }
    }
    Start(&instance);
    return;
  }
  const std::size_t what = random_.Below(100);
  if (what < 2) {
    Kill(&instance);
  } else if (what < 4) {
    StopGracefully(&instance);
  } else if (what < 6) {
    Stall(&instance);
  } else if (what < 9 && changes_rules_) {
    ChangeRules();
  } else if (what < 12) {
    clock_.Advance(static_cast<DurationMs>(random_.Below(120)));
  } else {
    StepOnce(&instance);
  }
}

bool World::Finished() const {
  std::vector<bool> done(static_cast<std::size_t>(partitions_));
  for (const Instance& instance : instances_) {
    if (!instance.alive() || !instance.worker->ready()) continue;
    for (const auto& [id, live] : instance.worker->tasks()) {
      bool all =
          live.live() && !live.task->HasNews() && live.task->rules().hash == instance.rules->hash;
      for (int topic = 0; all && topic < 2; ++topic) {
        const auto& records = input_[static_cast<std::size_t>(topic)][static_cast<std::size_t>(id)];
        all = live.task->next_offset(topic) == static_cast<std::int64_t>(records.size());
      }
      done[static_cast<std::size_t>(id)] = all;
    }
  }
  return std::all_of(done.begin(), done.end(), [](bool each) { return each; });
}

// No more faults: all input is read by whoever is alive, in bounded time.
void World::FinishLife() {
  faults_.Stop();
  for (int turn = 0; turn < kTurnsToFinish && trouble_.empty(); ++turn) {
    clock_.Advance(static_cast<DurationMs>(random_.Below(7)));
    Produce(20);
    for (Instance& instance : instances_) {
      const bool another = std::any_of(instances_.begin(), instances_.end(),
                                       [](const Instance& each) { return each.alive(); });
      if (!instance.alive() && (!another || (!alone_ && random_.OneIn(20)))) Start(&instance);
      if (!instance.alive())
        static_cast<void>(log_->ExpireTransaction(TransactionalId(instance.id)));
      if (instance.alive()) StepOnce(&instance);
    }
    if (Finished()) return;
  }
  if (trouble_.empty()) {
    trouble_ = "no progress";
    for (const Instance& instance : instances_)
      if (instance.alive()) trouble_ += "; " + instance.worker->not_ready_reason();
  }
}

std::string World::Run() {
  const auto turns = kTurnsMin + static_cast<int>(random_.Below(kTurnsMax - kTurnsMin));
  for (int turn = 0; turn < turns && trouble_.empty(); ++turn) RandomTurn();
  if (trouble_.empty()) FinishLife();
  if (trouble_.empty()) trouble_ = Compare();
  return trouble_.empty() ? "" : "seed " + std::to_string(seed_) + ": " + trouble_;
}

}  // namespace shrike::sim
