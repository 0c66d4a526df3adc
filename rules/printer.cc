#include "rules/printer.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"
#include "base/utf8.h"
#include "base/yaml_guard.h"
#include "rules/layout.h"

// Recursion here is over trees whose depth the parser bounds (kNestingMax).
// NOLINTBEGIN(misc-no-recursion)
namespace shrike::rules {
namespace {

std::string_view OperatorText(Operator op) {
  switch (op) {
    case Operator::kAdd:
      return "+";
    case Operator::kSubtract:
      return "-";
    case Operator::kMultiply:
      return "*";
    case Operator::kDivide:
      return "/";
    case Operator::kModulo:
      return "%";
    case Operator::kEqual:
      return "==";
    case Operator::kNotEqual:
      return "!=";
    case Operator::kLess:
      return "<";
    case Operator::kLessEqual:
      return "<=";
    case Operator::kGreater:
      return ">";
    case Operator::kGreaterEqual:
      return ">=";
    case Operator::kIn:
      return "in";
    case Operator::kLike:
      return "like";
    case Operator::kILike:
      return "ilike";
    case Operator::kMatches:
      return "matches";
  }
  return "";
}

std::string NameText(std::string_view text, bool quoted) {
  return quoted ? fmt::format("`{}`", text) : std::string(text);
}
std::string NameText(const Name& name) { return NameText(name.text, name.quoted); }

std::string DurationText(const std::string& written, DurationMs duration) {
  return written.empty() ? FormatDuration(duration) : written;
}

std::string PathText(const Path& path) {
  std::string text;
  for (const Name& part : path.parts) {
    if (!text.empty()) text += '.';
    text += NameText(part);
  }
  return text;
}

std::string KeysText(const Keys& keys) {
  std::string paths;
  for (const Path& path : keys.paths) {
    if (!paths.empty()) paths += ", ";
    paths += PathText(path);
  }
  return keys.paths.size() == 1 ? "by " + paths : fmt::format("by ({})", paths);
}

std::string WindowText(const Window& window) {
  std::string text = "over ";
  switch (window.kind) {
    case WindowKind::kSliding:
      break;
    case WindowKind::kTumbling:
      text += "tumbling ";
      break;
    case WindowKind::kSession:
      text += "session ";
      break;
    case WindowKind::kLastEvents:
      text += fmt::format("last {} events", window.events);
      break;
  }
  if (window.kind != WindowKind::kLastEvents) {
    text += DurationText(window.length_text, window.length);
  }
  if (window.by) text += ' ' + KeysText(*window.by);
  if (window.where) text += " where " + PrintExpression(*window.where);
  if (window.excluding_current) text += " excluding current";
  return text;
}

// The operands with a separator between.
std::string Joined(const Expr& expr, std::string_view separator) {
  std::string text;
  for (const ExprPtr& operand : expr.operands) {
    if (!text.empty()) text += separator;
    text += PrintExpression(*operand);
  }
  return text;
}

std::string CallText(const Expr& call) {
  std::string arguments = Joined(call, ", ");
  if (call.window) {
    if (!arguments.empty()) arguments += ' ';
    arguments += WindowText(*call.window);
  }
  return fmt::format("{}({})", NameText(call.text, call.quoted), arguments);
}

// Products, sums, comparisons: each operator before its right operand.
std::string ChainText(const Expr& expr) {
  std::string text = PrintExpression(*expr.operands[0]);
  for (std::size_t i = 0; i < expr.operators.size(); ++i) {
    text += fmt::format(" {} {}", OperatorText(expr.operators[i]),
                        PrintExpression(*expr.operands[i + 1]));
  }
  return text;
}

std::string LiteralText(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNull:
      return "null";
    case ExprKind::kBool:
      return expr.boolean ? "true" : "false";
    case ExprKind::kString:
      return expr.raw ? fmt::format("'{}'", expr.text) : PrintString(expr.text);
    case ExprKind::kDuration:
      return DurationText(expr.text, expr.duration);
    case ExprKind::kRegex:
      return fmt::format("/{}/{}", expr.text, expr.ignore_case ? "i" : "");
    default:
      return expr.text;  // kNumber
  }
}

// ---- Patterns ----

class PatternPrinter {
 public:
  explicit PatternPrinter(const Pattern& pattern) : pattern_(pattern) {}

