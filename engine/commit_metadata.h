// CommitMetadata: what a commit says about its task beside each offset (exactly-once.md, "Commit").
//
// Tested by: tests/engine/commit_metadata_test.cc.  Next: engine/checkpoint.h.
#ifndef SHRIKE_ENGINE_COMMIT_METADATA_H_
#define SHRIKE_ENGINE_COMMIT_METADATA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace shrike::engine {

// All output of a task since it began.
struct OutputCount {
  std::int64_t count = 0;    // n
  std::uint64_t digest = 0;  // x: the xor of the outputs' hashes

  friend bool operator==(const OutputCount&, const OutputCount&) = default;
};

struct CommitMetadata {
  std::uint64_t history = 0;  // id of the history: random, drawn when the task begins
  std::int64_t sequence = 0;  // seq: grows by one with each commit, 0 for the first
  std::int64_t base = 0;      // seq of the newest checkpoint with a decision that has taken effect
  std::int64_t next_offset = 0;  // H of the partition
  TimestampMs front = kTimeMin;  // time up to which everything has been processed
  OutputCount outputs;

  friend bool operator==(const CommitMetadata&, const CommitMetadata&) = default;
};

// Printable, under 200 bytes: "shrike1 history seq base H front n x". Stored in the log. Never change: raise the version.
std::string FormatCommitMetadata(const CommitMetadata& metadata);
// nullopt: it is none, or of a version that this build does not know.
std::optional<CommitMetadata> ParseCommitMetadata(std::string_view text);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_COMMIT_METADATA_H_
