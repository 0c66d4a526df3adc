// ListFile: the values of a list that stands in a file of its own (language.md, section 1, `lists`).
//
// Without a column: a value a line; blanks around it are cut, blank lines and lines that begin with `#` are none. With a
// column: CSV whose first row names the columns; empty cells are no values.
// Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_LIST_FILE_H_
#define SHRIKE_RULES_LIST_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "rules/report.h"
#include "rules/rule_file.h"

namespace shrike::rules {

// Each use of a list holds a copy of its values. A longer list is refused; a table holds more.
inline constexpr std::size_t kListItemsMax = 1'000'000;
inline constexpr std::size_t kListBytesMax = std::size_t{64} << 20;  // of its file

struct ListFile {
  SourceFile file;
  std::vector<TextNode> items;  // in the file's order, each text once
};

// Fills list->items from list->file.content. False and reported: no UTF-8, no such column, a row with more or fewer
// cells than the first (a file that is half-written), more than kListItemsMax values.
// column: nullptr: a value a line. use: where the list is declared. Cost: linear.
bool ReadListFile(const TextNode* column, const Place& use, ListFile* list, Reporter* reporter);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_LIST_FILE_H_
