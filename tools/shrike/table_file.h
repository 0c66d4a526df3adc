// Tables from files (language.md, 4.12; `tables:` of the configuration): CSV or JSON lines -> Table.
//
// CSV: the first row names the columns; others than the declared ones are left alone. An empty cell without quotes is
// null. Times are RFC 3339, durations as in patterns; lists do not stand in CSV. JSON lines: an object a line, its values
// typed as those of events are (ingest/json_decoder.h), times RFC 3339; blank lines are none.
// Tested by: tests/tools/table_file_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_TABLE_FILE_H_
#define SHRIKE_TOOLS_SHRIKE_TABLE_FILE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "base/diagnostic.h"
#include "base/table.h"
#include "config/config.h"
#include "rules/rule_file.h"

namespace shrike::tools {

inline constexpr std::size_t kTableBytesMax = std::size_t{256} << 20;  // a larger file is refused

// The table as far as it could be read. Mistakes (E0609: a column that is missing, a value of another type, a key twice
// or null, rows of different lengths) are appended with their place; after the first few the rest is not looked at.
// file: its text. Cost: linear.
std::shared_ptr<const Table> ReadTableFile(const config::TableConfig& config,
                                           const rules::SourceFile& file,
                                           std::vector<Diagnostic>* diagnostics);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_TABLE_FILE_H_
