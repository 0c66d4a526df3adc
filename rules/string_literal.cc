// The text of a "..." or '...' literal (rules/lexer.h).
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "base/utf8.h"
#include "rules/lexer.h"

namespace shrike::rules {
namespace {

// Four hexadecimal digits at `pos`.
std::optional<char32_t> HexAt(std::string_view text, std::size_t pos) {
  if (pos + 4 > text.size()) return std::nullopt;
  std::uint32_t value = 0;
  const char* first = text.data() + pos;
  const auto [end, code] = std::from_chars(first, first + 4, value, 16);
  if (code != std::errc() || end != first + 4) return std::nullopt;
  return static_cast<char32_t>(value);
}

bool IsSurrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

struct Escape {
  std::size_t size = 0;  // of the escape in the text; 0: malformed
  char32_t value = 0;
};

// text[pos] is a backslash.
Escape ReadEscape(std::string_view text, std::size_t pos) {
  const char kind = pos + 1 < text.size() ? text[pos + 1] : '\0';
  switch (kind) {
    case '"':
      return {2, U'"'};
    case '\\':
      return {2, U'\\'};
    case 'n':
      return {2, U'\n'};
    case 't':
      return {2, U'\t'};
    case 'r':
      return {2, U'\r'};
    default:
      break;
  }
  if (kind != 'u') return {};
  const std::optional<char32_t> high = HexAt(text, pos + 2);
  if (!high) return {};
  if (!IsSurrogate(*high)) return {6, *high};
  // Two escapes for one character above U+FFFF, as in JSON.
  if (*high >= 0xDC00 || text.substr(std::min(pos + 6, text.size()), 2) != "\\u") return {};
  const std::optional<char32_t> low = HexAt(text, pos + 8);
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return {};
  return {12, 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00)};
}

}  // namespace

DecodedString DecodeString(std::string_view text, Span span) {
  DecodedString decoded;
  const std::size_t last = span.end - 1;  // the closing quote
  if (text[span.begin] == '\'') {
    decoded.text = text.substr(span.begin + 1, last - span.begin - 1);
    return decoded;
  }
  std::size_t pos = span.begin + 1;
  while (pos < last) {
    const std::size_t plain_end = std::min(text.find('\\', pos), last);
    decoded.text += text.substr(pos, plain_end - pos);
    pos = plain_end;
    if (pos == last) break;
    const Escape escape = ReadEscape(text.substr(0, last), pos);
    if (escape.size == 0) {
      const auto begin = static_cast<std::uint32_t>(pos);
      decoded.error =
          SyntaxError{"E0106",
                      {begin, begin + 2},
                      fmt::format("unknown escape `{}`",
                                  text.substr(pos, 1 + DecodeUtf8(text.substr(pos + 1)).size)),
                      "escapes are \\\" \\\\ \\n \\t \\r \\uXXXX; in '...' a backslash is itself"};
      return decoded;
    }
    AppendUtf8(escape.value, &decoded.text);
    pos += escape.size;
  }
  return decoded;
}

}  // namespace shrike::rules
