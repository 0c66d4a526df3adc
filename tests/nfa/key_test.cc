// Keys as bytes: equal keys are equal bytes, no two keys share them, and they come back.
#include "nfa/key.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace shrike::nfa {
namespace {

std::string Encoded(const std::vector<Value>& parts) {
  std::string out;
  for (const Value& part : parts) EncodeKeyValue(part, &out);
  return out;
}

TEST_CASE("equal values have equal bytes") {
  CHECK(Encoded({Value::Dec({150, 2})}) == Encoded({Value::Dec({15, 1})}));
  CHECK(Encoded({Value::Dec({0, 4})}) == Encoded({Value::Dec({0, 0})}));
  CHECK(Encoded({Value::Float(0.0)}) == Encoded({Value::Float(-0.0)}));
}

TEST_CASE("different keys have different bytes") {
  const std::vector<std::vector<Value>> keys = {
      {},
      {Value::String("")},
      {Value::String(""), Value::String("")},
      {Value::String("a"), Value::String("b")},
      {Value::String("ab"), Value::String("")},
      {Value::String("ab")},
      {Value::Int(1)},
      {Value::Duration(1)},
      {Value::Timestamp(1)},
      {Value::Bool(true)},
      {Value::Null()},
      {Value::Float(1)},
      {Value::Dec({1, 0})},
      {Value::Dec({1, 1})},
      {Value::Ip(*ParseIp("10.0.0.1"))},
      {Value::Ip(*ParseIp("::1"))},
  };
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < keys.size(); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      CHECK((Encoded(keys[i]) == Encoded(keys[j])) == (i == j));
    }
  }
}

TEST_CASE("a key decodes to its parts") {
  const std::vector<Value> parts = {
      Value::String("c1"),        Value::Int(-5),       Value::Null(),
      Value::Dec({-12345, 4}),    Value::Bool(false),   Value::Float(2.5),
      Value::Ip(*ParseIp("::2")), Value::Timestamp(77), Value::Duration(-3)};
  const std::string bytes = Encoded(parts);
  std::vector<Value> back;
  DecodeKey(bytes, &back);
  REQUIRE(back.size() == parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) CHECK(SameValue(parts[i], back[i]));
}

TEST_CASE("an event with a null part has no key") {
  const Value row[] = {Value::String("c1"), Value::Null()};
  Event event;
  event.ts = 7;
  event.row = row;
  std::string key;
  CHECK(EncodeKey({0}, event, &key));
  key.clear();
  CHECK_FALSE(EncodeKey({0, 1}, event, &key));
  key.clear();
  CHECK(EncodeKey({}, event, &key));
  CHECK(key.empty());
}

}  // namespace
}  // namespace shrike::nfa
