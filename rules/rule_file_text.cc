// Patterns, expressions and text templates of a rule file: scalars that have a grammar of their own.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "rules/rule_file_reader.h"

namespace shrike::rules {
namespace {

constexpr std::size_t kQuotedFormMax = 160;

// Open minus closed parentheses, those in strings aside. depth: what was open before; stops when all are closed.
struct Balance {
  int depth = 0;
  char quote = '\0';

  void Count(std::string_view text) {
    for (const char c : text) Step(c);
  }
  void Step(char c) {
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    }
  }
};

bool IsPlainFlowScalar(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kScalar && node.style == YamlNode::Style::kPlain &&
         node.in_flow;
}

}  // namespace

std::string FileReader::QuotedFrom(std::uint32_t begin) const {
  const std::string_view content = file_->content;
  Balance balance;
  std::size_t end = begin;
  while (end < content.size() && end - begin < kQuotedFormMax && content[end] != '\n') {
    const char c = content[end];
    if (balance.depth <= 0 && balance.quote == '\0' && (c == ',' || c == '}')) break;
    balance.Step(c);
    ++end;
  }
  while (end > begin && content[end - 1] == ' ') --end;
  std::string quoted = "'";
  for (const char c : content.substr(begin, end - begin)) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted + "'";
}

// `{ risk: if(a, 40, 0), x: 1 }` is to YAML: risk, 40, 0), x. The first is reported, the next two are skipped.
std::vector<bool> FileReader::FindCutEntries(const YamlNode& map) {
  std::vector<bool> cut(map.values.size(), false);
  if (map.style != YamlNode::Style::kFlow) return cut;
  Balance open;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    const YamlNode& value = map.values[i];
    if (open.depth > 0) {
      cut[i] = true;
      open.Count(map.keys[i].text);
      if (value.kind == YamlNode::Kind::kScalar) open.Count(value.text);
      continue;
    }
    if (!IsPlainFlowScalar(value)) continue;
    open = Balance{};
    open.Count(value.text);
    if (open.depth == 0) continue;
    cut[i] = true;
    Report("E0015", value.span,
           fmt::format("the parentheses of {} are not balanced: YAML cuts at commas",
                       InBackticks(value.text)),
           fmt::format("quote it: {{ {}: {} }}", map.keys[i].text, QuotedFrom(value.span.begin)));
  }
  return cut;
}

void FileReader::ReportSyntax(const SourceText& source, const SyntaxError& error) {
  Report(error.code, source.FileSpanOf(error.span.begin, error.span.end), error.message,
         error.suggestion);
}

std::optional<PatternNode> FileReader::ReadPattern(const YamlNode& node) {
  if (!node.is_block_scalar()) {
    FileSpan span = node.span;
    if (node.kind == YamlNode::Kind::kMap || node.kind == YamlNode::Kind::kSequence) {
      span.end = span.begin + 1;
    }
    Report("E0014", span, "a pattern must be a block scalar",
           "write `pattern: |`, and the pattern on the lines below it, indented");
    return std::nullopt;
  }
  PatternNode pattern;
  pattern.block = true;
  pattern.source = MapSource(file_->content, node);
  auto parsed = ParsePattern(pattern.source.text);
  pattern.pattern = std::move(parsed.value);
  if (parsed.error) ReportSyntax(pattern.source, *parsed.error);
  return pattern;
}

std::optional<ExprNode> FileReader::ReadExpression(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar) {
    ReportKind(node, "an expression", "a text");
    return std::nullopt;
  }
  ExprNode expression;
  expression.source = MapSource(file_->content, node);
  auto parsed = ParseExpression(expression.source.text);
  expression.expr = std::move(parsed.value);
  if (parsed.error) ReportSyntax(expression.source, *parsed.error);
  return expression;
}

std::optional<TemplateNode> FileReader::ReadTemplate(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar) {
    ReportKind(node, "`message`", "a text");
    return std::nullopt;
  }
  TemplateNode message;
  message.source = MapSource(file_->content, node);
  if (!ReadTemplateParts(&message)) return std::nullopt;
  return message;
}

bool FileReader::ReadTemplateParts(TemplateNode* message) {
  const std::string& text = message->source.text;
  std::string literal;
  bool good = true;
  std::uint32_t pos = 0;
  const auto flush = [&] {
    if (!literal.empty()) message->parts.push_back({std::move(literal), nullptr});
    literal.clear();
  };
  while (pos < text.size()) {
    const char c = text[pos];
    const bool doubled = pos + 1 < text.size() && text[pos + 1] == c;
    if ((c != '{' && c != '}') || doubled) {
      literal += c;
      pos += c == '{' || c == '}' ? 2 : 1;
      continue;
    }
    if (c == '}') {
      Report("E0018", message->source.FileSpanOf(pos, pos + 1), "`}` without a `{` before it",
             "a brace that is meant as a brace is written `}}`");
      return false;
    }
    flush();
    good = ReadTemplateExpression(message, &pos) && good;
  }
  flush();
  return good;
}

bool FileReader::ReadTemplateExpression(TemplateNode* message, std::uint32_t* pos) {
  const std::string& text = message->source.text;
  const std::uint32_t open = *pos;
  std::uint32_t end = 0;
  auto parsed = ParseBracedExpression(text, open + 1, &end);
  if (parsed.error) {
    if (parsed.error->code == "E0110") parsed.error->message = "there is no expression in `{}`";
    ReportSyntax(message->source, *parsed.error);
    *pos = static_cast<std::uint32_t>(std::min(text.find('}', open), text.size() - 1)) + 1;
    return false;
  }
  *pos = end + 1;
  if (end >= text.size()) {
    Report("E0018", message->source.FileSpanOf(open, open + 1), "the `{` has no `}`",
           "a brace that is meant as a brace is written `{{`");
    return false;
  }
  message->parts.push_back({"", std::move(parsed.value)});
  return true;
}

}  // namespace shrike::rules
