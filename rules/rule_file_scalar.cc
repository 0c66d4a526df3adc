// Mappings, lists and scalars of a rule file: kinds, types, unknown and missing keys.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "base/time.h"
#include "rules/rule_file_reader.h"

namespace shrike::rules {
namespace {

std::string_view KindName(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a text";
    case YamlNode::Kind::kMap:
      return "a mapping";
    case YamlNode::Kind::kSequence:
      return "a list";
  }
  return "";
}

bool IsPlainScalar(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kScalar && node.style == YamlNode::Style::kPlain;
}

}  // namespace

void FileReader::Report(std::string code, FileSpan span, std::string message,
                        std::string suggestion) {
  if (diagnostics_->size() >= kDiagnosticsPerFileMax) return;
  Diagnostic diagnostic =
      MakeDiagnostic(std::move(code), *file_, span, std::move(message), std::move(suggestion));
  diagnostic.rule = rule_id_;
  diagnostics_->push_back(std::move(diagnostic));
}

void FileReader::ReportKind(const YamlNode& node, std::string_view what,
                            std::string_view expected) {
  // Of a long node, the caret shows the beginning.
  FileSpan span = node.span;
  if (node.kind == YamlNode::Kind::kMap || node.kind == YamlNode::Kind::kSequence) {
    span.end = span.begin + 1;
  }
  Report("E0012", span, fmt::format("{} must be {}, not {}", what, expected, KindName(node)));
}

bool FileReader::IsMap(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kMap) return true;
  ReportKind(node, what, "a mapping");
  return false;
}

bool FileReader::IsSequence(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kSequence) return true;
  ReportKind(node, what, "a list");
  return false;
}

bool FileReader::ReadMap(const YamlNode& node, std::string_view what,
                         std::initializer_list<Key> keys) {
  if (!IsMap(node, what)) return false;
  const std::vector<bool> cut = FindCutEntries(node);
  std::vector<std::string_view> meant;  // by misspelt keys: not missing
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    if (cut[i]) {
      meant.push_back(node.keys[i].text);
      continue;
    }
    const YamlNode& name = node.keys[i];
    const auto* key = std::find_if(keys.begin(), keys.end(),
                                   [&](const Key& known) { return known.name == name.text; });
    if (key != keys.end()) {
      key->read(node.values[i]);
      continue;
    }
    if (name.kind != YamlNode::Kind::kScalar) continue;  // Reported when the tree was read.
    std::vector<std::string_view> known;
    for (const Key& allowed : keys) known.push_back(allowed.name);
    std::string help = DidYouMean(name.text, known);
    meant.push_back(Nearest(name.text, known));
    if (help.empty()) help = fmt::format("allowed here: {}", fmt::join(known, ", "));
    Report("E0011", name.span, fmt::format("unknown key {} in {}", InBackticks(name.text), what),
           std::move(help));
  }
  for (const Key& key : keys) {
    if (!key.required || node.Find(key.name) != nullptr) continue;
    if (std::find(meant.begin(), meant.end(), key.name) != meant.end()) continue;
    const FileSpan span = node.keys.empty() ? node.span : node.keys.front().span;
    Report("E0013", span, fmt::format("{} has no `{}`", what, key.name));
  }
  return true;
}

std::optional<TextNode> FileReader::ReadText(const YamlNode& node, std::string_view what) {
  if (node.kind != YamlNode::Kind::kScalar) {
    ReportKind(node, what, "a text");
    return std::nullopt;
  }
  return TextNode{node.text, node.span, node.style == YamlNode::Style::kPlain};
}

std::vector<TextNode> FileReader::ReadTexts(const YamlNode& node, std::string_view what) {
  std::vector<TextNode> texts;
  if (!IsSequence(node, what)) return texts;
  for (const YamlNode& item : node.values) {
    if (std::optional<TextNode> text = ReadText(item, fmt::format("an item of {}", what))) {
      texts.push_back(std::move(*text));
    }
  }
  return texts;
}

// For keys that only people read: author, references.
void FileReader::ReadTextOrTexts(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kSequence) {
    ReadTexts(node, what);
  } else {
    ReadText(node, what);
  }
}

std::optional<IntNode> FileReader::ReadInt(const YamlNode& node, std::string_view what) {
  std::int64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  if (IsPlainScalar(node)) {
    const auto [stop, code] = std::from_chars(node.text.data(), end, value);
    if (code == std::errc() && stop == end) return IntNode{value, node.span};
  }
  if (node.kind == YamlNode::Kind::kMap || node.kind == YamlNode::Kind::kSequence) {
    ReportKind(node, what, "an integer");
    return std::nullopt;
  }
  const bool quoted = node.kind == YamlNode::Kind::kScalar && !IsPlainScalar(node);
  Report("E0016", node.span,
         fmt::format("{} must be an integer, not {}", what, InBackticks(node.text)),
         quoted ? "write it without quotes" : "");
  return std::nullopt;
}

std::optional<DurationNode> FileReader::ReadDuration(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kScalar) {
    if (const std::optional<DurationMs> value = shrike::ParseDuration(node.text)) {
      return DurationNode{*value, node.span};
    }
    Report("E0016", node.span,
           fmt::format("{} must be a duration, not {}", what, InBackticks(node.text)),
           "units are w, d, h, m, s, ms, in this order, each once: `1h30m`");
    return std::nullopt;
  }
  ReportKind(node, what, "a duration");
  return std::nullopt;
}

std::optional<DurationNode> FileReader::ReadSignedDuration(const YamlNode& node,
                                                           std::string_view what) {
  if (node.kind == YamlNode::Kind::kScalar && node.text.starts_with('-')) {
    if (const auto value = shrike::ParseDuration(std::string_view(node.text).substr(1))) {
      return DurationNode{-*value, node.span};
    }
  }
  return ReadDuration(node, what);
}

// NOLINTNEXTLINE(readability-function-size): the fifth parameter has a default.
Diagnostic MakeDiagnostic(std::string code, const SourceFile& file, FileSpan span,
                          std::string message, std::string suggestion) {
  Diagnostic diagnostic;
  diagnostic.severity =
      code.starts_with('W') ? DiagnosticSeverity::kWarning : DiagnosticSeverity::kError;
  diagnostic.code = std::move(code);
  diagnostic.file = file.path;
  diagnostic.message = std::move(message);
  diagnostic.suggestion = std::move(suggestion);
  SetPlace(file.content, span, &diagnostic);
  return diagnostic;
}

}  // namespace shrike::rules
