// The grammar of rules/parser.h in Boost.Spirit X3, over tokens.
//
// The simple algorithm is X3's: recursive descent with backtracking. What differs: a terminal that does not fit notes
// its name at its token, and of all failures the furthest is reported (the grammar is nearly LL(1), so that is where
// the author's mistake is). Names are noted only in a second run over a text that failed: good texts pay nothing.
// A rule that fails at its first token replaces the names noted there by its own: "an expression", not its terminals.
#include "rules/parser.h"

#include <charconv>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include <boost/spirit/home/x3.hpp>

#include "base/time.h"
#include "rules/lexer.h"
#include "rules/syntax_message.h"

namespace shrike::rules {
namespace {

namespace x3 = boost::spirit::x3;

// What one run over the tokens knows. Owned by Run below.
struct ParseState {
  std::string_view text;
  bool recording = false;
  const Token* furthest = nullptr;
  std::vector<std::string_view> expected;  // at `furthest`
  std::optional<SyntaxError>
      refused;  // the grammar fits, a rule beside it does not: E0109, E0111, E0112
};
struct StateTag {};

template <typename Context>
ParseState& StateOf(const Context& context) {
  return x3::get<StateTag>(context).get();
}
template <typename Context>
std::string TextOf(const Context& context, Span span) {
  return std::string(StateOf(context).text.substr(span.begin, span.end - span.begin));
}

// ---- Terminals and names ----

// One token that `Accept` takes. name: for messages; empty: not worth a mention.
template <typename Accept>
struct Terminal : x3::parser<Terminal<Accept>> {
  using attribute_type = Token;
  static constexpr bool has_attribute = true;

  Terminal(Accept accept_in, std::string_view name_in) : accept(accept_in), name(name_in) {}

  template <typename Iterator, typename Context, typename RuleContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, RuleContext& /*rule*/,
             Attribute& attribute) const {
    if (first != last && accept(first->kind)) {
      x3::traits::move_to(*first, attribute);
      ++first;
      return true;
    }
    ParseState& state = StateOf(context);
    if (state.recording && first >= state.furthest) {
      if (first > state.furthest) state.expected.clear();
      state.furthest = first;
      if (!name.empty()) state.expected.push_back(name);
    }
    return false;
  }

  Accept accept;
  std::string_view name;
};

struct IsKind {
  TokenKind wanted;
  bool operator()(TokenKind kind) const { return kind == wanted; }
};
struct IsRange {
  TokenKind first;
  TokenKind last;
  bool operator()(TokenKind kind) const { return kind >= first && kind <= last; }
};
using Accepts = bool (*)(TokenKind);

Terminal<IsKind> Tok(TokenKind kind, std::string_view name) { return {IsKind{kind}, name}; }
Terminal<IsRange> Tok(TokenKind first, TokenKind last, std::string_view name) {
  return {IsRange{first, last}, name};
}
Terminal<Accepts> Tok(Accepts accepts, std::string_view name) { return {accepts, name}; }

// Gives a rule's human name to a failure at its first token.
template <typename Subject>
struct Named : x3::unary_parser<Subject, Named<Subject>> {
  using Base = x3::unary_parser<Subject, Named<Subject>>;
  static constexpr bool is_pass_through_unary = true;

  Named(const Subject& subject_in, std::string_view name_in) : Base(subject_in), name(name_in) {}

  template <typename Iterator, typename Context, typename RuleContext, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, RuleContext& rule,
             Attribute& attribute) const {
    ParseState& state = StateOf(context);
    const Token* start = first;
    const std::size_t before = state.furthest == start ? state.expected.size() : 0;
    if (this->subject.parse(first, last, context, rule, attribute)) return true;
    if (state.recording && state.furthest == start) {
      state.expected.resize(before);
      state.expected.push_back(name);
    }
    return false;
  }

  std::string_view name;
};

template <typename Id, typename Attribute>
auto Human(const x3::rule<Id, Attribute>& rule) {
  return Named<x3::rule<Id, Attribute>>(rule, rule.name);
}

// ---- Places ----

void SetSpan(ExprPtr& expr, Span span) { expr->span = span; }
template <typename Node>
void SetSpan(Node& node, Span span) {
  node.span = span;
}

// The rule's value gets the span of the tokens that the subject took. (X3's on_success sees no value in rules with
// actions; the rule context is the value.)
template <typename Subject>
struct Placed : x3::unary_parser<Subject, Placed<Subject>> {
  using Base = x3::unary_parser<Subject, Placed<Subject>>;
  static constexpr bool is_pass_through_unary = true;

  explicit Placed(const Subject& subject_in) : Base(subject_in) {}

