#include "tests/sim/faulty_ports.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/check.h"

namespace shrike::sim {
namespace {

using alerts::CommitResult;

tl::unexpected<Error> Injected(const char* call) {
  return Fail(ErrorCode::kIo, std::string("injected: ") + call);
}

}  // namespace

Result<void> FaultyConsumer::Poll(std::size_t count_max, DurationMs wait,
                                  ingest::ConsumerBatch* batch) {
  faults_->Edge("poll");
  return inner_->Poll(std::min(count_max, 1 + faults_->Below(9)), wait, batch);
}

Result<void> FaultyConsumer::Assign(std::span<const InputOffset> starts) {
  faults_->Edge("before assign");
  const Result<void> result = inner_->Assign(starts);
  faults_->Edge("after assign");
  return result;
}

Result<void> FaultyConsumer::Unassign(std::span<const InputPartition> partitions) {
  faults_->Edge("before unassign");
  const Result<void> result = inner_->Unassign(partitions);
  faults_->Edge("after unassign");
  return result;
}

Result<void> FaultyConsumer::Seek(std::span<const InputOffset> offsets) {
  faults_->Edge("seek");
  return inner_->Seek(offsets);
}

Result<void> FaultyConsumer::SetPaused(std::span<const InputPartition> partitions, bool paused) {
  faults_->Edge("pause");
  return inner_->SetPaused(partitions, paused);
}

Result<std::vector<std::optional<ingest::CommittedOffset>>> FaultyConsumer::Committed(
    std::span<const InputPartition> partitions) {
  faults_->Edge("committed");
  if (faults_->Fails()) return Injected("committed");
  return inner_->Committed(partitions);
}

Result<ingest::OffsetRange> FaultyConsumer::Range(InputPartition partition) {
  if (faults_->Fails()) return Injected("range");
  return inner_->Range(partition);
}

Result<std::string> FaultyConsumer::GroupToken() {
  if (faults_->Fails()) return Injected("group token");
  return inner_->GroupToken();
}

Result<void> FaultyProducer::Initialize() {
  faults_->Edge("before initialize");
  if (faults_->Fails()) return Injected("initialize");
  const Result<void> result = inner_->Initialize();
  faults_->Edge("after initialize");
  return result;
}

Result<void> FaultyProducer::Send(const alerts::OutputRecord& record) {
  faults_->Edge("send");
  if (faults_->Fails()) return Injected("send");
  return inner_->Send(record);
}

CommitResult FaultyProducer::Commit(std::span<const InputOffset> offsets,
                                    std::string_view group_token) {
  faults_->Edge("before commit");
  if (faults_->Fails()) {
    static_cast<void>(inner_->Abort());
    return CommitResult::kAborted;
  }
  if (faults_->Fails()) return CommitResult::kUnknown;
  const CommitResult result = inner_->Commit(offsets, group_token);
  if (result == CommitResult::kCommitted) committed_(offsets);
  faults_->Edge("after commit");
  if (faults_->Fails()) return CommitResult::kUnknown;
  return result;
}

Result<void> FaultyProducer::Abort() {
  faults_->Edge("abort");
  if (faults_->Fails()) return Injected("abort");
  return inner_->Abort();
}

Result<std::int64_t> FaultyChangelogReader::Read(std::int32_t partition, std::int64_t begin,
                                                 const Visit& visit) {
  faults_->Edge("changelog");
  if (faults_->Fails()) return Injected("changelog");
  return inner_->Read(partition, begin, [&](const ingest::ChangelogRecord& record) {
    faults_->Edge("changelog record");
    return visit(record);
  });
}

Result<ingest::OffsetRange> FaultyChangelogReader::Range(std::int32_t partition) {
  return inner_->Range(partition);
}

Result<std::optional<std::string>> MemoryStore::ReadHead() {
  faults_->Edge("read head");
  if (faults_->Fails()) return Injected("read head");
  return disk_->head;
}

Result<void> MemoryStore::Write(std::string_view head,
                                std::span<const engine::StateChange> changes) {
  faults_->Edge("before write");
  if (faults_->Fails()) return Injected("write");
  disk_->head = std::string(head);
  std::set<std::string_view> names;
  for (const engine::StateChange& change : changes) {
    SHRIKE_CHECK(names.insert(change.name).second);  // The port's promise: each name once.
    if (change.value) {
      disk_->entries[change.name] = {*change.value, change.due};
    } else {
      disk_->entries.erase(change.name);
    }
  }
  written_(head);
  faults_->Edge("after write");
  if (faults_->Fails()) return Injected("write, which took effect");
  return {};
}

Result<bool> MemoryStore::Read(std::string_view name, std::string* value) {
  const auto found = disk_->entries.find(name);
  if (found == disk_->entries.end()) return false;
  *value = found->second.first;
  return true;
}

Result<void> MemoryStore::ForEach(std::string_view prefix, const Visit& visit) {
  for (auto at = disk_->entries.lower_bound(prefix);
       at != disk_->entries.end() && at->first.starts_with(prefix); ++at) {
    if (!visit({at->first, at->second.first, at->second.second})) break;
  }
  return {};
}

Result<void> MemoryStore::ForEachDue(DueRange range, const Visit& visit) {
  std::vector<std::pair<TimestampMs, std::string>> due;
  for (const auto& [name, entry] : disk_->entries) {
    if (entry.second > range.after && entry.second <= range.until && entry.second != kTimeMax)
      due.emplace_back(entry.second, name);
  }
  std::sort(due.begin(), due.end());
  for (const auto& [at, name] : due) {
    if (!visit({name, disk_->entries.at(name).first, at})) break;
  }
  return {};
}

Result<TimestampMs> MemoryStore::NextDue(TimestampMs after) {
  TimestampMs next = kTimeMax;
  for (const auto& [name, entry] : disk_->entries) {
    if (entry.second > after) next = std::min(next, entry.second);
  }
  return next;
}

Result<void> MemoryStore::Clear() {
  faults_->Edge("before clear");
  disk_->head.reset();
  disk_->entries.clear();
  faults_->Edge("after clear");
  return {};
}

}  // namespace shrike::sim
