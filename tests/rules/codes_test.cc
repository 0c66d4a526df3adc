// The table of diagnostic codes.
#include "rules/codes.h"

#include <doctest/doctest.h>

#include <string>

namespace shrike::rules {
namespace {

TEST_CASE("codes are well formed, ascending and explained") {
  std::string_view last;
  for (const CodeInfo& info : AllCodes()) {
    CAPTURE(info.code);
    CHECK(info.code.size() == 5);
    CHECK((info.code[0] == 'E' || info.code[0] == 'W'));
    CHECK(info.code.find_first_not_of("0123456789", 1) == std::string_view::npos);
    CHECK(info.code > last);
    CHECK(!info.title.empty());
    CHECK(info.title.back() != '.');
    CHECK(info.explanation.size() > 20);
    last = info.code;
  }
  for (const CodeInfo& info : SyntaxCodes()) CHECK(info.code < "E0200");
  for (const CodeInfo& info : CheckCodes()) CHECK(info.code >= "E0200");
}

TEST_CASE("a code is found in either case") {
  REQUIRE(FindCode("E0101") != nullptr);
  CHECK(FindCode("E0101")->code == "E0101");
  CHECK(FindCode("e0101") == FindCode("E0101"));
  CHECK(FindCode("E9999") == nullptr);
  CHECK(FindCode("") == nullptr);
}

}  // namespace
}  // namespace shrike::rules
