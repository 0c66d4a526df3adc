#include "base/utf8.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace shrike {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;

// What a lead byte promises: length, and the range of the second byte (Unicode, table 3-7).
struct Lead {
  std::uint8_t size = 0;  // 0: no lead byte
  std::uint8_t second_min = 0x80;
  std::uint8_t second_max = 0xBF;
};

Lead LeadOf(std::uint8_t byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xC2) return {0};
  if (byte < 0xE0) return {2};
  if (byte == 0xE0) return {3, 0xA0};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3};
  if (byte == 0xF0) return {4, 0x90};
  if (byte < 0xF4) return {4};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

}  // namespace

CodePoint DecodeUtf8(std::string_view text) {
  SHRIKE_CHECK(!text.empty());
  const auto first = static_cast<std::uint8_t>(text[0]);
  const Lead lead = LeadOf(first);
  if (lead.size == 0) {
    return {};
  }
  if (lead.size == 1) {
    return {first, 1, true};
  }
  char32_t value = first & (0xFFu >> (lead.size + 1));
  for (std::uint8_t i = 1; i < lead.size; ++i) {
    const auto byte = i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    const std::uint8_t low = i == 1 ? lead.second_min : std::uint8_t{0x80};
    const std::uint8_t high = i == 1 ? lead.second_max : std::uint8_t{0xBF};
    if (byte < low || byte > high) {
      return {kReplacementCharacter, i, false};
    }
    value = (value << 6) | (byte & 0x3Fu);
  }
  return {value, lead.size, true};
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    std::uint64_t word = kHighBits;
    if (text.size() >= sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
    }
    if ((word & kHighBits) == 0) {
      text.remove_prefix(sizeof word);
      continue;
    }
    const CodePoint next = DecodeUtf8(text);
    if (!next.valid) {
      return false;
    }
    text.remove_prefix(next.size);
  }
  return true;
}

std::size_t CountCodePoints(std::string_view text) {
  // Every byte but a continuation byte begins one.
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  }));
}

void AppendUtf8(char32_t code_point, std::string* out) {
  SHRIKE_CHECK(code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF));
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
    return;
  }
  const int continuation = code_point < 0x800 ? 1 : (code_point < 0x10000 ? 2 : 3);
  const char32_t lead = 0xFFu & ~(0xFFu >> (continuation + 1));
  out->push_back(static_cast<char>(lead | (code_point >> (6 * continuation))));
  for (int i = continuation - 1; i >= 0; --i) {
    out->push_back(static_cast<char>(0x80 | ((code_point >> (6 * i)) & 0x3F)));
  }
}

}  // namespace shrike
