// ValueStore: keeps the bytes of values that must outlive what they were read from.
// Tested by: tests/base/value_store_test.cc.
#ifndef SHRIKE_BASE_VALUE_STORE_H_
#define SHRIKE_BASE_VALUE_STORE_H_

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "base/value.h"

namespace shrike {

class ValueStore {
 public:
  // The value with strings and lists that this owns: they stay where they are until Clear or the store's end.
  Value Own(const Value& value);

  void Clear();  // keeps the memory of strings

 private:
  std::deque<std::string> text_;  // chunks that never move
  std::deque<std::vector<Value>> lists_;
  std::size_t text_used_ = 0;
};

}  // namespace shrike

#endif  // SHRIKE_BASE_VALUE_STORE_H_
