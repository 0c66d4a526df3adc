#include "rules/parser_actions.h"

#include <charconv>
#include <utility>

#include "base/time.h"

namespace shrike::rules {
namespace {

std::string TextOf(const ParseState& state, Span span) {
  return std::string(state.text.substr(span.begin, span.end - span.begin));
}

Name NameOf(const ParseState& state, const Token& token) {
  Name name;
  name.span = token.span;
  name.quoted = token.kind == TokenKind::kQuotedName;
  const std::uint32_t margin = name.quoted ? 1 : 0;
  name.text = TextOf(state, {token.span.begin + margin, token.span.end - margin});
  return name;
}

DurationMs DurationOf(const ParseState& state, const Token& token) {
  return ParseDuration(TextOf(state, token.span)).value_or(0);  // The lexer has checked it.
}

std::int64_t IntegerOf(const ParseState& state, const Token& token) {
  std::string digits = TextOf(state, token.span);
  std::erase(digits, '_');
  std::int64_t value = 0;  // The lexer has checked that it fits.
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

ExprPtr NewExpr(ExprKind kind, Span span) {
  auto expr = std::make_unique<Expr>();
  expr->kind = kind;
  expr->span = span;
  return expr;
}

bool Refuse(ParseState& state, SyntaxError error) {
  if (state.recording && !state.refused) state.refused = std::move(error);
  return false;
}

bool RefuseTwice(ParseState& state, Span span, const std::string& what) {
  return Refuse(state, {"E0111", span, what + " is given twice", "remove one of the two"});
}

ExprKind AtomKind(TokenKind kind) {
  switch (kind) {
    case TokenKind::kInteger:
    case TokenKind::kNumber:
      return ExprKind::kNumber;
    case TokenKind::kString:
      return ExprKind::kString;
    case TokenKind::kDuration:
      return ExprKind::kDuration;
    case TokenKind::kRegex:
      return ExprKind::kRegex;
    case TokenKind::kTrue:
    case TokenKind::kFalse:
      return ExprKind::kBool;
    case TokenKind::kNull:
      return ExprKind::kNull;
    default:
      return ExprKind::kName;
  }
}

// The node that an operator makes of its operands.
ExprKind OperatorNode(TokenKind kind) {
  switch (kind) {
    case TokenKind::kOr:
      return ExprKind::kOr;
    case TokenKind::kAnd:
      return ExprKind::kAnd;
    case TokenKind::kCoalesce:
      return ExprKind::kCoalesce;
    case TokenKind::kPlus:
    case TokenKind::kMinus:
      return ExprKind::kSum;
    case TokenKind::kStar:
    case TokenKind::kSlash:
    case TokenKind::kPercent:
      return ExprKind::kProduct;
    case TokenKind::kBetween:
      return ExprKind::kBetween;
    case TokenKind::kNull:
      return ExprKind::kIsNull;
    case TokenKind::kIn:
    case TokenKind::kLike:
    case TokenKind::kILike:
    case TokenKind::kMatches:
      return ExprKind::kMatch;
    default:
      return ExprKind::kCompare;
  }
}

// nullopt: the node says it all.
std::optional<Operator> OperatorOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kPlus:
      return Operator::kAdd;
    case TokenKind::kMinus:
      return Operator::kSubtract;
    case TokenKind::kStar:
      return Operator::kMultiply;
    case TokenKind::kSlash:
      return Operator::kDivide;
    case TokenKind::kPercent:
      return Operator::kModulo;
    case TokenKind::kEqual:
      return Operator::kEqual;
    case TokenKind::kNotEqual:
      return Operator::kNotEqual;
    case TokenKind::kLess:
      return Operator::kLess;
    case TokenKind::kLessEqual:
      return Operator::kLessEqual;
    case TokenKind::kGreater:
      return Operator::kGreater;
    case TokenKind::kGreaterEqual:
      return Operator::kGreaterEqual;
    case TokenKind::kIn:
      return Operator::kIn;
    case TokenKind::kLike:
      return Operator::kLike;
    case TokenKind::kILike:
      return Operator::kILike;
    case TokenKind::kMatches:
      return Operator::kMatches;
    default:
      return std::nullopt;
  }
}

}  // namespace

