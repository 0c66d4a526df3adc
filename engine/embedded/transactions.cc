// EmbeddedLog: groups and transactions.
//
// A transaction's records stand in their partitions from the moment they are sent, with its number on them; its offsets
// wait beside the producer. Its end takes the numbers off, or the records away.
#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "engine/embedded/embedded_log.h"

namespace shrike::engine {

// ---- Groups.

ConsumerGroup* EmbeddedLog::Group(const std::string& name) { return &groups_[name]; }

void EmbeddedLog::ExpireMember(const std::string& group, std::int64_t member) {
  Group(group)->Remove(member);
}

bool EmbeddedLog::HasPendingOffset(const std::string& group, TopicPartition where) const {
  for (const ProducerState& producer : producers_) {
    for (const PendingOffsets& pending : producer.pending) {
      if (pending.group == group && pending.offsets.contains(where)) return true;
    }
  }
  return false;
}

std::string EmbeddedLog::MakeToken(const std::string& group, std::int64_t member,
                                   std::int32_t generation) {
  std::string token;
  ByteWriter writer(&token);
  writer.AddText(group);
  writer.Add(member);
  writer.Add(generation);
  return token;
}

// ---- Producers.

std::size_t EmbeddedLog::ProducerIndex(std::string_view transactional_id) {
  const auto found = std::find_if(producers_.begin(), producers_.end(),
                                  [transactional_id](const ProducerState& producer) {
                                    return producer.transactional_id == transactional_id;
                                  });
  const auto index = static_cast<std::size_t>(found - producers_.begin());
  if (found == producers_.end())
    producers_.emplace_back().transactional_id = std::string(transactional_id);
  return index;
}

EmbeddedLog::ProducerState* EmbeddedLog::Current(ProducerHandle producer) {
  ProducerState& state = producers_.at(producer.index);
  SHRIKE_CHECK(producer.epoch <= state.epoch);
  return producer.epoch == state.epoch ? &state : nullptr;
}

Result<ProducerHandle> EmbeddedLog::InitializeProducer(std::string_view transactional_id) {
  const std::size_t index = ProducerIndex(transactional_id);
  SHRIKE_TRY_VOID(AbortAndRaiseEpoch(&producers_[index]));
  return ProducerHandle{index, producers_[index].epoch};
}

Result<bool> EmbeddedLog::ExpireTransaction(std::string_view transactional_id) {
  ProducerState& producer = producers_[ProducerIndex(transactional_id)];
  if (producer.transaction == 0) return false;
  SHRIKE_TRY_VOID(AbortAndRaiseEpoch(&producer));
  return true;
}

Result<void> EmbeddedLog::AbortAndRaiseEpoch(ProducerState* producer) {
  if (journal_ != nullptr) {
    std::string payload;
    DescribeEnd(*producer, /*commit=*/false, &payload);
    ChangeWriter(&payload).AddEpoch(producer->transactional_id, producer->epoch + 1);
    SHRIKE_TRY_VOID(Record(payload));
  }
  ++producer->epoch;
  Finish(producer, /*commit=*/false);
  return {};
}

// ---- Transactions.

void EmbeddedLog::BeginIfNone(ProducerState* producer) {
  if (producer->transaction == 0) producer->transaction = transaction_next_++;
}

TransactionOutcome EmbeddedLog::Send(ProducerHandle producer, TopicPartition where,
                                     const NewRecord& record) {
  ProducerState* const state = Current(producer);
  if (state == nullptr) return TransactionOutcome::kFenced;
  BeginIfNone(state);
  // Most records go where the last one went.
  std::vector<TopicPartition>& touched = state->touched;
  if (std::find(touched.rbegin(), touched.rend(), where) == touched.rend())
    touched.push_back(where);
  At(where).Append(record, record.timestamp.value_or(time_), state->transaction);
  return TransactionOutcome::kDone;
}

TransactionOutcome EmbeddedLog::AddOffsets(ProducerHandle producer,
                                           std::span<const InputOffset> offsets,
                                           std::string_view token) {
  ProducerState* const state = Current(producer);
  if (state == nullptr) return TransactionOutcome::kFenced;
  ByteReader reader(token);
  std::string name(reader.GetText());
  const auto member = reader.Get<std::int64_t>();
  const auto generation = reader.Get<std::int32_t>();
  const auto group = groups_.find(name);
  if (!reader.ok() || group == groups_.end() || !group->second.IsValid(member, generation))
    return TransactionOutcome::kRefused;
  BeginIfNone(state);
  PendingOffsets& pending = state->pending.emplace_back();
  pending.group = std::move(name);
  const std::vector<std::int32_t>& topics = group->second.input().topics;
  for (const InputOffset& offset : offsets) {
    const TopicPartition where = {topics.at(static_cast<std::size_t>(offset.partition.topic)),
                                  offset.partition.partition};
    pending.offsets[where] = {offset.offset, offset.metadata};
  }
  return TransactionOutcome::kDone;
}

// A marker's place is behind what is there now: nothing comes between this and Finish.
void EmbeddedLog::DescribeEnd(const ProducerState& producer, bool commit,
                              std::string* payload) const {
  ChangeWriter writer(payload);
  for (const TopicPartition where : producer.touched) {
    const PartitionLog& partition = Partition(where);
    for (const StoredRecord& record : partition.Since(producer.transaction)) {
      if (commit && record.transaction() == producer.transaction) writer.AddRecord(where, record);
    }
    writer.AddEnd(where, partition.end() + (options_.markers ? 1 : 0));
  }
  if (!commit) return;
  for (const PendingOffsets& pending : producer.pending) {
    for (const auto& [where, committed] : pending.offsets)
      writer.AddOffset(pending.group, where, committed);
  }
}

void EmbeddedLog::Finish(ProducerState* producer, bool commit) {
  for (const TopicPartition where : producer->touched) {
    if (commit) {
      At(where).Commit(producer->transaction, options_.markers);
    } else {
      At(where).Abort(producer->transaction, options_.markers);
    }
  }
  for (PendingOffsets& pending : producer->pending) {
    std::map<TopicPartition, ingest::CommittedOffset>& offsets = groups_[pending.group].offsets();
    for (auto& [where, committed] : pending.offsets) {
      if (commit) offsets[where] = std::move(committed);
    }
  }
  producer->transaction = 0;
  producer->touched.clear();
  producer->pending.clear();
}

TransactionOutcome EmbeddedLog::EndTransaction(ProducerHandle producer, bool commit) {
  ProducerState* const state = Current(producer);
  if (state == nullptr) return TransactionOutcome::kFenced;
  if (journal_ != nullptr) {
    std::string payload;
    DescribeEnd(*state, commit, &payload);
    if (!Record(payload)) return TransactionOutcome::kFailed;
  }
  Finish(state, commit);
  return TransactionOutcome::kDone;
}

}  // namespace shrike::engine
