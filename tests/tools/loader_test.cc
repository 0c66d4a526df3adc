// What the loader reads beside rule files: tables and lists, and whose fault a mistake is.
#include "tools/shrike/loader.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "tests/support/scratch_folder.h"
#include "tests/support/shrike_call.h"

namespace shrike::tools {
namespace {

using testing::CallShrike;
using testing::ScratchFolder;

struct Row {
  std::string config;  // further lines of it
  std::string lists;
  int code;
  std::string_view want;  // stands in what is printed
};

}  // namespace

TEST_CASE("tables, lists and derived fields of files") {
  const Row rows[] = {
      {"", "", 0, "1 good rule: 0 errors"},
      {"tables: { t: { file: good.csv, key: k, fields: { n: int } } }\n", "", 0, "0 errors"},
      {"tables: { t: { file: none.csv, key: k } }\n", "", 78, "error[E0609]: cannot read"},
      {"tables: { t: { file: bad.csv, key: k, fields: { n: int } } }\n", "", 78, "bad.csv:2:3"},
      {"    derive: { big: a + }\n", "", 78, "shrike.yaml:4"},
      {"", "lists: { l: { file: sub/list.txt } }\n", 0, "0 errors"},
      {"", "lists: { l: { file: none.txt } }\n", 1, "error[E0520]: cannot read"},
      {"", "lists: { l: { file: good.csv, column: x } }\n", 1, "has no column `x`"},
  };
  for (const Row& row : rows) {
    const ScratchFolder scratch;
    scratch.Write("shrike.yaml",
                  "streams:\n  s:\n    fields: { a: int, b: string }\n" + row.config);
    scratch.Write("good.csv", "k,n\nx,1\n");
    scratch.Write("bad.csv", "k,n\nx,y\n");
    scratch.Write("sub/list.txt", "1\n2\n");
    scratch.Write("rules.yaml", row.lists +
                                    "rules:\n  - id: a-rule\n    version: 1\n    pattern: |\n"
                                    "      from s by b\n      s\n");
    const auto call = CallShrike({"check", (scratch.path() / "rules.yaml").string()});
    INFO(row.config << row.lists << call.out << call.err);
    CHECK(call.code == row.code);
    CHECK(call.out.find(row.want) != std::string::npos);
  }
}

TEST_CASE("what is off is checked and not built, and one rule is built alone") {
  const Loaded loaded =
      LoadTexts({"shrike.yaml", "streams: { s: { fields: { a: int, b: string } } }\n"},
                {{"rules.yaml",
                  "rules:\n"
                  "  - id: on\n    version: 1\n    pattern: |\n      from s by b\n      "
                  "s[count(over 1h) > 1]\n"
                  "  - id: off\n    version: 1\n    mode: off\n    pattern: |\n      from s by b\n"
                  "      s[count(over 2h) > 1]\n"}});
  CHECK(loaded.rule_errors == 0);
  REQUIRE(loaded.checked.spec.rules.size() == 2);
  const auto program = BuildProgram(loaded);
  REQUIRE(program.has_value());
  REQUIRE((*program)->rules().size() == 1);
  CHECK((*program)->rules()[0].id == "on");
  const auto off = BuildRuleProgram(loaded, 0);
  REQUIRE(off.has_value());
  CHECK((*off)->rules()[0].id == "off");
}

}  // namespace shrike::tools
