#include "base/diagnostic.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "base/utf8.h"

namespace shrike {
namespace {

struct Place {
  int line;
  int column;
  std::size_t line_begin;  // byte
};

// offset: a byte of `content`, or its size.
Place FindPlace(std::string_view content, std::size_t offset) {
  const std::string_view before = content.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  const auto newlines = std::count(before.begin(), before.end(), '\n');
  const std::size_t characters = CountCodePoints(before.substr(line_begin));
  return {static_cast<int>(newlines) + 1, static_cast<int>(characters) + 1, line_begin};
}

constexpr std::size_t kMessageTextBytes = 60;
constexpr std::size_t kLineBytesMax = 2000;    // a longer line is cut
constexpr std::size_t kLineBytesBefore = 500;  // of it before the caret

// Moves `pos` back to the beginning of the character that it is in.
std::size_t CharacterBegin(std::string_view text, std::size_t pos) {
  while (pos > 0 && pos < text.size() && (static_cast<unsigned char>(text[pos]) & 0xC0) == 0x80) {
    --pos;
  }
  return pos;
}

std::string_view LineFrom(std::string_view content, std::size_t line_begin) {
  std::string_view line = content.substr(line_begin, content.find('\n', line_begin) - line_begin);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

void SetPlace(std::string_view content, FileSpan span, Diagnostic* diagnostic) {
  const std::size_t begin = std::min<std::size_t>(span.begin, content.size());
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, content.size());
  const Place first = FindPlace(content, begin);
  const Place last = FindPlace(content, end);
  diagnostic->line = first.line;
  diagnostic->column = first.column;
  diagnostic->end_line = last.line;
  diagnostic->end_column = last.column;
  const std::string_view line = LineFrom(content, first.line_begin);
  diagnostic->line_text_column = 1;
  if (line.size() <= kLineBytesMax) {
    diagnostic->line_text = line;
    return;
  }
  const std::size_t caret = std::min(begin - first.line_begin, line.size());
  const std::size_t cut =
      caret > kLineBytesBefore ? CharacterBegin(line, caret - kLineBytesBefore) : 0;
  const std::size_t cut_end = CharacterBegin(line, std::min(cut + kLineBytesMax, line.size()));
  diagnostic->line_text = line.substr(cut, cut_end - cut);
  diagnostic->line_text_column = static_cast<int>(CountCodePoints(line.substr(0, cut))) + 1;
}

std::string InBackticks(std::string_view text) {
  std::string shown = "`";
  if (text.size() <= kMessageTextBytes) {
    shown += text;
  } else {
    shown += text.substr(0, CharacterBegin(text, kMessageTextBytes));
    shown += "..";
  }
  return shown + '`';
}

void SortDiagnostics(std::vector<Diagnostic>* diagnostics) {
  std::map<std::string, int, std::less<>> file_rank;
  for (const Diagnostic& diagnostic : *diagnostics) {
    file_rank.emplace(diagnostic.file, static_cast<int>(file_rank.size()));
  }
  std::stable_sort(diagnostics->begin(), diagnostics->end(),
                   [&](const Diagnostic& a, const Diagnostic& b) {
                     const int rank_a = file_rank.find(a.file)->second;
                     const int rank_b = file_rank.find(b.file)->second;
                     if (rank_a != rank_b) return rank_a < rank_b;
                     if (a.line != b.line) return a.line < b.line;
                     return a.column < b.column;
                   });
}

std::uint32_t SourceText::FileOffset(std::uint32_t offset) const {
  if (segments.empty()) return file.begin;
  auto after = std::upper_bound(
      segments.begin(), segments.end(), offset,
      [](std::uint32_t wanted, const Segment& segment) { return wanted < segment.text_begin; });
  if (after != segments.begin()) --after;
  return std::min(after->file_begin + (offset - after->text_begin), std::max(file.end, file.begin));
}

FileSpan SourceText::FileSpanOf(std::uint32_t begin, std::uint32_t end) const {
  const std::uint32_t file_begin = FileOffset(begin);
  if (end <= begin) return {file_begin, file_begin};
  // Not FileOffset(end): the text's next byte may stand far behind, on the next line.
  return {file_begin, std::min(FileOffset(end - 1) + 1, std::max(file.end, file_begin))};
}

}  // namespace shrike
