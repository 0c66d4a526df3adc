#include "tests/sim/faulty_ports.h"

#include <algorithm>
#include <string_view>

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

Result<std::optional<std::string>> FaultyStore::ReadHead() {
  faults_->Edge("read head");
  if (faults_->Fails()) return Injected("read head");
  return disk_->ReadHead();
}

Result<void> FaultyStore::Write(std::string_view head,
                                std::span<const engine::StateChange> changes) {
  faults_->Edge("before write");
  if (faults_->Fails()) return Injected("write");
  SHRIKE_TRY_VOID(disk_->Write(head, changes));
  written_(head);
  faults_->Edge("after write");
  if (faults_->Fails()) return Injected("write, which took effect");
  return {};
}

Result<void> FaultyStore::Clear() {
  faults_->Edge("before clear");
  SHRIKE_TRY_VOID(disk_->Clear());
  faults_->Edge("after clear");
  return {};
}

}  // namespace shrike::sim