  template <typename Iterator, typename Context, typename Value, typename Attribute>
  bool parse(Iterator& first, const Iterator& last, const Context& context, Value& value,
             Attribute& attribute) const {
    const Token* start = first;
    if (!this->subject.parse(first, last, context, value, attribute)) return false;
    SetSpan(value, {start->span.begin, (first - 1)->span.end});
    return true;
  }
};

template <typename Subject>
auto Place(const Subject& subject) {
  return Placed<Subject>(subject);
}

struct Arguments {
  std::vector<ExprPtr> operands;
  std::unique_ptr<Window> window;
};

// ---- Rules and their human names ----

// clang-format off
struct PatternTag {};
struct SourcesTag {};
struct SourceTag {};
struct KeysTag {};
struct PathTag {};
struct SequenceTag {};
struct LinkedTag {};  // Not placed: an element's span is without its link.
struct LinkTag {};
struct PositiveTag {};
struct NegativeTag {};
struct ChoiceTag {};
struct GroupTag {};
struct AllTag {};
struct StepElementTag {};
struct StepTag {};
struct BareTag {};
struct LabelTag {};
struct QuantifierTag {};
struct SkipTag {};
struct ExpressionTag {};
struct ConjTag {};
struct NegTag {};
struct ComparisonTag {};
struct CoalTag {};
struct SumTag {};
struct ProdTag {};
struct UnaryTag {};
struct PostfixTag {};
struct AtomTag {};
struct ListTag {};
struct ParenTag {};
struct ArgumentsTag {};
struct WindowTag {};

const x3::rule<PatternTag, Pattern> pattern = "a pattern";
const x3::rule<SourcesTag, std::vector<Source>> sources = "a stream";
const x3::rule<SourceTag, Source> source = "a stream";
const x3::rule<KeysTag, Keys> keys = "`by`";
const x3::rule<PathTag, Path> path = "a field";
const x3::rule<SequenceTag, Sequence> sequence = "a step";
const x3::rule<LinkedTag, Element> linked = "`then` or `next`";
const x3::rule<LinkTag, Link> link = "`then` or `next`";
const x3::rule<PositiveTag, Element> positive = "a step";
const x3::rule<NegativeTag, Element> negative = "`not`";
const x3::rule<ChoiceTag, Element> choice = "a choice";
const x3::rule<GroupTag, Element> group = "a group";
const x3::rule<AllTag, Element> all = "`all`";
const x3::rule<StepElementTag, Element> step_element = "a step";
const x3::rule<StepTag, Step> step = "a step";
const x3::rule<BareTag, Step> bare = "an event type";
const x3::rule<LabelTag, Name> label = "a step's name";
const x3::rule<QuantifierTag, Quantifier> quantifier = "a quantifier";
const x3::rule<SkipTag, Skip> skip = "`none`, `past last`, `to next`, `to first` or `to last`";
const x3::rule<ExpressionTag, ExprPtr> expression = "an expression";
const x3::rule<ConjTag, ExprPtr> conj = "an expression";
const x3::rule<NegTag, ExprPtr> neg = "an expression";
const x3::rule<ComparisonTag, ExprPtr> comparison = "an expression";
const x3::rule<CoalTag, ExprPtr> coal = "a value";
const x3::rule<SumTag, ExprPtr> sum = "a value";
const x3::rule<ProdTag, ExprPtr> prod = "a value";
const x3::rule<UnaryTag, ExprPtr> unary = "a value";
const x3::rule<PostfixTag, ExprPtr> postfix = "a value";
const x3::rule<AtomTag, ExprPtr> atom = "a value";
const x3::rule<ListTag, ExprPtr> list = "a list";
const x3::rule<ParenTag, ExprPtr> paren = "`(`";
const x3::rule<ArgumentsTag, Arguments> arguments = "`(`";
const x3::rule<WindowTag, Window> window = "`over`";
// clang-format on

// ---- Actions: what a rule does with a part it has read ----

template <typename Context>
using ValueOf = std::remove_reference_t<decltype(x3::_val(std::declval<Context&>()))>;

// The rule's value becomes the part.
const auto move_up = [](auto& context) { x3::_val(context) = std::move(x3::_attr(context)); };

// A member of the rule's value becomes the part.
template <auto Member>
struct Set {
  template <typename Context>
  void operator()(Context& context) const {
    x3::_val(context).*Member = std::move(x3::_attr(context));
  }
};

// The part is added to a list in the rule's value.
template <auto Member>
struct Add {
  template <typename Context>
  void operator()(Context& context) const {
    (x3::_val(context).*Member).push_back(std::move(x3::_attr(context)));
  }
};

// A member of the rule's value becomes a constant.
template <auto Member, auto Constant>
struct Choose {
  template <typename Context>
  void operator()(Context& context) const {
    x3::_val(context).*Member = Constant;
  }
};

