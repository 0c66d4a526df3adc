// Every change is written first and made second, by code that cannot fail: an error of the journal leaves memory as it
// was. Transactions are in transactions.cc.
#include "engine/embedded/embedded_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace shrike::engine {

Result<std::unique_ptr<EmbeddedLog>> EmbeddedLog::Open(Options options) {
  std::unique_ptr<EmbeddedLog> log(new EmbeddedLog(std::move(options)));
  if (log->options_.journal.path.empty()) return log;
  const auto replay = [&log](std::string_view payload, std::uint64_t offset) {
    return log->Replay(payload, offset);
  };
  SHRIKE_TRY(log->journal_, Journal::Open(log->options_.journal, replay));
  return log;
}

Result<void> EmbeddedLog::Record(std::string_view payload) {
  if (journal_ == nullptr || payload.empty()) return {};
  Result<void> written = journal_->Append(payload);
  if (!written) journal_error_ = written.error().message;
  return written;
}

// ---- Reading the journal.

Result<void> EmbeddedLog::Replay(std::string_view payload, std::uint64_t offset) {
  ByteReader reader(payload);
  LogChange change;
  while (!reader.at_end()) {
    if (ReadChange(&reader, &change) && Apply(change)) continue;
    return Fail(ErrorCode::kCorrupt,
                fmt::format("{}: the frame at byte {} has a good checksum but no meaning here; "
                            "was it written by another version?",
                            options_.journal.path, offset));
  }
  return {};
}

bool EmbeddedLog::Apply(const LogChange& change) {
  switch (change.kind) {
    case LogChangeKind::kTopic:
      if (const auto topic = FindTopic(change.name);
          change.number <= (topic ? PartitionCount(*topic) : 0))
        return false;
      ResizeTopic(change.name, static_cast<std::int32_t>(change.number));
      return true;
    case LogChangeKind::kEpoch:
      producers_[ProducerIndex(change.name)].epoch = static_cast<std::int32_t>(change.number);
      return true;
    default:
      return ApplyToPartition(change);
  }
}

bool EmbeddedLog::ApplyToPartition(const LogChange& change) {
  const auto topic = static_cast<std::size_t>(change.where.topic);
  const auto number = static_cast<std::size_t>(change.where.partition);
  if (topic >= topics_.size() || number >= topics_[topic].partitions.size()) return false;
  PartitionLog& partition = topics_[topic].partitions[number];
  switch (change.kind) {
    case LogChangeKind::kRecord:
      return partition.Restore(change.record, {change.number, *change.record.timestamp, 0});
    case LogChangeKind::kEnd:
      partition.RaiseEnd(change.number);
      return true;
    case LogChangeKind::kOffset:
      groups_[std::string(change.name)].offsets()[change.where] = {change.number,
                                                                   std::string(change.metadata)};
      return true;
    case LogChangeKind::kCompact:
      partition.Compact(change.number, change.drop_tombstones);
      return true;
    case LogChangeKind::kDelete:
      partition.DeleteBefore(change.number);
      return true;
    default:
      return false;
  }
}

// ---- Topics.

std::optional<std::int32_t> EmbeddedLog::FindTopic(std::string_view name) const {
  const auto found = topic_of_name_.find(name);
  if (found == topic_of_name_.end()) return std::nullopt;
  return found->second;
}

std::int32_t EmbeddedLog::PartitionCount(std::int32_t topic) const {
  return static_cast<std::int32_t>(topics_.at(static_cast<std::size_t>(topic)).partitions.size());
}

const std::string& EmbeddedLog::TopicName(std::int32_t topic) const {
  return topics_.at(static_cast<std::size_t>(topic)).name;
}

void EmbeddedLog::ResizeTopic(std::string_view name, std::int32_t partition_count) {
  const auto next = static_cast<std::int32_t>(topics_.size());
  const auto [place, is_new] = topic_of_name_.emplace(name, next);
  if (is_new) topics_.push_back({std::string(name), {}});
  topics_[static_cast<std::size_t>(place->second)].partitions.resize(
      static_cast<std::size_t>(partition_count));
}

