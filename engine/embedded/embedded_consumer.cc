#include "engine/embedded/embedded_consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace shrike::engine {

using ingest::ConsumerBatch;
using ingest::Rebalance;

EmbeddedConsumer::EmbeddedConsumer(EmbeddedLog* log, Options options)
    : log_(log), group_name_(std::move(options.group)), group_(log->Group(group_name_)) {
  for (const std::string& name : options.topics) topics_.push_back(*log->FindTopic(name));
  JoinGroup();
}

EmbeddedConsumer::~EmbeddedConsumer() {
  if (!crashed_) group_->Remove(member_);
}

Result<std::unique_ptr<EmbeddedConsumer>> EmbeddedConsumer::Join(EmbeddedLog* log,
                                                                 Options options) {
  SHRIKE_CHECK(!options.topics.empty());
  std::sort(options.topics.begin(), options.topics.end());
  for (const std::string& name : options.topics) {
    if (!log->FindTopic(name))
      return Fail(ErrorCode::kConfig, fmt::format("there is no topic {}", name));
  }
  return std::unique_ptr<EmbeddedConsumer>(new EmbeddedConsumer(log, std::move(options)));
}

void EmbeddedConsumer::JoinGroup() {
  ConsumerGroup::Input input = {topics_, 0};
  for (const std::int32_t topic : topics_)
    input.task_count = std::max(input.task_count, log_->PartitionCount(topic));
  member_ = group_->Join(input);
}

TopicPartition EmbeddedConsumer::Place(InputPartition partition) const {
  return {topics_.at(static_cast<std::size_t>(partition.topic)), partition.partition};
}

const PartitionLog& EmbeddedConsumer::LogOf(InputPartition partition) const {
  return log_->Partition(Place(partition));
}

EmbeddedConsumer::Reading& EmbeddedConsumer::Find(InputPartition partition) {
  const auto found =
      std::find_if(readings_.begin(), readings_.end(),
                   [partition](const Reading& reading) { return reading.partition == partition; });
  SHRIKE_CHECK(found != readings_.end());
  return *found;
}

std::vector<InputPartition> EmbeddedConsumer::PartitionsOf(
    const std::vector<std::int32_t>& tasks) const {
  std::vector<InputPartition> partitions;
  for (std::size_t topic = 0; topic < topics_.size(); ++topic) {
    for (const std::int32_t task : tasks) {
      if (task < log_->PartitionCount(topics_[topic]))
        partitions.push_back({static_cast<std::int32_t>(topic), task});
    }
  }
  return partitions;
}

void EmbeddedConsumer::Give(Rebalance notice, ConsumerBatch* batch) {
  batch->rebalance = unanswered_ = notice;
  batch->partitions = held_;
}

bool EmbeddedConsumer::FindNotice(ConsumerBatch* batch) {
  if (group_->Find(member_) == nullptr) {
    if (!held_.empty()) {
      Give(Rebalance::kLost, batch);
      return true;
    }
    JoinGroup();
  }
  const ConsumerGroup::Member& self = *group_->Find(member_);
  if (self.awaited) {
    Give(Rebalance::kRevoke, batch);
    return true;
  }
  if (group_->rebalancing() || self.told) return false;
  group_->SetTold(member_);
  generation_ = group_->generation();
  held_ = PartitionsOf(self.tasks);
  if (held_.empty()) return false;
  Give(Rebalance::kAssign, batch);
  return true;
}

Result<void> EmbeddedConsumer::CheckPositions() const {
  for (const Reading& reading : readings_) {
    const PartitionLog& partition = LogOf(reading.partition);
    if (reading.position >= partition.begin() && reading.position <= partition.end()) continue;
    return Fail(ErrorCode::kIo,
                fmt::format("offset {} of {}/{} cannot be read: the log has [{}, {})",
                            reading.position, log_->TopicName(Place(reading.partition).topic),
                            reading.partition.partition, partition.begin(), partition.end()));
  }
  return {};
}

void EmbeddedConsumer::Read(Reading* reading, std::size_t count_max, ConsumerBatch* batch) const {
  if (reading->paused) return;
  const InputPartition where = reading->partition;
  std::span<const StoredRecord> records = LogOf(where).Committed(reading->position);
  records = records.first(std::min(records.size(), count_max));
  for (const StoredRecord& record : records) {
    batch->records.push_back({{where.topic, where.partition, record.offset()},
                              record.timestamp(),
                              record.value().value_or(std::string_view()),
                              record.key().value_or(std::string_view())});
  }
  if (!records.empty()) reading->position = records.back().offset() + 1;
}

