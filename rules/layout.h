// Lays text out in lines: what a pattern's printer says about where lines may break, and the lines it gets.
//
// A Doc is a small tree of texts and blocks. A block stands on one line if it fits, else each of its parts on a line of
// its own, aligned with the first (the simple half of Wadler's "A prettier printer"). Comments are not in the tree:
// they hang on the lines, by their place in the source, after the layout.
// Tested by: tests/rules/printer_test.cc.
#ifndef SHRIKE_RULES_LAYOUT_H_
#define SHRIKE_RULES_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/ast.h"

namespace shrike::rules {

struct Doc {
  enum class Kind : std::uint8_t { kText, kConcat, kBlock };
  Kind kind = Kind::kText;
  std::string text;  // kText
  std::vector<Doc>
      parts;  // kConcat: one behind the other; kBlock: with a blank or a line break between
  std::uint32_t begin =
      0;                // source byte of its first token: decides to which line a comment belongs
  bool broken = false;  // kBlock: one part a line, even if it fits

  static Doc Text(std::string text, std::uint32_t begin = 0);
  static Doc Concat(std::vector<Doc> parts, std::uint32_t begin = 0);
  static Doc Block(std::vector<Doc> parts, std::uint32_t begin = 0);
};

struct Line {
  std::size_t indent = 0;
  std::string text;
  std::uint32_t begin = 0;  // source byte of its first token
};

// Each of `docs` begins a line. width: columns of a line, in characters; only what no break can shorten is longer.
std::vector<Line> LayOut(const std::vector<Doc>& docs, std::size_t width);

// The lines with the comments at their lines: one that shared a line with tokens stands at the end of the line of the
// last of them, others on lines of their own before the line of the token that follows. Ends with a line break.
std::string JoinLines(const std::vector<Line>& lines, const std::vector<Comment>& comments);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_LAYOUT_H_
