#include "tools/shrike/terminal.h"

#include <doctest/doctest.h>

#include <string>

namespace shrike::tools {
namespace {

TEST_CASE("nothing that comes from outside can steer the terminal") {
  struct Row {
    std::string text, want;
  };
  const Row rows[] = {
      {"plain text, \u00e4\u4e16", "plain text, \u00e4\u4e16"},
      {"a\nb\tc", "a\\nb\\tc"},
      {"\x1b[31mred", "\\u{1b}[31mred"},
      {"\u202eabc\u2066", "\\u{202e}abc\\u{2066}"},
      {"\u200b\ufeff", "\\u{200b}\\u{feff}"},
      {"\u0085", "\\u{85}"},
      {"\x7f", "\\u{7f}"},
      {"\xff\xc3", "\\xff\\xc3"},
      {std::string("\0", 1), "\\u{0}"},
  };
  for (const Row& row : rows) {
    CHECK(EscapeTerminal(row.text) == row.want);
  }
  CHECK(EscapeTerminalLines("a\nb\r") == "a\nb\\u{d}");
}

TEST_CASE("colours only if wanted") {
  CHECK(Paint("x", Color::kGreen, false) == "x");
  CHECK(Paint("x", Color::kGreen, true) == "\x1b[32mx\x1b[0m");
}

TEST_CASE("numbers for people") {
  CHECK(FormatCount(0) == "0");
  CHECK(FormatCount(999) == "999");
  CHECK(FormatCount(1000) == "1,000");
  CHECK(FormatCount(1234567) == "1,234,567");
  CHECK(FormatCount(-1234) == "-1,234");
  CHECK(FormatCount(-123) == "-123");
  CHECK(FormatBytes(999) == "999 B");
  CHECK(FormatBytes(1500) == "1.5 kB");
  CHECK(FormatBytes(23'400'000) == "23.4 MB");
}

}  // namespace
}  // namespace shrike::tools
