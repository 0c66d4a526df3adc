// Tested by: tests/base/value_store_test.cc.
#include "base/value_store.h"

#include <string_view>
#include <utility>

namespace shrike {
namespace {

constexpr std::size_t kChunkBytes = 4096;

}  // namespace

Value ValueStore::Own(const Value& value) {
  if (value.kind() == Kind::kList) {
    std::vector<Value> copies;
    copies.reserve(value.list_size());
    for (std::size_t i = 0; i < value.list_size(); ++i)
      copies.push_back(Own(value.list_items()[i]));
    const std::vector<Value>& owned = lists_.emplace_back(std::move(copies));
    return Value::List(owned.data(), owned.size());
  }
  if (value.kind() != Kind::kString) return value;
  const std::string_view text = value.string();
  // Chunks are filled up to their capacity and then left alone: growing one would move what Values point to.
  while (text_used_ < text_.size() &&
         text_[text_used_].capacity() - text_[text_used_].size() < text.size()) {
    ++text_used_;
  }
  if (text_used_ == text_.size())
    text_.emplace_back().reserve(text.size() > kChunkBytes ? text.size() : kChunkBytes);
  std::string& chunk = text_[text_used_];
  const std::size_t at = chunk.size();
  chunk.append(text);
  return Value::String(std::string_view(chunk).substr(at));
}

void ValueStore::Clear() {
  for (std::string& chunk : text_) chunk.clear();
  lists_.clear();
  text_used_ = 0;
}

}  // namespace shrike
