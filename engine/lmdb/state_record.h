// How a task's state stands in LMDB: the bytes of an entry, of the head, and of a key of the due index.
//
// Stored. Never change a layout: raise kStateRecordVersion and read the old one too.
//   entry, under its name: u8 version, u64 check, i64 due, value     check: over version, name, due and value
//   head:                  u8 version, u64 check, u64 entry count, u64 sum of the entries' checks, head
//   due:                   u64 due + 2^63, big endian, then the name; no value
// The sum tells, of a whole state, whether entries are missing, doubled or older than the head.
// Tested by: tests/engine/lmdb_record_test.cc.
#ifndef SHRIKE_ENGINE_LMDB_STATE_RECORD_H_
#define SHRIKE_ENGINE_LMDB_STATE_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace shrike::engine {

inline constexpr std::uint8_t kStateRecordVersion = 1;

// Borrowed from the bytes it was read from.
struct EntryRecord {
  std::string_view value;
  TimestampMs due = kTimeMax;
  std::uint64_t check = 0;
};

struct StateDigest {
  std::uint64_t entry_count = 0;
  std::uint64_t check_sum = 0;  // modulo 2^64

  void Add(std::uint64_t check) {
    ++entry_count;
    check_sum += check;
  }
  void Remove(std::uint64_t check) {
    --entry_count;
    check_sum -= check;
  }
  friend bool operator==(const StateDigest&, const StateDigest&) = default;
};

struct HeadRecord {
  std::string_view head;
  StateDigest digest;
};

struct DueKey {
  TimestampMs due = kTimeMax;
  std::string_view name;
};

// Replaces *bytes; returns the check.
std::uint64_t EncodeEntry(std::string_view name, const EntryRecord& entry, std::string* bytes);
// nullopt: the bytes are damaged, or of another version, or another name's; here and below.
std::optional<EntryRecord> DecodeEntry(std::string_view name, std::string_view bytes);

std::string EncodeHead(const HeadRecord& record);
std::optional<HeadRecord> DecodeHead(std::string_view bytes);

// Their order as bytes is the order of (due, name).
std::string EncodeDueKey(TimestampMs due, std::string_view name);
std::optional<DueKey> DecodeDueKey(std::string_view bytes);

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_LMDB_STATE_RECORD_H_
