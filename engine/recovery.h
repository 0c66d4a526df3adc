// Recovery: brings a task from its checkpoint A to its last commit B by reading the input again (exactly-once.md,
// "Recovery", 2 to 5). Nothing is committed meanwhile, no decision is taken, and no time is compared: a partition is
// read to exactly its B.H and waits there.
//
// Steps: records of [A.L, A.H) are buffered again while time stands still; then the pending decision takes effect, if it
// does in this history; then [A.H, B.H) is processed as ever, with the output counted and dropped; then front, L, n and x
// must be those of B.
// Tested by: tests/engine/recovery_test.cc, tests/sim.  Next: engine/worker.h.
#ifndef SHRIKE_ENGINE_RECOVERY_H_
#define SHRIKE_ENGINE_RECOVERY_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "base/input_offset.h"
#include "base/result.h"
#include "engine/checkpoint.h"
#include "engine/recovery_plan.h"
#include "engine/rule_set.h"
#include "engine/task.h"
#include "ingest/event_source.h"

namespace shrike::engine {

class Recovery {
 public:
  struct Inputs {
    CheckpointHead checkpoint;                     // A
    CommittedState committed;                      // B
    std::shared_ptr<const RuleSet> pending_rules;  // of a pending swap, else null
  };
  // task: borrowed, made from the checkpoint, its entries restored.
  Recovery(const TaskContext& context, Inputs inputs, Task* task);

  // Where reading begins: A.L of each partition.
  std::vector<InputOffset> Starts() const;

  // Does what can be done without another record. Call it first, and after every Feed.
  // Errors: kInternal, the replay came out differently: something is not deterministic; kCorrupt, kIo.
  Result<void> Advance();

  // Whether the partition's next record, at `offset`, is to be fed now; if not, it waits.
  bool Wants(int index, std::int64_t offset) const;
  Result<void> Feed(int index, const ingest::RawRecord& record);

  bool done() const { return phase_ == Phase::kDone; }
  bool replaying() const { return phase_ == Phase::kReplay; }

 private:
  enum class Phase : std::uint8_t { kRebuffer, kReplay, kDone };

  bool AllReached(const std::vector<std::int64_t>& offsets) const;
  Result<void> EndRebuffer();
  Result<void> ApplyPending();
  Result<void> EndReplay();

  const TaskContext& context_;
  Inputs inputs_;
  Task* task_;
  Phase phase_ = Phase::kRebuffer;
  bool applied_live_ = false;  // the pending decision has taken effect just now, for the first time
  std::vector<std::int64_t> rebuffer_ends_;  // A.H
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_RECOVERY_H_
