// Tokens of a pattern or an expression: what the grammar of rules/parser.h is written over.
//
// A lexer of our own stands before the grammar, because words end where no letter follows (`notified` is a name),
// `/` begins a regular expression only where an operand may stand, a duration is one token, and a syntax error then has
// an exact place: a token. Comments are collected, not dropped. Every word keeps its text, so that `a.next` is a field.
// Tested by: tests/rules/parser_test.cc.  Next: rules/parser.h.
#ifndef SHRIKE_RULES_LEXER_H_
#define SHRIKE_RULES_LEXER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/parser.h"

namespace shrike::rules {

enum class TokenKind : std::uint8_t {
  kEnd,    // behind the last token; span: empty, right behind it
  kError,  // the lexer's error stands here; no token follows but kEnd
  kStray,  // an operator of other languages: `=`, `&&`, `=>`
  // Operands.
  kName,
  kQuotedName,  // in backticks
  kInteger,
  kNumber,  // with a point
  kString,
  kDuration,
  kRegex,
  // Punctuation.
  kColon,
  kComma,
  kDot,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kCoalesce,
  kQuestion,
  // Reserved words.
  kFrom,
  kBy,
  kThen,
  kNext,
  kNot,
  kAnd,
  kOr,
  kIn,
  kLike,
  kILike,
  kMatches,
  kBetween,
  kIs,
  kNull,
  kTrue,
  kFalse,
  kOver,
  kWhere,
  kWithin,
  // Words that cannot name a step.
  kAll,
  kEvery,
  kUnless,
  kAfter,
  kExcluding,
  kEvent,
  // Words with a meaning in one place.
  kMatch,
  kSkip,
  kNone,
  kPast,
  kLast,
  kTo,
  kFirst,
  kConsecutive,
  kCombinations,
  kGreedy,
  kUntil,
  kCurrent,
  kTumbling,
  kSession,
  kEvents,
};

constexpr bool IsReserved(TokenKind kind) {
  return kind >= TokenKind::kFrom && kind <= TokenKind::kWithin;
}
constexpr bool IsWord(TokenKind kind) {
  return kind == TokenKind::kName || kind == TokenKind::kQuotedName || kind >= TokenKind::kFrom;
}
constexpr bool IsName(TokenKind kind) { return IsWord(kind) && !IsReserved(kind); }
constexpr bool IsStepName(TokenKind kind) {
  return IsName(kind) && !(kind >= TokenKind::kAll && kind <= TokenKind::kEvent);
}

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
};

struct Tokens {
  std::vector<Token> tokens;  // the last one is kEnd
  std::vector<Comment> comments;
  std::optional<SyntaxError> error;  // of the kError token
  std::uint32_t end = 0;             // where reading stopped: the text's end, or the `}`
};

struct LexOptions {
  std::uint32_t begin = 0;         // first byte of the text to read
  bool until_right_brace = false;  // stop before the first `}`; for text templates
};

// Cost: linear. Never fails: what is no token is a kError token and Tokens::error.
Tokens Lex(std::string_view text, const LexOptions& options = {});

// The word's kind: kName if it has no meaning of its own.
TokenKind WordKind(std::string_view word);

// The decoded text of a kString token, or the error in its escapes (place within the token).
struct DecodedString {
  std::string text;
  std::optional<SyntaxError> error;
};
DecodedString DecodeString(std::string_view text, Span span);

// Brackets, `not`, `-` and the parts of a dotted name, counted before any recursive code sees the text. The error is
// at the first token that is nested deeper than kNestingMax.
std::optional<SyntaxError> CheckNesting(const std::vector<Token>& tokens);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_LEXER_H_
