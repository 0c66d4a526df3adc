#include "engine/embedded/log_changes.h"

namespace shrike::engine {
namespace {

void AddOptional(std::optional<std::string_view> text, ByteWriter* writer) {
  writer->Add(static_cast<std::uint8_t>(text ? 1 : 0));
  if (text) writer->AddText(*text);
}

std::optional<std::string_view> GetOptional(ByteReader* reader) {
  if (reader->Get<std::uint8_t>() == 0) return std::nullopt;
  return reader->GetText();
}

TopicPartition GetPlace(ByteReader* reader) {
  TopicPartition where;
  where.topic = reader->Get<std::int32_t>();
  where.partition = reader->Get<std::int32_t>();
  return where;
}

void ReadRecord(ByteReader* reader, LogChange* change) {
  change->where = GetPlace(reader);
  change->number = reader->Get<std::int64_t>();
  change->record.timestamp = reader->Get<TimestampMs>();
  change->record.key = GetOptional(reader);
  change->record.value = GetOptional(reader);
  const auto count = reader->Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && reader->ok(); ++i) {
    alerts::OutputHeader& header = change->headers.emplace_back();
    header.name = reader->GetText();
    header.value = reader->GetText();
  }
  change->record.headers = change->headers;
}

void ReadNamed(ByteReader* reader, LogChange* change) {
  change->name = reader->GetText();
  change->number = reader->Get<std::int32_t>();
}

void ReadOffset(ByteReader* reader, LogChange* change) {
  change->where = GetPlace(reader);
  change->name = reader->GetText();
  change->number = reader->Get<std::int64_t>();
  change->metadata = reader->GetText();
}

void ReadPlaceAndOffset(ByteReader* reader, LogChange* change) {
  change->where = GetPlace(reader);
  change->number = reader->Get<std::int64_t>();
}

}  // namespace

ByteWriter& ChangeWriter::Begin(LogChangeKind kind, TopicPartition where) {
  writer_.Add(kind);
  writer_.Add(where.topic);
  writer_.Add(where.partition);
  return writer_;
}

void ChangeWriter::AddTopic(std::string_view name, std::int32_t partition_count) {
  writer_.Add(LogChangeKind::kTopic);
  writer_.AddText(name);
  writer_.Add(partition_count);
}

void ChangeWriter::AddRecord(TopicPartition where, const StoredRecord& record) {
  ByteWriter& writer = Begin(LogChangeKind::kRecord, where);
  writer.Add(record.offset());
  writer.Add(record.timestamp());
  AddOptional(record.key(), &writer);
  AddOptional(record.value(), &writer);
  const std::vector<alerts::OutputHeader> headers = record.headers();
  writer.Add(static_cast<std::uint32_t>(headers.size()));
  for (const alerts::OutputHeader& header : headers) {
    writer.AddText(header.name);
    writer.AddText(header.value);
  }
}

void ChangeWriter::AddEnd(TopicPartition where, std::int64_t end) {
  Begin(LogChangeKind::kEnd, where).Add(end);
}

void ChangeWriter::AddEpoch(std::string_view transactional_id, std::int32_t epoch) {
  writer_.Add(LogChangeKind::kEpoch);
  writer_.AddText(transactional_id);
  writer_.Add(epoch);
}

void ChangeWriter::AddOffset(std::string_view group, TopicPartition where,
                             const ingest::CommittedOffset& committed) {
  ByteWriter& writer = Begin(LogChangeKind::kOffset, where);
  writer.AddText(group);
  writer.Add(committed.offset);
  writer.AddText(committed.metadata);
}

void ChangeWriter::AddCompact(TopicPartition where, std::int64_t offset, bool drop_tombstones) {
  ByteWriter& writer = Begin(LogChangeKind::kCompact, where);
  writer.Add(offset);
  writer.Add(static_cast<std::uint8_t>(drop_tombstones ? 1 : 0));
}

void ChangeWriter::AddDelete(TopicPartition where, std::int64_t offset) {
  Begin(LogChangeKind::kDelete, where).Add(offset);
}

bool ReadChange(ByteReader* reader, LogChange* change) {
  *change = LogChange();
  change->kind = reader->Get<LogChangeKind>();
  switch (change->kind) {
    case LogChangeKind::kTopic:
    case LogChangeKind::kEpoch:
      ReadNamed(reader, change);
      break;
    case LogChangeKind::kRecord:
      ReadRecord(reader, change);
      break;
    case LogChangeKind::kOffset:
      ReadOffset(reader, change);
      break;
    case LogChangeKind::kEnd:
    case LogChangeKind::kDelete:
      ReadPlaceAndOffset(reader, change);
      break;
    case LogChangeKind::kCompact:
      ReadPlaceAndOffset(reader, change);
      change->drop_tombstones = reader->Get<std::uint8_t>() != 0;
      break;
    default:
      reader->Fail();
  }
  return reader->ok();
}

}  // namespace shrike::engine