template <typename Context>
void Refuse(Context& context, SyntaxError error) {
  x3::_pass(context) = false;
  ParseState& state = StateOf(context);
  if (state.recording && !state.refused) state.refused = std::move(error);
}

template <typename Context>
void RefuseTwice(Context& context, Span span, const std::string& what) {
  Refuse(context, {"E0111", span, what + " is given twice", "remove one of the two"});
}

template <typename Context>
Name NameOf(Context& context, const Token& token) {
  Name name;
  name.span = token.span;
  name.quoted = token.kind == TokenKind::kQuotedName;
  const std::uint32_t margin = name.quoted ? 1 : 0;
  name.text = TextOf(context, {token.span.begin + margin, token.span.end - margin});
  return name;
}

template <auto Member>
struct SetName {
  template <typename Context>
  void operator()(Context& context) const {
    x3::_val(context).*Member = NameOf(context, x3::_attr(context));
  }
};

template <typename Context>
DurationMs DurationOf(Context& context, const Token& token) {
  return ParseDuration(TextOf(context, token.span)).value_or(0);  // The lexer has checked it.
}

// A duration and its text.
template <auto Member, auto TextMember>
struct SetDuration {
  template <typename Context>
  void operator()(Context& context) const {
    x3::_val(context).*Member = DurationOf(context, x3::_attr(context));
    x3::_val(context).*TextMember = TextOf(context, x3::_attr(context).span);
  }
};

template <typename Context>
std::int64_t IntegerOf(Context& context, const Token& token) {
  std::string digits = TextOf(context, token.span);
  std::erase(digits, '_');
  std::int64_t value = 0;  // The lexer has checked that it fits.
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// -- of expressions --

ExprPtr NewExpr(ExprKind kind, Span span) {
  auto expr = std::make_unique<Expr>();
  expr->kind = kind;
  expr->span = span;
  return expr;
}

// `expr` becomes the first operand of a node of this kind, if it is not one already.
void WrapAs(ExprKind kind, ExprPtr* expr) {
  if ((*expr)->kind == kind) return;
  ExprPtr parent = NewExpr(kind, (*expr)->span);
  parent->operands.push_back(std::move(*expr));
  *expr = std::move(parent);
}

template <ExprKind kKind>
struct AddOperand {
  template <typename Context>
  void operator()(Context& context) const {
    WrapAs(kKind, &x3::_val(context));
    x3::_val(context)->operands.push_back(std::move(x3::_attr(context)));
  }
};

Operator OperatorOf(TokenKind kind) {
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
    case TokenKind::kLike:
      return Operator::kLike;
    case TokenKind::kILike:
      return Operator::kILike;
    case TokenKind::kMatches:
      return Operator::kMatches;
    default:
      return Operator::kIn;
  }
}

// An operator behind the first operand; kNegated: with a `not` before it.
template <ExprKind kKind, bool kNegated = false>
struct AddOperator {
  template <typename Context>
  void operator()(Context& context) const {
    ExprPtr& value = x3::_val(context);
    WrapAs(kKind, &value);
    const Token& token = x3::_attr(context);
    value->negated = kNegated;
    if (kKind == ExprKind::kBetween || kKind == ExprKind::kIsNull) return;
    value->operators.push_back(OperatorOf(token.kind));
    value->operator_spans.push_back(token.span);
  }
};

// The prefix operators: the operand is read, its sign stood before it.
template <ExprKind kKind>
struct WrapPrefix {
  template <typename Context>
  void operator()(Context& context) const {
    x3::_val(context) = NewExpr(kKind, {});
    x3::_val(context)->operands.push_back(std::move(x3::_attr(context)));
  }
};

template <ExprKind kKind>
struct Literal {
  template <typename Context>
  void operator()(Context& context) const {
    const Token& token = x3::_attr(context);
    ExprPtr expr = NewExpr(kKind, token.span);
    expr->text = TextOf(context, token.span);
    if (kKind == ExprKind::kBool) {
      expr->boolean = token.kind == TokenKind::kTrue;
    } else if (kKind == ExprKind::kDuration) {
      expr->duration = DurationOf(context, token);
    } else if (kKind == ExprKind::kString) {
      expr->raw = expr->text.front() == '\'';
      expr->text = DecodeString(StateOf(context).text, token.span).text;
    } else if (kKind == ExprKind::kRegex) {
      expr->ignore_case = expr->text.back() == 'i';
      expr->text = expr->text.substr(1, expr->text.size() - (expr->ignore_case ? 3 : 2));
    } else if (kKind == ExprKind::kName) {
      Name name = NameOf(context, token);
      expr->text = std::move(name.text);
      expr->quoted = name.quoted;
      expr->name_span = token.span;
    }
    if (kKind == ExprKind::kBool || kKind == ExprKind::kNull) expr->text.clear();
    x3::_val(context) = std::move(expr);
  }
};

