// EmbeddedProducer: transactions into the embedded log.
//
// Its end leaves an open transaction open, as the death of a process does: the next Initialize with the same id aborts
// it, or EmbeddedLog::ExpireTransaction. Records without a key go to partition 0.
//
// Borrows the log; one thread with it.
// Tested by: tests/engine/embedded_producer_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_EMBEDDED_PRODUCER_H_
#define SHRIKE_ENGINE_EMBEDDED_EMBEDDED_PRODUCER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/producer.h"
#include "engine/embedded/embedded_log.h"

namespace shrike::engine {

class EmbeddedProducer : public alerts::Producer {
 public:
  struct Options {
    std::string transactional_id;
    // topics[alerts::OutputTopic]: names; empty: nothing is ever sent there (checked).
    std::array<std::string, alerts::kOutputTopicCount> topics;
    std::vector<std::string> derived_topics =
        {};  // [streams] of alerts::OutputTopic::kDerived, in the same way
  };

  EmbeddedProducer(EmbeddedLog* log, Options options);

  // Errors: kConfig, a topic is missing, with its name; kIo, the journal.
  Result<void> Initialize() override;
  // Errors: kIo, fenced, not initialized, or no such partition.
  Result<void> Send(const alerts::OutputRecord& record) override;
  // kAborted: the group refused the token, and the transaction was aborted. kUnknown: fenced, or the journal failed.
  alerts::CommitResult Commit(std::span<const InputOffset> offsets,
                              std::string_view group_token) override;
  Result<void> Abort() override;

  // The two halves of Commit, for tests of a process that dies or sleeps between them. After the first the offsets are
  // pending, and Consumer::Committed has to wait; the group is not asked again by the second.
  TransactionOutcome SendOffsets(std::span<const InputOffset> offsets,
                                 std::string_view group_token);
  alerts::CommitResult CommitSent();

 private:
  // The log's number. Errors: kConfig, there is no such topic. -1: no name.
  Result<std::int32_t> Number(const std::string& name) const;
  Error Failure(TransactionOutcome outcome) const;

  EmbeddedLog* log_;
  Options options_;
  std::vector<std::int32_t> topics_;      // the log's numbers: of topics, then of derived_topics
  std::optional<ProducerHandle> handle_;  // nullopt: Initialize must come first
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_EMBEDDED_PRODUCER_H_
