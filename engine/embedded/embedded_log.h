// EmbeddedLog: topics, transactions and consumer groups with the semantics of Kafka, in the process.
//
// For `shrike demo` (with a journal in a folder) and the simulator (memory only). The ports to it are
// embedded_consumer.h, embedded_producer.h and embedded_changelog_reader.h. What differs from Kafka:
// - Nothing waits: what would take time there (a member that does not let go, an open transaction of a dead producer)
//   goes on for ever here, until ExpireMember or ExpireTransaction says that the time is over. No clock is read.
// - A group's members join and leave at once; a member without partitions holds no rebalance up.
// - Aborted records are gone at once; compaction and retention happen when they are asked for.
//
// Durable: what is committed is in the journal when the call returns; records of open transactions, and who is a member,
// do not outlive the process. An error of the journal is final: every later change is refused with it, and the state in
// memory is that before the change.
// Memory: all records (56 bytes and one allocation each). CPU time: Append 50 ns and
// Poll 9 ns a 240-byte record, a transaction's record 170 ns; a world of 30 records and 10 commits 5 us.
// One thread, consumers and producers included. Must outlive them.
// Tested by: tests/engine/embedded_model_test.cc, embedded_durable_test.cc, embedded_exactly_once_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_EMBEDDED_LOG_H_
#define SHRIKE_ENGINE_EMBEDDED_EMBEDDED_LOG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/embedded/consumer_group.h"
#include "engine/embedded/journal.h"
#include "engine/embedded/log_changes.h"
#include "engine/embedded/log_record.h"
#include "engine/embedded/partition_log.h"

namespace shrike::engine {

// Names a producer object: of those with one transactional id, only the one with the newest epoch may do anything.
struct ProducerHandle {
  std::size_t index = 0;
  std::int32_t epoch = 0;
};

enum class TransactionOutcome : std::uint8_t {
  kDone,
  kFenced,  // another producer has this id now, or the transaction has expired
  kRefused,  // the group does not know the member, or not in this generation; the transaction is still open
  kFailed,  // the journal; see journal_error
};

class EmbeddedLog {
 public:
  struct Options {
    Journal::Options journal;  // no path: memory only
    bool markers =
        true;  // the end of a transaction takes an offset in each partition that it wrote to
  };

  // Errors: those of Journal::Open; kCorrupt too if the journal says what cannot be. Memory only: none.
  static Result<std::unique_ptr<EmbeddedLog>> Open(Options options);
  EmbeddedLog(const EmbeddedLog&) = delete;
  EmbeddedLog& operator=(const EmbeddedLog&) = delete;

  // Given to records that bring no timestamp; 0 at first.
  void SetTime(TimestampMs time) { time_ = time; }
  // Bytes of a torn tail that were cut off the journal when it was opened.
  std::uint64_t bytes_cut() const { return journal_ == nullptr ? 0 : journal_->bytes_cut(); }

  // ---- Topics. Errors: kConfig, with the name; of the journal.

  // partition_count > 0 (checked). kConfig: there is one with another count; with the same count it is no error.
  Result<void> CreateTopic(std::string_view name, std::int32_t partition_count);
  // The new partitions are empty; groups that read the topic rebalance. kConfig: no such topic, or it has more.
  Result<void> AddPartitions(std::string_view name, std::int32_t partition_count);
  std::optional<std::int32_t> FindTopic(std::string_view name) const;
  std::int32_t PartitionCount(std::int32_t topic) const;
  const std::string& TopicName(std::int32_t topic) const;

  // ---- Records. The partitions must exist (checked).

  // Records outside any transaction: all of them or, with an error of the journal, none. Returns the first's offset.
  Result<std::int64_t> Append(TopicPartition where, std::span<const NewRecord> records);
  Result<std::int64_t> Append(TopicPartition where, const NewRecord& record) {
    return Append(where, {&record, 1});
  }
  // Committed(), begin(), end(), stable_end(). Borrowed until the log is changed.
  const PartitionLog& Partition(TopicPartition where) const;

