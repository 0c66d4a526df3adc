#include "engine/lmdb/state_record.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace shrike::engine {
namespace {

TEST_CASE("an entry comes back, and no bit of it may differ") {
  for (const std::string_view value : {"", "v", "a longer value"}) {
    for (const TimestampMs due : {kTimeMin, TimestampMs{0}, kTimeMax}) {
      std::string bytes = "old";
      const std::uint64_t check = EncodeEntry("name", {value, due, 0}, &bytes);
      const std::optional<EntryRecord> entry = DecodeEntry("name", bytes);
      REQUIRE(entry);
      CHECK(entry->value == value);
      CHECK(entry->due == due);
      CHECK(entry->check == check);
      CHECK_FALSE(DecodeEntry("nama", bytes));
      CHECK_FALSE(DecodeEntry("", bytes));
      CHECK_FALSE(DecodeEntry("name", bytes + "x"));
      for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(DecodeEntry("name", bytes.substr(0, size)));
      for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        std::string other = bytes;
        other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
        CHECK_FALSE(DecodeEntry("name", other));
      }
    }
  }
}

TEST_CASE("a head comes back, and no bit of it may differ") {
  const std::string bytes = EncodeHead({"head", {7, 0xABCDEF}});
  const std::optional<HeadRecord> head = DecodeHead(bytes);
  REQUIRE(head);
  CHECK(head->head == "head");
  CHECK(head->digest == StateDigest{7, 0xABCDEF});
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string other = bytes;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(DecodeHead(other));
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(DecodeHead(bytes.substr(0, size)));
}

TEST_CASE("due keys sort as time, then name") {
  const std::vector<TimestampMs> times = {kTimeMin, -256, -1, 0, 1, 255, 256, kTimeMax - 1};
  std::string last;
  for (const TimestampMs time : times) {
    for (const std::string_view name : {"a", "a\xFF", "b"}) {
      const std::string key = EncodeDueKey(time, name);
      CHECK(last < key);
      last = key;
      const std::optional<DueKey> decoded = DecodeDueKey(key);
      REQUIRE(decoded);
      CHECK(decoded->due == time);
      CHECK(decoded->name == name);
    }
  }
  CHECK_FALSE(DecodeDueKey("12345678"));
  CHECK_FALSE(DecodeDueKey(""));
}

TEST_CASE("a digest is the same in any order") {
  StateDigest one, two;
  for (const std::uint64_t check : {5, 6, 7}) one.Add(check);
  for (const std::uint64_t check : {7, 9, 5, 6}) two.Add(check);
  CHECK_FALSE(one == two);
  two.Remove(9);
  CHECK(one == two);
}

}  // namespace
}  // namespace shrike::engine
