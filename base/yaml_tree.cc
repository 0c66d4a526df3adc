#include "base/yaml_tree.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "base/yaml_guard.h"

namespace shrike {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// Ends every open quote with an error: without it an unterminated one can swallow the rest of a file.
constexpr std::string_view kDocumentEnd = "...\n";

bool IsNullText(std::string_view text) {
  return text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// 'text' as a YAML scalar in single quotes.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted + "'";
}

// What most often is behind yaml-cpp's message.
std::string MalformedHelp(std::string_view reason) {
  struct Row {
    std::string_view reason;
    std::string_view help;
  };
  const Row rows[] = {
      {YAML::ErrorMsg::MAP_VALUE,
       "a text with `: ` in it needs quotes, and a key stands at the beginning of a line"},
      {YAML::ErrorMsg::END_OF_MAP,
       "the indentation differs from the lines before, or a text that begins with a quote or a "
       "brace goes on behind it: quote all of it"},
      {YAML::ErrorMsg::END_OF_SEQ, "the indentation differs from the lines before"},
      {YAML::ErrorMsg::END_OF_MAP_FLOW,
       "close it with `}`; in { } a text with brackets, commas or `: ` needs quotes"},
      {YAML::ErrorMsg::END_OF_SEQ_FLOW,
       "close it with `]`; in [ ] a text with brackets, commas or `: ` needs quotes"},
      {YAML::ErrorMsg::UNKNOWN_TOKEN, "a text that begins with this character needs quotes"},
      {YAML::ErrorMsg::BLOCK_ENTRY, "a list begins on a line of its own; a text needs quotes"},
      {YAML::ErrorMsg::FLOW_END, "there is no bracket that this one closes"},
  };
  for (const Row& row : rows) {
    if (row.reason == reason) return std::string(row.help);
  }
  return "";
}

// The quote that ends the one at `pos`, or npos.
std::size_t FindClosingQuote(std::string_view content, std::size_t pos) {
  const char quote = content[pos];
  ++pos;
  while (pos < content.size() && content[pos] != quote) {
    pos += content[pos] == '\\' && quote == '"' ? 2 : 1;
  }
  return pos < content.size() ? pos : std::string_view::npos;
}

// Builds the tree from yaml-cpp's events. Never throws of its own: what is refused is noted, and reading goes on.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& path, std::string_view content, std::uint32_t offset,
              std::vector<Diagnostic>* diagnostics)
      : path_(path), content_(content), offset_(offset), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    ++documents_;
    if (documents_ == 2) {
      const std::uint32_t begin = PositionOf(mark);
      Report("E0008", {begin, begin + 1}, "the file has more than one YAML document",
             "put the second document into a file of its own");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { Close(']'); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { Close('}'); }

  std::optional<YamlNode> TakeRoot() { return std::move(root_); }
  void ReportMalformed(const YAML::Exception& exception);
  void ReportMalformed(std::string_view reason, std::uint32_t begin);

 private:
  bool ignoring() const { return documents_ > 1 || too_deep_ > 0; }
  std::uint32_t PositionOf(const YAML::Mark& mark) const {
    const std::size_t position = mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos) + offset_;
    return static_cast<std::uint32_t>(std::min(position, content_.size()));
  }
  char At(std::size_t position) const {
    return position < content_.size() ? content_[position] : '\0';
  }
  void Report(std::string code, FileSpan span, std::string message, std::string suggestion);
  void CheckProperties(std::uint32_t begin);
  FileSpan ReportAlias(std::uint32_t begin);
  void Open(YamlNode::Kind kind, const YAML::Mark& mark);
  void Close(char closer);
  void Attach(YamlNode node);
  void CheckKeys(const YamlNode& map);
  std::uint32_t FindUnterminatedQuote() const;
  std::string_view PlainTextAt(std::uint32_t begin) const;

  const std::string& path_;
  std::string_view content_;
  std::uint32_t offset_;  // of what yaml-cpp sees in the file: behind a byte order mark
  std::vector<Diagnostic>* diagnostics_;
  std::vector<YamlNode> open_;  // at most kNestingMax
  std::optional<YamlNode> root_;
  std::uint32_t last_end_ = 0;  // of the last scalar
  int flow_depth_ = 0;          // of open_
  int too_deep_ = 0;            // collections open below kNestingMax: ignored
  int documents_ = 0;
  std::uint32_t last_property_ = UINT32_MAX;  // place of the last anchor or tag reported
};

