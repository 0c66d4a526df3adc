#include "engine/checkpoint.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "engine/state_entry.h"

namespace shrike::engine {
namespace {

constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kCountMax = 1u << 20;  // of partitions and rules: more are damage

void AddOutputs(const OutputCount& outputs, ByteWriter* bytes) {
  bytes->Add(outputs.count);
  bytes->Add(outputs.digest);
}

void AddPartition(const PartitionCheckpoint& partition, ByteWriter* bytes) {
  bytes->AddText(partition.topic);
  bytes->Add(partition.partition);
  bytes->Add(partition.low_offset);
  bytes->Add(partition.next_offset);
  bytes->Add(partition.read_offset);
  bytes->Add(partition.read_watermark);
  bytes->Add(partition.watermark);
  bytes->Add(static_cast<std::uint8_t>(partition.idle));
  bytes->Add(static_cast<std::uint32_t>(partition.kept.size()));
  for (const KeptRecord& kept : partition.kept) {
    bytes->Add(kept.offset);
    bytes->Add(static_cast<std::uint8_t>(kept.timestamp.has_value()));
    bytes->Add(kept.timestamp.value_or(0));
    bytes->Add(kept.watermark_before);
    bytes->AddText(kept.bytes);
  }
}

KeptRecord GetKept(ByteReader* bytes) {
  KeptRecord kept;
  kept.offset = bytes->Get<std::int64_t>();
  const bool has_timestamp = bytes->Get<std::uint8_t>() != 0;
  const auto timestamp = bytes->Get<TimestampMs>();
  if (has_timestamp) kept.timestamp = timestamp;
  kept.watermark_before = bytes->Get<TimestampMs>();
  kept.bytes = bytes->GetText();
  return kept;
}

PartitionCheckpoint GetPartition(ByteReader* bytes) {
  PartitionCheckpoint partition;
  partition.topic = bytes->GetText();
  partition.partition = bytes->Get<std::int32_t>();
  partition.low_offset = bytes->Get<std::int64_t>();
  partition.next_offset = bytes->Get<std::int64_t>();
  partition.read_offset = bytes->Get<std::int64_t>();
  partition.read_watermark = bytes->Get<TimestampMs>();
  partition.watermark = bytes->Get<TimestampMs>();
  partition.idle = bytes->Get<std::uint8_t>() != 0;
  const auto kept = bytes->Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < kept && i < kCountMax && bytes->ok(); ++i)
    partition.kept.push_back(GetKept(bytes));
  return partition;
}

RuleStart GetStart(ByteReader* bytes) {
  RuleStart start;
  start.id = bytes->GetText();
  start.version = bytes->Get<std::int64_t>();
  start.start = bytes->Get<TimestampMs>();
  return start;
}

Decision GetDecision(ByteReader* bytes) {
  Decision decision;
  const auto kind = bytes->Get<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Decision::Kind::kSwap)) bytes->Fail();
  decision.kind = static_cast<Decision::Kind>(kind);
  decision.partition = bytes->Get<std::int32_t>();
  decision.rules = bytes->GetText();
  return decision;
}

}  // namespace

std::string WriteCheckpointHead(const CheckpointHead& head) {
  std::string out;
  ByteWriter bytes(&out);
  bytes.Add(kVersion);
  bytes.AddText(head.application);
  bytes.Add(head.task);
  bytes.Add(head.partition_count);
  bytes.AddText(head.streams);
  bytes.Add(head.history);
  bytes.Add(head.sequence);
  bytes.Add(head.base);
  AddOutputs(head.outputs, &bytes);
  bytes.Add(head.front);
  bytes.Add(static_cast<std::uint32_t>(head.partitions.size()));
  for (const PartitionCheckpoint& partition : head.partitions) AddPartition(partition, &bytes);
  bytes.AddText(head.rules);
  bytes.Add(static_cast<std::uint8_t>(head.started));
  bytes.Add(static_cast<std::uint32_t>(head.starts.size()));
  for (const RuleStart& start : head.starts) {
    bytes.AddText(start.id);
    bytes.Add(start.version);
    bytes.Add(start.start);
  }
  bytes.Add(static_cast<std::uint8_t>(head.pending.has_value()));
  if (head.pending) {
    bytes.Add(static_cast<std::uint8_t>(head.pending->kind));
    bytes.Add(head.pending->partition);
    bytes.AddText(head.pending->rules);
  }
  return out;
}

Result<CheckpointHead> ReadCheckpointHead(std::string_view text) {
  ByteReader bytes(text);
  const auto version = bytes.Get<std::uint32_t>();
  if (bytes.ok() && version != kVersion) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("the state has format {}, this version of shrike reads format {}",
                            version, kVersion));
  }
  CheckpointHead head;
  head.application = bytes.GetText();
  head.task = bytes.Get<std::int32_t>();
  head.partition_count = bytes.Get<std::int32_t>();
  head.streams = bytes.GetText();
  head.history = bytes.Get<std::uint64_t>();
  head.sequence = bytes.Get<std::int64_t>();
  head.base = bytes.Get<std::int64_t>();
  head.outputs.count = bytes.Get<std::int64_t>();
  head.outputs.digest = bytes.Get<std::uint64_t>();
  head.front = bytes.Get<TimestampMs>();
  const auto partitions = bytes.Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < partitions && i < kCountMax && bytes.ok(); ++i)
    head.partitions.push_back(GetPartition(&bytes));
  head.rules = bytes.GetText();
  head.started = bytes.Get<std::uint8_t>() != 0;
  const auto starts = bytes.Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < starts && i < kCountMax && bytes.ok(); ++i)
    head.starts.push_back(GetStart(&bytes));
  if (bytes.Get<std::uint8_t>() != 0) head.pending = GetDecision(&bytes);
  if (!bytes.ok() || !bytes.at_end())
    return Fail(ErrorCode::kCorrupt, "the head of the stored state is damaged");
  return head;
}

std::string TextEntryName(std::string_view hash) { return kTextEntry + std::string(hash); }

}  // namespace shrike::engine