// Markers and aborted records are stepped over as soon as nothing else is left.
void EmbeddedConsumer::SkipToEnd(Reading* reading) const {
  const PartitionLog& partition = LogOf(reading->partition);
  if (partition.Committed(reading->position).empty())
    reading->position = std::max(reading->position, partition.stable_end());
}

Result<void> EmbeddedConsumer::Poll(std::size_t count_max, DurationMs /*wait*/,
                                    ConsumerBatch* batch) {
  SHRIKE_CHECK(count_max > 0);
  batch->records.clear();
  batch->rebalance = Rebalance::kNone;
  batch->partitions.clear();
  batch->at_end.clear();
  if (unanswered_ != Rebalance::kNone || FindNotice(batch) || readings_.empty()) return {};
  SHRIKE_TRY_VOID(CheckPositions());
  const std::size_t count = readings_.size();
  const std::size_t share = std::max<std::size_t>(count_max / count, 1);
  turn_ = (turn_ + 1) % count;
  for (std::size_t i = 0; i < 2 * count && batch->records.size() < count_max; ++i) {
    const std::size_t room = count_max - batch->records.size();
    Read(&readings_[(turn_ + i) % count], i < count ? std::min(share, room) : room, batch);
  }
  for (Reading& reading : readings_) {
    SkipToEnd(&reading);
    if (reading.position >= LogOf(reading.partition).stable_end())
      batch->at_end.push_back(reading.partition);
  }
  return {};
}

Result<void> EmbeddedConsumer::Assign(std::span<const InputOffset> starts) {
  SHRIKE_CHECK(unanswered_ == Rebalance::kAssign && starts.size() == held_.size());
  readings_.clear();
  for (const InputPartition partition : held_) {
    const auto start = std::find_if(starts.begin(), starts.end(), [partition](const auto& each) {
      return each.partition == partition;
    });
    SHRIKE_CHECK(start != starts.end());
    readings_.push_back({partition, start->offset, false});
  }
  unanswered_ = Rebalance::kNone;
  return {};
}

Result<void> EmbeddedConsumer::Unassign(std::span<const InputPartition> partitions) {
  SHRIKE_CHECK(unanswered_ == Rebalance::kRevoke || unanswered_ == Rebalance::kLost);
  SHRIKE_CHECK(
      std::is_permutation(partitions.begin(), partitions.end(), held_.begin(), held_.end()));
  unanswered_ = Rebalance::kNone;
  held_.clear();
  readings_.clear();
  group_->Release(member_);
  return {};
}

Result<void> EmbeddedConsumer::Seek(std::span<const InputOffset> offsets) {
  for (const InputOffset& offset : offsets) Find(offset.partition).position = offset.offset;
  return {};
}

Result<void> EmbeddedConsumer::SetPaused(std::span<const InputPartition> partitions, bool paused) {
  for (const InputPartition partition : partitions) Find(partition).paused = paused;
  return {};
}

Result<std::vector<std::optional<ingest::CommittedOffset>>> EmbeddedConsumer::Committed(
    std::span<const InputPartition> partitions) {
  std::vector<std::optional<ingest::CommittedOffset>> committed;
  for (const InputPartition partition : partitions) {
    const TopicPartition where = Place(partition);
    if (log_->HasPendingOffset(group_name_, where)) {
      return Fail(ErrorCode::kIo,
                  fmt::format("the offset of {}/{} is not known yet: a transaction is open",
                              log_->TopicName(where.topic), where.partition));
    }
    const auto found = group_->offsets().find(where);
    if (found == group_->offsets().end()) {
      committed.emplace_back();
    } else {
      committed.emplace_back(found->second);
    }
  }
  return committed;
}

Result<ingest::OffsetRange> EmbeddedConsumer::Range(InputPartition partition) {
  const PartitionLog& log = LogOf(partition);
  return ingest::OffsetRange{log.begin(), log.stable_end()};
}

Result<std::vector<int>> EmbeddedConsumer::PartitionCounts() {
  std::vector<int> counts;
  counts.reserve(topics_.size());
  for (const std::int32_t topic : topics_) counts.push_back(log_->PartitionCount(topic));
  return counts;
}

Result<std::string> EmbeddedConsumer::GroupToken() {
  return EmbeddedLog::MakeToken(group_name_, member_, generation_);
}

}  // namespace shrike::engine
