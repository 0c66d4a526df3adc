// CheckpointHead: what a checkpoint says about its task as a whole (exactly-once.md, "Checkpoint"). The entries beside it
// are in engine/state_entry.h.
//
// Tested by: tests/engine/checkpoint_test.cc.  Next: engine/task.h.
#ifndef SHRIKE_ENGINE_CHECKPOINT_H_
#define SHRIKE_ENGINE_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/commit_metadata.h"

namespace shrike::engine {

// What is not a function of the input (exactly-once.md): it is stored as pending before it takes effect.
struct Decision {
  enum class Kind : std::uint8_t { kIdle, kWake, kSwap };  // Stored. Never renumber.
  Kind kind = Kind::kIdle;
  std::int32_t partition = 0;  // of kIdle and kWake: index in the task
  std::string rules;           // of kSwap: RuleSet::hash

  friend bool operator==(const Decision&, const Decision&) = default;
};

// A buffered record that is kept with its bytes, so that not all behind it must be read again.
struct KeptRecord {
  std::int64_t offset = 0;
  std::optional<TimestampMs> timestamp;  // the record's own
  TimestampMs watermark_before = kTimeMin;
  std::string bytes;

  friend bool operator==(const KeptRecord&, const KeptRecord&) = default;
};

struct PartitionCheckpoint {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t low_offset = 0;            // L
  std::int64_t next_offset = 0;           // H
  std::int64_t read_offset = 0;           // where a restart reads on: L without what is kept
  TimestampMs read_watermark = kTimeMin;  // w just below it
  TimestampMs watermark = kTimeMin;       // w
  bool idle = false;
  std::vector<KeptRecord> kept;  // by offset, all below read_offset

  friend bool operator==(const PartitionCheckpoint&, const PartitionCheckpoint&) = default;
};

// From when `learn` counts for a rule.
struct RuleStart {
  std::string id;
  std::int64_t version = 0;
  TimestampMs start = kTimeMax;

  friend bool operator==(const RuleStart&, const RuleStart&) = default;
};

struct CheckpointHead {
  std::string application;
  std::int32_t task = 0;
  std::int32_t partition_count = 0;  // of each topic: keys lie elsewhere if it changes
  std::string streams;               // hash of what the stream configuration means for events
  std::uint64_t history = 0;
  std::int64_t sequence = 0;  // of the commit that it follows
  std::int64_t base = 0;
  OutputCount outputs;
  TimestampMs front = kTimeMin;
  std::vector<PartitionCheckpoint> partitions;  // by topic index
  std::string rules;                            // RuleSet::hash; the text is an entry
  bool started = false;                         // an event was processed
  std::vector<RuleStart> starts;                // if started: of rules with `learn`
  std::optional<Decision> pending;

  friend bool operator==(const CheckpointHead&, const CheckpointHead&) = default;
};

std::string WriteCheckpointHead(const CheckpointHead& head);
// Errors: kCorrupt, also for a version that this build does not know.
Result<CheckpointHead> ReadCheckpointHead(std::string_view bytes);

// The name of the entry that holds a RuleSet's text.
std::string TextEntryName(std::string_view hash);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_CHECKPOINT_H_
