// CSV text -> rows of cells (RFC 4180): lists and tables come in it.
//
// Cells are separated by commas, rows end with a line feed (a carriage return before it belongs to it). A cell in double
// quotes may hold both, and `""` for one quote. Blank lines are no rows. A byte order mark is skipped.
// Tested by: tests/base/csv_test.cc.
#ifndef SHRIKE_BASE_CSV_H_
#define SHRIKE_BASE_CSV_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace shrike {

struct CsvCell {
  std::string text;
  FileSpan span;        // in the text, with its quotes
  bool quoted = false;  // an empty cell in quotes is an empty text, without them nothing
};

class CsvReader {
 public:
  // text: borrowed.
  explicit CsvReader(std::string_view text);

  // The next row, or nothing at the end of the text or of what can be read: then `fault` says why.
  // Cost: linear in the row.
  std::optional<std::vector<CsvCell>> Next();

  // What is wrong, as the end of a sentence, and where; empty: nothing.
  const std::string& fault() const { return fault_; }
  FileSpan fault_span() const { return fault_span_; }

 private:
  bool ReadCell(CsvCell* cell);
  bool ReadQuoted(CsvCell* cell);
  bool AtLineEnd() const;
  void SkipLineEnd();
  void Fail(std::size_t begin, std::string what);

  std::string_view text_;
  std::size_t at_ = 0;
  std::string fault_;
  FileSpan fault_span_;
};

}  // namespace shrike

#endif  // SHRIKE_BASE_CSV_H_
