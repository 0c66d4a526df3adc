#include "engine/state_entry.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "engine/state_store.h"

namespace shrike::engine {
namespace {

constexpr std::size_t kHeadBytes = 1 + sizeof(std::uint64_t);

bool IsLong(std::string_view key) { return key.size() > kStateNameBytesMax - kHeadBytes; }

}  // namespace

std::string KeyEntryName(std::uint64_t group, std::string_view key) {
  std::string name(1, IsLong(key) ? kLongKeyEntry : kKeyEntry);
  ByteWriter(&name).Add(group);
  if (!IsLong(key)) return name.append(key);
  const Sha256Digest digest = Sha256(key);
  return name.append(reinterpret_cast<const char*>(digest.data()), digest.size());
}

std::string KeyEntryValue(const KeyEntry& entry) {
  std::string value;
  if (IsLong(entry.key)) ByteWriter(&value).AddText(entry.key);
  return value.append(entry.state);
}

bool ReadKeyEntry(std::string_view name, std::string_view value, KeyEntry* entry) {
  ByteReader bytes(name);
  const char kind = bytes.Get<char>();
  entry->group = bytes.Get<std::uint64_t>();
  if (!bytes.ok() || (kind != kKeyEntry && kind != kLongKeyEntry)) return false;
  if (kind == kKeyEntry) {
    entry->key = bytes.Take(bytes.left());
    entry->state = value;
    return true;
  }
  ByteReader value_bytes(value);
  entry->key = value_bytes.GetText();
  entry->state = value_bytes.Take(value_bytes.left());
  return value_bytes.ok() && name == KeyEntryName(entry->group, entry->key);
}

}  // namespace shrike::engine
