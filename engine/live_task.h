// LiveTask: a task that this process owns, with its store and what it has read ahead. Plain data of engine/worker.h; the
// commit protocol looks at it through engine/commit.h.
#ifndef SHRIKE_ENGINE_LIVE_TASK_H_
#define SHRIKE_ENGINE_LIVE_TASK_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/time.h"
#include "engine/recovery.h"
#include "engine/state_store.h"
#include "engine/task.h"
#include "ingest/event_source.h"

namespace shrike::engine {

// A record with its own bytes.
struct OwnedRecord {
  Position position;
  std::optional<TimestampMs> timestamp;
  std::string bytes;
  std::string key;

  ingest::RawRecord raw() const { return {position, timestamp, bytes, key}; }
};

// What the worker knows of one partition of a task.
struct LivePartition {
  std::deque<OwnedRecord> waiting;  // read, but not to be fed yet: for a replay's end, for a wake
  DurationMs heard = 0;             // Clock::Elapsed of its last record
  bool at_end = false;              // nothing more was there when it was last read
  bool paused = false;
};

struct LiveTask {
  int id = 0;
  std::unique_ptr<StateStore> store;
  std::unique_ptr<Task> task;             // null: it is still to be brought back
  std::unique_ptr<Recovery> recovery;     // null: at work
  std::vector<LivePartition> partitions;  // [topics]
  bool assigned = false;  // the assignment is answered: its place is changed by Seek
  bool reading = false;   // what comes is from where the task needs it

  bool needs_first_commit = false;                // an empty start: C0 is not made
  bool needs_first_checkpoint = false;            // K0 is not written: nothing may be fed
  std::int64_t stored_sequence = -1;              // of the last checkpoint written
  std::vector<std::int64_t> stored_read_offsets;  // where it reads on, [topics]; empty: not known

  // Of the changelog, if there is one.
  bool full_image_next = false;              // it misses changes
  std::vector<std::string> changelog_names;  // then: all that it has, perhaps not there any more
  std::int64_t marker_sequence = -1;         // of the last commit that wrote the changes to it

  bool live() const { return task != nullptr && recovery == nullptr; }
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_LIVE_TASK_H_