const auto make_call = [](auto& context) {
  ExprPtr& value = x3::_val(context);
  value->kind = ExprKind::kCall;
  value->operands = std::move(x3::_attr(context).operands);
  value->window = std::move(x3::_attr(context).window);
};

const auto add_member = [](auto& context) {
  const Token& token = x3::_attr(context);
  ExprPtr& value = x3::_val(context);
  Name name = NameOf(context, token);
  ExprPtr parent = NewExpr(ExprKind::kMember, {value->span.begin, token.span.end});
  parent->text = std::move(name.text);
  parent->quoted = name.quoted;
  parent->name_span = token.span;
  parent->operands.push_back(std::move(value));
  value = std::move(parent);
};

const auto add_index = [](auto& context) {
  ExprPtr& value = x3::_val(context);
  ExprPtr parent = NewExpr(ExprKind::kIndex, value->span);
  parent->operands.push_back(std::move(value));
  parent->operands.push_back(std::move(x3::_attr(context)));
  value = std::move(parent);
};

const auto end_at = [](auto& context) {
  x3::_val(context)->span.end = x3::_attr(context).span.end;
};

template <ExprKind kKind>
struct Begin {
  template <typename Context>
  void operator()(Context& context) const {
    x3::_val(context) = NewExpr(kKind, x3::_attr(context).span);
  }
};

const auto add_item = [](auto& context) {
  x3::_val(context)->operands.push_back(std::move(x3::_attr(context)));
};

const auto refuse_chain = [](auto& context) {
  Refuse(context, {"E0109", x3::_attr(context).span, "comparisons do not chain",
                   "write `a < b and b < c`, or `b between a and c`"});
};

// -- of windows --

const auto set_window = [](auto& context) {
  x3::_val(context).window = std::make_unique<Window>(std::move(x3::_attr(context)));
};

const auto set_window_by = [](auto& context) {
  auto& value = x3::_val(context);
  if (value.by) return RefuseTwice(context, x3::_attr(context).span, "`by`");
  value.by = std::move(x3::_attr(context));
};

const auto set_window_where = [](auto& context) {
  auto& value = x3::_val(context);
  if (value.where) return RefuseTwice(context, x3::_attr(context)->span, "`where`");
  value.where = std::move(x3::_attr(context));
};

const auto set_excluding = [](auto& context) {
  auto& value = x3::_val(context);
  if (value.excluding_current) {
    return RefuseTwice(context, x3::_attr(context).span, "`excluding current`");
  }
  value.excluding_current = true;
};

const auto set_events = [](auto& context) {
  x3::_val(context).events = IntegerOf(context, x3::_attr(context));
};

// -- of patterns --

const auto add_part = [](auto& context) {
  x3::_val(context).parts.push_back(NameOf(context, x3::_attr(context)));
};

const auto set_label = [](auto& context) {
  x3::_val(context) = NameOf(context, x3::_attr(context));
};

const auto set_qualified = [](auto& context) {
  Step& value = x3::_val(context);
  value.stream = std::move(value.type);
  value.type = NameOf(context, x3::_attr(context));
};

const auto refuse_label = [](auto& context) {
  Refuse(context, {"E0112", x3::_attr(context).span,
                   "a step behind `not` has no name: it binds no event", "remove the name"});
};

const auto refuse_group_label = [](auto& context) {
  Refuse(context, {"E0101", x3::_attr(context).span, "a group has no name",
                   "name the steps in it, or a choice: `name: (a or b)`"});
};

const auto set_min = [](auto& context) {
  x3::_val(context).min = IntegerOf(context, x3::_attr(context));
};
const auto set_max = [](auto& context) {
  x3::_val(context).max = IntegerOf(context, x3::_attr(context));
};

template <Quantifier::Form kForm>
struct SetForm {
  template <typename Context>
  void operator()(Context& context) const {
    Quantifier& value = x3::_val(context);
    value.form = kForm;
    if (kForm == Quantifier::Form::kExactly) value.max = value.min;
    if (kForm == Quantifier::Form::kStar || kForm == Quantifier::Form::kOptional) value.min = 0;
    if (kForm == Quantifier::Form::kOptional) value.max = 1;
  }
};

const auto set_step = [](auto& context) {
  Element& value = x3::_val(context);
  value.kind = Element::Kind::kStep;
  value.steps.push_back(std::move(x3::_attr(context)));
};

const auto set_group = [](auto& context) {
  Element& value = x3::_val(context);
  value.kind = Element::Kind::kGroup;
  value.group = std::make_unique<Sequence>(std::move(x3::_attr(context)));
};

