#include "tools/shrike/terminal.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/utf8.h"

namespace shrike::tools {
namespace {

std::string_view ColorCode(Color color) {
  switch (color) {
    case Color::kBold:
      return "\x1b[1m";
    case Color::kRed:
      return "\x1b[1;31m";
    case Color::kGreen:
      return "\x1b[32m";
    case Color::kYellow:
      return "\x1b[33m";
    case Color::kBlue:
      return "\x1b[34m";
    case Color::kCyan:
      return "\x1b[36m";
    case Color::kDim:
      return "\x1b[2m";
  }
  return "";
}

// Cc, and the Cf, Zl and Zp characters that change how the text around them is shown.
bool IsUnsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

std::string Escape(std::string_view text, bool keep_newlines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    const std::string_view bytes = text.substr(0, point.size);
    if (!point.valid) {
      for (const char byte : bytes) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
      }
    } else if (keep_newlines && point.value == '\n') {
      out += '\n';
    } else if (point.value == '\n') {
      out += "\\n";
    } else if (point.value == '\t') {
      out += "\\t";
    } else if (IsUnsafe(point.value)) {
      out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(point.value));
    } else {
      out += bytes;
    }
    text.remove_prefix(point.size);
  }
  return out;
}

}  // namespace

std::string Paint(std::string_view text, Color color, bool enabled) {
  if (!enabled) {
    return std::string(text);
  }
  return fmt::format("{}{}\x1b[0m", ColorCode(color), text);
}

std::string EscapeTerminal(std::string_view text) { return Escape(text, false); }
std::string EscapeTerminalLines(std::string_view text) { return Escape(text, true); }

std::string FormatCount(std::int64_t count) {
  std::string digits = fmt::format("{}", count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t place = digits.size(); place > first + 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

std::string FormatBytes(std::int64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1000 && unit + 1 < std::size(kUnits)) {
    amount /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

}  // namespace shrike::tools
