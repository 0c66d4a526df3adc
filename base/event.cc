#include "base/event.h"

#include <algorithm>

namespace shrike {

int RowLayout::Find(const std::string& name, Type type) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) {
    return column.name == name && column.type == type;
  });
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

int RowLayout::Intern(const std::string& name, Type type) {
  const int found = Find(name, type);
  if (found >= 0) {
    return found;
  }
  columns.push_back({name, type});
  return static_cast<int>(columns.size()) - 1;
}

}  // namespace shrike