// ---- Expressions ----

void MakeAtom(ExprPtr& value, Token& token, ParseState& state) {
  value = NewExpr(AtomKind(token.kind), token.span);
  Expr& expr = *value;
  switch (expr.kind) {
    case ExprKind::kNull:
      break;
    case ExprKind::kBool:
      expr.boolean = token.kind == TokenKind::kTrue;
      break;
    case ExprKind::kString:
      expr.raw = state.text[token.span.begin] == '\'';
      expr.text = DecodeString(state.text, token.span).text;
      break;
    case ExprKind::kRegex:
      expr.ignore_case = state.text[token.span.end - 1] == 'i';
      expr.text =
          TextOf(state, {token.span.begin + 1, token.span.end - (expr.ignore_case ? 2 : 1)});
      break;
    case ExprKind::kName: {
      Name name = NameOf(state, token);
      expr.text = std::move(name.text);
      expr.quoted = name.quoted;
      expr.name_span = token.span;
      break;
    }
    default:
      expr.text = TextOf(state, token.span);
      if (expr.kind == ExprKind::kDuration) expr.duration = DurationOf(state, token);
  }
}

void BeginNode(ExprPtr& value, Token& token, ParseState& /*state*/) {
  const ExprKind kind = token.kind == TokenKind::kNot           ? ExprKind::kNot
                        : token.kind == TokenKind::kMinus       ? ExprKind::kNegate
                        : token.kind == TokenKind::kLeftBracket ? ExprKind::kList
                                                                : ExprKind::kParen;
  value = NewExpr(kind, token.span);
}

void AddOperand(ExprPtr& value, ExprPtr& part, ParseState& /*state*/) {
  value->operands.push_back(std::move(part));
}

void AddOperator(ExprPtr& value, Token& token, ParseState& /*state*/) {
  const ExprKind kind = OperatorNode(token.kind);
  if (value->kind != kind) {
    ExprPtr node = NewExpr(kind, value->span);
    node->operands.push_back(std::move(value));
    value = std::move(node);
  }
  if (const std::optional<Operator> op = OperatorOf(token.kind)) {
    value->operators.push_back(*op);
    value->operator_spans.push_back(token.span);
  }
}

void AddNegatedOperator(ExprPtr& value, Token& token, ParseState& state) {
  AddOperator(value, token, state);
  value->negated = true;
}

bool RefuseChain(ExprPtr& /*value*/, Token& token, ParseState& state) {
  return Refuse(state, {"E0109", token.span, "comparisons do not chain",
                        "write `a < b and b < c`, or `b between a and c`"});
}

void MakeCall(ExprPtr& value, Arguments& part, ParseState& /*state*/) {
  value->kind = ExprKind::kCall;
  value->operands = std::move(part.operands);
  value->window = std::move(part.window);
}

void AddMember(ExprPtr& value, Token& token, ParseState& state) {
  Name name = NameOf(state, token);
  ExprPtr node = NewExpr(ExprKind::kMember, {value->span.begin, token.span.end});
  node->text = std::move(name.text);
  node->quoted = name.quoted;
  node->name_span = token.span;
  node->operands.push_back(std::move(value));
  value = std::move(node);
}

void AddIndex(ExprPtr& value, ExprPtr& part, ParseState& /*state*/) {
  ExprPtr node = NewExpr(ExprKind::kIndex, value->span);
  node->operands.push_back(std::move(value));
  node->operands.push_back(std::move(part));
  value = std::move(node);
}

void EndAt(ExprPtr& value, Token& token, ParseState& /*state*/) {
  value->span.end = token.span.end;
}

void AddArgument(Arguments& value, ExprPtr& part, ParseState& /*state*/) {
  value.operands.push_back(std::move(part));
}

void SetWindow(Arguments& value, Window& part, ParseState& /*state*/) {
  value.window = std::make_unique<Window>(std::move(part));
}

void SetWindowKind(Window& value, Token& token, ParseState& /*state*/) {
  value.kind = token.kind == TokenKind::kTumbling  ? WindowKind::kTumbling
               : token.kind == TokenKind::kSession ? WindowKind::kSession
                                                   : WindowKind::kLastEvents;
}

