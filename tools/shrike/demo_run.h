// DemoRun: the engine of `shrike run` over a log in the process, on the events of DemoGenerator.
//
// The log is a topic of events and topics of alerts, late events and dead letters, in the demo's folder; the engine reads
// and commits there as it does on Kafka. Killed at any place, the next DemoRun over the folder goes on, and the topics
// hold what they would have held.
// Tested by: tests/tools/demo_test.cc.  Next: engine/worker.h, engine/embedded/embedded_log.h.
#ifndef SHRIKE_TOOLS_SHRIKE_DEMO_RUN_H_
#define SHRIKE_TOOLS_SHRIKE_DEMO_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"
#include "engine/embedded/embedded_consumer.h"
#include "engine/embedded/embedded_log.h"
#include "engine/embedded/embedded_producer.h"
#include "engine/rule_set.h"
#include "engine/task.h"
#include "engine/worker.h"
#include "tools/shrike/demo_folder.h"
#include "tools/shrike/demo_generator.h"
#include "tools/shrike/steady_clock.h"

namespace shrike::tools {

class DemoRun {
 public:
  struct Inputs {
    const config::EngineConfig* config = nullptr;  // borrowed
    std::shared_ptr<const engine::RuleSet> rules;
    DemoOptions generator;
  };
  // Called with each alert of the log, from its first one on, once it is committed. False: stop.
  using Alert = std::function<bool(std::string_view json)>;

  // Opens the log in the folder. Errors: kIo, kCorrupt; kConfig, the rules' streams have no `payments`.
  static Result<std::unique_ptr<DemoRun>> Open(Inputs inputs, DemoFolder folder);

  // Runs to the end, or until `alert` or `stop` (asked after every batch) says to stop; what was read is committed then.
  // Errors: kIo, kCorrupt, those of Worker::Step.
  Result<void> Run(const Alert& alert, const std::function<bool()>& stop);

  bool finished() const { return finished_; }
  std::int64_t events_before() const {
    return events_before_;
  }                                                // that an earlier process put into the log
  std::int64_t events() const { return events_; }  // that are in the log
  std::int64_t late() const { return CountOf(alerts::OutputTopic::kLate); }
  std::int64_t dead_letters() const { return CountOf(alerts::OutputTopic::kDeadLetter); }
  const DemoGenerator& generator() const { return generator_; }

 private:
  DemoRun(Inputs inputs, DemoFolder folder, std::unique_ptr<engine::EmbeddedLog> log);

  Result<void> PrepareLog();
  Result<void> MakeWorker();
  // Puts the next events into the log; at their end the record that lets time pass.
  Result<void> Produce();
  // Steps the worker until it has read all that is in the log.
  Result<void> Consume();
  Result<void> Forget(std::int64_t offset);
  bool ShowAlerts(const Alert& alert);
  engine::TopicPartition Place(const std::string& topic) const;
  std::int64_t CountOf(alerts::OutputTopic topic) const;
  std::int64_t InputEnd() const;

  Inputs inputs_;
  DemoFolder folder_;
  std::unique_ptr<engine::EmbeddedLog> log_;
  engine::TaskContext context_;
  SteadyClock clock_;
  DemoGenerator generator_;
  std::int64_t events_before_ = 0;
  std::int64_t events_ = 0;
  bool produced_all_ = false;
  bool finished_ = false;
  std::int64_t alerts_shown_ = 0;  // offset behind the last one
  std::string line_;               // scratch
  std::unique_ptr<engine::EmbeddedConsumer> consumer_;
  std::unique_ptr<engine::EmbeddedProducer> producer_;
  std::unique_ptr<engine::Worker> worker_;
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_DEMO_RUN_H_
