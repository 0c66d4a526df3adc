// The grammar of rules/parser.h in Boost.Spirit X3, over tokens.
//
// The simple algorithm is X3's: recursive descent with backtracking. What differs: a terminal that does not fit notes
// its name at its token, and of all failures the furthest is reported (the grammar is nearly LL(1), so that is where
// the author's mistake is). Names are noted only in a second run over a text that failed: good texts pay nothing.
// A rule that fails at its first token replaces the names noted there by its own: "an expression", not its terminals.
#include "rules/parser.h"

#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/spirit/home/x3.hpp>

#include "rules/lexer.h"
#include "rules/parser_actions.h"
#include "rules/syntax_message.h"

namespace shrike::rules {
namespace {

namespace x3 = boost::spirit::x3;

struct StateTag {};

template <typename Context>
ParseState& StateOf(const Context& context) {
  return x3::get<StateTag>(context).get();
}

// ---- Terminals and names ----

// One token that `Accept` takes. name: for messages; empty: not worth a mention.
template <typename Accept>
struct Terminal : x3::parser<Terminal<Accept>> {
  using attribute_type = Token;
  static constexpr bool has_attribute = true;

  Terminal(Accept accept_in, std::string_view name_in) : accept(accept_in), name(name_in) {}

  template <typename Iterator, typename Context, typename RuleContext, typename Attribute>
  // NOLINTNEXTLINE(readability-function-size): X3 asks for these parameters.
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
  // NOLINTNEXTLINE(readability-function-size): X3 asks for these parameters.
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
  // NOLINTNEXTLINE(readability-function-size): X3 asks for these parameters.
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

// ---- Actions ----

// The rule's value becomes the part.
const auto move_up = [](auto& context) { x3::_val(context) = std::move(x3::_attr(context)); };

// An action of parser_actions.h as Spirit calls it.
template <auto Action>
struct Do {
  template <typename Context>
  void operator()(Context& context) const {
    auto& value = x3::_val(context);
    auto& part = x3::_attr(context);
    ParseState& state = StateOf(context);
    if constexpr (std::is_same_v<decltype(Action(value, part, state)), bool>) {
      x3::_pass(context) = Action(value, part, state);
    } else {
      Action(value, part, state);
    }
  }
};

constexpr Do<&AddOperator> add_operator;
constexpr Do<&AddNegatedOperator> add_negated;
constexpr Do<&AddOperand> add_operand;
constexpr Do<&AddStep> add_step;

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
          *(Tok(K::kOr, kOperatorName)[add_operator] >> Human(conj)[add_operand]));

const auto conj_def = Place(
    Human(neg)[move_up] >> *(Tok(K::kAnd, kOperatorName)[add_operator] >> Human(neg)[add_operand]));

const auto neg_def =
    Place((not_[Do<&BeginNode>{}] >> Human(neg)[add_operand]) | comparison[move_up]);

const auto compare = Tok(K::kEqual, K::kGreaterEqual, kOperatorName);
const auto match = Tok(K::kIn, K::kMatches, kOperatorName);
const auto negated_match = Tok(K::kIn, K::kMatches, "`in`, `like`, `ilike`, `matches`");
const auto bounds = Human(coal)[add_operand] >> Tok(K::kAnd, "`and` of `between`") >>
                    Human(coal)[add_operand];

const auto comparison_def =
    Place(Human(coal)[move_up] >>
          -((compare[add_operator] >> Human(coal)[add_operand] >>
             -Tok(K::kEqual, K::kGreaterEqual, "")[Do<&RefuseChain>{}]) |
            (match[add_operator] >> Human(coal)[add_operand]) |
            (Tok(K::kBetween, kOperatorName)[add_operator] >> bounds) |
            (Tok(K::kNot, "") >> ((negated_match[add_negated] >> Human(coal)[add_operand]) |
                                  (Tok(K::kBetween, "`between`")[add_negated] >> bounds))) |
            (Tok(K::kIs, "") >> ((not_ >> Tok(K::kNull, "`null`")[add_negated]) |
                                 Tok(K::kNull, "`null`")[add_operator]))));

const auto coal_def = Place(
    sum[move_up] >> *(Tok(K::kCoalesce, kOperatorName)[add_operator] >> Human(sum)[add_operand]));

const auto sum_def =
    Place(prod[move_up] >>
          *(Tok(K::kPlus, K::kMinus, kOperatorName)[add_operator] >> Human(prod)[add_operand]));

const auto prod_def =
    Place(unary[move_up] >>
          *(Tok(K::kStar, K::kPercent, kOperatorName)[add_operator] >> Human(unary)[add_operand]));

const auto unary_def =
    Place((Tok(K::kMinus, "")[Do<&BeginNode>{}] >> Human(unary)[add_operand]) | postfix[move_up]);

const auto postfix_def =
    Place(atom[move_up] >>
          *((dot >> word[Do<&AddMember>{}]) |
            (index_open >> Human(expression)[Do<&AddIndex>{}] >> right_bracket[Do<&EndAt>{}])));

constexpr Do<&MakeAtom> make_atom;
const auto atom_def =
    Place((name[make_atom] >> -arguments[Do<&MakeCall>{}]) |
          Tok(K::kInteger, K::kNumber, "a number")[make_atom] |
          Tok(K::kString, "a string")[make_atom] | Tok(K::kDuration, "a duration")[make_atom] |
          Tok(K::kTrue, K::kFalse, "`true`")[make_atom] | Tok(K::kNull, "`null`")[make_atom] |
          list[move_up] | paren[move_up] | Tok(K::kRegex, "a regular expression")[make_atom]);

const auto list_def =
    Place(left_bracket[Do<&BeginNode>{}] >>
          -(Human(expression)[add_operand] >> *(comma >> Human(expression)[add_operand])) >>
          Tok(K::kRightBracket, "`]` after the list"));

const auto paren_def =
    Place(left_paren[Do<&BeginNode>{}] >> Human(expression)[add_operand] >> right_paren);

const auto argument = Human(expression)[Do<&AddArgument>{}];
const auto arguments_def = Tok(K::kLeftParen, "") >>
                           -(window[Do<&SetWindow>{}] |
                             (argument >> (window[Do<&SetWindow>{}] | *(comma >> argument)))) >>
                           right_paren;

const auto length = duration[Do<&SetLength>{}];
const auto window_def =
    Place(Tok(K::kOver, "`over`") >>
          (length | (Tok(K::kTumbling, "`tumbling`")[Do<&SetWindowKind>{}] >> length) |
           (Tok(K::kSession, "`session`")[Do<&SetWindowKind>{}] >> length) |
           (Tok(K::kLast, "`last`")[Do<&SetWindowKind>{}] >> integer[Do<&SetEvents>{}] >>
            Tok(K::kEvents, "`events`"))) >>
          *(keys[Do<&SetWindowBy>{}] | (where >> Human(expression)[Do<&SetWindowWhere>{}]) |
            (Tok(K::kExcluding, "`excluding current`") >>
             Tok(K::kCurrent, "`current`")[Do<&SetExcluding>{}])));

// ---- Patterns ----

const auto path_def =
    Place(Tok(&IsName, "a field")[Do<&AddPart>{}] >> *(dot >> word[Do<&AddPart>{}]));

const auto keys_def =
    Place(Tok(K::kBy, "") >>
          (path[Do<&AddPath>{}] | (left_paren >> Human(path)[Do<&AddPath>{}] >>
                                   *(comma >> Human(path)[Do<&AddPath>{}]) >> right_paren)));

const auto source_def = Place(stream[Do<&SetStream>{}] >> -keys[Do<&SetSourceBy>{}]);

const auto sources_def = source[Do<&AddSource>{}] >> *(comma >> source[Do<&AddSource>{}]);

const auto label_def = Tok(&IsStepName, "")[Do<&SetLabel>{}] >> colon;

const auto unnamed = type[Do<&SetType>{}] >> -(dot >> word[Do<&SetQualifiedType>{}]) >>
                     -keys[Do<&SetStepBy>{}] >>
                     -(index_open >> Human(expression)[Do<&SetCondition>{}] >> condition_end);

const auto step_def = Place(-label[Do<&SetStepName>{}] >> unnamed);

const auto bare_def = Place(-label[Do<&RefuseLabel>{}] >> unnamed);

const auto quantifier_def = Place(
    ((Tok(K::kLeftBrace, "") >> integer[Do<&SetMin>{}] >>
      -(comma[Do<&SetOpenEnd>{}] >> -integer[Do<&SetMax>{}]) >> Tok(K::kRightBrace, "`}`")) |
     Tok(K::kPlus, "")[Do<&SetSign>{}] | Tok(K::kStar, "")[Do<&SetSign>{}] |
     Tok(K::kQuestion, "")[Do<&SetSign>{}]) >>
    -Tok(K::kConsecutive, K::kCombinations, "")[Do<&SetModifier>{}] >>
    -Tok(K::kGreedy, "")[Do<&SetModifier>{}] >>
    -(Tok(K::kUntil, "") >> left_bracket >> Human(expression)[Do<&SetUntil>{}] >> condition_end));

const auto step_element_def = Place(step[add_step]);

const auto group_def = Place(left_paren >> Human(sequence)[Do<&SetGroup>{}] >> right_paren);

const auto choice_def =
    Place(-label[Do<&SetChoiceName>{}] >> left_paren[Do<&BeginElement>{}] >>
          Human(step)[add_step] >> +(or_ >> Human(step)[add_step]) >> right_paren);

const auto all_def =
    Place(Tok(K::kAll, "`all`")[Do<&BeginElement>{}] >> left_paren >> Human(step)[add_step] >>
          +(comma >> Human(step)[add_step]) >> right_paren);

const auto positive_def =
    Place(all[move_up] | ((choice[move_up] | group[move_up] |
                           (&x3::omit[label >> group] >> label[Do<&RefuseGroupLabel>{}]) |
                           step_element[move_up]) >>
                          -quantifier[Do<&SetQuantifier>{}]));

const auto negative_def = Place(not_[Do<&BeginElement>{}] >>
                                ((left_paren[Do<&SetParenthesised>{}] >> Human(bare)[add_step] >>
                                  +(or_ >> Human(bare)[add_step]) >> right_paren) |
                                 Human(bare)[add_step]));

const auto link_def = Place(((Tok(K::kThen, "`then`") >> -Tok(K::kEvery, "")[Do<&SetLinkKind>{}]) |
                             Tok(K::kNext, "`next`")[Do<&SetLinkKind>{}]) >>
                            -(Tok(K::kWithin, "") >> duration[Do<&SetLinkWithin>{}]));

const auto linked_def = link[Do<&SetLink>{}] >>
                        (negative[Do<&SetLinked>{}] | Human(positive)[Do<&SetLinked>{}]);

const auto sequence_def = Place(Human(positive)[Do<&AddElement>{}] >> *linked[Do<&AddElement>{}]);

const auto skip_name = Tok(&IsName, "a step's name")[Do<&SetSkipName>{}];
const auto skip_def =
    Place(Tok(K::kNone, "`none`")[Do<&SetSkipKind>{}] |
          (Tok(K::kPast, "`past`")[Do<&SetSkipKind>{}] >> Tok(K::kLast, "`last`")) |
          (Tok(K::kTo, "`to`") >> (Tok(K::kNext, "`next`")[Do<&SetSkipKind>{}] |
                                   (Tok(K::kFirst, "`first`")[Do<&SetSkipKind>{}] >> skip_name) |
                                   (Tok(K::kLast, "`last`")[Do<&SetSkipKind>{}] >> skip_name))));

const auto clause =
    (Tok(K::kUnless, "`unless`")[Do<&BeginClause>{}] >> Human(step)[Do<&SetUnless>{}]) |
    (where[Do<&BeginClause>{}] >> Human(expression)[Do<&SetWhere>{}]) |
    (within[Do<&BeginClause>{}] >> duration[Do<&SetWithin>{}]) |
    (Tok(K::kAfter, "`after match skip`") >> Tok(K::kMatch, "`match`") >> Tok(K::kSkip, "`skip`") >>
     Human(skip)[Do<&SetSkip>{}]);

const auto pattern_def = Tok(K::kFrom, "`from`") >> sources[Do<&SetSources>{}] >>
                         sequence[Do<&SetSequence>{}] >> *clause;

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
