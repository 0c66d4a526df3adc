// UTF-8 as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
//
// Pure functions, no allocation. Tested by: tests/base/text_test.cc.
#ifndef SHRIKE_BASE_UTF8_H_
#define SHRIKE_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace shrike {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// Cost: a word at a time for ASCII.
bool IsValidUtf8(std::string_view text);

// One code point read.
struct CodePoint {
  char32_t value = kReplacementCharacter;
  std::uint8_t size = 1;  // bytes it takes; at least 1
  bool valid = false;     // if not: `size` bytes are the maximal part of a broken sequence
};

// The code point at the start of `text`, which must not be empty.
CodePoint DecodeUtf8(std::string_view text);

// Code points of valid UTF-8. Cost: O(bytes), without decoding.
std::size_t CountCodePoints(std::string_view text);

// code_point: up to U+10FFFF, no surrogate.
void AppendUtf8(char32_t code_point, std::string* out);

}  // namespace shrike

#endif  // SHRIKE_BASE_UTF8_H_
