// How deep a text is nested, counted over its tokens (rules/lexer.h).
//
// The grammar, the checker and the printer recurse over what is nested; this bounds them all.
#include <vector>

#include <fmt/format.h>

#include "base/limits.h"
#include "rules/lexer.h"

namespace shrike::rules {

namespace {

// Follows the tokens. level.depth: open brackets, and the `not` and `-` that stand before each; level.parts: dots and
// indexes of the name that is being read at this level.
class NestingCounter {
 public:
  // False: `kind` is nested too deep.
  bool Add(TokenKind kind) {
    const bool opens = kind == TokenKind::kLeftParen || kind == TokenKind::kLeftBracket;
    const bool closes = kind == TokenKind::kRightParen || kind == TokenKind::kRightBracket;
    CountParts(kind, closes);
    CountPrefixes(kind, opens);
    const int depth = open_.back().depth + prefixes_ + (opens ? 1 : 0);
    if (depth > kNestingMax || open_.back().parts > kNestingMax) return false;
    if (opens) {
      open_.push_back({depth, 0});
      prefixes_ = 0;
    } else if (closes && open_.size() > 1) {
      open_.pop_back();
    }
    before_ = kind;
    return true;
  }

 private:
  struct Level {
    int depth = 0;
    int parts = 0;
  };

  void CountParts(TokenKind kind, bool closes) {
    const bool after_operand =
        IsName(before_) || before_ == TokenKind::kRightParen || before_ == TokenKind::kRightBracket;
    if (kind == TokenKind::kDot || (kind == TokenKind::kLeftBracket && after_operand)) {
      ++open_.back().parts;
    } else if (!closes && before_ != TokenKind::kDot) {
      open_.back().parts = 0;
    }
  }
  void CountPrefixes(TokenKind kind, bool opens) {
    if (kind == TokenKind::kNot || kind == TokenKind::kMinus) {
      ++prefixes_;
    } else if (!opens) {
      prefixes_ = 0;
    }
  }

  std::vector<Level> open_ = std::vector<Level>(1);  // at most kNestingMax + 1
  int prefixes_ = 0;                                 // `not` and `-` just before
  TokenKind before_ = TokenKind::kEnd;
};

}  // namespace

std::optional<SyntaxError> CheckNesting(const std::vector<Token>& tokens) {
  NestingCounter counter;
  for (const Token& token : tokens) {
    if (counter.Add(token.kind)) continue;
    return SyntaxError{"E0108", token.span,
                       fmt::format("the text is nested deeper than {}", kNestingMax),
                       "name parts of it as macros"};
  }
  return std::nullopt;
}

}  // namespace shrike::rules