  std::string Print(std::size_t width) const;

  // `expr`'s outermost `and`s or `or`s: a part each, the operator at its end.
  Doc ConditionDoc(const Expr& expr) const;

 private:
  Doc StepDoc(const Step& step) const;
  Doc StepsDoc(const Element& element, std::string_view separator) const;
  Doc SequenceDoc(const Sequence& sequence) const;
  Doc ElementDoc(const Element& element, bool first) const;
  void AddQuantifier(const Quantifier& quantifier, std::vector<Doc>* parts) const;
  std::string SourcesText() const;
  // A block that has a comment inside breaks, so that the comment stays at its part.
  Doc CommentedBlock(std::vector<Doc> parts, std::uint32_t begin) const;

  const Pattern& pattern_;
};

Doc PatternPrinter::CommentedBlock(std::vector<Doc> parts, std::uint32_t begin) const {
  Doc block = Doc::Block(std::move(parts), begin);
  // Not in the last part: from there it goes to the end of the line, or behind it, in any case.
  const std::uint32_t last = block.parts.back().begin;
  for (const Comment& comment : pattern_.comments) {
    block.broken = block.broken || (comment.span.begin > begin && comment.span.begin < last);
  }
  return block;
}

Doc PatternPrinter::ConditionDoc(const Expr& expr) const {
  if (expr.kind != ExprKind::kAnd && expr.kind != ExprKind::kOr) {
    return Doc::Text(PrintExpression(expr), expr.span.begin);
  }
  const std::string_view word = expr.kind == ExprKind::kAnd ? " and" : " or";
  std::vector<Doc> parts;
  for (const ExprPtr& operand : expr.operands) {
    std::string text = PrintExpression(*operand);
    if (parts.size() + 1 < expr.operands.size()) text += word;
    parts.push_back(Doc::Text(std::move(text), operand->span.begin));
  }
  return CommentedBlock(std::move(parts), expr.span.begin);
}

Doc PatternPrinter::StepDoc(const Step& step) const {
  std::string head;
  if (step.name) head += NameText(*step.name) + ": ";
  if (step.stream) head += NameText(*step.stream) + '.';
  head += NameText(step.type);
  if (step.by) head += ' ' + KeysText(*step.by);
  if (!step.condition) return Doc::Text(std::move(head), step.span.begin);
  // `by card [..]`: without the blank it would read as an index of the key.
  head += step.by ? " [" : "[";
  return Doc::Concat({Doc::Text(std::move(head)), ConditionDoc(*step.condition), Doc::Text("]")},
                     step.span.begin);
}

// Alternatives or elements: `separator` at the end of each but the last.
Doc PatternPrinter::StepsDoc(const Element& element, std::string_view separator) const {
  std::vector<Doc> parts;
  for (const Step& step : element.steps) {
    Doc part = StepDoc(step);
    if (parts.size() + 1 < element.steps.size()) {
      part = Doc::Concat({std::move(part), Doc::Text(std::string(separator))}, step.span.begin);
    }
    parts.push_back(std::move(part));
  }
  return CommentedBlock(std::move(parts), element.steps.front().span.begin);
}

Doc PatternPrinter::SequenceDoc(const Sequence& sequence) const {
  std::vector<Doc> parts;
  parts.reserve(sequence.elements.size());
  for (const Element& element : sequence.elements) {
    parts.push_back(ElementDoc(element, parts.empty()));
  }
  return CommentedBlock(std::move(parts), sequence.span.begin);
}

void PatternPrinter::AddQuantifier(const Quantifier& quantifier, std::vector<Doc>* parts) const {
  std::string text;
  switch (quantifier.form) {
    case Quantifier::Form::kExactly:
      text = fmt::format("{{{}}}", quantifier.min);
      break;
    case Quantifier::Form::kAtLeast:
      text = fmt::format("{{{},}}", quantifier.min);
      break;
    case Quantifier::Form::kBetween:
      text = fmt::format("{{{},{}}}", quantifier.min, quantifier.max.value_or(0));
      break;
    case Quantifier::Form::kPlus:
      text = "+";
      break;
    case Quantifier::Form::kStar:
      text = "*";
      break;
    case Quantifier::Form::kOptional:
      text = "?";
      break;
  }
  if (quantifier.contiguity == Contiguity::kConsecutive) text += " consecutive";
  if (quantifier.contiguity == Contiguity::kCombinations) text += " combinations";
  if (quantifier.greedy) text += " greedy";
  if (quantifier.until) text += " until [";
  parts->push_back(Doc::Text(std::move(text)));
  if (!quantifier.until) return;
  parts->push_back(ConditionDoc(*quantifier.until));
  parts->push_back(Doc::Text("]"));
}

Doc PatternPrinter::ElementDoc(const Element& element, bool first) const {
  std::string head;
  std::uint32_t begin = element.span.begin;
  if (!first) {
    begin = element.link.span.begin;
    head = element.link.kind == LinkKind::kNext ? "next " : "then ";
    if (element.link.kind == LinkKind::kThenEvery) head += "every ";
    if (element.link.within) {
      head +=
          fmt::format("within {} ", DurationText(element.link.within_text, *element.link.within));
    }
  }
  std::vector<Doc> parts;
  const auto enclosed = [&](std::string_view open, Doc doc) {
    parts.push_back(Doc::Text(head + std::string(open)));
    parts.push_back(std::move(doc));
    parts.push_back(Doc::Text(")"));
  };
  switch (element.kind) {
    case Element::Kind::kStep:
      parts.push_back(Doc::Text(head));
      parts.push_back(StepDoc(element.steps[0]));
      break;
    case Element::Kind::kNot:
      if (element.not_parenthesised) {
        enclosed("not (", StepsDoc(element, " or"));
      } else {
        parts.push_back(Doc::Text(head + "not "));
        parts.push_back(StepDoc(element.steps[0]));
      }
      break;
    case Element::Kind::kGroup:
      enclosed("(", SequenceDoc(*element.group));
      break;
    case Element::Kind::kChoice:
      if (element.name) head += NameText(*element.name) + ": ";
      enclosed("(", StepsDoc(element, " or"));
      break;
    case Element::Kind::kAll:
      enclosed("all(", StepsDoc(element, ","));
      break;
  }
  if (element.quantifier) AddQuantifier(*element.quantifier, &parts);
  return Doc::Concat(std::move(parts), begin);
}

std::string PatternPrinter::SourcesText() const {
  std::string text;
  for (const Source& source : pattern_.sources) {
    text += text.empty() ? "from " : ", ";
    text += NameText(source.stream);
    if (source.by) text += ' ' + KeysText(*source.by);
  }
  return text;
}

std::string SkipText(const Skip& skip) {
  std::string text = "after match skip ";
  switch (skip.kind) {
    case SkipKind::kNone:
      text += "none";
      break;
    case SkipKind::kPastLast:
      text += "past last";
      break;
    case SkipKind::kToNext:
      text += "to next";
      break;
    case SkipKind::kToFirst:
      text += "to first ";
      break;
    case SkipKind::kToLast:
      text += "to last ";
      break;
  }
  if (skip.name) text += NameText(*skip.name);
  return text;
}

std::string PatternPrinter::Print(std::size_t width) const {
  std::vector<Doc> docs;
  docs.push_back(Doc::Text(SourcesText(), pattern_.sources.front().span.begin));
  for (const Element& element : pattern_.sequence.elements) {
    docs.push_back(ElementDoc(element, docs.size() == 1));
  }
  if (pattern_.unless) {
    docs.push_back(
        Doc::Concat({Doc::Text("unless "), StepDoc(*pattern_.unless)}, pattern_.unless_span.begin));
  }
  if (pattern_.where) {
    docs.push_back(Doc::Concat({Doc::Text("where "), ConditionDoc(*pattern_.where)},
                               pattern_.where_span.begin));
  }
  if (pattern_.within) {
    docs.push_back(Doc::Text("within " + DurationText(pattern_.within_text, *pattern_.within),
                             pattern_.within_span.begin));
  }
  if (pattern_.skip) {
    docs.push_back(Doc::Text(SkipText(*pattern_.skip), pattern_.skip->span.begin));
  }
  return JoinLines(LayOut(docs, width), pattern_.comments);
}

}  // namespace

