#include "rules/format.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/yaml_guard.h"
#include "base/yaml_tree.h"
#include "rules/ast_equal.h"
#include "rules/lexer.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "rules/rule_file.h"

namespace shrike::rules {
namespace {

constexpr std::size_t kBlockWidthMin = 40;  // however deep the block is indented

enum class ScalarKind : std::uint8_t { kPattern, kExpression };

// A scalar that fmt owns.
struct Target {
  const YamlNode* node;
  ScalarKind kind;
};

// content[span) becomes `text`.
struct Edit {
  FileSpan span;
  std::string text;
};

// ---- Which scalars ----

class TargetFinder {
 public:
  std::vector<Target> Find(const YamlNode& root) {
    EachValue(root.Find("macros"), [&](const YamlNode& body) { Add(&body); });
    EachValue(root.Find("features"),
              [&](const YamlNode& feature) { Add(Member(&feature, "value")); });
    EachValue(root.Find("rules"), [&](const YamlNode& rule) { AddRule(rule); });
    EachValue(root.Find("overrides"), [&](const YamlNode& node) { AddExceptions(node); });
    return std::move(targets_);
  }

 private:
  static const YamlNode* Member(const YamlNode* node, std::string_view key) {
    return node != nullptr && node->kind == YamlNode::Kind::kMap ? node->Find(key) : nullptr;
  }
  static void EachValue(const YamlNode* node, const std::function<void(const YamlNode&)>& visit) {
    if (node == nullptr) return;
    for (const YamlNode& value : node->values) visit(value);
  }
  void Add(const YamlNode* node, ScalarKind kind = ScalarKind::kExpression) {
    if (node != nullptr && node->kind == YamlNode::Kind::kScalar) targets_.push_back({node, kind});
  }
  void AddExceptions(const YamlNode& node) {
    EachValue(Member(&node, "exceptions"),
              [&](const YamlNode& item) { Add(Member(&item, "when")); });
  }
  void AddRule(const YamlNode& rule) {
    const YamlNode* pattern = Member(&rule, "pattern");
    if (pattern != nullptr && pattern->is_block_scalar()) Add(pattern, ScalarKind::kPattern);
    EachValue(Member(Member(&rule, "alert"), "fields"),
              [&](const YamlNode& value) { Add(&value); });
    AddExceptions(rule);
  }

  std::vector<Target> targets_;
};

// ---- Block scalars ----

// Where the lines of a block scalar stand.
struct BlockPlace {
  FileSpan lines;  // from the first line of content to the end of the last one that is not blank
  std::size_t indent = 0;
  std::string_view line_break;
};

std::optional<BlockPlace> FindBlock(std::string_view content, const SourceText& source) {
  const std::size_t first = source.text.find_first_not_of(" \n");
  const std::size_t last = source.text.find_last_not_of(" \n");
  const std::size_t header_end = content.find('\n', source.file.begin);
  if (first == std::string::npos || header_end == std::string_view::npos) return std::nullopt;
  const std::size_t before = source.text.rfind('\n', first);
  const std::size_t kept = first - (before == std::string::npos ? 0 : before + 1);
  const std::size_t file_first = source.FileOffset(static_cast<std::uint32_t>(first));
  const std::size_t line_begin = content.rfind('\n', file_first) + 1;
  BlockPlace place;
  place.indent = file_first - line_begin - kept;
  place.line_break = content[header_end - 1] == '\r' ? "\r\n" : "\n";
  std::size_t end = source.FileOffset(static_cast<std::uint32_t>(last)) + 1;
  while (end < content.size() && (content[end] == ' ' || content[end] == '\t')) ++end;
  place.lines = {static_cast<std::uint32_t>(header_end + 1), static_cast<std::uint32_t>(end)};
  return place;
}

// `text`: lines that end with a line break.
std::string IndentLines(std::string_view text, const BlockPlace& place) {
  std::string indented;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (!indented.empty()) indented += place.line_break;
    indented += std::string(place.indent, ' ');
    indented += text.substr(0, end);
    text.remove_prefix(std::min(end, text.size() - 1) + 1);
  }
  return indented;
}

// ---- Scalars on one line ----

std::string SingleQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + '\'';
}

std::string DoubleQuoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const bool escaped = c == '"' || c == '\\' || c == '\t';
    if (escaped) quoted += '\\';
    quoted += c == '\t' ? 't' : c;
  }
  return quoted + '"';
}

// `text` in the style of the scalar; nullopt: it cannot be written so.
std::optional<std::string> WriteInline(std::string_view text, const YamlNode& node) {
  const std::string written = node.style == YamlNode::Style::kPlain          ? std::string(text)
                              : node.style == YamlNode::Style::kSingleQuoted ? SingleQuoted(text)
                                                                             : DoubleQuoted(text);
  // YAML decides whether it reads back: its rules for plain scalars are long.
  const std::string sample =
      node.in_flow ? fmt::format("{{ k: {} }}\n", written) : fmt::format("k: {}\n", written);
  std::vector<Diagnostic> mistakes;
  const std::optional<YamlNode> root = ReadYaml("", sample, &mistakes);
  const YamlNode* back = root && mistakes.empty() ? root->Find("k") : nullptr;
  const bool same = back != nullptr && back->kind == YamlNode::Kind::kScalar &&
                    back->style == node.style && back->text == text && root->values.size() == 1;
  return same ? std::optional(written) : std::nullopt;
}

// ---- One scalar ----

// The scalar's text, parsed.
struct ParsedScalar {
  std::unique_ptr<Pattern> pattern;
  ExprPtr expr;
  std::vector<Comment> comments;