Result<void> EmbeddedLog::SetPartitionCount(std::string_view name, std::int32_t partition_count) {
  std::string payload;
  ChangeWriter(&payload).AddTopic(name, partition_count);
  SHRIKE_TRY_VOID(Record(payload));
  ResizeTopic(name, partition_count);
  return {};
}

Result<void> EmbeddedLog::CreateTopic(std::string_view name, std::int32_t partition_count) {
  SHRIKE_CHECK(partition_count > 0);
  const std::optional<std::int32_t> topic = FindTopic(name);
  if (!topic) return SetPartitionCount(name, partition_count);
  if (PartitionCount(*topic) == partition_count) return {};
  return Fail(ErrorCode::kConfig, fmt::format("topic {} has {} partitions, not {}", name,
                                              PartitionCount(*topic), partition_count));
}

Result<void> EmbeddedLog::AddPartitions(std::string_view name, std::int32_t partition_count) {
  const std::optional<std::int32_t> topic = FindTopic(name);
  if (!topic) return Fail(ErrorCode::kConfig, fmt::format("there is no topic {}", name));
  if (PartitionCount(*topic) > partition_count) {
    return Fail(ErrorCode::kConfig, fmt::format("topic {} has {} partitions, more than {}", name,
                                                PartitionCount(*topic), partition_count));
  }
  if (PartitionCount(*topic) == partition_count) return {};
  SHRIKE_TRY_VOID(SetPartitionCount(name, partition_count));
  for (auto& [group_name, group] : groups_) {
    const std::vector<std::int32_t>& read = group.input().topics;
    if (std::find(read.begin(), read.end(), *topic) != read.end())
      group.SetTaskCount(std::max(group.input().task_count, partition_count));
  }
  return {};
}

// ---- Records.

PartitionLog& EmbeddedLog::At(TopicPartition where) {
  const auto topic = static_cast<std::size_t>(where.topic);
  const auto partition = static_cast<std::size_t>(where.partition);
  SHRIKE_CHECK(topic < topics_.size() && partition < topics_[topic].partitions.size());
  return topics_[topic].partitions[partition];
}

const PartitionLog& EmbeddedLog::Partition(TopicPartition where) const {
  return const_cast<EmbeddedLog*>(this)->At(where);
}

Result<std::int64_t> EmbeddedLog::Append(TopicPartition where, std::span<const NewRecord> records) {
  PartitionLog& partition = At(where);
  const std::int64_t first = partition.end();
  if (journal_ != nullptr) {
    std::string payload;
    std::int64_t offset = first;
    for (const NewRecord& record : records) {
      const StoredRecord stored({offset++, record.timestamp.value_or(time_), 0}, record);
      ChangeWriter(&payload).AddRecord(where, stored);
    }
    SHRIKE_TRY_VOID(Record(payload));
  }
  for (const NewRecord& record : records)
    partition.Append(record, record.timestamp.value_or(time_), 0);
  return first;
}

Result<void> EmbeddedLog::Compact(TopicPartition where, Tombstones tombstones) {
  PartitionLog& partition = At(where);
  const std::int64_t end = partition.stable_end();
  const bool drop = tombstones == Tombstones::kDrop;
  std::string payload;
  ChangeWriter(&payload).AddCompact(where, end, drop);
  SHRIKE_TRY_VOID(Record(payload));
  partition.Compact(end, drop);
  return {};
}

Result<void> EmbeddedLog::DeleteBefore(TopicPartition where, std::int64_t offset) {
  PartitionLog& partition = At(where);
  const std::int64_t begin = std::min(offset, partition.stable_end());
  if (begin <= partition.begin()) return {};
  std::string payload;
  ChangeWriter(&payload).AddDelete(where, begin);
  SHRIKE_TRY_VOID(Record(payload));
  partition.DeleteBefore(begin);
  return {};
}

}  // namespace shrike::engine