std::string PrintString(std::string_view text) {
  std::string printed = "\"";
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    const char c = text.front();
    if (c == '"' || c == '\\') {
      printed += '\\';
      printed += c;
    } else if (c == '\n') {
      printed += "\\n";
    } else if (c == '\t') {
      printed += "\\t";
    } else if (c == '\r') {
      printed += "\\r";
    } else if (IsForbiddenCharacter(point.value)) {
      printed += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(point.value));
    } else {
      printed += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  return printed + '"';
}

std::string PrintExpression(const Expr& expr) {
  const std::string_view negation = expr.negated ? "not " : "";
  const auto operand = [&](std::size_t i) { return PrintExpression(*expr.operands[i]); };
  switch (expr.kind) {
    case ExprKind::kNull:
    case ExprKind::kBool:
    case ExprKind::kNumber:
    case ExprKind::kString:
    case ExprKind::kDuration:
    case ExprKind::kRegex:
      return LiteralText(expr);
    case ExprKind::kName:
      return NameText(expr.text, expr.quoted);
    case ExprKind::kList:
      return fmt::format("[{}]", Joined(expr, ", "));
    case ExprKind::kCall:
      return CallText(expr);
    case ExprKind::kMember:
      return fmt::format("{}.{}", operand(0), NameText(expr.text, expr.quoted));
    case ExprKind::kIndex:
      return fmt::format("{}[{}]", operand(0), operand(1));
    case ExprKind::kNegate:
      return "-" + operand(0);
    case ExprKind::kNot:
      return "not " + operand(0);
    case ExprKind::kProduct:
    case ExprKind::kSum:
    case ExprKind::kCompare:
      return ChainText(expr);
    case ExprKind::kMatch:
      return fmt::format("{} {}{} {}", operand(0), negation, OperatorText(expr.operators[0]),
                         operand(1));
    case ExprKind::kBetween:
      return fmt::format("{} {}between {} and {}", operand(0), negation, operand(1), operand(2));
    case ExprKind::kIsNull:
      return fmt::format("{} is {}null", operand(0), negation);
    case ExprKind::kCoalesce:
      return Joined(expr, " ?? ");
    case ExprKind::kAnd:
      return Joined(expr, " and ");
    case ExprKind::kOr:
      return Joined(expr, " or ");
    case ExprKind::kParen:
      return fmt::format("({})", operand(0));
  }
  return "";
}

std::string PrintExpressionLines(const Expr& expr, const std::vector<Comment>& comments,
                                 std::size_t width) {
  Pattern around;  // Only its comments count.
  around.comments = comments;
  Doc doc = PatternPrinter(around).ConditionDoc(expr);
  return JoinLines(LayOut({std::move(doc)}, width), comments);
}

std::string PrintPattern(const Pattern& pattern, std::size_t width) {
  return PatternPrinter(pattern).Print(width);
}

}  // namespace shrike::rules
// NOLINTEND(misc-no-recursion)
