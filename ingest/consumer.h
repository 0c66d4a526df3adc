// Consumer: the port to the input log of `run`, as a member of a consumer group.
//
// Adapters: ingest/kafka/, engine/embedded/ (and the simulator's, with faults). It reads committed records only
// (read_committed), and commits nothing: offsets are committed by alerts/producer.h, in the transaction of the output.
//
// Rebalance: Poll hands over at most one notice a call, and reads no records of the partitions concerned until it is
// answered: kAssign by Assign, kRevoke and kLost by Unassign, both with exactly the partitions of the notice. What the
// owner has to do before it lets go (commit, checkpoint), it does before Unassign. The log waits for the answer, for a
// time (max.poll.interval); then the member is thrown out, which shows as kLost.
//
// One thread, but for what the adapter does inside.  Next: engine/worker.h.
#ifndef SHRIKE_INGEST_CONSUMER_H_
#define SHRIKE_INGEST_CONSUMER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/input_offset.h"
#include "base/result.h"
#include "base/time.h"
#include "ingest/event_source.h"

namespace shrike::ingest {

enum class Rebalance : std::uint8_t {
  kNone,
  kAssign,  // these partitions are this member's from now on
  kRevoke,  // they will be another's, once this one has let go; it may still commit for them
  kLost,    // they may be another's already; nothing can be committed for them any more
};

// What one Poll gave. `records` are borrowed until the next call of the consumer.
struct ConsumerBatch {
  std::vector<RawRecord> records;  // by partition in offset order; partitions mixed in any way
  Rebalance rebalance = Rebalance::kNone;
  std::vector<InputPartition> partitions;  // of the rebalance, ascending
  std::vector<InputPartition> at_end;  // partitions of which all that is committed was handed out
};

// Offsets that the log has: [begin, end).
struct OffsetRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct CommittedOffset {
  std::int64_t offset = 0;
  std::string metadata;
};

class Consumer {
 public:
  Consumer() = default;
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  virtual ~Consumer() = default;  // leaves the group

  // Replaces *batch by the next records, at most `count_max` (> 0), or a notice. Waits up to `wait` for either; an empty
  // batch: nothing came. A log that cannot be reached is no error here: it is waited for.
  // Errors: kIo, the member cannot go on (a fatal error of the client); kConfig, it never will (credentials, rights, a
  // topic that is gone): its partitions are lost, the caller ends or makes a new one.
  virtual Result<void> Poll(std::size_t count_max, DurationMs wait, ConsumerBatch* batch) = 0;

  // Answers kAssign: reading begins at the offsets, one for each partition of the notice.
  virtual Result<void> Assign(std::span<const InputOffset> starts) = 0;
  // Answers kRevoke and kLost.
  virtual Result<void> Unassign(std::span<const InputPartition> partitions) = 0;

  // Goes on reading at the offsets; what was fetched of these partitions and not handed out is dropped. They are
  // assigned (checked).
  virtual Result<void> Seek(std::span<const InputOffset> offsets) = 0;
  // A paused partition gives no records; its place is kept.
  virtual Result<void> SetPaused(std::span<const InputPartition> partitions, bool paused) = 0;

  // What the group has committed for each of the partitions, nullopt where nothing is. Waits until no transaction that
  // could change it is open (Kafka: require stable).
  // Errors: kIo, not known in time: ask again.
  virtual Result<std::vector<std::optional<CommittedOffset>>> Committed(
      std::span<const InputPartition> partitions) = 0;

  // Errors: kIo, as above.
  virtual Result<OffsetRange> Range(InputPartition partition) = 0;

  // How many partitions each topic has: [topics]. Errors: kIo; kConfig, a topic does not exist, with its name.
  virtual Result<std::vector<int>> PartitionCounts() = 0;

  // Proves membership and generation to alerts/producer.h. Fresh for every commit.
  // Errors: kIo, this is no member at the moment: nothing can be committed, and a notice (kLost) will come.
  virtual Result<std::string> GroupToken() = 0;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_CONSUMER_H_
