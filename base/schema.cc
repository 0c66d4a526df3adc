#include "base/schema.h"

#include <algorithm>

#include "base/check.h"

namespace shrike {
namespace {

// The index of the first element that holds, or -1.
template <typename T, typename Predicate>
int IndexOf(const std::vector<T>& items, Predicate predicate) {
  const auto found = std::find_if(items.begin(), items.end(), predicate);
  return found == items.end() ? -1 : static_cast<int>(found - items.begin());
}

}  // namespace

int StreamSchema::FieldIndex(std::string_view field) const {
  return IndexOf(fields, [field](const FieldSchema& f) { return f.name == field; });
}

int Catalog::StreamIndex(std::string_view name) const {
  return IndexOf(streams, [name](const StreamSchema& s) { return s.name == name; });
}

int Catalog::EventTypeId(int stream, int type_index) const {
  SHRIKE_CHECK(stream >= 0 && static_cast<std::size_t>(stream) < streams.size());
  int id = type_index;
  for (int i = 0; i < stream; ++i) {
    id += static_cast<int>(streams[static_cast<std::size_t>(i)].event_types.size());
  }
  return id;
}

int Catalog::EventTypeCount() const {
  int count = 0;
  for (const StreamSchema& stream : streams) {
    count += static_cast<int>(stream.event_types.size());
  }
  return count;
}

}  // namespace shrike
