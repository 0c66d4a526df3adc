#include "tests/rules/random_ast.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace shrike::rules {
namespace {

ExprPtr New(ExprKind kind) {
  auto expr = std::make_unique<Expr>();
  expr->kind = kind;
  return expr;
}

constexpr std::string_view kNames[] = {"amount",  "card",  "x1",  "last",      "events", "notified",
                                       "in_list", "every", "all", "excluding", "A_b"};
constexpr std::string_view kQuotedNames[] = {"by", "odd name", "@ts", "\u00E4", "a.b", "1x"};
constexpr std::string_view kReserved[] = {"from", "in", "not", "null", "within", "or"};
constexpr std::string_view kTypes[] = {"txn", "login", "event", "last", "match", "Odd_1"};
constexpr std::string_view kTexts[] = {
    "",       "a",    "it's",  "a\"b",   "x\\y", "\u00E4\U0001F600",
    "a\nb\t", "# no", "\x1b[", "\u202E", "{b}",  "/x/"};
constexpr std::string_view kNumbers[] = {"0", "1", "1_000", "2.50", "9223372036854775807", "0.001"};

}  // namespace

std::uint64_t RandomSeed() {
  const char* text = std::getenv("SHRIKE_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 20240101;
}

Name RandomAst::RandomName(bool may_be_reserved) {
  Name name;
  name.quoted = Chance(15);
  if (name.quoted) {
    name.text = kQuotedNames[Pick(std::size(kQuotedNames))];
  } else if (may_be_reserved && Chance(15)) {
    name.text = kReserved[Pick(std::size(kReserved))];
  } else {
    name.text = kNames[Pick(std::size(kNames))];
  }
  return name;
}

DurationMs RandomAst::Duration() {
  static constexpr DurationMs kLengths[] = {1,         999,        1000,       90'000,
                                            3'600'000, 86'400'000, 694'861'001};
  return kLengths[Pick(std::size(kLengths))];
}

ExprPtr RandomAst::Many(ExprKind kind, int level, int depth) {
  ExprPtr expr = New(kind);
  const std::size_t count = 2 + Pick(3);
  for (std::size_t i = 0; i < count; ++i) {
    expr->operands.push_back(Chain(level + 1, depth - 1));
    if (i == 0) continue;
    if (kind == ExprKind::kSum) {
      expr->operators.push_back(Chance(50) ? Operator::kAdd : Operator::kSubtract);
    } else if (kind == ExprKind::kProduct) {
      static constexpr Operator kOperators[] = {Operator::kMultiply, Operator::kDivide,
                                                Operator::kModulo};
      expr->operators.push_back(kOperators[Pick(3)]);
    }
  }
  return expr;
}

ExprPtr RandomAst::Chain(int level, int depth) {
  if (level == 8) return Postfix(depth);
  if (depth <= 0 || !Chance(level < 4 ? 35 : 18)) return Chain(level + 1, depth);
  switch (level) {
    case 0:
      return Many(ExprKind::kOr, level, depth);
    case 1:
      return Many(ExprKind::kAnd, level, depth);
    case 3:
      return Comparison(depth);
    case 4:
      return Many(ExprKind::kCoalesce, level, depth);
    case 5:
      return Many(ExprKind::kSum, level, depth);
    case 6:
      return Many(ExprKind::kProduct, level, depth);
    default:
      break;
  }
  ExprPtr prefix = New(level == 2 ? ExprKind::kNot : ExprKind::kNegate);
  prefix->operands.push_back(Chain(level, depth - 1));
  return prefix;
}

ExprPtr RandomAst::Comparison(int depth) {
  static constexpr ExprKind kKinds[] = {ExprKind::kCompare, ExprKind::kMatch, ExprKind::kBetween,
                                        ExprKind::kIsNull};
  ExprPtr expr = New(kKinds[Pick(4)]);
  expr->operands.push_back(Chain(4, depth - 1));
  expr->negated = expr->kind != ExprKind::kCompare && Chance(40);
  if (expr->kind == ExprKind::kIsNull) return expr;
  expr->operands.push_back(Chain(4, depth - 1));
  if (expr->kind == ExprKind::kBetween) {
    expr->operands.push_back(Chain(4, depth - 1));
  } else {
    const int first =
        static_cast<int>(expr->kind == ExprKind::kCompare ? Operator::kEqual : Operator::kIn);
    const std::size_t count = expr->kind == ExprKind::kCompare ? 6 : 4;
    expr->operators.push_back(static_cast<Operator>(first + static_cast<int>(Pick(count))));
  }
  return expr;
}

ExprPtr RandomAst::Postfix(int depth) {
  ExprPtr expr = Atom(depth);
  // `5.x` would read as a malformed number.
  const bool literal = expr->kind != ExprKind::kName && expr->kind != ExprKind::kCall &&
                       expr->kind != ExprKind::kParen;
  while (!literal && Chance(25)) {
    const bool member = Chance(70);
    ExprPtr parent = New(member ? ExprKind::kMember : ExprKind::kIndex);
    parent->operands.push_back(std::move(expr));
    if (member) {
      Name name = RandomName(true);
      parent->text = std::move(name.text);
      parent->quoted = name.quoted;
    } else {
      parent->operands.push_back(Chain(0, depth - 1));
    }
    expr = std::move(parent);
  }
  return expr;
}

ExprPtr RandomAst::Atom(int depth) {
  if (depth <= 0 || Chance(40)) {
    if (Chance(45)) return Literal();
    ExprPtr expr = New(ExprKind::kName);
    Name name = RandomName(false);
    expr->text = std::move(name.text);
    expr->quoted = name.quoted;
    return expr;
  }
  if (Chance(30)) return Call(depth);
  const bool list = Chance(40);
  ExprPtr expr = New(list ? ExprKind::kList : ExprKind::kParen);
  const std::size_t count = list ? Pick(4) : 1;
  for (std::size_t i = 0; i < count; ++i) expr->operands.push_back(Chain(0, depth - 1));
  return expr;
}

ExprPtr RandomAst::Literal() {
  static constexpr ExprKind kKinds[] = {ExprKind::kNull,   ExprKind::kBool,     ExprKind::kNumber,
                                        ExprKind::kString, ExprKind::kDuration, ExprKind::kRegex};
  ExprPtr expr = New(kKinds[Pick(std::size(kKinds))]);
  switch (expr->kind) {
    case ExprKind::kBool:
      expr->boolean = Chance(50);
      break;
    case ExprKind::kNumber:
      expr->text = kNumbers[Pick(std::size(kNumbers))];
      break;
    case ExprKind::kString:
      expr->text = kTexts[Pick(std::size(kTexts))];
      expr->raw = Chance(40) && expr->text.find_first_of("'\n\x1b") == std::string::npos &&
                  expr->text != "\u202E";
      break;
    case ExprKind::kDuration:
      expr->duration = Duration();
      break;
    case ExprKind::kRegex:
      expr->text = Chance(50) ? "^a\\/[0-9]{2}#$" : "x y";
      expr->ignore_case = Chance(50);
      break;
    default:
      break;
  }
  return expr;
}

Window RandomAst::RandomWindow(int depth) {
  Window window;
  window.kind = static_cast<WindowKind>(Pick(4));
  if (window.kind == WindowKind::kLastEvents) {
    window.events = static_cast<std::int64_t>(1 + Pick(100));
  } else {
    window.length = Duration();
  }
  if (Chance(30)) window.by = RandomKeys();
  if (Chance(30)) window.where = Chain(0, depth - 1);
  window.excluding_current = Chance(30);
  return window;
}

ExprPtr RandomAst::Call(int depth) {
  ExprPtr expr = New(ExprKind::kCall);
  Name name = RandomName(false);
  expr->text = std::move(name.text);
  expr->quoted = name.quoted;
  const bool window = Chance(50);
  const std::size_t count = Pick(window ? 2 : 4);
  for (std::size_t i = 0; i < count; ++i) expr->operands.push_back(Chain(0, depth - 1));
  if (window) expr->window = std::make_unique<Window>(RandomWindow(depth));
  return expr;
}

Keys RandomAst::RandomKeys() {
  Keys keys;
  const std::size_t count = 1 + Pick(3);
  for (std::size_t i = 0; i < count; ++i) {
    Path path;
    path.parts.push_back(RandomName(false));
    while (Chance(30)) path.parts.push_back(RandomName(true));
    keys.paths.push_back(std::move(path));
  }
  return keys;
}

Step RandomAst::RandomStep(bool named) {
  Step step;
  if (named && Chance(60)) {
    step.name = Name{"s" + std::to_string(++labels_), Chance(10), {}};
  }
  step.type.text = kTypes[Pick(std::size(kTypes))];
  if (Chance(15)) {
    step.stream = step.type;
    step.type = RandomName(true);
  }
  if (Chance(20)) step.by = RandomKeys();
  if (Chance(60)) step.condition = Chain(0, 3);
  return step;
}

Quantifier RandomAst::RandomQuantifier() {
  Quantifier quantifier;
  quantifier.form = static_cast<Quantifier::Form>(Pick(6));
  quantifier.min = static_cast<std::int64_t>(1 + Pick(5));
  switch (quantifier.form) {
    case Quantifier::Form::kExactly:
      quantifier.max = quantifier.min;
      break;
    case Quantifier::Form::kAtLeast:
      break;
    case Quantifier::Form::kBetween:
      quantifier.max = quantifier.min + 2;
      break;
    case Quantifier::Form::kPlus:
      quantifier.min = 1;
      break;
    case Quantifier::Form::kStar:
      quantifier.min = 0;
      break;
    case Quantifier::Form::kOptional:
      quantifier.min = 0;
      quantifier.max = 1;
      break;
  }
  quantifier.contiguity = static_cast<Contiguity>(Pick(3));
  quantifier.greedy = Chance(30);
  if (Chance(30)) quantifier.until = Chain(0, 2);
  return quantifier;
}

Element RandomAst::RandomElement(int depth, bool first) {
  Element element;
  if (!first) {
    element.link.kind = static_cast<LinkKind>(Pick(3));
    if (Chance(30)) element.link.within = Duration();
  }
  const std::size_t kind = Pick(10);
  std::size_t count = 2 + Pick(2);
  if (kind == 0 && depth > 0) {
    element.kind = Element::Kind::kGroup;
    element.group = std::make_unique<Sequence>(RandomSequence(depth - 1));
    count = 0;
  } else if (kind == 1) {
    element.kind = Element::Kind::kChoice;
    if (Chance(50)) element.name = Name{"c" + std::to_string(++labels_), false, {}};
  } else if (kind == 2) {
    element.kind = Element::Kind::kAll;
  } else if (kind <= 4 && !first) {
    element.kind = Element::Kind::kNot;
    element.not_parenthesised = Chance(40);
    if (!element.not_parenthesised) count = 1;
  } else {
    count = 1;
  }
  for (std::size_t i = 0; i < count; ++i) {
    element.steps.push_back(RandomStep(element.kind != Element::Kind::kNot));
  }
  const bool may_repeat =
      element.kind != Element::Kind::kNot && element.kind != Element::Kind::kAll;
  if (may_repeat && Chance(35)) element.quantifier = RandomQuantifier();
  return element;
}

Sequence RandomAst::RandomSequence(int depth) {
  Sequence sequence;
  const std::size_t count = 1 + Pick(4);
  for (std::size_t i = 0; i < count; ++i) sequence.elements.push_back(RandomElement(depth, i == 0));
  return sequence;
}

Pattern RandomAst::NextPattern() {
  Pattern pattern;
  const std::size_t sources = 1 + Pick(2);
  for (std::size_t i = 0; i < sources; ++i) {
    Source source;
    source.stream = RandomName(false);
    if (Chance(60)) source.by = RandomKeys();
    pattern.sources.push_back(std::move(source));
  }
  pattern.sequence = RandomSequence(2);
  if (Chance(30)) pattern.unless = RandomStep(true);
  if (Chance(30)) pattern.where = Chain(0, 3);
  if (Chance(50)) pattern.within = Duration();
  if (Chance(30)) {
    Skip skip;
    skip.kind = static_cast<SkipKind>(Pick(5));
    if (skip.kind == SkipKind::kToFirst || skip.kind == SkipKind::kToLast) {
      skip.name = RandomName(false);
    }
    pattern.skip = std::move(skip);
  }
  return pattern;
}

}  // namespace shrike::rules
