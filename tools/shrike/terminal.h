// Text for a terminal: colours, and escapes so that no input can move the cursor or turn text around.
//
// Tested by: tests/tools/terminal_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_TERMINAL_H_
#define SHRIKE_TOOLS_SHRIKE_TERMINAL_H_

#include <string>
#include <string_view>

namespace shrike::tools {

enum class Color { kBold, kRed, kGreen, kYellow, kBlue, kCyan, kDim };

// `text` in that colour, or as it is if not `enabled`. text: escaped already.
std::string Paint(std::string_view text, Color color, bool enabled);

// Control characters (newline and tab too), bidi and other invisible format characters and broken UTF-8 as \u{..} or
// \xNN. Everything that comes from events, rules or the configuration passes here before it is printed.
std::string EscapeTerminal(std::string_view text);

// The same, but newlines stay: for messages of several lines that we wrote ourselves.
std::string EscapeTerminalLines(std::string_view text);

// "1,234,567"
std::string FormatCount(std::int64_t count);
// "12.3 MB"
std::string FormatBytes(std::int64_t bytes);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_TERMINAL_H_
