#include "base/csv.h"

#include <algorithm>
#include <utility>

namespace shrike {

CsvReader::CsvReader(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

bool CsvReader::AtLineEnd() const {
  return at_ >= text_.size() || text_[at_] == '\n' ||
         (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
}

void CsvReader::SkipLineEnd() {
  if (at_ < text_.size() && text_[at_] == '\r') ++at_;
  if (at_ < text_.size()) ++at_;
}

void CsvReader::Fail(std::size_t begin, std::string what) {
  fault_ = std::move(what);
  const std::size_t line_end = text_.find('\n', begin);
  fault_span_ = {static_cast<std::uint32_t>(begin),
                 static_cast<std::uint32_t>(std::min(line_end, text_.size()))};
  at_ = text_.size();
}

bool CsvReader::ReadQuoted(CsvCell* cell) {
  const std::size_t begin = at_;
  cell->quoted = true;
  ++at_;
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c != '"') {
      cell->text += c;
    } else if (at_ < text_.size() && text_[at_] == '"') {
      cell->text += '"';
      ++at_;
    } else {
      return true;
    }
  }
  Fail(begin, "the quote is not closed");
  return false;
}

bool CsvReader::ReadCell(CsvCell* cell) {
  const std::size_t begin = at_;
  if (at_ < text_.size() && text_[at_] == '"') {
    if (!ReadQuoted(cell)) return false;
    if (!AtLineEnd() && text_[at_] != ',') {
      Fail(begin, "there is text behind the closing quote");
      return false;
    }
  } else {
    while (!AtLineEnd() && text_[at_] != ',') cell->text += text_[at_++];
  }
  cell->span = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
  return true;
}

std::optional<std::vector<CsvCell>> CsvReader::Next() {
  while (at_ < text_.size() && AtLineEnd()) SkipLineEnd();
  if (at_ >= text_.size()) return std::nullopt;
  std::vector<CsvCell> row;
  while (true) {
    if (!ReadCell(&row.emplace_back())) return std::nullopt;
    if (AtLineEnd()) break;
    ++at_;  // the comma
  }
  SkipLineEnd();
  return row;
}

}  // namespace shrike
