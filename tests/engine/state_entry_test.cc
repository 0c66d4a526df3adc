#include "engine/state_entry.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/state_store.h"

namespace shrike::engine {
namespace {

TEST_CASE("a key entry reads back, whatever the key's length") {
  for (const std::size_t size : {0U, 1U, 390U, 391U, 392U, 5000U}) {
    const std::string key(size, 'x');
    const std::string name = KeyEntryName(77, key);
    CHECK(name.size() <= kStateNameBytesMax);
    const std::string value = KeyEntryValue({77, key, "state"});
    KeyEntry entry;
    REQUIRE(ReadKeyEntry(name, value, &entry));
    CHECK(entry.group == 77);
    CHECK(entry.key == key);
    CHECK(entry.state == "state");
  }
}

TEST_CASE("what is no key entry is refused") {
  KeyEntry entry;
  CHECK_FALSE(ReadKeyEntry("", "", &entry));
  CHECK_FALSE(ReadKeyEntry("k1234567", "", &entry));
  CHECK_FALSE(ReadKeyEntry("s123456789", "", &entry));
  const std::string key(1000, 'x');
  const std::string name = KeyEntryName(1, key);
  CHECK_FALSE(ReadKeyEntry(name, "", &entry));
  const std::string other(1000, 'y');
  CHECK_FALSE(ReadKeyEntry(name, KeyEntryValue({1, other, ""}), &entry));
}

}  // namespace
}  // namespace shrike::engine