// The element behind a link keeps the link.
const auto set_linked = [](auto& context) {
  Link before = std::move(x3::_val(context).link);
  x3::_val(context) = std::move(x3::_attr(context));
  x3::_val(context).link = std::move(before);
};

const auto set_unless = [](auto& context) {
  auto& value = x3::_val(context);
  if (value.unless) return RefuseTwice(context, x3::_attr(context).span, "`unless`");
  value.unless_span.end = x3::_attr(context).span.end;
  value.unless = std::move(x3::_attr(context));
};

const auto set_where = [](auto& context) {
  auto& value = x3::_val(context);
  if (value.where) return RefuseTwice(context, x3::_attr(context)->span, "`where`");
  value.where_span.end = x3::_attr(context)->span.end;
  value.where = std::move(x3::_attr(context));
};

const auto set_within = [](auto& context) {
  auto& value = x3::_val(context);
  const Token& token = x3::_attr(context);
  if (value.within) return RefuseTwice(context, token.span, "`within`");
  value.within = DurationOf(context, token);
  value.within_text = TextOf(context, token.span);
  value.within_span.end = token.span.end;
};

const auto set_skip = [](auto& context) {
  auto& value = x3::_val(context);
  if (value.skip) return RefuseTwice(context, x3::_attr(context).span, "`after match skip`");
  value.skip = std::move(x3::_attr(context));
};

// Where a clause begins, unless it is there already.
template <auto SpanMember, auto ValueMember>
struct BeginClause {
  template <typename Context>
  void operator()(Context& context) const {
    auto& value = x3::_val(context);
    if (!(value.*ValueMember)) (value.*SpanMember).begin = x3::_attr(context).span.begin;
  }
};

// ---- Terminals with names ----

using K = TokenKind;
const auto name = Tok(&IsName, "a name");
const auto stream = Tok(&IsName, "a stream");
const auto type = Tok(&IsName, "an event type");
const auto word = Tok(&IsWord, "a field");
const auto integer = Tok(K::kInteger, "a whole number");
const auto duration = Tok(K::kDuration, "a duration such as `10m`");
const auto comma = Tok(K::kComma, "`,`");
const auto colon = Tok(K::kColon, "");
const auto dot = Tok(K::kDot, "");
const auto index_open = Tok(K::kLeftBracket, "");
const auto left_paren = Tok(K::kLeftParen, "`(`");
const auto right_paren = Tok(K::kRightParen, "`)`");
const auto left_bracket = Tok(K::kLeftBracket, "`[`");
const auto right_bracket = Tok(K::kRightBracket, "`]`");
const auto condition_end = Tok(K::kRightBracket, "`]` after the condition");
const auto not_ = Tok(K::kNot, "`not`");
const auto or_ = Tok(K::kOr, "`or`");
const auto where = Tok(K::kWhere, "`where`");
const auto within = Tok(K::kWithin, "`within`");

constexpr std::string_view kOperatorName = "an operator";

// ---- Expressions ----

const auto expression_def =
    Place(Human(conj)[move_up] >>
          *(Tok(K::kOr, kOperatorName) >> Human(conj)[AddOperand<ExprKind::kOr>{}]));

const auto conj_def = Place(Human(neg)[move_up] >> *(Tok(K::kAnd, kOperatorName) >>
                                                     Human(neg)[AddOperand<ExprKind::kAnd>{}]));

const auto neg_def =
    Place((not_ >> Human(neg)[WrapPrefix<ExprKind::kNot>{}]) | comparison[move_up]);

const auto compare = Tok(K::kEqual, K::kGreaterEqual, kOperatorName);
const auto match = Tok(K::kIn, K::kMatches, kOperatorName);
const auto between = Tok(K::kBetween, kOperatorName);
constexpr AddOperand<ExprKind::kCompare> kAddCompared;
constexpr AddOperand<ExprKind::kMatch> kAddMatched;
constexpr AddOperand<ExprKind::kBetween> kAddBound;

const auto comparison_def = Place(
    Human(coal)[move_up] >>
    -((compare[AddOperator<ExprKind::kCompare>{}] >> Human(coal)[kAddCompared] >>
       -Tok(K::kEqual, K::kGreaterEqual, "")[refuse_chain]) |
      (match[AddOperator<ExprKind::kMatch>{}] >> Human(coal)[kAddMatched]) |
      (between[AddOperator<ExprKind::kBetween>{}] >> Human(coal)[kAddBound] >>
       Tok(K::kAnd, "`and` of `between`") >> Human(coal)[kAddBound]) |
      (Tok(K::kNot, "") >>
       ((Tok(K::kIn, K::kMatches,
             "`in`, `like`, `ilike`, `matches`")[AddOperator<ExprKind::kMatch, true>{}] >>
         Human(coal)[kAddMatched]) |
        (Tok(K::kBetween, "`between`")[AddOperator<ExprKind::kBetween, true>{}] >>
         Human(coal)[kAddBound] >> Tok(K::kAnd, "`and` of `between`") >> Human(coal)[kAddBound]))) |
      (Tok(K::kIs, "") >>
       ((not_ >> Tok(K::kNull, "`null`")[AddOperator<ExprKind::kIsNull, true>{}]) |
        Tok(K::kNull, "`null`")[AddOperator<ExprKind::kIsNull>{}]))));

