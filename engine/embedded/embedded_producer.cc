#include "engine/embedded/embedded_producer.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "engine/embedded/murmur2.h"

namespace shrike::engine {

using alerts::CommitResult;

EmbeddedProducer::EmbeddedProducer(EmbeddedLog* log, Options options)
    : log_(log), options_(std::move(options)) {}

Error EmbeddedProducer::Failure(TransactionOutcome outcome) const {
  if (outcome == TransactionOutcome::kFailed) return {ErrorCode::kIo, log_->journal_error()};
  return {ErrorCode::kIo,
          fmt::format("producer {} was fenced: another one has its id, or its transaction took too "
                      "long",
                      options_.transactional_id)};
}

Result<std::int32_t> EmbeddedProducer::Number(const std::string& name) const {
  if (name.empty()) return -1;
  const std::optional<std::int32_t> topic = log_->FindTopic(name);
  if (!topic) return Fail(ErrorCode::kConfig, fmt::format("there is no topic {}", name));
  return *topic;
}

Result<void> EmbeddedProducer::Initialize() {
  handle_.reset();
  topics_.clear();
  for (const std::string& name : options_.topics) {
    SHRIKE_TRY(topics_.emplace_back(), Number(name));
  }
  for (const std::string& name : options_.derived_topics) {
    SHRIKE_TRY(topics_.emplace_back(), Number(name));
  }
  SHRIKE_TRY(handle_, log_->InitializeProducer(options_.transactional_id));
  return {};
}

Result<void> EmbeddedProducer::Send(const alerts::OutputRecord& record) {
  if (!handle_) return tl::unexpected(Failure(TransactionOutcome::kFenced));
  const bool is_derived = record.topic == alerts::OutputTopic::kDerived;
  const std::size_t index =
      is_derived ? alerts::kOutputTopicCount + static_cast<std::size_t>(record.stream)
                 : static_cast<std::size_t>(record.topic);
  TopicPartition where = {topics_.at(index), 0};
  SHRIKE_CHECK(where.topic >= 0);
  const std::int32_t count = log_->PartitionCount(where.topic);
  if (record.partition) {
    where.partition = *record.partition;
  } else if (record.key) {
    where.partition = PartitionOfKey(*record.key, count);
  }
  if (where.partition < 0 || where.partition >= count) {
    return Fail(ErrorCode::kIo, fmt::format("topic {} has {} partitions; there is no {}",
                                            log_->TopicName(where.topic), count, where.partition));
  }
  const TransactionOutcome outcome =
      log_->Send(*handle_, where, {record.key, record.value, record.timestamp, record.headers});
  if (outcome != TransactionOutcome::kDone) return tl::unexpected(Failure(outcome));
  return {};
}

TransactionOutcome EmbeddedProducer::SendOffsets(std::span<const InputOffset> offsets,
                                                 std::string_view group_token) {
  if (!handle_) return TransactionOutcome::kFenced;
  return log_->AddOffsets(*handle_, offsets, group_token);
}

CommitResult EmbeddedProducer::Commit(std::span<const InputOffset> offsets,
                                      std::string_view group_token) {
  switch (SendOffsets(offsets, group_token)) {
    case TransactionOutcome::kDone:
      return CommitSent();
    case TransactionOutcome::kRefused:
      return Abort() ? CommitResult::kAborted : CommitResult::kUnknown;
    default:
      handle_.reset();
      return CommitResult::kUnknown;
  }
}

CommitResult EmbeddedProducer::CommitSent() {
  if (!handle_) return CommitResult::kUnknown;
  if (log_->EndTransaction(*handle_, /*commit=*/true) == TransactionOutcome::kDone)
    return CommitResult::kCommitted;
  handle_.reset();
  return CommitResult::kUnknown;
}

Result<void> EmbeddedProducer::Abort() {
  if (!handle_) return tl::unexpected(Failure(TransactionOutcome::kFenced));
  const TransactionOutcome outcome = log_->EndTransaction(*handle_, /*commit=*/false);
  if (outcome == TransactionOutcome::kDone) return {};
  handle_.reset();
  return tl::unexpected(Failure(outcome));
}

}  // namespace shrike::engine
