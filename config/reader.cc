#include "config/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/suggest.h"
#include "config/substitution.h"

namespace shrike::config {
namespace {

std::string Quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

// Not more of a value than a message can bear.
std::string Shown(std::string_view text) {
  constexpr std::size_t kShownMax = 80;
  return Quoted(text.size() <= kShownMax ? std::string(text)
                                         : std::string(text.substr(0, kShownMax)) + "..");
}

std::string_view KindName(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kMap:
      return "a mapping";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kNull:
      return "empty";
    case YamlNode::Kind::kScalar:
      break;
  }
  return "a value";
}

std::optional<bool> ParseBool(std::string_view text) {
  for (const std::string_view yes : {"true", "on", "yes"}) {
    if (text == yes) {
      return true;
    }
  }
  for (const std::string_view no : {"false", "off", "no"}) {
    if (text == no) {
      return false;
    }
  }
  return std::nullopt;
}

// Would showing the line give a secret away?
bool LooksSecret(std::string_view line) {
  std::string lower(line);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::array<std::string_view, 6> kWords = {"password", "secret",   "token",
                                                      "jaas",     "username", "ssl.key"};
  return std::any_of(kWords.begin(), kWords.end(), [&lower](std::string_view word) {
    return lower.find(word) != std::string::npos;
  });
}

}  // namespace

void Source::Report(std::string_view code, FileSpan span, std::string message,
                    std::string suggestion) const {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.file = *path;
  diagnostic.message = std::move(message);
  diagnostic.suggestion = std::move(suggestion);
  SetPlace(content, span, &diagnostic);
  diagnostics->push_back(std::move(diagnostic));
}

void HideSecrets(std::vector<Diagnostic>* diagnostics) {
  for (Diagnostic& diagnostic : *diagnostics) {
    if (LooksSecret(diagnostic.line_text)) {
      diagnostic.line_text.clear();
    }
  }
}

std::optional<Scalar> ReadScalar(const Source& source, const YamlNode& node,
                                 const std::string& what) {
  if (node.kind != YamlNode::Kind::kScalar) {
    source.Report("E0602", node.span,
                  what + " must be one value, but is " + std::string(KindName(node)));
    return std::nullopt;
  }
  Substituted replaced = Substitute(node.text, *source.resolver);
  if (!replaced.error.empty()) {
    const SourceText text = MapSource(source.content, node);
    source.Report("E0605",
                  text.FileSpanOf(static_cast<std::uint32_t>(replaced.error_begin),
                                  static_cast<std::uint32_t>(replaced.error_end)),
                  std::move(replaced.error));
    return std::nullopt;
  }
  return Scalar{std::move(replaced.text), node.text, node.span};
}

std::vector<Scalar> ReadScalars(const Source& source, const YamlNode& node,
                                const std::string& what) {
  std::vector<Scalar> scalars;
  if (node.kind != YamlNode::Kind::kSequence) {
    if (std::optional<Scalar> one = ReadScalar(source, node, what)) {
      scalars.push_back(*std::move(one));
    }
    return scalars;
  }
  for (const YamlNode& item : node.values) {
    if (std::optional<Scalar> one = ReadScalar(source, item, "an item of " + what)) {
      scalars.push_back(*std::move(one));
    }
  }
  return scalars;
}

MapReader::MapReader(const Source& source, const YamlNode* node, std::string what)
    : source_(source), what_(std::move(what)) {
  if (node == nullptr) {
    return;
  }
  span_ = node->span;
  if (node->kind == YamlNode::Kind::kMap) {
    map_ = node;
  } else if (node->kind != YamlNode::Kind::kNull) {
    source.Report("E0602", node->span,
                  (what_.empty() ? "the configuration" : what_) + " must be a mapping, but is " +
                      std::string(KindName(*node)));
  }
}

FileSpan MapReader::span() const { return span_; }

std::string MapReader::NameOf(std::string_view key) const {
  return what_.empty() ? Quoted(key) : Quoted(key) + " of " + what_;
}

const YamlNode* MapReader::Find(std::string_view key) {
  known_.push_back(key);
  const YamlNode* const node = map_ == nullptr ? nullptr : map_->Find(key);
  return node == nullptr || node->kind == YamlNode::Kind::kNull ? nullptr : node;
}

