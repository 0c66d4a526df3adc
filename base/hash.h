// Hashes of bytes: a fast one for tables and routing, SHA-256 for ids and lock files.
//
// Both are stored (key states, alert ids): the functions never change.
// Tested by: tests/base/text_test.cc.
#ifndef SHRIKE_BASE_HASH_H_
#define SHRIKE_BASE_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace shrike {

// XXH3, 64 bits. Not for hostile input where collisions would matter for the result: compare the bytes too.
std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed = 0);

using Sha256Digest = std::array<std::uint8_t, 32>;

// FIPS 180-4. Cost: about 1 us for short input.
Sha256Digest Sha256(std::string_view bytes);

// The first `count` bytes of the digest as 2 * count lower-case hex digits; count up to 32.
std::string HexPrefix(const Sha256Digest& digest, std::size_t count);

}  // namespace shrike

#endif  // SHRIKE_BASE_HASH_H_