const auto coal_def = Place(sum[move_up] >> *(Tok(K::kCoalesce, kOperatorName) >>
                                              Human(sum)[AddOperand<ExprKind::kCoalesce>{}]));

const auto sum_def = Place(
    prod[move_up] >> *(Tok(K::kPlus, K::kMinus, kOperatorName)[AddOperator<ExprKind::kSum>{}] >>
                       Human(prod)[AddOperand<ExprKind::kSum>{}]));

const auto prod_def =
    Place(unary[move_up] >>
          *(Tok(K::kStar, K::kPercent, kOperatorName)[AddOperator<ExprKind::kProduct>{}] >>
            Human(unary)[AddOperand<ExprKind::kProduct>{}]));

const auto unary_def =
    Place((Tok(K::kMinus, "") >> Human(unary)[WrapPrefix<ExprKind::kNegate>{}]) | postfix[move_up]);

const auto postfix_def = Place(
    atom[move_up] >> *((dot >> word[add_member]) |
                       (index_open >> Human(expression)[add_index] >> right_bracket[end_at])));

const auto atom_def =
    Place((name[Literal<ExprKind::kName>{}] >> -arguments[make_call]) |
          Tok(K::kInteger, K::kNumber, "a number")[Literal<ExprKind::kNumber>{}] |
          Tok(K::kString, "a string")[Literal<ExprKind::kString>{}] |
          Tok(K::kDuration, "a duration")[Literal<ExprKind::kDuration>{}] |
          Tok(K::kTrue, K::kFalse, "`true`")[Literal<ExprKind::kBool>{}] |
          Tok(K::kNull, "`null`")[Literal<ExprKind::kNull>{}] | list[move_up] | paren[move_up] |
          Tok(K::kRegex, "a regular expression")[Literal<ExprKind::kRegex>{}]);

const auto list_def =
    Place(left_bracket[Begin<ExprKind::kList>{}] >>
          -(Human(expression)[add_item] >> *(comma >> Human(expression)[add_item])) >>
          Tok(K::kRightBracket, "`]` after the list"));

const auto paren_def =
    Place(left_paren[Begin<ExprKind::kParen>{}] >> Human(expression)[add_item] >> right_paren);

const auto arguments_def = Tok(K::kLeftParen, "") >>
                           -(window[set_window] |
                             (Human(expression)[Add<&Arguments::operands>{}] >>
                              (window[set_window] |
                               *(comma >> Human(expression)[Add<&Arguments::operands>{}])))) >>
                           right_paren;

constexpr SetDuration<&Window::length, &Window::length_text> kSetLength;

const auto window_def = Place(
    Tok(K::kOver, "`over`") >>
    (duration[kSetLength] |
     (Tok(K::kTumbling, "`tumbling`")[Choose<&Window::kind, WindowKind::kTumbling>{}] >>
      duration[kSetLength]) |
     (Tok(K::kSession, "`session`")[Choose<&Window::kind, WindowKind::kSession>{}] >>
      duration[kSetLength]) |
     (Tok(K::kLast, "`last`")[Choose<&Window::kind, WindowKind::kLastEvents>{}] >>
      integer[set_events] >> Tok(K::kEvents, "`events`"))) >>
    *(keys[set_window_by] | (where >> Human(expression)[set_window_where]) |
      (Tok(K::kExcluding, "`excluding current`") >> Tok(K::kCurrent, "`current`")[set_excluding])));

// ---- Patterns ----

const auto path_def = Place(Tok(&IsName, "a field")[add_part] >> *(dot >> word[add_part]));

const auto keys_def =
    Place(Tok(K::kBy, "") >> (path[Add<&Keys::paths>{}] |
                              (left_paren >> Human(path)[Add<&Keys::paths>{}] >>
                               *(comma >> Human(path)[Add<&Keys::paths>{}]) >> right_paren)));

const auto source_def = Place(stream[SetName<&Source::stream>{}] >> -keys[Set<&Source::by>{}]);

const auto add_source = [](auto& context) {
  x3::_val(context).push_back(std::move(x3::_attr(context)));
};
const auto sources_def = source[add_source] >> *(comma >> source[add_source]);

