#include "rules/syntax_message.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/diagnostic.h"
#include "base/suggest.h"

namespace shrike::rules {
namespace {

constexpr std::size_t kExpectedShownMax = 8;
constexpr std::size_t kNumberShownMax = 20;  // digits

std::string_view TextOf(std::string_view text, const Token& token) {
  return text.substr(token.span.begin, token.span.end - token.span.begin);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::vector<std::string_view> Distinct(const std::vector<std::string_view>& names) {
  std::vector<std::string_view> distinct;
  for (const std::string_view name : names) {
    if (std::find(distinct.begin(), distinct.end(), name) == distinct.end()) {
      distinct.push_back(name);
    }
  }
  return distinct;
}

// "`then`, `next` or the end of the text"
std::string Alternatives(const std::vector<std::string_view>& names) {
  std::string joined;
  const std::size_t shown = std::min(names.size(), kExpectedShownMax);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) joined += i + 1 == names.size() ? " or " : ", ";
    joined += names[i];
  }
  return shown < names.size() ? joined + ", .." : joined;
}

std::string Found(std::string_view text, const Token& token) {
  if (token.kind == TokenKind::kEnd) return "the end of the text";
  return InBackticks(TextOf(text, token));
}

// Keywords of other languages, and what is written here.
struct Slip {
  std::string_view found;
  std::string_view help;
};
constexpr Slip kSlips[] = {
    {"followed", "the next step is written `then`, or `next` for the event right after"},
    {"followedby", "the next step is written `then`, or `next` for the event right after"},
    {"maxspan", "the time limit is written `within 10m`"},
    {"having", "a condition on the whole match is written `where`"},
    {"repeat", "a step is repeated with `{3}`, `{3,}` or `{3,5}` behind it"},
    {"times", "a step is repeated with `{3}`, `{3,}` or `{3,5}` behind it"},
    {"contains", "write `contains(text, part)`, or `text like \"*part*\"`"},
    {"regex", "write `text matches /../`"},
    {"startswith", "write `starts_with(text, start)`"},
    {"endswith", "write `ends_with(text, end)`"},
    {"equals", "equality is `==`"},
};

bool Expects(const std::vector<std::string_view>& expected, std::string_view part) {
  return std::any_of(expected.begin(), expected.end(), [&](std::string_view name) {
    return name.find(part) != std::string_view::npos;
  });
}

// The words in backticks among the expected names.
std::vector<std::string_view> ExpectedWords(const std::vector<std::string_view>& expected) {
  std::vector<std::string_view> words;
  for (const std::string_view name : expected) {
    if (name.size() < 4 || name.front() != '`') continue;
    std::string_view word = name.substr(1);
    word = word.substr(0, word.find_first_of("` "));
    if (word.front() >= 'a' && word.front() <= 'z') words.push_back(word);
  }
  if (Expects(expected, "an operator")) {
    for (const std::string_view word : {"and", "or", "in", "like", "ilike", "matches", "between"}) {
      words.push_back(word);
    }
  }
  return words;
}

// A number without its unit, where a duration is due.
std::string DurationHelp(std::string_view text, const std::vector<Token>& tokens, std::size_t at) {
  const std::string_view number = TextOf(text, tokens[at]);
  const Token& after = tokens[at + 1];
  if (number.size() > kNumberShownMax) return "a duration has a unit: `10s`, `5m`, `1h30m`";
  if (after.kind != TokenKind::kName) {
    return fmt::format("a duration has a unit: `{}s`, `{}m`, `{}h`", number, number, number);
  }
  const std::string_view unit = TextOf(text, after);
  for (const std::string_view known : {"ms", "w", "d", "h", "m", "s"}) {
    if (unit == known) return fmt::format("without a blank: `{}{}`", number, unit);
  }
  const std::string first(unit.substr(0, 1));
  const bool known = std::string_view("wdhms").find(first) != std::string_view::npos;
  return fmt::format("write `{}{}`", number, known ? first : "m");
}

// A point without digits on one side: `.5`, `5.`.
std::string PointHelp(const std::vector<Token>& tokens, std::size_t at) {
  const bool before =
      tokens[at].kind == TokenKind::kDot && tokens[at + 1].kind == TokenKind::kInteger;
  const bool behind = at > 1 && tokens[at - 1].kind == TokenKind::kDot &&
                      tokens[at - 2].kind == TokenKind::kInteger;
  return before || behind ? "a number has digits on both sides of its point: `0.5`, `5.0`" : "";
}

std::string Help(std::string_view text, const std::vector<Token>& tokens,
                 const SyntaxFailure& failure) {
  const Token& found = tokens[failure.token];
  const std::string_view word = TextOf(text, found);
  if (found.kind == TokenKind::kInteger && Expects(failure.expected, "a duration")) {
    return DurationHelp(text, tokens, failure.token);
  }
  if (Expects(failure.expected, "`]` after the condition") &&
      (found.kind == TokenKind::kEnd || IsReserved(found.kind) ||
       found.kind == TokenKind::kUnless || found.kind == TokenKind::kAfter)) {
    return "close the condition with `]`";
  }
  if (Expects(failure.expected, "`)`") && found.kind == TokenKind::kEnd) {
    return "close the parenthesis with `)`";
  }
  const TokenKind before = failure.token > 0 ? tokens[failure.token - 1].kind : TokenKind::kEnd;
  if (found.kind == TokenKind::kDot || before == TokenKind::kDot)
    return PointHelp(tokens, failure.token);
  if (found.kind == TokenKind::kString && before == TokenKind::kString) {
    return "write a string that has a quote in it with the other kind of quotes";
  }
  if (!IsWord(found.kind) || found.kind == TokenKind::kQuotedName) return "";
  const std::string lower = Lower(word);
  if (lower != word && WordKind(lower) != TokenKind::kName) {
    return fmt::format("keywords are in lower case: `{}`", lower);
  }
  for (const Slip& slip : kSlips) {
    if (slip.found == lower) return std::string(slip.help);
  }
  if (IsReserved(found.kind)) return "";
  return DidYouMean(word, ExpectedWords(failure.expected));
}

}  // namespace

