// RecoveryPlan: what a task begins with, from what was found in the log, the store and the changelog (exactly-once.md,
// "Recovery", the table). Pure: the reading is done by engine/worker.h.
//
// Tested by: tests/engine/recovery_plan_test.cc, tests/sim.  Next: engine/recovery.h.
#ifndef SHRIKE_ENGINE_RECOVERY_PLAN_H_
#define SHRIKE_ENGINE_RECOVERY_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/checkpoint.h"
#include "engine/commit_metadata.h"
#include "engine/task.h"
#include "ingest/consumer.h"

namespace shrike::engine {

// B: what the group has committed for a task; the same in all of its partitions but H and L.
struct CommittedState {
  CommitMetadata common;                   // next_offset: of the first partition
  std::vector<std::int64_t> low_offsets;   // L, [topics]
  std::vector<std::int64_t> next_offsets;  // H, [topics]
};

// Everything that recovery looks at.
struct RecoveryFindings {
  int task = 0;
  std::vector<std::optional<ingest::CommittedOffset>> committed;  // [topics]
  std::vector<ingest::OffsetRange> ranges;                        // [topics]
  std::optional<CheckpointHead> stored;                           // A
  std::optional<CheckpointHead> marker;  // M; nullopt too without a changelog
};

struct RecoveryPlan {
  enum class Kind : std::uint8_t {
    kEmptyStart,   // nothing was ever committed: C0 and K0 come first
    kFirstCommit,  // only C0 was made: the same from its offsets, as a history of its own. The K0 of whoever made C0, if
    // there is one, was perhaps written under other rules, and must not be mistaken for this one's
    kStored,  // from A
    kMarker,  // the store must be filled from the changelog before it can be used
  };
  Kind kind = Kind::kEmptyStart;
  CommittedState committed;  // but for kEmptyStart
  bool full_image_next =
      false;  // the changelog misses changes: the next marker must carry everything
};

// Errors: kCorrupt, whatever was found that must not be guessed about; the message says what was found, what was
// expected and the ways out.
Result<RecoveryPlan> PlanRecovery(const TaskContext& context, const RecoveryFindings& findings);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_RECOVERY_PLAN_H_