void TreeBuilder::Report(std::string code, FileSpan span, std::string message,
                         std::string suggestion) {
  if (diagnostics_->size() >= kDiagnosticsPerFileMax) return;
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.file = path_;
  diagnostic.message = std::move(message);
  diagnostic.suggestion = std::move(suggestion);
  SetPlace(content_, span, &diagnostic);
  diagnostics_->push_back(std::move(diagnostic));
}

// The rest of the line, in { } or [ ] up to where YAML would end it.
std::string_view TreeBuilder::PlainTextAt(std::uint32_t begin) const {
  std::string_view line = content_.substr(begin);
  line = line.substr(0, line.find_first_of(flow_depth_ > 0 ? "\r\n,]}" : "\r\n"));
  line = line.substr(0, line.find(" #"));
  return line.substr(0, line.find_last_not_of(" \t") + 1);
}

// A node begins with its anchor or tag, if it has one.
void TreeBuilder::CheckProperties(std::uint32_t begin) {
  const char first = At(begin);
  if ((first != '&' && first != '!') || last_property_ == begin) return;
  last_property_ = begin;
  const std::string_view text = PlainTextAt(begin);
  const std::size_t size = std::min(text.find_first_of(" \t"), text.size());
  const FileSpan span{begin, begin + static_cast<std::uint32_t>(size)};
  const std::string help =
      text.size() < 80 ? "if it is meant as text, quote it: " + Quoted(text) : "";
  if (first == '&') {
    Report("E0005", span,
           fmt::format("the anchor {} is not allowed", InBackticks(text.substr(0, size))), help);
  } else {
    Report("E0006", span,
           fmt::format("the YAML tag {} is not allowed", InBackticks(text.substr(0, size))), help);
  }
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) {
  if (ignoring()) return;
  YamlNode node;
  node.in_flow = flow_depth_ > 0;
  const std::uint32_t begin = PositionOf(mark);
  CheckProperties(begin);
  const std::string_view rest = content_.substr(begin);
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n,]}:"));
  const bool is_key = !open_.empty() && open_.back().kind == YamlNode::Kind::kMap &&
                      open_.back().keys.size() == open_.back().values.size();
  // `a:` and then the key `null:` is a null that is not written.
  if (IsNullText(word) && (is_key || At(begin + word.size()) != ':')) {
    node.text = word;
    node.span = {begin, begin + static_cast<std::uint32_t>(word.size())};
    last_end_ = node.span.end;
  } else {
    node.span = {last_end_, last_end_ + 1};
  }
  Attach(std::move(node));
}

