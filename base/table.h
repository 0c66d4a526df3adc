// Table: rows that rules and derived fields look up by key (language.md, 4.12; `tables:` of the configuration).
//
// Immutable once loaded; a changed file gives a new Table. The strings of its values belong to it.
// Tested by: tests/base/table_test.cc.
#ifndef SHRIKE_BASE_TABLE_H_
#define SHRIKE_BASE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/schema.h"
#include "base/value.h"
#include "base/value_store.h"

namespace shrike {

// Name, key and fields as declared.
struct TableSchema {
  std::string name;
  FieldSchema key;
  std::vector<FieldSchema> fields;  // without the key

  int FieldIndex(std::string_view field) const;  // in `fields`, or -1
};

class Table {
 public:
  explicit Table(TableSchema schema) : schema_(std::move(schema)) {}

  const TableSchema& schema() const { return schema_; }
  std::size_t size() const { return rows_.size(); }

  // row[fields], or null if no row has the key; a null key has none. Cost: one hash look-up.
  const Value* Find(const Value& key) const;

  // Adds a row; the values' bytes are copied. A key that is there already: false, nothing is changed.
  bool Add(const Value& key, const std::vector<Value>& row);

 private:
  TableSchema schema_;
  std::unordered_map<std::string, std::size_t> rows_;  // the key as bytes -> the row
  std::deque<std::vector<Value>> values_;              // values_[rows][fields]
  ValueStore store_;
};

}  // namespace shrike

#endif  // SHRIKE_BASE_TABLE_H_