  enum class Tombstones : std::uint8_t { kKeep, kDrop };
  // PartitionLog::Compact, of all that is visible. kDrop is what Kafka does when delete.retention.ms is over: a reader
  // that has seen a key may then never hear that it is gone.
  Result<void> Compact(TopicPartition where, Tombstones tombstones);
  Result<void> DeleteBefore(TopicPartition where, std::int64_t offset);

  // ---- Groups.

  // Made at the first call. Borrowed for ever.
  ConsumerGroup* Group(const std::string& name);
  // The session of a member is over: its partitions go to others, it finds out by its next Poll.
  void ExpireMember(const std::string& group, std::int64_t member);
  // Has this partition an offset in an open transaction?
  bool HasPendingOffset(const std::string& group, TopicPartition where) const;
  // What EmbeddedConsumer::GroupToken gives.
  static std::string MakeToken(const std::string& group, std::int64_t member,
                               std::int32_t generation);

  // ---- Transactions, of which EmbeddedProducer is made. One is begun by its first record or offset.

  // A new epoch: what the id's older epoch left open is aborted, and all its producers are fenced.
  Result<ProducerHandle> InitializeProducer(std::string_view transactional_id);
  TransactionOutcome Send(ProducerHandle producer, TopicPartition where, const NewRecord& record);
  // Adds offsets of the group that the token names; they are pending until the transaction ends.
  TransactionOutcome AddOffsets(ProducerHandle producer, std::span<const InputOffset> offsets,
                                std::string_view token);
  TransactionOutcome EndTransaction(ProducerHandle producer, bool commit);
  // transaction.timeout.ms is over: the id's open transaction is aborted and its producer fenced. False: none was open.
  Result<bool> ExpireTransaction(std::string_view transactional_id);
  // The message of the journal's error; empty: none.
  const std::string& journal_error() const { return journal_error_; }

 private:
  struct Topic {
    std::string name;
    std::vector<PartitionLog> partitions;
  };
  struct PendingOffsets {
    std::string group;
    std::map<TopicPartition, ingest::CommittedOffset> offsets;
  };
  struct ProducerState {
    std::string transactional_id;
    std::int32_t epoch = 0;
    std::uint64_t transaction = 0;        // the open one's number; 0: none
    std::vector<TopicPartition> touched;  // partitions with records of it
    std::vector<PendingOffsets> pending;
  };

  explicit EmbeddedLog(Options options) : options_(std::move(options)) {}

  PartitionLog& At(TopicPartition where);
  Result<void> SetPartitionCount(std::string_view name, std::int32_t partition_count);
  void ResizeTopic(std::string_view name, std::int32_t partition_count);
  // Writes the payload, if there is a journal. Errors: of the journal.
  Result<void> Record(std::string_view payload);
  Result<void> Replay(std::string_view payload, std::uint64_t offset);
  bool Apply(const LogChange& change);
  bool ApplyToPartition(const LogChange& change);

  // Null: fenced.
  ProducerState* Current(ProducerHandle producer);
  std::size_t ProducerIndex(std::string_view transactional_id);
  void BeginIfNone(ProducerState* producer);
  void DescribeEnd(const ProducerState& producer, bool commit, std::string* payload) const;
  void Finish(ProducerState* producer, bool commit);
  Result<void> AbortAndRaiseEpoch(ProducerState* producer);

  Options options_;
  std::unique_ptr<Journal> journal_;
  std::string journal_error_;
  TimestampMs time_ = 0;
  std::vector<Topic> topics_;
  std::map<std::string, std::int32_t, std::less<>> topic_of_name_;
  std::map<std::string, ConsumerGroup, std::less<>> groups_;
  std::vector<ProducerState> producers_;
  std::uint64_t transaction_next_ = 1;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_EMBEDDED_LOG_H_
