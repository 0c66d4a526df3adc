// RunThread: one stream thread of `run`: a consumer, a producer and a worker over Kafka, in a thread of its own.
//
// Tested by: tests/e2e/run_test.cc.  Next: engine/worker.h.
#ifndef SHRIKE_TOOLS_SHRIKE_RUN_THREAD_H_
#define SHRIKE_TOOLS_SHRIKE_RUN_THREAD_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "engine/rule_set.h"
#include "engine/worker.h"
#include "tools/shrike/run_setup.h"
#include "tools/shrike/run_stats.h"

namespace shrike::tools {

class RunThread {
 public:
  struct Options {
    std::string instance;  // names this process: static member, transactional id
    int number = 0;        // of the thread
    std::function<void(const std::string& line)> log;  // from any thread
  };

  // setup: borrowed. Nothing runs before Start.
  RunThread(const RunSetup& setup, Options options);
  ~RunThread();

  void Start();
  // Asks it to commit, checkpoint and end; Join waits for that.
  void AskToStop() { stop_ = true; }
  void Join();
  // Ended by itself: something that does not pass.
  bool ended() const { return ended_; }
  // After Join: why, or that all is well.
  const Result<void>& result() const { return result_; }

  // What it has done so far. Any thread.
  const RunStats& stats() const { return stats_; }

  // Any thread. The worker takes them at its next round.
  void SetRules(std::shared_ptr<const engine::RuleSet> rules);

 private:
  Result<void> Run();
  Result<void> Loop(engine::Worker* worker);

  const RunSetup& setup_;
  Options options_;
  RunStats stats_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> ended_{false};
  std::mutex mutex_;  // of rules_
  std::shared_ptr<const engine::RuleSet> rules_;
  Result<void> result_;
  std::thread thread_;
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_RUN_THREAD_H_
