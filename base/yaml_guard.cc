#include "base/yaml_guard.h"

#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/utf8.h"

namespace shrike {
bool IsForbiddenCharacter(char32_t c) {
  if (c < 0x20) return c != '\t' && c != '\n' && c != '\r';
  if (c >= 0x7F && c <= 0x9F) return true;                     // DEL, C1
  if (c == 0x061C || c == 0x200E || c == 0x200F) return true;  // direction marks
  if (c >= 0x202A && c <= 0x202E) return true;                 // embeddings, overrides
  if (c >= 0x2066 && c <= 0x2069) return true;                 // isolates
  return c == 0x2028 || c == 0x2029 || c == 0xFEFF;            // hidden lines, hidden mark
}

namespace {

// yaml-cpp keeps every token of a line that begins with an open bracket, some 250 bytes each: 1 MiB of `[` would take
// 256 MB before it gives up.
constexpr int kOpenBracketsPerLineMax = 10 * kNestingMax;

// The first bracket that leaves too many open on its line, or npos. Quotes and comments are not looked at: no text of
// a rule has so many.
std::size_t FindDeepBracket(std::string_view content) {
  int open = 0;
  for (std::size_t pos = 0; pos < content.size(); ++pos) {
    const char c = content[pos];
    if (c == '\n') {
      open = 0;
    } else if (c == '[' || c == '{') {
      ++open;
    } else if ((c == ']' || c == '}') && open > 0) {
      --open;
    }
    if (open > kOpenBracketsPerLineMax) return pos;
  }
  return std::string_view::npos;
}

}  // namespace

bool GuardBytes(const std::string& path, std::string_view content,
                std::vector<Diagnostic>* diagnostics) {
  if (content.size() > kRuleFileBytesMax) {
    Diagnostic large;
    large.code = "E0001";
    large.file = path;
    large.message =
        fmt::format("the file has {} bytes, the limit is {}", content.size(), kRuleFileBytesMax);
    large.suggestion = "split it: a folder of rule files is one rule set";
    diagnostics->push_back(std::move(large));
    return false;
  }
  int found_count = 0;
  std::size_t pos = content.starts_with("\xEF\xBB\xBF") ? 3 : 0;  // A byte order mark is no harm.
  while (pos < content.size() && found_count < kForbiddenShownMax) {
    const auto byte = static_cast<unsigned char>(content[pos]);
    if (byte >= 0x20 && byte < 0x7F) {
      ++pos;
      continue;
    }
    const CodePoint point = DecodeUtf8(content.substr(pos));
    const bool lone_return = byte == '\r' && content.substr(pos + 1, 1) != "\n";
    if (point.valid && !IsForbiddenCharacter(point.value) && !lone_return) {
      pos += point.size;
      continue;
    }
    Diagnostic found;
    found.file = path;
    found.code = point.valid ? "E0003" : "E0002";
    if (point.valid) {
      found.message =
          fmt::format("forbidden character U+{:04X}", static_cast<std::uint32_t>(point.value));
      found.suggestion = "remove it; in a string of a pattern write the escape \\uXXXX";
    } else {
      found.message = fmt::format("byte 0x{:02X} is not UTF-8", byte);
      found.suggestion = "save the file as UTF-8";
    }
    const auto begin = static_cast<std::uint32_t>(pos);
    SetPlace(content, {begin, begin + point.size}, &found);
    diagnostics->push_back(std::move(found));
    ++found_count;
    if (!point.valid) break;  // What follows is noise.
    pos += point.size;
  }
  const std::size_t deep = FindDeepBracket(content);
  if (found_count == 0 && deep != std::string_view::npos) {
    Diagnostic found;
    found.file = path;
    found.code = "E0009";
    found.message = fmt::format("brackets are nested deeper than {}", kNestingMax);
    const auto begin = static_cast<std::uint32_t>(deep);
    SetPlace(content, {begin, begin + 1}, &found);
    diagnostics->push_back(std::move(found));
    ++found_count;
  }
  return found_count == 0;
}

}  // namespace shrike
