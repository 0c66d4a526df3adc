// Finds the bytes of a file that a YAML scalar's decoded text came from.
//
// The decoded text is known (from yaml-cpp), so nothing has to be decided here: file and text are walked side by side,
// and each line break of the file is whatever the text shows in its place: nothing, one space or line breaks. A byte
// that does not fit ends the walk with false. Tested by: tests/base/yaml_tree_test.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/utf8.h"
#include "base/yaml_tree.h"

namespace shrike {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Two cursors: `pos` in the file, `done` in the text.
class Aligner {
 public:
  Aligner(std::string_view content, std::uint32_t begin, SourceText* source)
      : content_(content), source_(source), text_(source->text), pos_(begin) {
    source_->segments.clear();
    source_->file = {begin, begin};
  }

  bool AlignPlain();
  bool AlignQuoted(char quote);
  bool AlignBlock(bool folded);

 private:
  char At(std::size_t pos) const { return pos < content_.size() ? content_[pos] : '\0'; }
  bool AtBreak(std::size_t pos) const {
    return At(pos) == '\n' || (At(pos) == '\r' && At(pos + 1) == '\n');
  }
  // Behind the line break at `pos`.
  static std::size_t BehindBreak(std::string_view content, std::size_t pos) {
    return pos + (content[pos] == '\r' ? 2 : 1);
  }

  // text_[done_, + size) stands at pos_, byte by byte.
  bool Take(std::size_t size);
  // text_[done_, + bytes.size()) must be `bytes`, which the file writes as `file_size` bytes at pos_.
  bool TakeAs(std::string_view bytes, std::size_t file_size);
  void Mark(std::size_t file_pos);
  bool Finish(std::size_t end) {
    source_->file.end = static_cast<std::uint32_t>(std::min(end, content_.size()));
    return done_ == text_.size();
  }

  bool AtFold() const;
  void TakeFold();
  bool TakeEscape();
  bool TakeBlockLine(std::size_t indent, bool folded);
  std::size_t BlockIndent() const;

  std::string_view content_;
  SourceText* source_;
  std::string_view text_;
  std::size_t pos_;
  std::size_t done_ = 0;
};

void Aligner::Mark(std::size_t file_pos) {
  auto& segments = source_->segments;
  if (!segments.empty()) {
    const auto& last = segments.back();
    if (last.file_begin + (done_ - last.text_begin) == file_pos) return;
    if (last.text_begin == done_) segments.pop_back();
  }
  segments.push_back({static_cast<std::uint32_t>(done_), static_cast<std::uint32_t>(file_pos)});
}

bool Aligner::Take(std::size_t size) {
  if (size > text_.size() - done_ || content_.substr(pos_, size) != text_.substr(done_, size)) {
    return false;
  }
  if (size > 0) Mark(pos_);
  pos_ += size;
  done_ += size;
  return true;
}

bool Aligner::TakeAs(std::string_view bytes, std::size_t file_size) {
  if (text_.substr(done_, bytes.size()) != bytes) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Mark(pos_);  // Every byte of an escape stands at its backslash.
    ++done_;
  }
  pos_ += file_size;
  return true;
}

// Blanks, then a line break: the text shows a fold here.
bool Aligner::AtFold() const {
  std::size_t pos = pos_;
  while (IsBlank(At(pos))) ++pos;
  return AtBreak(pos);
}

// One space, or the line breaks that the text has here.
void Aligner::TakeFold() {
  std::size_t break_pos = pos_;
  while (IsBlank(At(break_pos))) ++break_pos;
  pos_ = break_pos;
  while (AtBreak(pos_) || IsBlank(At(pos_))) {
    pos_ = AtBreak(pos_) ? BehindBreak(content_, pos_) : pos_ + 1;
  }
  const char shown = done_ < text_.size() ? text_[done_] : '\0';
  if (shown == ' ') {
    Mark(break_pos);
    ++done_;
  }
  while (shown == '\n' && done_ < text_.size() && text_[done_] == '\n') {
    Mark(break_pos);
    ++done_;
  }
}

bool Aligner::AlignPlain() {
  while (done_ < text_.size()) {
    if (AtFold()) {
      TakeFold();
    } else if (!Take(1)) {
      return false;
    }
  }
  return Finish(pos_);
}

