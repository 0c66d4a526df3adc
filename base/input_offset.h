// InputPartition, InputOffset: where a task stands in its input. Both ports of the log speak of them: the consumer reads
// from there, the producer commits there.
#ifndef SHRIKE_BASE_INPUT_OFFSET_H_
#define SHRIKE_BASE_INPUT_OFFSET_H_

#include <compare>
#include <cstdint>
#include <string>

namespace shrike {

// topic: index into the input's topic names sorted by bytes, as in Position.
struct InputPartition {
  std::int32_t topic = 0;
  std::int32_t partition = 0;

  friend auto operator<=>(const InputPartition&, const InputPartition&) = default;
};

// The first offset that is not done yet, and what the committer said about it (engine/commit_metadata.h).
struct InputOffset {
  InputPartition partition;
  std::int64_t offset = 0;
  std::string metadata;

  friend bool operator==(const InputOffset&, const InputOffset&) = default;
};

}  // namespace shrike

#endif  // SHRIKE_BASE_INPUT_OFFSET_H_