FileSpan MapReader::KeySpan(std::string_view key) const {
  if (map_ != nullptr) {
    for (const YamlNode& node : map_->keys) {
      if (node.text == key) {
        return node.span;
      }
    }
  }
  return span_;
}

std::optional<Scalar> MapReader::GetScalar(std::string_view key) {
  const YamlNode* const node = Find(key);
  return node == nullptr ? std::nullopt : ReadScalar(source_, *node, NameOf(key));
}

std::optional<std::string> MapReader::GetText(std::string_view key) {
  std::optional<Scalar> scalar = GetScalar(key);
  if (!scalar) {
    return std::nullopt;
  }
  if (scalar->text.empty()) {
    source_.Report("E0604", scalar->span, NameOf(key) + " must not be empty");
    return std::nullopt;
  }
  return std::move(scalar->text);
}

std::optional<bool> MapReader::GetBool(std::string_view key) {
  const std::optional<Scalar> scalar = GetScalar(key);
  if (!scalar) {
    return std::nullopt;
  }
  const std::optional<bool> value = ParseBool(scalar->text);
  if (!value) {
    source_.Report("E0604", scalar->span,
                   NameOf(key) + " must be true or false, not " + Shown(scalar->shown));
  }
  return value;
}

std::optional<DurationMs> MapReader::GetDuration(std::string_view key) {
  const std::optional<Scalar> scalar = GetScalar(key);
  if (!scalar) {
    return std::nullopt;
  }
  const std::optional<DurationMs> value = ParseDuration(scalar->text);
  if (!value) {
    source_.Report("E0604", scalar->span,
                   NameOf(key) + " must be a duration, not " + Shown(scalar->shown),
                   "units are w d h m s ms, descending: 1h30m; none is 0ms");
  }
  return value;
}

std::optional<std::int64_t> MapReader::GetInt(std::string_view key, Range range) {
  const std::optional<Scalar> scalar = GetScalar(key);
  if (!scalar) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const char* const end = scalar->text.data() + scalar->text.size();
  const std::from_chars_result read = std::from_chars(scalar->text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value < range.min || value > range.max) {
    source_.Report("E0604", scalar->span,
                   NameOf(key) + " must be an integer from " + std::to_string(range.min) + " to " +
                       std::to_string(range.max) + ", not " + Shown(scalar->shown));
    return std::nullopt;
  }
  return value;
}

std::optional<int> MapReader::GetChoice(std::string_view key,
                                        const std::vector<std::string_view>& choices) {
  const std::optional<Scalar> scalar = GetScalar(key);
  if (!scalar) {
    return std::nullopt;
  }
  std::string list;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == scalar->text) {
      return static_cast<int>(i);
    }
    list += (i == 0 ? "" : (i + 1 == choices.size() ? " or " : ", ")) + Quoted(choices[i]);
  }
  source_.Report("E0604", scalar->span,
                 NameOf(key) + " must be " + list + ", not " + Shown(scalar->shown),
                 DidYouMean(scalar->shown, choices));
  return std::nullopt;
}

std::vector<Scalar> MapReader::GetList(std::string_view key) {
  const YamlNode* const node = Find(key);
  return node == nullptr ? std::vector<Scalar>() : ReadScalars(source_, *node, NameOf(key));
}

void MapReader::ReportMissing(std::string_view key, std::string suggestion) {
  const std::string where = what_.empty() ? "the configuration" : what_;
  source_.Report("E0603", span_, where + " has no " + Quoted(key), std::move(suggestion));
}

void MapReader::RefuseNotYet(std::string_view key) {
  if (Find(key) != nullptr) {
    source_.Report("E0901", KeySpan(key), NameOf(key) + " is not yet supported",
                   "remove it, or use a version that has it");
  }
}

void MapReader::CheckKeys() const {
  if (map_ == nullptr) {
    return;
  }
  for (const YamlNode& key : map_->keys) {
    if (std::find(known_.begin(), known_.end(), key.text) == known_.end()) {
      source_.Report("E0601", key.span,
                     "unknown key " + Shown(key.text) + (what_.empty() ? "" : " of " + what_),
                     DidYouMean(key.text, known_));
    }
  }
}

}  // namespace shrike::config
