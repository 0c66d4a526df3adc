// KafkaConsumer: the Consumer port on a Kafka consumer group.
//
// It reads committed records only and commits nothing. One topic: cooperative-sticky, so that a rebalance stops only
// the partitions that move. Several topics: range, which puts equal partition numbers of all topics on one member
// (exactly-once.md, 24). All members of a group must have the same topics.
//
// What the client library (2.0.2 and later) does wrong, and how it is kept away from:
//  - its batch call skips records around rebalances: records are polled one by one (0.45 us each);
//  - its seek of several partitions times out at once: partitions are sought one by one;
//  - what it remembers of a paused partition is not relied on: a resumed partition is sought to its own place.
// The library waits for the answer to a rebalance: its callback only writes the notice down, and Assign and Unassign
// answer outside of it.
//
// Guard: the consumer keeps its own place in each partition. A record below the place is dropped and counted: no record
// is handed out twice. A jump over the place is counted, not judged: transaction markers, aborted records and
// compaction leave such holes, and no client can tell them from a loss without reading all of it again.
//
// Budget: 0.5 us and no allocation of ours a record. The library fetches ahead up to queued.max.messages.kbytes.
// One thread; the library has its own inside.
// Tested by: tests/e2e/consumer_test.cc, tests/e2e/refusal_test.cc.  Next: engine/worker.h.
#ifndef SHRIKE_INGEST_KAFKA_KAFKA_CONSUMER_H_
#define SHRIKE_INGEST_KAFKA_KAFKA_CONSUMER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/input_offset.h"
#include "base/kafka/client.h"
#include "base/result.h"
#include "base/time.h"
#include "ingest/consumer.h"

namespace shrike::ingest {

struct KafkaConsumerOptions {
  kafka::ClientOptions client;
  std::string group;  // the application
  std::vector<std::string>
      topics;  // sorted by bytes, no two alike: InputPartition::topic counts in it
  // Names this member over restarts (static membership): the group waits for it instead of a rebalance. Two living
  // members must not share one: the older is thrown out. Empty: a member without a name.
  std::string instance = {};
  DurationMs timeout = 30'000;  // of Committed, Range, PartitionCounts and Seek
};

// Since the beginning; for metrics.
struct KafkaConsumerCounters {
  std::int64_t records_stale = 0;    // below their place: dropped
  std::int64_t offsets_skipped = 0;  // without a record: markers, aborted, compacted
  std::int64_t rebalances = 0;
};

class KafkaConsumer : public Consumer {
 public:
  // Joins the group; nothing is reached yet. Errors: kConfig, a property is wrong.
  static Result<std::unique_ptr<KafkaConsumer>> Make(KafkaConsumerOptions options);
  ~KafkaConsumer() override;

  // Errors: as the port's, and kConfig where rights are missing, credentials are wrong or a topic is gone. Every later
  // call says the same.
  Result<void> Poll(std::size_t count_max, DurationMs wait, ConsumerBatch* batch) override;
  Result<void> Assign(std::span<const InputOffset> starts) override;
  Result<void> Unassign(std::span<const InputPartition> partitions) override;
  Result<void> Seek(std::span<const InputOffset> offsets) override;
  Result<void> SetPaused(std::span<const InputPartition> partitions, bool paused) override;
  Result<std::vector<std::optional<CommittedOffset>>> Committed(
      std::span<const InputPartition> partitions) override;
  Result<OffsetRange> Range(InputPartition partition) override;
  Result<std::vector<int>> PartitionCounts() override;
  // Errors: kIo, this is no member of the group at the moment. (A token without a member would be taken by the broker:
  // it stands for clients that use no groups, and fences nobody.)
  Result<std::string> GroupToken() override;

  const KafkaConsumerCounters& counters() const;

  struct State;  // for the library's callback

 private:
  KafkaConsumer();
  std::unique_ptr<State> state_;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_KAFKA_KAFKA_CONSUMER_H_
