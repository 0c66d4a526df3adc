#include "rules/rule_file.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/yaml_tree.h"
#include "rules/lexer.h"
#include "rules/rule_file_reader.h"

namespace shrike::rules {
namespace {

std::string_view TokenText(std::string_view text, const Token& token) {
  return text.substr(token.span.begin, token.span.end - token.span.begin);
}

// `name` or `name(parameter, parameter)`. False: it is neither.
bool ParseMacroKey(std::string_view key, MacroNode* macro) {
  const Tokens lexed = Lex(key);
  const std::vector<Token>& tokens = lexed.tokens;
  const auto is = [&](std::size_t at, TokenKind kind) {
    return at < tokens.size() && tokens[at].kind == kind;
  };
  const auto is_name = [&](std::size_t at) {
    return at < tokens.size() && IsName(tokens[at].kind) &&
           tokens[at].kind != TokenKind::kQuotedName;
  };
  if (!lexed.comments.empty() || !is_name(0)) return false;
  macro->macro = TokenText(key, tokens[0]);
  if (is(1, TokenKind::kEnd)) return true;
  if (!is(1, TokenKind::kLeftParen)) return false;
  std::size_t at = 2;
  while (is_name(at)) {
    macro->parameters.emplace_back(TokenText(key, tokens[at]));
    ++at;
    if (!is(at, TokenKind::kComma)) break;
    ++at;
  }
  return !macro->parameters.empty() && is(at, TokenKind::kRightParen) && is_name(at - 1) &&
         is(at + 1, TokenKind::kEnd);
}

}  // namespace

void FileReader::ReadRoot(const YamlNode& root) {
  if (root.kind == YamlNode::Kind::kNull) {
    Report("E0010", {0, 0}, "the file is empty", "a rule file begins with `rules:`");
    return;
  }
  const auto each = [this](std::string_view what, auto read) {
    return [this, what, read](const YamlNode& node) {
      if (!IsSequence(node, what)) return;
      for (const YamlNode& item : node.values) (this->*read)(item);
    };
  };
  ReadMap(root, "a rule file",
          {{"lists", false, [&](const YamlNode& node) { ReadLists(node, &file_->lists); }},
           {"macros", false, [&](const YamlNode& node) { ReadMacros(node); }},
           {"features", false, [&](const YamlNode& node) { ReadFeatures(node); }},
           {"rules", false, each("`rules`", &FileReader::ReadRule)},
           {"overrides", false, each("`overrides`", &FileReader::ReadOverride)}});
  if (root.kind == YamlNode::Kind::kMap && root.keys.empty()) {
    Report("E0010", root.span, "the file is empty", "a rule file begins with `rules:`");
  }
}

void FileReader::ReadLists(const YamlNode& node, std::vector<ListNode>* lists) {
  if (!IsMap(node, "`lists`")) return;
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    lists->push_back(ReadList(node.keys[i], node.values[i]));
  }
}

// A list that cannot be read is empty: its name is known, so that its uses are no mistakes too.
ListNode FileReader::ReadList(const YamlNode& key, const YamlNode& value) {
  ListNode list;
  const std::string what = fmt::format("the list {}", InBackticks(key.text));
  list.name = TextNode{key.text, key.span, true};
  if (value.kind == YamlNode::Kind::kSequence) {
    list.items = ReadTexts(value, what);
    return list;
  }
  if (value.kind != YamlNode::Kind::kMap) {
    ReportKind(value, what, "a list, `{ file: PATH }` or `{ cidr: [..] }`");
    return list;
  }
  const std::size_t mistakes = diagnostics_->size();
  bool cidr = false;
  ReadMap(
      value, what,
      {{"file", false, [&](const YamlNode& node) { list.file = ReadText(node, "`file`"); }},
       {"column", false, [&](const YamlNode& node) { list.column = ReadText(node, "`column`"); }},
       {"cidr", false, [&](const YamlNode& node) {
          cidr = true;
          list.items = ReadTexts(node, "`cidr`");
        }}});
  if (cidr) list.form = ListNode::Form::kCidr;
  if (list.file && !cidr) list.form = ListNode::Form::kFile;
  if (diagnostics_->size() > mistakes) return list;
  if (list.file.has_value() == cidr) {
    Report("E0012", value.span, fmt::format("{} must have either `file` or `cidr`", what));
  } else if (list.column && cidr) {
    Report("E0011", list.column->span, "`column` belongs to `file`");
  }
  return list;
}

