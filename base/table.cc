// Tested by: tests/base/table_test.cc.
#include "base/table.h"

#include <utility>

namespace shrike {
namespace {

// Equal values, equal bytes; of one type, so that no tag is needed but for null.
std::string KeyBytes(const Value& key) {
  std::string bytes;
  AppendText(key, &bytes);
  return bytes;
}

}  // namespace

int TableSchema::FieldIndex(std::string_view field) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field) return static_cast<int>(i);
  }
  return -1;
}

const Value* Table::Find(const Value& key) const {
  if (key.is_null()) return nullptr;
  const auto row = rows_.find(KeyBytes(key));
  return row == rows_.end() ? nullptr : values_[row->second].data();
}

bool Table::Add(const Value& key, const std::vector<Value>& row) {
  const bool added = rows_.emplace(KeyBytes(key), values_.size()).second;
  if (!added) return false;
  std::vector<Value>& values = values_.emplace_back();
  values.reserve(row.size());
  for (const Value& value : row) values.push_back(store_.Own(value));
  return true;
}

}  // namespace shrike
