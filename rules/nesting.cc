// How deep a text is nested, counted over its tokens (rules/lexer.h).
//
// The grammar, the checker and the printer recurse over what is nested; this bounds them all.
#include <cstddef>

#include <fmt/format.h>

#include "base/limits.h"
#include "rules/lexer.h"

namespace shrike::rules {

std::optional<SyntaxError> CheckNesting(const std::vector<Token>& tokens) {
  // level[d]: what the brackets open at depth d add: one, and the `not` and `-` before them; parts: dots and indexes.
  struct Level {
    int depth = 0;
    int parts = 0;
  };
  std::vector<Level> open(1);
  int prefixes = 0;
  TokenKind before = TokenKind::kEnd;
  for (const Token& token : tokens) {
    const TokenKind kind = token.kind;
    const bool opens = kind == TokenKind::kLeftParen || kind == TokenKind::kLeftBracket;
    const bool closes = kind == TokenKind::kRightParen || kind == TokenKind::kRightBracket;
    const bool part =
        kind == TokenKind::kDot ||
        (kind == TokenKind::kLeftBracket && (IsName(before) || before == TokenKind::kRightParen ||
                                             before == TokenKind::kRightBracket));
    if (part) {
      ++open.back().parts;
    } else if (!closes && before != TokenKind::kDot) {
      open.back().parts = 0;
    }
    if (kind == TokenKind::kNot || kind == TokenKind::kMinus) {
      ++prefixes;
    } else if (!opens) {
      prefixes = 0;
    }
    if (open.back().depth + prefixes + (opens ? 1 : 0) > kNestingMax ||
        open.back().parts > kNestingMax) {
      return SyntaxError{"E0108", token.span,
                         fmt::format("the text is nested deeper than {}", kNestingMax),
                         "name parts of it as macros"};
    }
    if (opens) {
      open.push_back({open.back().depth + prefixes + 1, 0});
      prefixes = 0;
    } else if (closes && open.size() > 1) {
      open.pop_back();
    }
    before = kind;
  }
  return std::nullopt;
}

}  // namespace shrike::rules