void FileReader::ReadMacros(const YamlNode& node) {
  if (!IsMap(node, "`macros`")) return;
  const std::vector<bool> cut = FindCutEntries(node);
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    if (!cut[i]) ReadMacro(node.keys[i], node.values[i]);
  }
}

void FileReader::ReadMacro(const YamlNode& key, const YamlNode& value) {
  MacroNode macro;
  macro.name = TextNode{key.text, key.span, key.style == YamlNode::Style::kPlain};
  if (!ParseMacroKey(key.text, &macro)) {
    Report("E0017", key.span,
           fmt::format("{} is not a macro's name and parameters", InBackticks(key.text)),
           "write `name: ..` or `name(parameter, parameter): ..`");
    return;
  }
  std::vector<std::string> sorted = macro.parameters;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    Report("E0017", key.span, fmt::format("the parameter {} is named twice", InBackticks(*twice)));
    return;
  }
  if (std::optional<ExprNode> body = ReadExpression(value)) {
    macro.body = std::move(*body);
    file_->macros.push_back(std::move(macro));
  }
}

void FileReader::ReadFeatures(const YamlNode& node) {
  if (!IsMap(node, "`features`")) return;
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    FeatureNode feature;
    feature.name = TextNode{node.keys[i].text, node.keys[i].span, true};
    bool good = true;
    const auto read_from = [&](const YamlNode& value) {
      if (!ReadText(value, "`from`")) {
        good = false;
        return;
      }
      feature.from_source = MapSource(file_->content, value);
      auto parsed = ParseSources(feature.from_source.text);
      if (parsed.error) ReportSyntax(feature.from_source, *parsed.error);
      good = good && !parsed.error;
      feature.from = std::move(parsed.value);
    };
    const auto read_value = [&](const YamlNode& value) {
      std::optional<ExprNode> expression = ReadExpression(value);
      good = good && expression.has_value();
      if (expression) feature.value = std::move(*expression);
    };
    const std::string what = fmt::format("the feature {}", InBackticks(feature.name.text));
    const bool map =
        ReadMap(node.values[i], what, {{"from", true, read_from}, {"value", true, read_value}});
    if (map && good && !feature.from.empty() && !feature.value.source.text.empty()) {
      file_->features.push_back(std::move(feature));
    }
  }
}

void FileReader::ReadOverride(const YamlNode& node) {
  OverrideNode override_node;
  override_node.span = node.span;
  std::optional<TextNode> rule;
  const bool map = ReadMap(
      node, "an override",
      {{"rule", true, [&](const YamlNode& value) { rule = ReadText(value, "`rule`"); }},
       {"severity", false,
        [&](const YamlNode& value) { override_node.severity = ReadText(value, "`severity`"); }},
       {"score", false,
        [&](const YamlNode& value) { override_node.score = ReadInt(value, "`score`"); }},
       {"mode", false,
        [&](const YamlNode& value) { override_node.mode = ReadText(value, "`mode`"); }},
       {"exceptions", false,
        [&](const YamlNode& value) { ReadExceptions(value, &override_node.exceptions); }},
       {"lists", false, [&](const YamlNode& value) { ReadLists(value, &override_node.lists); }}});
  if (!map || !rule) return;
  override_node.rule = std::move(*rule);
  file_->overrides.push_back(std::move(override_node));
}

RuleFile ReadRuleFile(std::string path, std::string content, std::vector<Diagnostic>* diagnostics) {
  RuleFile file;
  file.path = std::move(path);
  file.content = std::move(content);
  std::vector<Diagnostic> found;
  const std::optional<YamlNode> root = ReadYaml(file.path, file.content, &found);
  if (root) FileReader(&file, &found).ReadRoot(*root);
  if (found.size() >= kDiagnosticsPerFileMax) {
    const std::string message =
        fmt::format("only the first {} mistakes of the file are shown", kDiagnosticsPerFileMax);
    found.push_back(MakeDiagnostic("E0022", file, {0, 0}, message));
    found.back().line = 0;  // The whole file.
  }
  SortDiagnostics(&found);
  std::move(found.begin(), found.end(), std::back_inserter(*diagnostics));
  return file;
}

}  // namespace shrike::rules
