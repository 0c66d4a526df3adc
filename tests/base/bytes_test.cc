// base/bytes.h.
#include "base/bytes.h"

#include <doctest/doctest.h>

#include <string>

namespace shrike {
namespace {

TEST_CASE("what is written is read, to the last byte") {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.Add(std::uint8_t{7});
  writer.Add(std::int64_t{-3});
  writer.AddText("a text");
  writer.AddText("");
  ByteReader reader(bytes);
  CHECK(reader.Get<std::uint8_t>() == 7);
  CHECK(reader.Get<std::int64_t>() == -3);
  CHECK(reader.GetText() == "a text");
  CHECK(reader.GetText().empty());
  CHECK(reader.ok());
  CHECK(reader.at_end());
}

TEST_CASE("bytes that are cut off are a fault, and nothing is read behind it") {
  std::string bytes;
  ByteWriter(&bytes).AddText("text");
  ByteWriter(&bytes).Add(std::uint8_t{9});
  for (std::size_t size = 0; size + 1 < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    CHECK(reader.GetText().empty());
    CHECK_FALSE(reader.ok());
    CHECK(reader.Get<std::uint8_t>() == 0);
  }
}

}  // namespace
}  // namespace shrike
