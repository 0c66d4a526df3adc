#include "config/substitution.h"

#include <doctest/doctest.h>

#include "tests/config/config_fixture.h"

namespace shrike::config {
namespace {

TEST_CASE("references are replaced, once") {
  struct Row {
    std::string_view source, text;
    bool replaced;
  };
  const Row rows[] = {
      {"", "", false},
      {"plain $N {N} $", "plain $N {N} $", false},
      {"${N}", "4", true},
      {"a${N}b${N}c", "a4b4c", true},
      {"${EMPTY}", "", true},
      {"${EMPTY:-x}", "x", true},
      {"${NOT_SET:-x y}", "x y", true},
      {"${NOT_SET:-}", "", true},
      {"${NOT_SET:-${N}", "${N", true},
      {"${N:-x}", "4", true},
      {"${file:/secret}", "from file", true},
      {"$${N}", "${N}", false},
      {"$$${N}", "$${N}", false},
      {"$${N}${N}", "${N}4", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    const Substituted got = Substitute(row.source, FakeResolver());
    CHECK(got.error == "");
    CHECK(got.text == row.text);
    CHECK(got.replaced == row.replaced);
  }
}

TEST_CASE("what cannot be replaced is an error with its place") {
  struct Row {
    std::string_view source, error;
    std::size_t begin, end;
  };
  const Row rows[] = {
      {"a${NOT_SET}", "the environment variable `NOT_SET` is not set", 1, 11},
      {"${N", "`${` has no `}`", 0, 3},
      {"${}", "`` is no name of an environment variable", 0, 3},
      {"${A B}", "`A B` is no name of an environment variable", 0, 6},
      {"${file:/no}", "cannot read `/no`: no such file", 0, 11},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    const Substituted got = Substitute(row.source, FakeResolver());
    CHECK(got.error == row.error);
    CHECK(got.error_begin == row.begin);
    CHECK(got.error_end == row.end);
  }
}

}  // namespace
}  // namespace shrike::config
