// World: one simulated life of an application. Real workers on the embedded log, stores in memory, faults at every port
// call; processes die, stall, come back, join and leave; input arrives bit by bit; rules change; partitions fall idle.
//
// At the end faults stop, all input is read, and what was committed is compared with a run without faults over the same
// history: nothing lost, nothing twice, nothing else, and the same state. Everything follows from the seed.
// Tested by: itself; tests/sim/sim_test.cc runs it.
#ifndef SHRIKE_TESTS_SIM_WORLD_H_
#define SHRIKE_TESTS_SIM_WORLD_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/embedded/embedded_log.h"
#include "engine/mutants.h"
#include "engine/task.h"
#include "engine/worker.h"
#include "tests/sim/faults.h"
#include "tests/sim/faulty_ports.h"
#include "tests/sim/history_log.h"
#include "tests/sim/sim_rules.h"

namespace shrike::sim {

struct WorldStats {
  std::int64_t crashes = 0;
  std::int64_t recoveries = 0;
  std::int64_t decisions = 0;
  std::int64_t moves = 0;  // rebalances that workers saw
  std::int64_t refusals = 0;
  std::int64_t outputs = 0;
  std::int64_t late = 0;
  std::int64_t steps = 0;
  std::int64_t without_decisions = 0;  // worlds, compared with the oracle of section 5 too
};

class World {
 public:
  World(std::uint64_t seed, engine::Mutant mutant);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Lives it to the end. Returns what is wrong, in words; empty: nothing.
  std::string Run();

  const WorldStats& stats() const { return stats_; }

 private:
  // One process with what outlives it.
  struct Instance {
    int id = 0;
    std::map<int, engine::MapStore> disks;         // by task
    std::shared_ptr<const engine::RuleSet> rules;  // as its files say
    bool refused = false;  // it has stopped by itself since something last changed

    std::unique_ptr<FaultyConsumer> consumer;
    std::unique_ptr<FaultyProducer> producer;
    std::unique_ptr<FaultyChangelogReader> changelog;
    std::unique_ptr<engine::Worker> worker;
    bool alive() const { return worker != nullptr; }
  };

  void MakeLog();
  void MakeInstances();
  void Start(Instance* instance);
  void Kill(Instance* instance);
  void StopGracefully(Instance* instance);
  void Refused(Instance* instance, const Error& error);
  void StepOnce(Instance* instance);
  void Produce(std::size_t records_max);
  void ChangeRules();
  void Stall(Instance* instance);
  void RandomTurn();
  void Trace(const std::string& what, const Instance* instance) const;
  void FinishLife();
  bool Finished() const;
  std::string Compare();
  static std::string CompareStates(engine::Task* live, engine::Task* again);

  std::uint64_t seed_;
  engine::Mutant mutant_;
  testing::Random random_;
  Faults faults_;
  SimClock clock_;
  Catalog catalog_;
  SimRules rules_;
  engine::TaskContext context_;
  int partitions_ = 1;
  bool changelog_ = false;
  bool alone_ = false;  // one instance at a time
  bool changes_rules_ = false;
  SimInput input_;
  std::vector<std::vector<std::size_t>> produced_;  // [topics][partitions]
  std::unique_ptr<engine::EmbeddedLog> log_;
  std::vector<Instance> instances_;
  std::shared_ptr<const engine::RuleSet> newest_rules_;
  HistoryLog history_;
  std::string trouble_;
  WorldStats stats_;
};

}  // namespace shrike::sim

#endif  // SHRIKE_TESTS_SIM_WORLD_H_
