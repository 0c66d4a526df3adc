#include "tools/shrike/rule_bundle.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "tests/support/scratch_folder.h"

namespace shrike::tools {
namespace {

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST_CASE("a bundle compiles again without its files, lists included") {
  const testing::ScratchFolder folder;
  const std::string base = folder.path();
  Write(base + "/shrike.yaml",
        "streams:\n  payments:\n    time: { field: ts }\n    fields: { card: string }\n");
  Write(base + "/bad.txt", "c1\nc2\n");
  Write(base + "/rules.yaml",
        "lists:\n  bad: { file: bad.txt }\nrules:\n  - id: listed\n    version: 1\n"
        "    pattern: |\n      from payments by card\n      payments[card in bad]\n");
  CommonOptions options;
  options.paths = {base + "/rules.yaml"};
  const auto bundle = LoadBundle(options);
  REQUIRE(bundle);
  REQUIRE(bundle->loaded.rule_errors == 0);
  CHECK(bundle->bundle.others.size() == 1);
  const auto rules = MakeRuleSet(*bundle);
  REQUIRE(rules);
  Write(base + "/bad.txt", "c3\n");
  const auto again = CompileBundle((*rules)->text);
  REQUIRE(again);
  CHECK((*again)->hash == (*rules)->hash);
  CHECK((*again)->program->Dump() == (*rules)->program->Dump());
  const auto changed = LoadBundle(options);
  REQUIRE(changed);
  const auto other = MakeRuleSet(*changed);
  REQUIRE(other);
  CHECK((*other)->hash != (*rules)->hash);
}

TEST_CASE("instances with the same rules have the same bundle, without secrets") {
  const std::string streams =
      "streams:\n  payments:\n    time: { field: ts }\n    fields: { card: string }\n";
  const std::string rules =
      "lists:\n  bad: { file: ../lists/bad.txt }\nrules:\n  - id: listed\n    version: 1\n"
      "    pattern: |\n      from payments by card\n      payments[card in bad]\n";
  struct Row {
    std::string name;
    std::string before, after;  // of the streams, in the configuration
    bool same;
  };
  const Row rows[] = {
      {"shrike.yaml", "", "", true},
      {"one.yaml", "kafka:\n  bootstrap.servers: a:1\n\n  sasl.password: s3cret\n", "threads: 2\n",
       true},
      {"two.yaml",
       "kafka: { bootstrap.servers: b:1,\n  sasl.password: s3cret }\nstate: { path: x }\n",
       "http: { listen: \"127.0.0.1:1\" }\nalerts: { topic: a }\n", true},
      {"three.yaml", "", "limits: { open_runs_per_key: 3 }\n", false},
  };
  std::string hash;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const testing::ScratchFolder folder;
    CommonOptions options;
    options.config = folder.Write(row.name, row.before + streams + row.after).string();
    folder.Write("lists/bad.txt", "c1\n");
    options.paths = {folder.Write("rules/rules.yaml", rules).string()};
    const auto bundle = LoadBundle(options);
    REQUIRE(bundle);
    REQUIRE(bundle->loaded.config_errors + bundle->loaded.rule_errors == 0);
    const auto set = MakeRuleSet(*bundle);
    REQUIRE(set);
    CHECK((*set)->text.find("s3cret") == std::string::npos);
    CHECK((*set)->text.find(folder.path().string()) == std::string::npos);
    REQUIRE(CompileBundle((*set)->text));
    if (hash.empty()) hash = (*set)->hash;
    CHECK(((*set)->hash == hash) == row.same);
  }
}

TEST_CASE("damaged text is refused") {
  const std::string text = WriteBundle({{"a", "b"}, {{"c", "d"}}, {{"e", "f"}}});
  REQUIRE(ReadBundle(text));
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK_FALSE(ReadBundle(text.substr(0, size)));
  CHECK_FALSE(ReadBundle(text + "x"));
}

}  // namespace
}  // namespace shrike::tools