const auto label_def = Tok(&IsStepName, "")[set_label] >> colon;

const auto condition = index_open >> Human(expression)[Set<&Step::condition>{}] >> condition_end;

const auto step_def = Place(-label[Set<&Step::name>{}] >> type[SetName<&Step::type>{}] >>
                            -(dot >> word[set_qualified]) >> -keys[Set<&Step::by>{}] >> -condition);

const auto bare_def = Place(-label[refuse_label] >> type[SetName<&Step::type>{}] >>
                            -(dot >> word[set_qualified]) >> -keys[Set<&Step::by>{}] >> -condition);

const auto quantifier_def = Place(
    ((Tok(K::kLeftBrace, "") >> integer[set_min] >>
      (Tok(K::kRightBrace, "`}`")[SetForm<Quantifier::Form::kExactly>{}] |
       (comma >> (Tok(K::kRightBrace, "`}`")[SetForm<Quantifier::Form::kAtLeast>{}] |
                  (integer[set_max] >>
                   Tok(K::kRightBrace, "`}`")[SetForm<Quantifier::Form::kBetween>{}]))))) |
     Tok(K::kPlus, "")[SetForm<Quantifier::Form::kPlus>{}] |
     Tok(K::kStar, "")[SetForm<Quantifier::Form::kStar>{}] |
     Tok(K::kQuestion, "")[SetForm<Quantifier::Form::kOptional>{}]) >>
    -(Tok(K::kConsecutive, "")[Choose<&Quantifier::contiguity, Contiguity::kConsecutive>{}] |
      Tok(K::kCombinations, "")[Choose<&Quantifier::contiguity, Contiguity::kCombinations>{}]) >>
    -Tok(K::kGreedy, "")[Choose<&Quantifier::greedy, true>{}] >>
    -(Tok(K::kUntil, "") >> left_bracket >> Human(expression)[Set<&Quantifier::until>{}] >>
      condition_end));

const auto step_element_def = Place(step[set_step]);

const auto group_def = Place(left_paren >> Human(sequence)[set_group] >> right_paren);

const auto choice_def = Place(-label[Set<&Element::name>{}] >>
                              left_paren[Choose<&Element::kind, Element::Kind::kChoice>{}] >>
                              Human(step)[Add<&Element::steps>{}] >>
                              +(or_ >> Human(step)[Add<&Element::steps>{}]) >> right_paren);

const auto all_def =
    Place(Tok(K::kAll, "`all`") >> left_paren[Choose<&Element::kind, Element::Kind::kAll>{}] >>
          Human(step)[Add<&Element::steps>{}] >> +(comma >> Human(step)[Add<&Element::steps>{}]) >>
          right_paren);

const auto positive_def =
    Place(all[move_up] |
          ((choice[move_up] | group[move_up] |
            (&x3::omit[label >> group] >> label[refuse_group_label]) | step_element[move_up]) >>
           -quantifier[Set<&Element::quantifier>{}]));

const auto negative_def = Place(not_[Choose<&Element::kind, Element::Kind::kNot>{}] >>
                                ((left_paren[Choose<&Element::not_parenthesised, true>{}] >>
                                  Human(bare)[Add<&Element::steps>{}] >>
                                  +(or_ >> Human(bare)[Add<&Element::steps>{}]) >> right_paren) |
                                 Human(bare)[Add<&Element::steps>{}]));

const auto link_def = Place(
    ((Tok(K::kThen, "`then`") >> -Tok(K::kEvery, "")[Choose<&Link::kind, LinkKind::kThenEvery>{}]) |
     Tok(K::kNext, "`next`")[Choose<&Link::kind, LinkKind::kNext>{}]) >>
    -(Tok(K::kWithin, "") >> duration[SetDuration<&Link::within, &Link::within_text>{}]));

const auto linked_def = link[Set<&Element::link>{}] >>
                        (negative[set_linked] | Human(positive)[set_linked]);

const auto sequence_def =
    Place(Human(positive)[Add<&Sequence::elements>{}] >> *linked[Add<&Sequence::elements>{}]);

const auto skip_def =
    Place(Tok(K::kNone, "`none`")[Choose<&Skip::kind, SkipKind::kNone>{}] |
          (Tok(K::kPast, "`past`") >>
           Tok(K::kLast, "`last`")[Choose<&Skip::kind, SkipKind::kPastLast>{}]) |
          (Tok(K::kTo, "`to`") >>
           (Tok(K::kNext, "`next`")[Choose<&Skip::kind, SkipKind::kToNext>{}] |
            (Tok(K::kFirst, "`first`")[Choose<&Skip::kind, SkipKind::kToFirst>{}] >>
             Tok(&IsName, "a step's name")[SetName<&Skip::name>{}]) |
            (Tok(K::kLast, "`last`")[Choose<&Skip::kind, SkipKind::kToLast>{}] >>
             Tok(&IsName, "a step's name")[SetName<&Skip::name>{}]))));

