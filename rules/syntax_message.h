// What a syntax error says: expected this, found that, and what was probably meant.
//
// Tested by: tests/rules/parser_test.cc.
#ifndef SHRIKE_RULES_SYNTAX_MESSAGE_H_
#define SHRIKE_RULES_SYNTAX_MESSAGE_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "rules/lexer.h"
#include "rules/parser.h"

namespace shrike::rules {

// The furthest token that the grammar could not take, and the human names of what it could have taken there.
struct SyntaxFailure {
  std::size_t token = 0;                   // index in the tokens; the last one is kEnd
  std::vector<std::string_view> expected;  // "`then`", "an expression"; duplicates are fine
};

SyntaxError DescribeFailure(std::string_view text, const std::vector<Token>& tokens,
                            const SyntaxFailure& failure);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_SYNTAX_MESSAGE_H_