void SetLength(Window& value, Token& token, ParseState& state) {
  value.length = DurationOf(state, token);
  value.length_text = TextOf(state, token.span);
}

void SetEvents(Window& value, Token& token, ParseState& state) {
  value.events = IntegerOf(state, token);
}

bool SetWindowBy(Window& value, Keys& part, ParseState& state) {
  if (value.by) return RefuseTwice(state, part.span, "`by`");
  value.by = std::move(part);
  return true;
}

bool SetWindowWhere(Window& value, ExprPtr& part, ParseState& state) {
  if (value.where) return RefuseTwice(state, part->span, "`where`");
  value.where = std::move(part);
  return true;
}

bool SetExcluding(Window& value, Token& token, ParseState& state) {
  if (value.excluding_current) return RefuseTwice(state, token.span, "`excluding current`");
  value.excluding_current = true;
  return true;
}

// ---- Steps ----

void AddPart(Path& value, Token& token, ParseState& state) {
  value.parts.push_back(NameOf(state, token));
}

void AddPath(Keys& value, Path& part, ParseState& /*state*/) {
  value.paths.push_back(std::move(part));
}

void SetLabel(Name& value, Token& token, ParseState& state) { value = NameOf(state, token); }

void SetStepName(Step& value, Name& part, ParseState& /*state*/) { value.name = std::move(part); }

void SetType(Step& value, Token& token, ParseState& state) { value.type = NameOf(state, token); }

void SetQualifiedType(Step& value, Token& token, ParseState& state) {
  value.stream = std::move(value.type);
  value.type = NameOf(state, token);
}

void SetStepBy(Step& value, Keys& part, ParseState& /*state*/) { value.by = std::move(part); }

void SetCondition(Step& value, ExprPtr& part, ParseState& /*state*/) {
  value.condition = std::move(part);
}

bool RefuseLabel(Step& /*value*/, Name& part, ParseState& state) {
  return Refuse(state, {"E0112", part.span, "a step behind `not` has no name: it binds no event",
                        "remove the name"});
}

void SetMin(Quantifier& value, Token& token, ParseState& state) {
  value.form = Quantifier::Form::kExactly;
  value.min = IntegerOf(state, token);
  value.max = value.min;
}

void SetOpenEnd(Quantifier& value, Token& /*token*/, ParseState& /*state*/) {
  value.form = Quantifier::Form::kAtLeast;
  value.max.reset();
}

void SetMax(Quantifier& value, Token& token, ParseState& state) {
  value.form = Quantifier::Form::kBetween;
  value.max = IntegerOf(state, token);
}

void SetSign(Quantifier& value, Token& token, ParseState& /*state*/) {
  value.form = token.kind == TokenKind::kPlus   ? Quantifier::Form::kPlus
               : token.kind == TokenKind::kStar ? Quantifier::Form::kStar
                                                : Quantifier::Form::kOptional;
  value.min = token.kind == TokenKind::kPlus ? 1 : 0;
  if (token.kind == TokenKind::kQuestion) value.max = 1;
}

void SetModifier(Quantifier& value, Token& token, ParseState& /*state*/) {
  if (token.kind == TokenKind::kGreedy) value.greedy = true;
  if (token.kind == TokenKind::kConsecutive) value.contiguity = Contiguity::kConsecutive;
  if (token.kind == TokenKind::kCombinations) value.contiguity = Contiguity::kCombinations;
}

void SetUntil(Quantifier& value, ExprPtr& part, ParseState& /*state*/) {
  value.until = std::move(part);
}

// ---- Elements and patterns ----

void BeginElement(Element& value, Token& token, ParseState& /*state*/) {
  value.kind = token.kind == TokenKind::kNot   ? Element::Kind::kNot
               : token.kind == TokenKind::kAll ? Element::Kind::kAll
                                               : Element::Kind::kChoice;
}

void SetChoiceName(Element& value, Name& part, ParseState& /*state*/) {
  value.name = std::move(part);
}

void SetParenthesised(Element& value, Token& /*token*/, ParseState& /*state*/) {
  value.not_parenthesised = true;
}

void AddStep(Element& value, Step& part, ParseState& /*state*/) {
  value.steps.push_back(std::move(part));
}