const auto clause =
    (Tok(K::kUnless, "`unless`")[BeginClause<&Pattern::unless_span, &Pattern::unless>{}] >>
     Human(step)[set_unless]) |
    (where[BeginClause<&Pattern::where_span, &Pattern::where>{}] >> Human(expression)[set_where]) |
    (within[BeginClause<&Pattern::within_span, &Pattern::within>{}] >> duration[set_within]) |
    (Tok(K::kAfter, "`after match skip`") >> Tok(K::kMatch, "`match`") >> Tok(K::kSkip, "`skip`") >>
     Human(skip)[set_skip]);

const auto pattern_def = Tok(K::kFrom, "`from`") >> sources[Set<&Pattern::sources>{}] >>
                         sequence[Set<&Pattern::sequence>{}] >> *clause;

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif
BOOST_SPIRIT_DEFINE(pattern, sources, source, keys, path, sequence, linked, link, positive,
                    negative, choice, group, all, step_element, step, bare, label, quantifier, skip)
BOOST_SPIRIT_DEFINE(expression, conj, neg, comparison, coal, sum, prod, unary, postfix, atom, list,
                    paren, arguments, window)
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

// ---- Running it ----

SyntaxError InternalError(const char* reason) {
  return {"E0101", {0, 0}, std::string("the text cannot be read: ") + reason, ""};
}

// One run of a start rule over all tokens.
template <typename Rule, typename T>
bool RunOnce(const Rule& rule, const std::vector<Token>& tokens, ParseState* state, T* value) {
  const Token* first = tokens.data();
  const Token* last = first + tokens.size();
  state->furthest = first;
  const auto end = Tok(TokenKind::kEnd, "the end of the text");
  return x3::parse(first, last, x3::with<StateTag>(std::ref(*state))[rule >> x3::omit[end]],
                   *value);
}

template <typename Rule, typename T>
std::optional<SyntaxError> Run(const Rule& rule, std::string_view text, const Tokens& lexed,
                               T* value) {
  const std::vector<Token>& tokens = lexed.tokens;
  if (tokens.size() == 1) {
    return SyntaxError{"E0110", tokens[0].span, "the text is empty", ""};
  }
  if (std::optional<SyntaxError> deep = CheckNesting(tokens)) return deep;
  try {
    ParseState state;
    state.text = text;
    if (RunOnce(rule, tokens, &state, value)) return std::nullopt;
    state.recording = true;
    T again{};
    RunOnce(rule, tokens, &state, &again);
    if (state.furthest->kind == TokenKind::kError) return lexed.error;
    if (state.refused) return std::move(state.refused);
    SyntaxFailure failure;
    failure.token = static_cast<std::size_t>(state.furthest - tokens.data());
    failure.expected = std::move(state.expected);
    return DescribeFailure(text, tokens, failure);
  } catch (const std::exception& exception) {
    return InternalError(exception.what());
  }
}

}  // namespace

Parsed<std::unique_ptr<Pattern>> ParsePattern(std::string_view text) {
  Parsed<std::unique_ptr<Pattern>> parsed;
  Tokens lexed = Lex(text);
  Pattern value;
  parsed.error = Run(pattern, text, lexed, &value);
  if (!parsed.error) {
    value.comments = std::move(lexed.comments);
    parsed.value = std::make_unique<Pattern>(std::move(value));
  }
  return parsed;
}

Parsed<ExprPtr> ParseExpression(std::string_view text) {
  Parsed<ExprPtr> parsed;
  ExprPtr value;
  parsed.error = Run(expression, text, Lex(text), &value);
  if (!parsed.error) parsed.value = std::move(value);
  return parsed;
}

Parsed<std::vector<Source>> ParseSources(std::string_view text) {
  Parsed<std::vector<Source>> parsed;
  std::vector<Source> value;
  parsed.error = Run(sources, text, Lex(text), &value);
  if (!parsed.error) parsed.value = std::move(value);
  return parsed;
}

Parsed<ExprPtr> ParseBracedExpression(std::string_view text, std::uint32_t begin,
                                      std::uint32_t* end) {
  Parsed<ExprPtr> parsed;
  ExprPtr value;
  const Tokens lexed = Lex(text, {.begin = begin, .until_right_brace = true});
  *end = lexed.end;
  parsed.error = Run(expression, text, lexed, &value);
  if (!parsed.error) parsed.value = std::move(value);
  return parsed;
}

}  // namespace shrike::rules