FileSpan TreeBuilder::ReportAlias(std::uint32_t begin) {
  const std::string_view text = PlainTextAt(begin);
  const auto size = static_cast<std::uint32_t>(std::min(text.find_first_of(" \t"), text.size()));
  Report("E0005", {begin, begin + size},
         fmt::format("the alias {} is not allowed", InBackticks(text.substr(0, size))),
         text.size() < 80 ? "if it is meant as text, quote it: " + Quoted(text) : "");
  return {begin, begin + size};
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) {
  if (ignoring()) return;
  YamlNode node;
  node.in_flow = flow_depth_ > 0;
  node.span = ReportAlias(PositionOf(mark));
  last_end_ = node.span.end;
  Attach(std::move(node));
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& /*tag*/,
                           YAML::anchor_t /*anchor*/, const std::string& value) {
  if (ignoring()) return;
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.in_flow = flow_depth_ > 0;
  node.text = value;
  const std::uint32_t begin = PositionOf(mark);
  CheckProperties(begin);
  const auto size = static_cast<std::uint32_t>(value.size());
  switch (At(begin)) {
    case '\'':
      node.style = YamlNode::Style::kSingleQuoted;
      break;
    case '"':
      node.style = YamlNode::Style::kDoubleQuoted;
      break;
    case '|':
      node.style = YamlNode::Style::kLiteral;
      break;
    case '>':
      node.style = YamlNode::Style::kFolded;
      break;
    default:
      break;
  }
  if (node.style == YamlNode::Style::kPlain && content_.substr(begin, size) == value) {
    node.span = {begin, begin + size};  // Nearly every scalar: no walk needed.
  } else {
    node.span = {begin, begin};
    node.span = MapSource(content_, node).file;
  }
  last_end_ = node.span.end;
  if (node.style == YamlNode::Style::kDoubleQuoted && !IsValidUtf8(node.text)) {
    Report("E0002", node.span, "an escape in this text does not give UTF-8",
           "write the character itself, or \\u and four hexadecimal digits");
    node.text.clear();
  }
  Attach(std::move(node));
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/,
                                  YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) {
  Open(YamlNode::Kind::kSequence, mark);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/,
                             YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) {
  Open(YamlNode::Kind::kMap, mark);
}

void TreeBuilder::Open(YamlNode::Kind kind, const YAML::Mark& mark) {
  const std::uint32_t begin = PositionOf(mark);
  if (ignoring() || open_.size() >= static_cast<std::size_t>(kNestingMax)) {
    if (!ignoring()) {
      Report("E0009", {begin, begin + 1},
             fmt::format("mappings and lists are nested deeper than {}", kNestingMax), "");
    }
    ++too_deep_;
    return;
  }
  CheckProperties(begin);
  YamlNode node;
  node.kind = kind;
  node.in_flow = flow_depth_ > 0;
  const bool flow = At(begin) == (kind == YamlNode::Kind::kMap ? '{' : '[');
  node.style = flow ? YamlNode::Style::kFlow : YamlNode::Style::kBlock;
  node.span = {begin, begin};
  if (flow) {
    ++flow_depth_;
    last_end_ = begin + 1;
  }
  open_.push_back(std::move(node));
}

void TreeBuilder::Close(char closer) {
  if (too_deep_ > 0) {
    --too_deep_;
    if (too_deep_ == 0 && documents_ < 2) Attach(YamlNode{});
    return;
  }
  if (ignoring() || open_.empty()) return;
  YamlNode node = std::move(open_.back());
  open_.pop_back();
  if (node.style == YamlNode::Style::kFlow) {
    --flow_depth_;
    std::uint32_t end = last_end_;
    while (At(end) == ' ' || At(end) == '\t' || At(end) == '\n' || At(end) == '\r' ||
           At(end) == ',' || At(end) == ':' || At(end) == '#') {
      const bool comment = At(end) == '#';
      end = comment
                ? static_cast<std::uint32_t>(std::min(content_.find('\n', end), content_.size()))
                : end + 1;
    }
    if (At(end) == closer) last_end_ = end + 1;
  }
  node.span.end = std::max(last_end_, node.span.begin + 1);
  if (node.kind == YamlNode::Kind::kMap) CheckKeys(node);
  Attach(std::move(node));
}

void TreeBuilder::Attach(YamlNode node) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  YamlNode& parent = open_.back();
  const bool is_key =
      parent.kind == YamlNode::Kind::kMap && parent.keys.size() == parent.values.size();
  if (!is_key) {
    parent.values.push_back(std::move(node));
    return;
  }
  if (node.kind != YamlNode::Kind::kScalar && node.text.empty()) {
    Report("E0020", node.span, "a key must be a text", "");
  }
  parent.keys.push_back(std::move(node));
}

void TreeBuilder::CheckKeys(const YamlNode& map) {
  std::set<std::string_view> seen;
  for (const YamlNode& key : map.keys) {
    if (key.text.empty() || seen.insert(key.text).second) continue;
    Report("E0007", key.span,
           fmt::format("the key {} is given twice in this mapping", InBackticks(key.text)),
           "remove one of the two");
  }
}