  bool good() const { return pattern || expr; }
};

ParsedScalar ParseScalar(std::string_view text, ScalarKind kind) {
  ParsedScalar parsed;
  if (kind == ScalarKind::kPattern) {
    parsed.pattern = ParsePattern(text).value;
    if (parsed.pattern) parsed.comments = parsed.pattern->comments;
  } else {
    parsed.expr = ParseExpression(text).value;
    parsed.comments = Lex(text).comments;
  }
  return parsed;
}

bool SameScalar(const ParsedScalar& a, const ParsedScalar& b) {
  if (!a.good() || !b.good() || !SameComments(a.comments, b.comments)) return false;
  if (a.pattern) return b.pattern && SamePattern(*a.pattern, *b.pattern);
  return b.expr && SameExpr(*a.expr, *b.expr);
}

std::string PrintScalar(const ParsedScalar& parsed, std::size_t width) {
  if (parsed.pattern) return PrintPattern(*parsed.pattern, width);
  return PrintExpressionLines(*parsed.expr, parsed.comments, width);
}

std::optional<Edit> FormatBlock(std::string_view content, const SourceText& source,
                                const ParsedScalar& parsed) {
  const std::optional<BlockPlace> place = FindBlock(content, source);
  if (!place) return std::nullopt;
  const std::size_t width =
      place->indent + kBlockWidthMin < kLineWidth ? kLineWidth - place->indent : kBlockWidthMin;
  return Edit{place->lines, IndentLines(PrintScalar(parsed, width), *place)};
}

// nullopt: the scalar stays as it is.
std::optional<Edit> FormatTarget(std::string_view content, const Target& target) {
  const YamlNode& node = *target.node;
  bool exact = false;
  const SourceText source = MapSource(content, node, &exact);
  const ParsedScalar parsed = ParseScalar(source.text, target.kind);
  if (!exact || !parsed.good()) return std::nullopt;
  std::optional<Edit> edit;
  if (node.is_block_scalar()) {
    if (node.style == YamlNode::Style::kFolded && !parsed.comments.empty()) return std::nullopt;
    edit = FormatBlock(content, source, parsed);
  } else {
    if (!parsed.comments.empty()) return std::nullopt;
    const std::string text = PrintExpression(*parsed.expr);
    if (text == node.text) return std::nullopt;
    if (std::optional<std::string> written = WriteInline(text, node)) {
      edit = Edit{node.span, std::move(*written)};
    }
  }
  if (!edit) return std::nullopt;
  const std::string_view old = content.substr(edit->span.begin, edit->span.end - edit->span.begin);
  if (old == edit->text) return std::nullopt;
  return edit;
}

// ---- The file ----

std::string Apply(std::string_view content, const std::vector<Edit>& edits) {
  std::string result;
  std::size_t done = 0;
  for (const Edit& edit : edits) {
    result += content.substr(done, edit.span.begin - done);
    result += edit.text;
    done = edit.span.end;
  }
  result += content.substr(done);
  return result;
}

// Do both files have the same tree, scalars of fmt's aside, and those the same meaning?
bool SameFile(const YamlNode& before, const YamlNode& after) {
  const std::vector<Target> old_targets = TargetFinder().Find(before);
  const std::vector<Target> new_targets = TargetFinder().Find(after);
  if (old_targets.size() != new_targets.size()) return false;
  std::vector<const YamlNode*> owned;
  for (std::size_t i = 0; i < old_targets.size(); ++i) {
    const Target& target = old_targets[i];
    owned.push_back(target.node);
    if (target.node->text == new_targets[i].node->text) continue;
    if (!SameScalar(ParseScalar(target.node->text, target.kind),
                    ParseScalar(new_targets[i].node->text, target.kind))) {
      return false;
    }
  }
  std::sort(owned.begin(), owned.end());
  std::vector<std::pair<const YamlNode*, const YamlNode*>> open = {{&before, &after}};
  while (!open.empty()) {
    const auto [a, b] = open.back();
    open.pop_back();
    const bool text_counts = !std::binary_search(owned.begin(), owned.end(), a);
    if (a->kind != b->kind || a->style != b->style || (text_counts && a->text != b->text) ||
        a->keys.size() != b->keys.size() || a->values.size() != b->values.size()) {
      return false;
    }
    for (std::size_t i = 0; i < a->keys.size(); ++i) open.emplace_back(&a->keys[i], &b->keys[i]);
    for (std::size_t i = 0; i < a->values.size(); ++i) {
      open.emplace_back(&a->values[i], &b->values[i]);
    }
  }
  return true;
}

}  // namespace

std::string FormatRuleFile(const std::string& path, std::string_view content,
                           std::vector<Diagnostic>* diagnostics) {
  ReadRuleFile(path, std::string(content), diagnostics);
  std::vector<Diagnostic> mistakes;  // The same as just reported.
  const std::optional<YamlNode> root = ReadYaml(path, content, &mistakes);
  if (!root || root->kind != YamlNode::Kind::kMap || !mistakes.empty()) return std::string(content);
  std::vector<Edit> edits;
  for (const Target& target : TargetFinder().Find(*root)) {
    if (std::optional<Edit> edit = FormatTarget(content, target)) edits.push_back(std::move(*edit));
  }
  if (edits.empty()) return std::string(content);
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
  std::string result = Apply(content, edits);
  const std::optional<YamlNode> back = ReadYaml(path, result, &mistakes);
  const bool same = back && mistakes.empty() && SameFile(*root, *back);
  return same ? result : std::string(content);
}

}  // namespace shrike::rules
