#include "engine/embedded/murmur2.h"

#include <cstddef>
#include <cstring>

namespace shrike::engine {

std::uint32_t Murmur2(std::string_view bytes) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kFactor = 0x5bd1e995;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  while (bytes.size() >= 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    word *= kFactor;
    word ^= word >> 24;
    word *= kFactor;
    hash *= kFactor;
    hash ^= word;
    bytes.remove_prefix(4);
  }
  for (std::size_t index = bytes.size(); index-- > 0;)
    hash ^= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[index])) << (8 * index);
  if (!bytes.empty()) hash *= kFactor;
  hash ^= hash >> 13;
  hash *= kFactor;
  hash ^= hash >> 15;
  return hash;
}

std::int32_t PartitionOfKey(std::string_view key, std::int32_t partition_count) {
  return static_cast<std::int32_t>(Murmur2(key) & 0x7fffffffu) % partition_count;
}

}  // namespace shrike::engine
