// Patterns and expressions: what they parse to, where errors stand and what they say.
#include "rules/parser.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/limits.h"
#include "rules/lexer.h"

namespace shrike::rules {
namespace {

std::string Repeat(std::string_view part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

// The tree of an expression as text: (kind operands), so that precedence shows.
std::string Shape(const Expr& expr) {
  static constexpr std::string_view kKinds[] = {
      "null", "bool",  "number",  "string", "duration", "regex", "name", "list",
      "call", ".",     "index",   "neg",    "not",      "mul",   "sum",  "??",
      "cmp",  "match", "between", "isnull", "and",      "or",    "paren"};
  const std::string_view kind = kKinds[static_cast<std::size_t>(expr.kind)];
  if (expr.operands.empty() && !expr.window) {
    return expr.kind == ExprKind::kBool ? (expr.boolean ? "true" : "false")
           : expr.text.empty()          ? std::string(kind)
                                        : expr.text;
  }
  std::string shape = "(" + std::string(expr.negated ? "not-" : "") + std::string(kind);
  if (!expr.text.empty()) shape += " " + expr.text;
  for (const ExprPtr& operand : expr.operands) shape += " " + Shape(*operand);
  if (expr.window) {
    shape += " over " + std::to_string(static_cast<int>(expr.window->kind)) + ":" +
             std::to_string(expr.window->length + expr.window->events);
    if (expr.window->by) shape += " by " + std::to_string(expr.window->by->paths.size());
    if (expr.window->where) shape += " where " + Shape(*expr.window->where);
    if (expr.window->excluding_current) shape += " excluding";
  }
  return shape + ")";
}

struct ShapeRow {
  std::string_view text, shape;
};

TEST_CASE("expressions parse to their trees") {
  const ShapeRow rows[] = {
      {"a or b and c", "(or a (and b c))"},
      {"a and b or c and d or e", "(or (and a b) (and c d) e)"},
      {"not a and b", "(and (not a) b)"},
      {"not not a == b", "(not (not (cmp a b)))"},
      {"a + b - c * d / e % f", "(sum a b (mul c d e f))"},
      {"a ?? b + c ?? d", "(?? a (sum b c) d)"},
      {"a == b ?? c", "(cmp a (?? b c))"},
      {"-a * -b", "(mul (neg a) (neg b))"},
      {"- - a.b", "(neg (neg (. b a)))"},
      {"a.b.c[0].d", "(. d (index (. c (. b a)) 0))"},
      {"(a or b) and c", "(and (paren (or a b)) c)"},
      {"(1 + 2) + 3", "(sum (paren (sum 1 2)) 3)"},
      {"a in [1, 2.5, \"x\"]", "(match a (list 1 2.5 x))"},
      {"a not in b", "(not-match a b)"},
      {"a like \"x*\"", "(match a x*)"},
      {"a not ilike ['x', 'y']", "(not-match a (list x y))"},
      {"a matches /x\\/y/i and b", "(and (match a x\\/y) b)"},
      {"a / b / c", "(mul a b c)"},
      {"a.in / b", "(mul (. in a) b)"},
      {"[1] / (2) / /x/", "(mul (list 1) (paren 2) x)"},
      {"a between 1 and 2 and b", "(and (between a 1 2) b)"},
      {"a not between b + 1 and c", "(not-between a (sum b 1) c)"},
      {"a is null or b is not null", "(or (isnull a) (not-isnull b))"},
      {"true and false and null", "(and true false null)"},
      {"[]", "list"},
      {"f()", "f"},
      {"f(a, b)", "(call f a b)"},
      {"count(over 1h)", "(call count over 0:3600000)"},
      {"sum(txn.amount over 1d by (a, b.c) where x == 1 excluding current)",
       "(call sum (. amount txn) over 0:86400000 by 2 where (cmp x 1) excluding)"},
      {"count(txn over tumbling 5m where a excluding current by b)",
       "(call count txn over 1:300000 by 1 where a excluding)"},
      {"rate(over session 30s)", "(call rate over 2:30000)"},
      {"avg(x over last 1_0 events)", "(call avg x over 3:10)"},
      {"new([f, g] over 7d)", "(call new (list f g) over 0:604800000)"},
      {"x == 1h30m", "(cmp x 1h30m)"},
      {"1_000.25", "1_000.25"},
      {"last(r).t - first(r).t", "(sum (. t (call last r)) (. t (call first r)))"},
      {"a.from.by.not.event", "(. event (. not (. by (. from a))))"},
      {"notified and nullable or anything", "(or (and notified nullable) anything)"},
      {"true_positive == falsehood", "(cmp true_positive falsehood)"},
      {"android in india", "(match android india)"},
      {"within_limit like likely", "(match within_limit likely)"},
      {"`odd name`.`or` == 1", "(cmp (. or odd name) 1)"},
      {"all + every + unless + after + excluding + event + last + match",
       "(sum all every unless after excluding event last match)"},
      {"\"a\\\"\\\\\\n\\t\\r\\u00e4\\uD83D\\uDE00\"", "a\"\\\n\t\r\u00E4\U0001F600"},
      {"'a\\b\"'", "a\\b\""},
      {"a # comment\n + b # another", "(sum a b)"},
      {"\"a # b\" == '# c'", "(cmp a # b # c)"},
  };
  for (const ShapeRow& row : rows) {
    CAPTURE(row.text);
    const auto parsed = ParseExpression(row.text);
    CAPTURE((parsed.error ? parsed.error->message : ""));
    REQUIRE(parsed.value != nullptr);
    CHECK(!parsed.error.has_value());
    CHECK(Shape(*parsed.value) == row.shape);
  }
}

std::string_view At(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

TEST_CASE("nodes know their bytes") {
  const std::string_view text = "  f(a.b, - c) + `d e`[ 0 ] not in (g)  ";
  const auto parsed = ParseExpression(text);
  REQUIRE(parsed.value != nullptr);
  const Expr& match = *parsed.value;
  CHECK(At(text, match.span) == "f(a.b, - c) + `d e`[ 0 ] not in (g)");
  CHECK(At(text, match.operator_spans.at(0)) == "in");
  CHECK(At(text, match.operands[1]->span) == "(g)");
  const Expr& sum = *match.operands[0];
  CHECK(At(text, sum.span) == "f(a.b, - c) + `d e`[ 0 ]");
  CHECK(At(text, sum.operator_spans.at(0)) == "+");
  const Expr& call = *sum.operands[0];
  CHECK(At(text, call.span) == "f(a.b, - c)");
  CHECK(At(text, call.name_span) == "f");
  CHECK(At(text, call.operands[0]->span) == "a.b");
  CHECK(At(text, call.operands[0]->name_span) == "b");
  CHECK(At(text, call.operands[0]->operands[0]->span) == "a");
  CHECK(At(text, call.operands[1]->span) == "- c");
  const Expr& index = *sum.operands[1];
  CHECK(At(text, index.span) == "`d e`[ 0 ]");
  CHECK(index.operands[0]->quoted);
  CHECK(index.operands[0]->text == "d e");
}

TEST_CASE("a pattern with everything") {
  const std::string_view text =
      "# head\n"
      "from pay, `log ins` by (a.b, c)\n"
      "p: pay.txn by d.e [x > 1]{2,5} consecutive greedy until [y]   # behind p\n"
      "then every within 10m q: (A or r: B[z])+ combinations\n"
      "next within 1s not C\n"
      "then not (D or E[w])\n"
      "then (F then g: G)*\n"
      "then all(H, i: I)\n"
      "then J?\n"
      "then K{3}\n"
      "then L{3,}\n"
      "unless u: event[v]\n"
      "where count(p) > 1\n"
      "within 1d\n"
      "after match skip to last p\n";
  const auto parsed = ParsePattern(text);
  CAPTURE((parsed.error ? parsed.error->message : ""));
  REQUIRE(parsed.value != nullptr);
  const Pattern& pattern = *parsed.value;
  REQUIRE(pattern.sources.size() == 2);
  CHECK(pattern.sources[1].stream.text == "log ins");
  CHECK(pattern.sources[1].by->paths.size() == 2);
  CHECK(!pattern.sources[0].by.has_value());
  const auto& elements = pattern.sequence.elements;
  REQUIRE(elements.size() == 9);

  const Step& p = elements[0].steps.at(0);
  CHECK(p.name->text == "p");
  CHECK(p.stream->text == "pay");
  CHECK(p.type.text == "txn");
  CHECK(p.by->paths.at(0).parts.size() == 2);
  CHECK(At(text, p.span) == "p: pay.txn by d.e [x > 1]");
  const Quantifier& loop = *elements[0].quantifier;
  CHECK(loop.form == Quantifier::Form::kBetween);
  CHECK(loop.min == 2);
  CHECK(loop.max == 5);
  CHECK(loop.contiguity == Contiguity::kConsecutive);
  CHECK(loop.greedy);
  CHECK(loop.until != nullptr);
  CHECK(At(text, loop.span) == "{2,5} consecutive greedy until [y]");

  CHECK(elements[1].kind == Element::Kind::kChoice);
  CHECK(elements[1].link.kind == LinkKind::kThenEvery);
  CHECK(elements[1].link.within == 600'000);
  CHECK(elements[1].name->text == "q");
  CHECK(elements[1].steps.size() == 2);
  CHECK(elements[1].quantifier->form == Quantifier::Form::kPlus);
  CHECK(elements[1].quantifier->min == 1);
  CHECK(!elements[1].quantifier->max.has_value());
  CHECK(At(text, elements[1].link.span) == "then every within 10m");

  CHECK(elements[2].kind == Element::Kind::kNot);
  CHECK(elements[2].link.kind == LinkKind::kNext);
  CHECK(!elements[2].not_parenthesised);
  CHECK(elements[3].kind == Element::Kind::kNot);
  CHECK(elements[3].not_parenthesised);
  CHECK(elements[3].steps.size() == 2);
  CHECK(elements[4].kind == Element::Kind::kGroup);
  CHECK(elements[4].group->elements.size() == 2);
  CHECK(elements[4].quantifier->min == 0);
  CHECK(!elements[4].quantifier->max.has_value());
  CHECK(elements[5].kind == Element::Kind::kAll);
  CHECK(elements[5].steps.size() == 2);
  CHECK(elements[6].quantifier->max == 1);
  CHECK(elements[7].quantifier->max == 3);
  CHECK(!elements[8].quantifier->max.has_value());

  CHECK(pattern.unless->name->text == "u");
  CHECK(At(text, pattern.unless_span) == "unless u: event[v]");
  CHECK(At(text, pattern.where_span) == "where count(p) > 1");
  CHECK(pattern.within == 86'400'000);
  CHECK(At(text, pattern.within_span) == "within 1d");
  CHECK(pattern.skip->kind == SkipKind::kToLast);
  CHECK(pattern.skip->name->text == "p");
  REQUIRE(pattern.comments.size() == 2);
  CHECK(pattern.comments[0].text == "# head");
  CHECK(pattern.comments[0].own_line);
  CHECK(pattern.comments[1].text == "# behind p");
  CHECK(!pattern.comments[1].own_line);
}

TEST_CASE("clauses come in any order, words have a meaning only in their place") {
  for (const std::string_view text :
       {"from s a: A within 5m after match skip none where x unless B",
        "from s consecutive: until{2} greedy until [greedy]", "from s skip: match then none: past",
        "from event by first event", "from s (A or B)", "from s (A)", "from s ((A then B){2}){3}",
        "from s last: last[last(last).last > 1] then current: current", "from s A{1,1000000}",
        "from s A{9223372036854775807,}", "from s a.then", "from s a.b by c"}) {
    CAPTURE(text);
    const auto parsed = ParsePattern(text);
    CAPTURE((parsed.error ? parsed.error->message : ""));
    CHECK(parsed.value != nullptr);
  }
}

struct ErrorRow {
  std::string_view text;  // the error's span in <...>
  std::string_view code;
  std::string_view message;     // a part of it
  std::string_view suggestion;  // a part of it
};

void CheckError(const ErrorRow& row, bool pattern) {
  CAPTURE(row.text);
  std::string text(row.text);
  const std::size_t begin = text.find("\u27E8");
  REQUIRE(begin != std::string::npos);
  text.erase(begin, 3);
  const std::size_t end = text.find("\u27E9");
  REQUIRE(end != std::string::npos);
  text.erase(end, 3);
  const std::optional<SyntaxError> error =
      pattern ? ParsePattern(text).error : ParseExpression(text).error;
  REQUIRE(error.has_value());
  CAPTURE(error->message);
  CAPTURE(error->suggestion);
  CHECK(error->code == row.code);
  CHECK(error->span.begin == begin);
  CHECK(error->span.end == end);
  CHECK(error->message.find(row.message) != std::string::npos);
  CHECK(error->suggestion.find(row.suggestion) != std::string::npos);
  CHECK(row.suggestion.empty() == error->suggestion.empty());
}

TEST_CASE("syntax errors of patterns: place, message, help") {
  const ErrorRow rows[] = {
      {"from s a: A[x ⟨=⟩ 3]", "E0102", "unknown operator `=`", "`==`"},
      {"from s a: A[x ⟨&&⟩ y]", "E0102", "unknown operator `&&`", "`and`"},
      {"from s a: A[x ⟨||⟩ y]", "E0102", "unknown operator `||`", "`or`"},
      {"from s a: A[⟨!⟩x]", "E0102", "unknown operator `!`", "`not`"},
      {"from s a: A[x ⟨=>⟩ y]", "E0102", "`=>`", "`>=`"},
      {"from s a: A ⟨->⟩ b: B", "E0102", "`->`", "`then`"},
      {"from s a: A ⟨followed⟩ by b: B", "E0101", "found `followed`", "`then`"},
      {"from s a: A ⟨thne⟩ b: B", "E0101", "expected `then`, `next`", "did you mean `then`?"},
      {"from s a: A ⟨witin⟩ 5m", "E0101", "found `witin`", "did you mean `within`?"},
      {"from s a: A ⟨THEN⟩ b: B", "E0101", "found `THEN`", "`then`"},
      {"from s a: A[x > 3 ⟨then⟩ b: B", "E0101",
       "expected an operator or `]` after the condition, found `then`", "`]`"},
      {"from s a: A[x > 3⟨⟩", "E0101", "`]` after the condition, found the end of the text", "`]`"},
      {"from s a: A[f(x ⟨]⟩ then b: B", "E0101", "`)`", ""},
      {"from s a: A[(x ⟨]⟩", "E0101", "expected an operator or `)`, found `]`", ""},
      {"from s a: A within ⟨10⟩ m", "E0101", "expected a duration", "`10m`"},
      {"from s a: A within ⟨10⟩ minutes", "E0101", "expected a duration", "`10m`"},
      {"from s a: A within ⟨10⟩", "E0101", "expected a duration", "`10m`"},
      {"from s a: A then within ⟨5⟩ s b: B", "E0101", "expected a duration", "`5s`"},
      {"from s a: A within ⟨10min⟩", "E0103", "unknown unit `min`", "`10m`"},
      {"from s a: A within ⟨2mo⟩", "E0103", "unknown unit `mo`", "days"},
      {"from s a: A within ⟨5x⟩", "E0103", "`5x` is not a duration", "w, d, h, m, s, ms"},
      {"from s a: A within ⟨5m1h⟩", "E0103", "is not a duration", "order"},
      {"from s a: A within ⟨1.5h⟩", "E0107", "is not a number", "1h30m"},
      {"from s ⟨every⟩: A", "E0104", "`every` cannot name a step", "backticks"},
      {"from s a: A then ⟨unless⟩: A", "E0104", "`unless` cannot name a step", "backticks"},
      {"from s ⟨then⟩: A", "E0104", "`then` is a reserved word", "`then`"},
      {"from s a: A next ⟨by⟩: C", "E0104", "`by` is a reserved word", "backticks"},
      {"from s a: A then not ⟨b⟩: B", "E0112", "no name", "remove"},
      {"from s a: A then not (⟨b⟩: B or C)", "E0112", "no name", "remove"},
      {"from s ⟨x⟩: (A then B)", "E0101", "a group has no name", "(a or b)"},
      {"from s a: A where x where ⟨y⟩", "E0111", "`where` is given twice", "remove"},
      {"from s a: A within 5m within ⟨3m⟩", "E0111", "`within` is given twice", "remove"},
      {"from s a: A unless B unless ⟨C⟩", "E0111", "`unless` is given twice", "remove"},
      {"from s a: A after match skip none after match skip ⟨none⟩", "E0111", "twice", "remove"},
      {"from s a: A after ⟨skip⟩ none", "E0101", "expected `match`", ""},
      {"from s a: A after match skip ⟨first⟩", "E0101", "`past last`", ""},
      {"from s a: A after match skip to ⟨none⟩", "E0101", "expected `next`, `first` or `last`", ""},
      {"from s A{⟨99999999999999999999⟩}", "E0107", "does not fit", "9223372036854775807"},
      {"from s A{⟨2.5⟩}", "E0101", "expected a whole number", ""},
      {"from s A{2⟨-⟩3}", "E0101", "expected `,` or `}`", ""},
      {"from s A{2}⟨{⟩3}", "E0101", "expected `then`", ""},
      {"from s all(A⟨)⟩", "E0101", "`,`", ""},
      {"from s a: A then not (B⟨)⟩", "E0101", "expected `or`", ""},
      {"from s⟨⟩", "E0101", "expected `,` or a step", ""},
      {"from⟨⟩", "E0101", "expected a stream", ""},
      {"⟨s⟩ a: A", "E0101", "expected `from`", ""},
      {"from s by ⟨[⟩a] A", "E0101", "expected a field or `(`", ""},
      {"from s A[x like ⟨\"⟩abc]\nthen B", "E0105", "the string that begins here", "`\"`"},
      {"from s A[x matches ⟨/⟩abc]", "E0105", "the regular expression", "`/`"},
      {"from s ⟨`⟩abc", "E0105", "the name", "```"},
      {"from s A[x like \"a⟨\\q⟩b\"]", "E0106", "unknown escape `\\q`", "\\uXXXX"},
      {"from s A[x like \"⟨\\u⟩12\"]", "E0106", "unknown escape `\\u`", "\\uXXXX"},
      {"from s A[x like \"⟨\\u⟩D800\"]", "E0106", "unknown escape", "\\uXXXX"},
      {"from s A[x matches ⟨/a/gi⟩]", "E0102", "unknown flag", "`i`"},
      {"from s A[⟨_id⟩ == 3]", "E0102", "unknown character", "`_id`"},
      {"from s A[⟨@timestamp⟩ == 3]", "E0102", "unknown character", "`@timestamp`"},
      {"from s A[x == ⟨“⟩abc”]", "E0102", "unknown character `“`", "straight"},
      {"from s ⟨``⟩", "E0101", "empty", ""},
      {"⟨⟩  # nothing", "E0110", "empty", ""},
      {"from s a: A where⟨⟩  # x", "E0101", "expected an expression, found the end", ""},
  };
  for (const ErrorRow& row : rows) CheckError(row, true);
}

TEST_CASE("syntax errors of expressions: place, message, help") {
  const ErrorRow rows[] = {
      {"a < b ⟨<⟩ c", "E0109", "do not chain", "a < b and b < c"},
      {"a and⟨⟩  ", "E0101", "expected an expression, found the end of the text", ""},
      {"a or ⟨or⟩ b", "E0101", "expected an expression, found `or`", ""},
      {"a ==⟨⟩\n", "E0101", "expected a value", ""},
      {"a not ⟨b⟩", "E0101", "expected `in`", ""},
      {"a is ⟨b⟩", "E0101", "expected `not` or `null`", ""},
      {"a between 1 ⟨,⟩ 2", "E0101", "`and` of `between`", ""},
      {"f(a⟨⟩", "E0101", "`)`, found the end of the text", "`)`"},
      {"f(a, ⟨)⟩", "E0101", "expected an expression", ""},
      {"[1, ⟨]⟩", "E0101", "expected an expression", ""},
      {"a ⟨contains⟩ \"b\"", "E0101", "found `contains`", "contains(text, part)"},
      {"a ⟨AND⟩ b", "E0101", "found `AND`", "`and`"},
      {"a ⟨lkie⟩ \"b\"", "E0101", "found `lkie`", "did you mean `like`?"},
      {"a ⟨b⟩", "E0101", "expected an operator or the end of the text, found `b`", ""},
      {"count(x over ⟨5⟩)", "E0101", "expected a duration", "`5m`"},
      {"count(x over ⟨)⟩", "E0101", "`tumbling`", ""},
      {"count(x over last ⟨x⟩ events)", "E0101", "whole number", ""},
      {"count(x over last 3 ⟨)⟩", "E0101", "`events`", ""},
      {"count(x over 1h by a ⟨by b⟩)", "E0111", "`by` is given twice", "remove"},
      {"⟨.⟩5 < a", "E0101", "expected an expression", "both sides"},
      {"5. ⟨<⟩ a", "E0101", "expected a field", "both sides"},
      {"⟨1e5⟩", "E0107", "is not a number", "exponent"},
      {"⟨1__0⟩", "E0107", "is not a number", "`_`"},
      {"x == 'it'⟨'s'⟩", "E0101", "found `'s'`", "quote"},
      {"a ⟨<>⟩ b", "E0102", "unknown operator `<>`", "`!=`"},
      {"a ⟨=~⟩ b", "E0102", "unknown operator `=~`", "matches"},
      {"⟨$⟩ == 1", "E0102", "unknown character", "backticks"},
  };
  for (const ErrorRow& row : rows) CheckError(row, false);
}

TEST_CASE("nesting is bounded") {
  const auto bad = [](const std::string& text) {
    const auto parsed = ParseExpression(text);
    return parsed.error ? parsed.error->code : "";
  };
  const std::size_t max = kNestingMax;
  CHECK(bad(Repeat("(", max) + "x" + Repeat(")", max)) == "");
  CHECK(bad(Repeat("(", max + 1) + "x" + Repeat(")", max + 1)) == "E0108");
  CHECK(bad(Repeat("f(", max) + "x" + Repeat(")", max)) == "");
  CHECK(bad(Repeat("[", max + 1) + "x" + Repeat("]", max + 1)) == "E0108");
  CHECK(bad(Repeat("not ", max) + "x") == "");
  CHECK(bad(Repeat("not ", max + 1) + "x") == "E0108");
  CHECK(bad(Repeat("- ", max + 1) + "x") == "E0108");
  CHECK(bad(Repeat("not (", max / 2) + "x" + Repeat(")", max / 2)) == "");
  CHECK(bad(Repeat("not (", max / 2 + 1) + "x" + Repeat(")", max / 2 + 1)) == "E0108");
  CHECK(bad("x" + Repeat(".a", max)) == "");
  CHECK(bad("x" + Repeat(".a", max + 1)) == "E0108");
  CHECK(bad("x" + Repeat("[0]", max + 1)) == "E0108");
  CHECK(bad("x" + Repeat("[0].a", max)) == "E0108");
  CHECK(bad(Repeat("a.b + ", 2'000) + "x") == "");
  CHECK(bad(Repeat("not a and ", 2'000) + "x") == "");
  for (const std::string_view part : {"(", "not ", "a.", "(not "}) {
    CAPTURE(part);
    CHECK(bad(Repeat(part, 100'000)) == "E0108");
  }
  CHECK(ParsePattern("from s " + Repeat("(", 100'000)).error->code == "E0108");
  CHECK(ParsePattern("from s " + Repeat("(", 60) + "A" + Repeat("){2}", 60)).value != nullptr);
}

TEST_CASE("sources of features, and expressions in braces") {
  const auto sources = ParseSources("a, b by (c, d.e)");
  REQUIRE(sources.value.size() == 2);
  CHECK(sources.value[1].by->paths.size() == 2);
  CHECK(ParseSources("a by").error.has_value());
  CHECK(ParseSources("a b").error.has_value());

  std::uint32_t end = 0;
  const std::string_view text = "x {a.b + \"}\"} y";
  const auto parsed = ParseBracedExpression(text, 3, &end);
  REQUIRE(parsed.value != nullptr);
  CHECK(text[end] == '}');
  CHECK(end == 12);
  CHECK(At(text, parsed.value->span) == "a.b + \"}\"");
  const auto open = ParseBracedExpression("{a", 1, &end);
  CHECK(open.value != nullptr);
  CHECK(end == 2);
  CHECK(ParseBracedExpression("{}", 1, &end).error->code == "E0110");
}

}  // namespace
}  // namespace shrike::rules