void SetGroup(Element& value, Sequence& part, ParseState& /*state*/) {
  value.kind = Element::Kind::kGroup;
  value.group = std::make_unique<Sequence>(std::move(part));
}

bool RefuseGroupLabel(Element& /*value*/, Name& part, ParseState& state) {
  return Refuse(state, {"E0101", part.span, "a group has no name",
                        "name the steps in it, or a choice: `name: (a or b)`"});
}

void SetQuantifier(Element& value, Quantifier& part, ParseState& /*state*/) {
  value.quantifier = std::move(part);
}

void SetLinkKind(Link& value, Token& token, ParseState& /*state*/) {
  value.kind = token.kind == TokenKind::kNext    ? LinkKind::kNext
               : token.kind == TokenKind::kEvery ? LinkKind::kThenEvery
                                                 : LinkKind::kThen;
}

void SetLinkWithin(Link& value, Token& token, ParseState& state) {
  value.within = DurationOf(state, token);
  value.within_text = TextOf(state, token.span);
}

void SetLink(Element& value, Link& part, ParseState& /*state*/) { value.link = std::move(part); }

void SetLinked(Element& value, Element& part, ParseState& /*state*/) {
  Link before = std::move(value.link);
  value = std::move(part);
  value.link = std::move(before);
}

void AddElement(Sequence& value, Element& part, ParseState& /*state*/) {
  value.elements.push_back(std::move(part));
}

void SetStream(Source& value, Token& token, ParseState& state) {
  value.stream = NameOf(state, token);
}

void SetSourceBy(Source& value, Keys& part, ParseState& /*state*/) { value.by = std::move(part); }

void AddSource(std::vector<Source>& value, Source& part, ParseState& /*state*/) {
  value.push_back(std::move(part));
}

void SetSources(Pattern& value, std::vector<Source>& part, ParseState& /*state*/) {
  value.sources = std::move(part);
}

void SetSequence(Pattern& value, Sequence& part, ParseState& /*state*/) {
  value.sequence = std::move(part);
}

void SetSkipKind(Skip& value, Token& token, ParseState& /*state*/) {
  switch (token.kind) {
    case TokenKind::kPast:
      value.kind = SkipKind::kPastLast;
      break;
    case TokenKind::kNext:
      value.kind = SkipKind::kToNext;
      break;
    case TokenKind::kFirst:
      value.kind = SkipKind::kToFirst;
      break;
    case TokenKind::kLast:
      value.kind = SkipKind::kToLast;
      break;
    default:
      value.kind = SkipKind::kNone;
  }
}

void SetSkipName(Skip& value, Token& token, ParseState& state) {
  value.name = NameOf(state, token);
}

// A clause that is given twice keeps the place of the first.
void BeginClause(Pattern& value, Token& token, ParseState& /*state*/) {
  const std::uint32_t begin = token.span.begin;
  if (token.kind == TokenKind::kUnless && !value.unless) value.unless_span.begin = begin;
  if (token.kind == TokenKind::kWhere && !value.where) value.where_span.begin = begin;
  if (token.kind == TokenKind::kWithin && !value.within) value.within_span.begin = begin;
}

bool SetUnless(Pattern& value, Step& part, ParseState& state) {
  if (value.unless) return RefuseTwice(state, part.span, "`unless`");
  value.unless_span.end = part.span.end;
  value.unless = std::move(part);
  return true;
}

bool SetWhere(Pattern& value, ExprPtr& part, ParseState& state) {
  if (value.where) return RefuseTwice(state, part->span, "`where`");
  value.where_span.end = part->span.end;
  value.where = std::move(part);
  return true;
}

bool SetWithin(Pattern& value, Token& token, ParseState& state) {
  if (value.within) return RefuseTwice(state, token.span, "`within`");
  value.within = DurationOf(state, token);
  value.within_text = TextOf(state, token.span);
  value.within_span.end = token.span.end;
  return true;
}

bool SetSkip(Pattern& value, Skip& part, ParseState& state) {
  if (value.skip) return RefuseTwice(state, part.span, "`after match skip`");
  value.skip = std::move(part);
  return true;
}

}  // namespace shrike::rules