// yaml-cpp notices an open quote only at the file's end; the reader wants its beginning.
std::uint32_t TreeBuilder::FindUnterminatedQuote() const {
  std::size_t pos = last_end_;
  while (pos < content_.size()) {
    const char c = content_[pos];
    const char before = pos == 0 ? '\n' : content_[pos - 1];
    const bool starts = std::string_view(" \t\n[{,:").find(before) != std::string_view::npos;
    std::size_t end = pos;
    if (starts && c == '#') end = content_.find('\n', pos);
    if (starts && (c == '"' || c == '\'')) {
      end = FindClosingQuote(content_, pos);
      if (end == std::string_view::npos) return static_cast<std::uint32_t>(pos);
    }
    pos = std::min(end, content_.size()) + 1;
  }
  return static_cast<std::uint32_t>(content_.size());
}

void TreeBuilder::ReportMalformed(const YAML::Exception& exception) {
  const std::string& reason = exception.msg;
  const bool open_quote =
      reason == YAML::ErrorMsg::DOC_IN_SCALAR || reason == YAML::ErrorMsg::EOF_IN_SCALAR;
  const std::uint32_t quote = open_quote ? FindUnterminatedQuote() : 0;
  if (open_quote && quote < content_.size()) {
    Report("E0004", {quote, quote + 1}, "the quoted text that begins here does not end",
           fmt::format("close it with `{}`", content_[quote]));
    return;
  }
  const std::uint32_t begin = exception.mark.is_null() ? last_end_ : PositionOf(exception.mark);
  if (At(begin) == '*') {  // Of an anchor that is not there: no event tells of it.
    ReportAlias(begin);
    return;
  }
  ReportMalformed(reason, begin);
}

void TreeBuilder::ReportMalformed(std::string_view reason, std::uint32_t begin) {
  std::string help;
  const std::size_t line = content_.rfind('\n', begin == 0 ? 0 : begin - 1) + 1;
  const std::size_t text = content_.find_first_not_of(" \t", line);
  const std::size_t tab = content_.find('\t', line);
  if (tab < text) {
    begin = static_cast<std::uint32_t>(tab);
    help = "indent with spaces, not tabs";
  } else {
    help = MalformedHelp(reason);
  }
  Report("E0004", {begin, begin + 1}, fmt::format("the file is not YAML: {}", reason), help);
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size() && i < values.size(); ++i) {
    if (keys[i].text == key) return &values[i];
  }
  return nullptr;
}

SourceText MapSource(std::string_view content, const YamlNode& scalar, bool* exact) {
  SourceText source;
  source.text = scalar.text;
  const bool good = AlignScalar(content, scalar.span.begin, scalar.style, &source);
  if (!good) {
    source.segments.clear();
    source.file = {scalar.span.begin, scalar.span.begin + 1};
  }
  if (exact != nullptr) *exact = good;
  return source;
}

std::optional<YamlNode> ReadYaml(const std::string& path, std::string_view content,
                                 std::vector<Diagnostic>* diagnostics) {
  if (!GuardBytes(path, content, diagnostics)) return std::nullopt;
  const std::size_t offset = content.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  TreeBuilder builder(path, content, static_cast<std::uint32_t>(offset), diagnostics);
  std::string text(content.substr(offset));
  if (!text.ends_with('\n')) text += '\n';  // Not one more: `|+` keeps them all.
  text += kDocumentEnd;
  try {
    std::istringstream stream(std::move(text));
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& exception) {
    builder.ReportMalformed(exception);
    return std::nullopt;
  } catch (const std::exception& exception) {
    builder.ReportMalformed(exception.what(), 0);
    return std::nullopt;
  }
  std::optional<YamlNode> root = builder.TakeRoot();
  return root ? std::move(root) : std::optional<YamlNode>(YamlNode{});
}

}  // namespace shrike
