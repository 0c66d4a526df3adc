// Text of a pattern or an expression -> syntax tree (rules/ast.h). The only Boost.Spirit unit is rules/parser.cc.
//
// TODO(grammar): the EBNF of language.md, section 3, stands here; tests/rules/grammar_test.cc reads it.
#ifndef SHRIKE_RULES_PARSER_H_
#define SHRIKE_RULES_PARSER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"

namespace shrike::rules {

// One syntax error; spans are bytes of the text given.
struct SyntaxError {
  std::string code;        // E01xx
  Span span;
  std::string message;     // expected `]` after the condition, found `within`
  std::string suggestion;  // or empty
};

// Exactly one of value and error is set.
template <typename T>
struct Parsed {
  T value{};
  std::optional<SyntaxError> error;
};

Parsed<std::unique_ptr<Pattern>> ParsePattern(std::string_view text);
Parsed<ExprPtr> ParseExpression(std::string_view text);
Parsed<std::vector<Source>> ParseSources(std::string_view text);  // of a feature's `from`, without the word

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_PARSER_H_