// Value of `size` hexadecimal digits at `digits`, or kReplacementCharacter.
char32_t HexValue(std::string_view digits, std::size_t size) {
  char32_t value = 0;
  for (const char c : digits.substr(0, size)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return kReplacementCharacter;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? kReplacementCharacter : value;
}

// A backslash at pos_, in double quotes (YAML 1.2, section 5.7).
bool Aligner::TakeEscape() {
  const char kind = At(pos_ + 1);
  if (kind == 'x' || kind == 'u' || kind == 'U') {
    const std::size_t size = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
    std::string bytes;
    AppendUtf8(HexValue(content_.substr(std::min(pos_ + 2, content_.size())), size), &bytes);
    return TakeAs(bytes, 2 + size);
  }
  if (AtBreak(pos_ + 1)) {  // The line goes on in the next one.
    pos_ = BehindBreak(content_, pos_ + 1);
    while (IsBlank(At(pos_))) ++pos_;
    return true;
  }
  struct Escape {
    char kind;
    std::string_view bytes;
  };
  static constexpr Escape kEscapes[] = {{'0', std::string_view("\0", 1)},
                                        {'a', "\a"},
                                        {'b', "\b"},
                                        {'t', "\t"},
                                        {'\t', "\t"},
                                        {'n', "\n"},
                                        {'v', "\v"},
                                        {'f', "\f"},
                                        {'r', "\r"},
                                        {'e', "\x1B"},
                                        {' ', " "},
                                        {'"', "\""},
                                        {'\'', "'"},
                                        {'\\', "\\"},
                                        {'/', "/"},
                                        {'N', "\xC2\x85"},
                                        {'_', "\xC2\xA0"},
                                        {'L', "\xE2\x80\xA8"},
                                        {'P', "\xE2\x80\xA9"}};
  for (const Escape& escape : kEscapes) {
    if (escape.kind == kind) return TakeAs(escape.bytes, 2);
  }
  return false;
}

bool Aligner::AlignQuoted(char quote) {
  if (At(pos_) != quote) return false;
  ++pos_;
  while (pos_ < content_.size()) {
    const char c = content_[pos_];
    const bool doubled = quote == '\'' && c == quote && At(pos_ + 1) == quote;
    if (c == quote && !doubled) return Finish(pos_ + 1);
    bool good = true;
    if (doubled) {
      good = TakeAs("'", 2);
    } else if (c == '\\' && quote == '"') {
      good = TakeEscape();
    } else if (AtFold()) {
      TakeFold();
    } else {
      good = Take(1);
    }
    if (!good) return false;
  }
  return false;
}

// Spaces before the content of a block scalar: of its first line that is not blank, less those that the text keeps.
std::size_t Aligner::BlockIndent() const {
  std::size_t pos = pos_;
  std::size_t line = pos_;
  while (pos < content_.size() && (content_[pos] == ' ' || AtBreak(pos))) {
    if (AtBreak(pos)) {
      pos = BehindBreak(content_, pos);
      line = pos;
    } else {
      ++pos;
    }
  }
  const std::size_t first = std::min(text_.find_first_not_of('\n'), text_.size());
  const std::size_t kept = std::min(text_.find_first_not_of(' ', first), text_.size()) - first;
  return pos - line >= kept ? pos - line - kept : 0;
}

// The line of the file at pos_ and what the text has for it and its break.
bool Aligner::TakeBlockLine(std::size_t indent, bool folded) {
  std::size_t end = pos_;
  while (end < content_.size() && !AtBreak(end)) ++end;
  std::size_t first = pos_;
  while (first < end && first < pos_ + indent && content_[first] == ' ') ++first;
  const std::size_t word = std::min(content_.find_first_not_of(' ', first), end);
  const bool blank = first == end || (word == end && done_ < text_.size() && text_[done_] == '\n');
  if (blank) first = end;
  if (!blank && first != pos_ + indent)
    return false;  // Less indented: the scalar would have ended.
  pos_ = first;
  if (!Take(end - first)) return false;
  source_->file.end = static_cast<std::uint32_t>(end);
  const char shown = done_ < text_.size() ? text_[done_] : '\0';
  if (shown == '\n' || (folded && shown == ' ' && !blank)) {
    Mark(end);
    ++done_;
  } else if (!folded && done_ < text_.size()) {
    return false;
  }
  if (end < content_.size()) {
    pos_ = BehindBreak(content_, end);
    return true;
  }
  return done_ == text_.size();
}

bool Aligner::AlignBlock(bool folded) {
  if (At(pos_) != (folded ? '>' : '|')) return false;
  while (pos_ < content_.size() && !AtBreak(pos_)) ++pos_;
  source_->file.end = static_cast<std::uint32_t>(pos_);
  if (text_.empty()) return true;
  if (pos_ == content_.size()) return false;
  pos_ = BehindBreak(content_, pos_);
  const std::size_t indent = BlockIndent();
  while (done_ < text_.size()) {
    if (!TakeBlockLine(indent, folded)) return false;
  }
  return true;
}

}  // namespace

bool AlignScalar(std::string_view content, std::uint32_t begin, YamlNode::Style style,
                 SourceText* source) {
  Aligner aligner(content, begin, source);
  switch (style) {
    case YamlNode::Style::kPlain:
      return aligner.AlignPlain();
    case YamlNode::Style::kSingleQuoted:
      return aligner.AlignQuoted('\'');
    case YamlNode::Style::kDoubleQuoted:
      return aligner.AlignQuoted('"');
    case YamlNode::Style::kLiteral:
      return aligner.AlignBlock(false);
    case YamlNode::Style::kFolded:
      return aligner.AlignBlock(true);
    case YamlNode::Style::kBlock:
    case YamlNode::Style::kFlow:
      break;
  }
  return false;
}

}  // namespace shrike
