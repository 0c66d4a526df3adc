// Syntax tree -> canonical text. fmt writes it, and equal trees give equal texts.
//
// Canonical: one blank around binary operators and behind commas and colons, none inside brackets; `from ..` on a line,
// then each step with its link on a line, then each clause on a line, in the order of the grammar. A line over the width
// breaks behind the `and` or `or` of its outermost condition, between the alternatives of a choice and the steps of a
// group or `all`, aligned with the first. Parentheses, backticks, quotes, digits and durations stay as written.
// Parsing the result gives the same tree (ast_equal.h), and printing that the same text.
// Tested by: tests/rules/printer_test.cc.  Next: rules/format.h.
#ifndef SHRIKE_RULES_PRINTER_H_
#define SHRIKE_RULES_PRINTER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"

namespace shrike::rules {

inline constexpr std::size_t kLineWidth = 100;  // columns, in characters

// On one line.
std::string PrintExpression(const Expr& expr);

// On as many lines as it needs, each ends with a line break; comments: of the text it was parsed from.
std::string PrintExpressionLines(const Expr& expr, const std::vector<Comment>& comments,
                                 std::size_t width = kLineWidth);

// Each line ends with a line break. Pattern::comments stay at their elements.
std::string PrintPattern(const Pattern& pattern, std::size_t width = kLineWidth);

// A literal in "...": with escapes for whatever may not stand in a rule file.
std::string PrintString(std::string_view text);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_PRINTER_H_
