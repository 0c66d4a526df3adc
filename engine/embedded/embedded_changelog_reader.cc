#include "engine/embedded/embedded_changelog_reader.h"

#include <fmt/format.h>

namespace shrike::engine {

Result<const PartitionLog*> EmbeddedChangelogReader::Find(std::int32_t partition) const {
  const std::optional<std::int32_t> topic = log_->FindTopic(topic_);
  if (!topic) return Fail(ErrorCode::kConfig, fmt::format("there is no topic {}", topic_));
  if (partition < 0 || partition >= log_->PartitionCount(*topic)) {
    return Fail(ErrorCode::kConfig, fmt::format("topic {} has {} partitions; there is no {}",
                                                topic_, log_->PartitionCount(*topic), partition));
  }
  return &log_->Partition({*topic, partition});
}

Result<std::int64_t> EmbeddedChangelogReader::Read(std::int32_t partition, std::int64_t begin,
                                                   const Visit& visit) {
  SHRIKE_TRY(const PartitionLog* const log, Find(partition));
  const std::int64_t end = log->end();
  if (log->stable_end() != end) {
    return Fail(
        ErrorCode::kIo,
        fmt::format("{}/{} cannot be read to its end: a transaction is open", topic_, partition));
  }
  for (const StoredRecord& record : log->Committed(begin)) {
    SHRIKE_TRY_VOID(
        visit({record.offset(), record.key().value_or(std::string_view()), record.value()}));
  }
  return end;
}

Result<ingest::OffsetRange> EmbeddedChangelogReader::Range(std::int32_t partition) {
  SHRIKE_TRY(const PartitionLog* const log, Find(partition));
  return ingest::OffsetRange{log->begin(), log->end()};
}

}  // namespace shrike::engine
