// base/value_store.h.
#include "base/value_store.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace shrike {
namespace {

TEST_CASE("what is owned stays, whatever comes after it") {
  ValueStore store;
  std::vector<Value> owned;
  for (int i = 0; i < 2000; ++i) {
    std::string text(static_cast<std::size_t>(i % 97) * 50, static_cast<char>('a' + i % 26));
    const Value items[] = {Value::String(text), Value::Int(i), Value::Null()};
    owned.push_back(store.Own(Value::List(items, 3)));
    text.assign(text.size(), '-');
  }
  for (int i = 0; i < 2000; ++i) {
    const Value& list = owned[static_cast<std::size_t>(i)];
    REQUIRE(list.list_size() == 3);
    CHECK(list.list_items()[0].string() ==
          std::string(static_cast<std::size_t>(i % 97) * 50, static_cast<char>('a' + i % 26)));
    CHECK(list.list_items()[1].int64() == i);
    CHECK(list.list_items()[2].is_null());
  }
}

TEST_CASE("a cleared store is used again") {
  ValueStore store;
  store.Own(Value::String("before"));
  store.Clear();
  CHECK(store.Own(Value::String("after")).string() == "after");
  CHECK(store.Own(Value::Int(7)).int64() == 7);
}

}  // namespace
}  // namespace shrike
