#include "rules/lexer.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/diagnostic.h"
#include "base/time.h"
#include "base/utf8.h"

namespace shrike::rules {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordByte(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct WordEntry {
  std::string_view word;
  TokenKind kind;
};

// Sorted by word.
constexpr WordEntry kWords[] = {
    {"after", TokenKind::kAfter},
    {"all", TokenKind::kAll},
    {"and", TokenKind::kAnd},
    {"between", TokenKind::kBetween},
    {"by", TokenKind::kBy},
    {"combinations", TokenKind::kCombinations},
    {"consecutive", TokenKind::kConsecutive},
    {"current", TokenKind::kCurrent},
    {"event", TokenKind::kEvent},
    {"events", TokenKind::kEvents},
    {"every", TokenKind::kEvery},
    {"excluding", TokenKind::kExcluding},
    {"false", TokenKind::kFalse},
    {"first", TokenKind::kFirst},
    {"from", TokenKind::kFrom},
    {"greedy", TokenKind::kGreedy},
    {"ilike", TokenKind::kILike},
    {"in", TokenKind::kIn},
    {"is", TokenKind::kIs},
    {"last", TokenKind::kLast},
    {"like", TokenKind::kLike},
    {"match", TokenKind::kMatch},
    {"matches", TokenKind::kMatches},
    {"next", TokenKind::kNext},
    {"none", TokenKind::kNone},
    {"not", TokenKind::kNot},
    {"null", TokenKind::kNull},
    {"or", TokenKind::kOr},
    {"over", TokenKind::kOver},
    {"past", TokenKind::kPast},
    {"session", TokenKind::kSession},
    {"skip", TokenKind::kSkip},
    {"then", TokenKind::kThen},
    {"to", TokenKind::kTo},
    {"true", TokenKind::kTrue},
    {"tumbling", TokenKind::kTumbling},
    {"unless", TokenKind::kUnless},
    {"until", TokenKind::kUntil},
    {"where", TokenKind::kWhere},
    {"within", TokenKind::kWithin},
};

struct Punctuation {
  std::string_view text;
  TokenKind kind;
  std::string_view help;  // kStray: what to write
};

// Longest first where one begins another.
constexpr Punctuation kPunctuation[] = {
    {"===", TokenKind::kStray, "write `==`"},
    {"!==", TokenKind::kStray, "write `!=`"},
    {"==", TokenKind::kEqual, ""},
    {"=~", TokenKind::kStray, "write `matches /.../`"},
    {"=>", TokenKind::kStray, "write `>=` to compare, `then` for the next step"},
    {"!=", TokenKind::kNotEqual, ""},
    {"!~", TokenKind::kStray, "write `not matches /.../`"},
    {"<=", TokenKind::kLessEqual, ""},
    {"<>", TokenKind::kStray, "write `!=`"},
    {">=", TokenKind::kGreaterEqual, ""},
    {"->", TokenKind::kStray, "write `then`"},
    {"&&", TokenKind::kStray, "write `and`"},
    {"||", TokenKind::kStray, "write `or`"},
    {"??", TokenKind::kCoalesce, ""},
    {"=", TokenKind::kStray, "equality is `==`"},
    {"!", TokenKind::kStray, "write `not`"},
    {"&", TokenKind::kStray, "write `and`"},
    {"|", TokenKind::kStray, "write `or`"},
    {";", TokenKind::kStray, "remove it: nothing ends with `;`"},
    {":", TokenKind::kColon, ""},
    {",", TokenKind::kComma, ""},
    {".", TokenKind::kDot, ""},
    {"(", TokenKind::kLeftParen, ""},
    {")", TokenKind::kRightParen, ""},
    {"[", TokenKind::kLeftBracket, ""},
    {"]", TokenKind::kRightBracket, ""},
    {"{", TokenKind::kLeftBrace, ""},
    {"}", TokenKind::kRightBrace, ""},
    {"+", TokenKind::kPlus, ""},
    {"-", TokenKind::kMinus, ""},
    {"*", TokenKind::kStar, ""},
    {"/", TokenKind::kSlash, ""},
    {"%", TokenKind::kPercent, ""},
    {"<", TokenKind::kLess, ""},
    {">", TokenKind::kGreater, ""},
    {"?", TokenKind::kQuestion, ""},
};

// Units that other languages write, and ours.
struct UnitAlias {
  std::string_view written;
  std::string_view unit;
};
constexpr UnitAlias kUnitAliases[] = {
    {"min", "m"},     {"mins", "m"},     {"minute", "m"}, {"minutes", "m"}, {"M", "m"},
    {"sec", "s"},     {"secs", "s"},     {"second", "s"}, {"seconds", "s"}, {"S", "s"},
    {"hr", "h"},      {"hrs", "h"},      {"hour", "h"},   {"hours", "h"},   {"H", "h"},
    {"day", "d"},     {"days", "d"},     {"D", "d"},      {"week", "w"},    {"weeks", "w"},
    {"W", "w"},       {"msec", "ms"},    {"msecs", "ms"}, {"millis", "ms"}, {"mo", "30d"},
    {"month", "30d"}, {"months", "30d"}, {"y", "365d"},   {"year", "365d"}, {"years", "365d"},
};

class Lexer {
 public:
  Lexer(std::string_view text, const LexOptions& options)
      : text_(text), options_(options), pos_(options.begin) {}

  Tokens Run();

 private:
  char At(std::size_t pos) const { return pos < text_.size() ? text_[pos] : '\0'; }
  Span SpanFrom(std::size_t begin) const { return {static_cast<std::uint32_t>(begin), pos_}; }
  void Push(TokenKind kind, std::size_t begin) {
    result_.tokens.push_back({kind, SpanFrom(begin)});
  }
  void Fail(std::string code, Span span, std::string message, std::string suggestion);
  void SkipBlanksAndComments();
  bool AfterOperand() const;
  void LexOne();
  void LexWord();
  void LexNumber();
  void LexDuration(std::size_t begin);
  void FailUnit(std::size_t begin);
  void LexEnclosed(char close);
  void FinishString(std::size_t begin);
  void FinishQuotedName(std::size_t begin);
  void FinishRegex(std::size_t begin);
  void LexPunctuation();
  void FailCharacter();

  std::string_view text_;
  LexOptions options_;
  std::uint32_t pos_;
  Tokens result_;
};

void Lexer::Fail(std::string code, Span span, std::string message, std::string suggestion) {
  result_.tokens.push_back({TokenKind::kError, span});
  result_.error = SyntaxError{std::move(code), span, std::move(message), std::move(suggestion)};
}

void Lexer::SkipBlanksAndComments() {
  while (pos_ < text_.size()) {
    if (IsSpace(text_[pos_])) {
      ++pos_;
    } else if (text_[pos_] == '#') {
      const std::size_t begin = pos_;
      pos_ = static_cast<std::uint32_t>(std::min(text_.find('\n', begin), text_.size()));
      std::string_view comment = text_.substr(begin, pos_ - begin);
      comment = comment.substr(0, comment.find_last_not_of(" \t\r") + 1);
      const auto end = static_cast<std::uint32_t>(begin + comment.size());
      const std::size_t before = text_.substr(0, begin).find_last_not_of(" \t");
      const bool own_line = before == std::string_view::npos || text_[before] == '\n';
      result_.comments.push_back(
          {{static_cast<std::uint32_t>(begin), end}, std::string(comment), own_line});
    } else {
      return;
    }
  }
}

// May the last token end an operand? Then `/` divides.
bool Lexer::AfterOperand() const {
  if (result_.tokens.empty()) return false;
  const std::size_t count = result_.tokens.size();
  const TokenKind last = result_.tokens[count - 1].kind;
  const bool field = count > 1 && result_.tokens[count - 2].kind == TokenKind::kDot;
  if (IsReserved(last)) {
    return field || last == TokenKind::kNull || last == TokenKind::kTrue ||
           last == TokenKind::kFalse;
  }
  return IsName(last) || (last >= TokenKind::kName && last <= TokenKind::kRegex) ||
         last == TokenKind::kRightParen || last == TokenKind::kRightBracket;
}

Tokens Lexer::Run() {
  result_.tokens.reserve((text_.size() - std::min<std::size_t>(pos_, text_.size())) / 4 + 2);
  SkipBlanksAndComments();
  while (pos_ < text_.size() && !result_.error) {
    if (options_.until_right_brace && text_[pos_] == '}') break;
    LexOne();
    SkipBlanksAndComments();
  }
  const std::uint32_t end =
      result_.tokens.empty() ? options_.begin : result_.tokens.back().span.end;
  result_.tokens.push_back({TokenKind::kEnd, {end, end}});
  result_.end = pos_;
  return std::move(result_);
}

void Lexer::LexOne() {
  const char c = text_[pos_];
  if (IsLetter(c)) {
    LexWord();
  } else if (IsDigit(c)) {
    LexNumber();
  } else if (c == '"' || c == '\'' || c == '`' || (c == '/' && !AfterOperand())) {
    LexEnclosed(c);
  } else {
    LexPunctuation();
  }
}

void Lexer::LexWord() {
  const std::size_t begin = pos_;
  while (IsWordByte(At(pos_))) ++pos_;
  Push(WordKind(text_.substr(begin, pos_ - begin)), begin);
}

void Lexer::LexNumber() {
  const std::size_t begin = pos_;
  const auto digits = [&] {
    while (IsDigit(At(pos_)) ||
           (At(pos_) == '_' && IsDigit(At(pos_ - 1)) && IsDigit(At(pos_ + 1)))) {
      ++pos_;
    }
  };
  digits();
  if (IsLetter(At(pos_))) {
    LexDuration(begin);
    return;
  }
  bool fraction = false;
  if (At(pos_) == '.' && IsDigit(At(pos_ + 1))) {
    ++pos_;
    fraction = true;
    digits();
  }
  if (IsWordByte(At(pos_))) {
    while (IsWordByte(At(pos_))) ++pos_;
    const std::string_view word = text_.substr(begin, pos_ - begin);
    Fail("E0107", SpanFrom(begin), fmt::format("{} is not a number", InBackticks(word)),
         "digits, `_` between digits, at most one point; a duration has whole numbers: `1h30m`");
    return;
  }
  if (!fraction) {
    std::string plain(text_.substr(begin, pos_ - begin));
    std::erase(plain, '_');
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
    if (code != std::errc()) {
      Fail("E0107", SpanFrom(begin),
           fmt::format("the number {} does not fit into 64 bits", InBackticks(plain)),
           "the largest is 9223372036854775807");
      return;
    }
  }
  Push(fraction ? TokenKind::kNumber : TokenKind::kInteger, begin);
}

// Digits from `begin` to pos_, a letter at pos_.
void Lexer::LexDuration(std::size_t begin) {
  while (IsWordByte(At(pos_))) ++pos_;
  const std::string_view word = text_.substr(begin, pos_ - begin);
  if (ParseDuration(word)) {
    Push(TokenKind::kDuration, begin);
    return;
  }
  FailUnit(begin);
}

void Lexer::FailUnit(std::size_t begin) {
  const std::string_view word = text_.substr(begin, pos_ - begin);
  std::size_t unit = 0;
  while (unit < word.size() && IsDigit(word[unit])) ++unit;
  const std::string_view number = word.substr(0, unit);
  const std::string_view written = word.substr(unit);
  const auto* alias =
      std::find_if(std::begin(kUnitAliases), std::end(kUnitAliases),
                   [&](const UnitAlias& entry) { return entry.written == written; });
  const std::size_t exponent = written.find_first_not_of("eE");
  if (exponent == 1 && written.find_first_not_of("0123456789", 1) == std::string_view::npos) {
    Fail("E0107", SpanFrom(begin), fmt::format("{} is not a number", InBackticks(word)),
         "numbers have no exponent: write the digits");
    return;
  }
  if (alias == std::end(kUnitAliases)) {
    Fail("E0103", SpanFrom(begin), fmt::format("{} is not a duration", InBackticks(word)),
         "units are w, d, h, m, s, ms, in this order, each once: `1h30m`");
    return;
  }
  const bool single = IsLetter(alias->unit[0]);
  Fail("E0103", SpanFrom(begin),
       fmt::format("unknown unit `{}` in the duration {}", written, InBackticks(word)),
       single ? "write " + InBackticks(fmt::format("{}{}", number, alias->unit))
              : fmt::format("units are w, d, h, m, s, ms: write days, such as `{}`", alias->unit));
}

// A string, a name in backticks, or a regular expression, from its first character on.
void Lexer::LexEnclosed(char close) {
  const std::size_t begin = pos_;
  const bool escapes = close == '"' || close == '/';
  ++pos_;
  while (pos_ < text_.size() && text_[pos_] != close && text_[pos_] != '\n') {
    const bool escape = escapes && text_[pos_] == '\\' && pos_ + 1 < text_.size();
    pos_ += escape && text_[pos_ + 1] != '\n' ? 2 : 1;
  }
  if (At(pos_) != close) {
    const auto first = static_cast<std::uint32_t>(begin);
    const char* what = close == '/' ? "regular expression" : close == '`' ? "name" : "string";
    Fail("E0105", {first, first + 1}, fmt::format("the {} that begins here does not end", what),
         fmt::format("close it with `{}` on the same line", close));
    return;
  }
  ++pos_;
  switch (close) {
    case '/':
      FinishRegex(begin);
      break;
    case '`':
      FinishQuotedName(begin);
      break;
    default:
      FinishString(begin);
  }
}

void Lexer::FinishQuotedName(std::size_t begin) {
  if (pos_ - begin > 2) {
    Push(TokenKind::kQuotedName, begin);
  } else {
    Fail("E0101", SpanFrom(begin), "a name in backticks is empty", "");
  }
}

void Lexer::FinishRegex(std::size_t begin) {
  if (At(pos_) == 'i') ++pos_;
  if (!IsWordByte(At(pos_))) {
    Push(TokenKind::kRegex, begin);
    return;
  }
  while (IsWordByte(At(pos_))) ++pos_;
  Fail("E0102", SpanFrom(begin), "unknown flag behind the regular expression",
       "the only flag is `i`: /.../i");
}

void Lexer::FinishString(std::size_t begin) {
  DecodedString decoded = DecodeString(text_, SpanFrom(begin));
  if (!decoded.error) {
    Push(TokenKind::kString, begin);
    return;
  }
  result_.tokens.push_back({TokenKind::kError, decoded.error->span});
  result_.error = std::move(decoded.error);
}

void Lexer::LexPunctuation() {
  const std::string_view rest = text_.substr(pos_);
  const std::size_t begin = pos_;
  for (const Punctuation& entry : kPunctuation) {
    if (!rest.starts_with(entry.text)) continue;
    pos_ += static_cast<std::uint32_t>(entry.text.size());
    if (entry.kind != TokenKind::kStray) {
      Push(entry.kind, begin);
      return;
    }
    Fail("E0102", SpanFrom(begin), fmt::format("unknown operator `{}`", entry.text),
         std::string(entry.help));
    return;
  }
  FailCharacter();
}

void Lexer::FailCharacter() {
  const std::size_t begin = pos_;
  const CodePoint point = DecodeUtf8(text_.substr(pos_));
  pos_ += point.size;
  const std::string_view shown = text_.substr(begin, point.size);
  std::string help = "a name with other characters than letters, digits and `_` goes in backticks";
  for (const std::string_view quote :
       {"\u201C", "\u201D", "\u201E", "\u2018", "\u2019", "\u00AB"}) {
    if (shown == quote) help = "strings are written in \"straight\" quotes";
  }
  if (shown == "_" || shown == "@" || shown == "$") {
    while (IsWordByte(At(pos_)) || At(pos_) == '$' || At(pos_) == '@') ++pos_;
    help = fmt::format("a name begins with a letter; other names go in backticks: {}",
                       InBackticks(text_.substr(begin, pos_ - begin)));
  }
  Fail("E0102", SpanFrom(begin), fmt::format("unknown character `{}`", shown), help);
}

}  // namespace

TokenKind WordKind(std::string_view word) {
  const auto* found = std::lower_bound(
      std::begin(kWords), std::end(kWords), word,
      [](const WordEntry& entry, std::string_view wanted) { return entry.word < wanted; });
  const bool known = found != std::end(kWords) && found->word == word;
  return known ? found->kind : TokenKind::kName;
}

Tokens Lex(std::string_view text, const LexOptions& options) { return Lexer(text, options).Run(); }

}  // namespace shrike::rules
