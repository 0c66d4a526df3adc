#include "engine/lmdb/state_record.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace shrike::engine {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

template <typename T>
std::string_view BytesOf(const T& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

std::uint64_t EntryCheck(std::string_view name, TimestampMs due, std::string_view value) {
  return Hash64(value, Hash64(BytesOf(due), Hash64(name, kStateRecordVersion)));
}

std::uint64_t HeadCheck(const HeadRecord& record) {
  const std::uint64_t numbers[] = {record.digest.entry_count, record.digest.check_sum};
  // Another seed than an entry's: no entry can stand for a head.
  return Hash64(record.head, Hash64(BytesOf(numbers), ~std::uint64_t{kStateRecordVersion}));
}

}  // namespace

std::uint64_t EncodeEntry(std::string_view name, const EntryRecord& entry, std::string* bytes) {
  const std::uint64_t check = EntryCheck(name, entry.due, entry.value);
  bytes->clear();
  ByteWriter writer(bytes);
  writer.Add(kStateRecordVersion);
  writer.Add(check);
  writer.Add(entry.due);
  bytes->append(entry.value);
  return check;
}

std::optional<EntryRecord> DecodeEntry(std::string_view name, std::string_view bytes) {
  ByteReader reader(bytes);
  const auto version = reader.Get<std::uint8_t>();
  EntryRecord entry;
  entry.check = reader.Get<std::uint64_t>();
  entry.due = reader.Get<TimestampMs>();
  entry.value = reader.Take(reader.left());
  if (!reader.ok() || version != kStateRecordVersion ||
      entry.check != EntryCheck(name, entry.due, entry.value))
    return std::nullopt;
  return entry;
}

std::string EncodeHead(const HeadRecord& record) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Add(kStateRecordVersion);
  writer.Add(HeadCheck(record));
  writer.Add(record.digest.entry_count);
  writer.Add(record.digest.check_sum);
  bytes.append(record.head);
  return bytes;
}

std::optional<HeadRecord> DecodeHead(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto version = reader.Get<std::uint8_t>();
  const auto check = reader.Get<std::uint64_t>();
  HeadRecord record;
  record.digest.entry_count = reader.Get<std::uint64_t>();
  record.digest.check_sum = reader.Get<std::uint64_t>();
  record.head = reader.Take(reader.left());
  if (!reader.ok() || version != kStateRecordVersion || check != HeadCheck(record))
    return std::nullopt;
  return record;
}

std::string EncodeDueKey(TimestampMs due, std::string_view name) {
  const std::uint64_t sortable = static_cast<std::uint64_t>(due) ^ kSign;
  std::string key;
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(sortable >> shift));
  return key.append(name);
}

std::optional<DueKey> DecodeDueKey(std::string_view bytes) {
  if (bytes.size() <= sizeof(std::uint64_t)) return std::nullopt;
  std::uint64_t sortable = 0;
  for (const char byte : bytes.substr(0, sizeof sortable))
    sortable = sortable << 8 | static_cast<unsigned char>(byte);
  return DueKey{static_cast<TimestampMs>(sortable ^ kSign), bytes.substr(sizeof sortable)};
}

}  // namespace shrike::engine
