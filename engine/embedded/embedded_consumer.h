// EmbeddedConsumer: a member of a group that reads from the embedded log.
//
// Poll never waits. Notices follow each other strictly: after one, nothing comes (no records, no other notice) until it
// is answered; so does librdkafka. at_end says how things are, in every batch, not only when a partition comes to its end.
// Partitions take turns: each gives an equal share of a batch first, then what is left is filled up.
// A member that was declared dead sees kLost, answers, and joins again by the next Poll.
// RawRecord.bytes of a tombstone are empty.
//
// Borrows the log; one thread with it. What a Poll hands out is good until the consumer's next call or until the log
// compacts or deletes.
// Tested by: tests/engine/embedded_group_test.cc, embedded_consumer_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_EMBEDDED_CONSUMER_H_
#define SHRIKE_ENGINE_EMBEDDED_EMBEDDED_CONSUMER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/embedded/embedded_log.h"
#include "ingest/consumer.h"

namespace shrike::engine {

class EmbeddedConsumer : public ingest::Consumer {
 public:
  struct Options {
    std::string group;
    std::vector<std::string> topics;  // at least one; any order, each once
  };

  // Joins the group. Errors: kConfig, a topic does not exist, with its name.
  static Result<std::unique_ptr<EmbeddedConsumer>> Join(EmbeddedLog* log, Options options);
  // Leaves the group, unless Crash was called.
  ~EmbeddedConsumer() override;

  // Errors: kIo, a partition is to be read from an offset that is not there (deleted, or behind the end).
  Result<void> Poll(std::size_t count_max, DurationMs wait, ingest::ConsumerBatch* batch) override;
  Result<void> Assign(std::span<const InputOffset> starts) override;
  Result<void> Unassign(std::span<const InputPartition> partitions) override;
  Result<void> Seek(std::span<const InputOffset> offsets) override;
  Result<void> SetPaused(std::span<const InputPartition> partitions, bool paused) override;
  // Errors: kIo, a transaction with offsets of these partitions is open.
  Result<std::vector<std::optional<ingest::CommittedOffset>>> Committed(
      std::span<const InputPartition> partitions) override;
  // The end is the last stable offset, as Kafka tells a reader of committed records.
  Result<ingest::OffsetRange> Range(InputPartition partition) override;
  Result<std::vector<int>> PartitionCounts() override;
  Result<std::string> GroupToken() override;

  // The process dies: nothing may be called any more but the destructor, and the group keeps the member until
  // EmbeddedLog::ExpireMember.
  void Crash() { crashed_ = true; }
  // The number for EmbeddedLog::ExpireMember.
  std::int64_t member() const { return member_; }

 private:
  struct Reading {
    InputPartition partition;
    std::int64_t position = 0;
    bool paused = false;
  };

  EmbeddedConsumer(EmbeddedLog* log, Options options);
  void JoinGroup();
  // Sets batch->rebalance and says whether there is a notice.
  bool FindNotice(ingest::ConsumerBatch* batch);
  void Give(ingest::Rebalance notice, ingest::ConsumerBatch* batch);
  std::vector<InputPartition> PartitionsOf(const std::vector<std::int32_t>& tasks) const;
  Result<void> CheckPositions() const;
  void Read(Reading* reading, std::size_t count_max, ingest::ConsumerBatch* batch) const;
  void SkipToEnd(Reading* reading) const;
  const PartitionLog& LogOf(InputPartition partition) const;
  TopicPartition Place(InputPartition partition) const;
  Reading& Find(InputPartition partition);

  EmbeddedLog* log_;
  std::string group_name_;
  ConsumerGroup* group_;
  std::vector<std::int32_t> topics_;  // the log's number of each input topic
  std::int64_t member_ = 0;
  std::int32_t generation_ = 0;
  ingest::Rebalance unanswered_ = ingest::Rebalance::kNone;
  std::vector<InputPartition> held_;  // of the last kAssign, until Unassign
  std::vector<Reading> readings_;     // the same after Assign, in the same order
  std::size_t turn_ = 0;              // which of them is read first
  bool crashed_ = false;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_EMBEDDED_CONSUMER_H_
