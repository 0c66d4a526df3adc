// TaskOutput: outcomes and rejected records of one task as records of the output topics, counted (exactly-once.md, n and
// x). Muted, it counts and drops: so a replay goes through everything but the last step.
//
// An alert goes to the alerts topic, of a rule in mode shadow to the shadow topic; its key is the alert's subject. A late
// event or dead letter goes as it was read, key and value, with headers that say where it stood and why:
// shrike.reason, shrike.topic, shrike.partition, shrike.offset and, if late, shrike.time (ms). An event that a rule emits
// goes to its stream's topic, if the configuration gives it one (alerts/emitted_encoder.h), with its event time.
// Tested by: tests/engine/task_output_test.cc.  Next: alerts/producer.h.
#ifndef SHRIKE_ENGINE_TASK_OUTPUT_H_
#define SHRIKE_ENGINE_TASK_OUTPUT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "alerts/emitted_encoder.h"
#include "alerts/producer.h"
#include "engine/commit_metadata.h"
#include "engine/pipeline.h"
#include "nfa/outcome.h"
#include "nfa/program.h"

namespace shrike::engine {

// The topic of each stream's emitted events, [streams]; empty: they are written nowhere. Of several topics the first;
// `run` refuses them.
std::vector<std::string> DerivedTopics(const Catalog& catalog);

// One task's; one thread.
class TaskOutput {
 public:
  // Called with each record, in order; what it borrows is valid for the call.
  using Sink = std::function<void(const alerts::OutputRecord&)>;

  // origin: as for AlertEncoder. catalog: borrowed.
  TaskOutput(alerts::AlertOrigin origin, const Catalog& catalog, Sink sink);

  // Alerts are those of this program from now on.
  void SetProgram(const std::shared_ptr<const nfa::Program>& program);

  void Take(const nfa::Outcomes& outcomes);
  void Reject(const RejectedRecord& record);
  void Emit(const EmittedEvent& emitted);

  void SetMuted(bool muted) { muted_ = muted; }
  bool muted() const { return muted_; }

  const OutputCount& count() const { return count_; }
  void SetCount(const OutputCount& count) { count_ = count; }

 private:
  void Send(const alerts::OutputRecord& record, std::uint64_t hash);

  alerts::AlertOrigin origin_;
  const Catalog& catalog_;
  Sink sink_;
  std::shared_ptr<const nfa::Program> program_;
  std::unique_ptr<alerts::AlertEncoder> encoder_;
  std::unique_ptr<alerts::EmittedEncoder> emitted_encoder_;
  bool muted_ = false;
  OutputCount count_;
  std::string key_, value_;  // scratch
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_TASK_OUTPUT_H_