SyntaxError DescribeFailure(std::string_view text, const std::vector<Token>& tokens,
                            const SyntaxFailure& failure) {
  const Token& found = tokens[failure.token];
  const std::vector<std::string_view> expected = Distinct(failure.expected);
  SyntaxError error;
  error.code = "E0101";
  error.span = found.span;
  const Token* before = failure.token > 0 ? &tokens[failure.token - 1] : nullptr;
  // `every: txn`: the word before the colon was taken for a type.
  if (found.kind == TokenKind::kColon && before != nullptr && IsWord(before->kind) &&
      !IsStepName(before->kind)) {
    error.code = "E0104";
    error.span = before->span;
    error.message = fmt::format("`{}` cannot name a step", TextOf(text, *before));
    error.suggestion =
        fmt::format("choose another name, or write it in backticks: `{}`", TextOf(text, *before));
    return error;
  }
  const bool name_due = Expects(expected, "a name") || Expects(expected, "a stream") ||
                        Expects(expected, "an event type") || Expects(expected, "a field") ||
                        Expects(expected, "a step");
  const bool looks_like_name = failure.token + 1 < tokens.size() &&
                               (tokens[failure.token + 1].kind == TokenKind::kColon ||
                                tokens[failure.token + 1].kind == TokenKind::kLeftBracket);
  if (IsReserved(found.kind) && name_due && looks_like_name) {
    error.code = "E0104";
    error.message = fmt::format("`{}` is a reserved word", TextOf(text, found));
    error.suggestion =
        fmt::format("choose another name, or write it in backticks: `{}`", TextOf(text, found));
    return error;
  }
  error.message = expected.empty() ? fmt::format("unexpected {}", Found(text, found))
                                   : fmt::format("expected {}, found {}", Alternatives(expected),
                                                 Found(text, found));
  error.suggestion = Help(text, tokens, {failure.token, expected});
  return error;
}

}  // namespace shrike::rules
