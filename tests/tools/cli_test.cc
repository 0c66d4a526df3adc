#include "tools/shrike/cli.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "tests/tools/cli_fixture.h"

namespace shrike::tools {
namespace {

using testing::CliResult;
using testing::Contains;
using testing::kConfig;
using testing::kRules;
using testing::RunShrike;
using testing::TempFolder;

TEST_CASE("usage errors end with 2 and say what is wrong") {
  struct Row {
    std::vector<std::string> arguments;
    std::string want;
  };
  const Row rows[] = {
      {{}, "Usage: shrike"},
      {{"chek"}, "did you mean `check`?"},
      {{"frobnicate"}, "unknown verb `frobnicate`"},
      {{"savepoint", "a"}, "`savepoint` is not yet supported"},
      {{"test", "--mutate"}, "`test --mutate` is not yet supported"},
      {{"test", "--coverage=x"}, "`test --coverage` is not yet supported"},
      {{"replay", "--baseline", "x"}, "`replay --baseline` is not yet supported"},
      {{"check", "--format", "xml"}, "xml not in {human,json,sarif}"},
      {{"check", "--color", "blue"}, "--color"},
      {{"check", "--nonsense"}, "--nonsense"},
      {{"replay"}, "--file is required"},
      {{"explain"}, "RULE is required"},
      {{"explain", "E9999"}, "there is no code E9999"},
      {{"demo", "--events", "-1"}, "--events"},
  };
  for (const Row& row : rows) {
    const CliResult result = RunShrike(row.arguments);
    CAPTURE(row.want);
    CAPTURE(result.err);
    CHECK(result.code == 2);
    CHECK(Contains(result.err, row.want));
    CHECK(result.out.empty());
  }
}

TEST_CASE("every verb explains itself") {
  CHECK(RunShrike({"--version"}).out == "shrike " SHRIKE_VERSION "\n");
  const CliResult all = RunShrike({"--help"});
  CHECK(all.code == 0);
  for (const char* verb : {"check", "test", "fmt", "explain", "replay", "demo"}) {
    CAPTURE(verb);
    CHECK(Contains(all.out, std::string("  ") + verb + " "));
    const CliResult help = RunShrike({verb, "--help"});
    CHECK(help.code == 0);
    CHECK(Contains(help.out, std::string("Usage: shrike ") + verb));
    CHECK(Contains(help.out, "--config FILE"));
    CHECK(Contains(help.out, "Examples:"));
    std::size_t longest = 0;
    for (std::size_t begin = 0; begin < help.out.size();) {
      const std::size_t end = help.out.find('\n', begin);
      longest = std::max(longest, end - begin);
      begin = end + 1;
    }
    CHECK(longest <= 100);
  }
}

TEST_CASE("missing files and configurations") {
  const TempFolder folder;
  folder.Write("rules/a.yaml", kRules);
  // Nothing above a temporary folder has a shrike.yaml; the current folder must not have one either.
  CHECK(RunShrike({"check", folder.path("rules")}).code == 78);
  CHECK(RunShrike({"check", folder.path("none.yaml")}).code == 3);
  CHECK(RunShrike({"check", "-c", folder.path("none.yaml"), folder.path("rules")}).code == 3);
  folder.Write("shrike.yaml", kConfig);
  CHECK(RunShrike({"check", folder.path("rules")}).code == 0);
  CHECK(RunShrike({"check", folder.path("rules/a.yaml")}).code == 0);
  CHECK(RunShrike({"check", "-c", folder.path("shrike.yaml")}).code == 0);
  folder.Write("empty/readme.txt", "");
  const CliResult empty = RunShrike({"check", folder.path("empty")});
  CHECK(empty.code == 2);
  CHECK(Contains(empty.err, "no rule files (*.yaml)"));
  const CliResult replay =
      RunShrike({"replay", "-c", folder.path("shrike.yaml"), "--file", folder.path("none.jsonl")});
  CHECK(replay.code == 3);
  CHECK(Contains(replay.err, "none.jsonl"));
}

TEST_CASE("bad rule files are findings, bad configurations are 78") {
  struct Row {
    std::string name, text;
  };
  const std::string rule = "rules:\n  - id: r\n    version: 1\n    pattern: |\n      ";
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'm'; ++name) {
    const std::string previous(1, static_cast<char>(name - 1));
    bomb += std::string(1, name) + ": &" + name + " [";
    for (int index = 0; index < 9; ++index) {
      bomb += (index == 0 ? "*" : ", *") + previous;
    }
    bomb += "]\n";
  }
  const Row rows[] = {
      {"unknown key", "rules: []\nfoo: 1\n"},
      {"wrong type", "rules: 7\n"},
      {"unterminated quote", "rules:\n  - id: \"r\n    version: 1\n"},
      {"parentheses", rule + "from txn by card a: txn[" + std::string(100'000, '(') + "\n"},
      {"repetitions", rule + "from txn by card a: txn{1,1000000} within 1h\n"},
      {"alias bomb", bomb},
      {"not UTF-8", "rules: \"\xff\"\n"},
      {"a tab of binary", std::string("\x00\x01\x02", 3)},
      {"too large", std::string(2u << 20, '#')},
  };
  for (const Row& row : rows) {
    const TempFolder folder;
    folder.Write("shrike.yaml", kConfig);
    CAPTURE(row.name);
    const CliResult result = RunShrike({"check", folder.Write("rules/bad.yaml", row.text)});
    CHECK(result.code == 1);
    CHECK(Contains(result.out, "error["));
    folder.Write("shrike.yaml", row.name == "parentheses" || row.name == "repetitions"
                                    ? "streams: []\n"
                                    : row.text);
    folder.Write("rules/bad.yaml", kRules);
    CHECK(RunShrike({"check", folder.path("rules")}).code == 78);
    CHECK(RunShrike({"test", folder.path("rules")}).code == 78);
    CHECK(RunShrike({"explain", "card-pair", folder.path("rules")}).code == 78);
  }
}

TEST_CASE("check shows all mistakes of all files, in three formats") {
  const TempFolder folder;
  folder.Write("shrike.yaml", kConfig);
  std::string wrong = kRules;
  wrong.replace(wrong.find("txn[amount"), 10, "txn[amuont");
  folder.Write("rules/a.yaml", wrong);
  folder.Write("rules/deep/b.yaml", "rules:\n  - id: r\n    versoin: 1\n");
  const CliResult human = RunShrike({"check", folder.path("rules")});
  CHECK(human.code == 1);
  CHECK(Contains(human.out, "did you mean `amount`?"));
  CHECK(Contains(human.out, "rules/a.yaml:8:14"));
  CHECK(Contains(human.out, "rules/deep/b.yaml:3:5"));
  CHECK(Contains(human.out, "2 files, 0 good rules: "));

  const CliResult json = RunShrike({"check", "--format", "json", folder.path("rules")});
  CHECK(json.code == 1);
  const nlohmann::json errors = nlohmann::json::parse(json.out);
  CHECK(errors.size() == 3);
  const auto misspelt = std::find_if(errors.begin(), errors.end(), [](const nlohmann::json& error) {
    return error["suggestion"] == "did you mean `amount`?";
  });
  REQUIRE(misspelt != errors.end());
  CHECK((*misspelt)["line"] == 8);
  CHECK((*misspelt)["column"] == 14);

  const CliResult sarif = RunShrike({"check", "--format", "sarif", folder.path("rules")});
  CHECK(sarif.code == 1);
  const nlohmann::json document = nlohmann::json::parse(sarif.out);
  CHECK(document["version"] == "2.1.0");
  CHECK(document["runs"][0]["results"].size() == 3);
}

TEST_CASE("test, fmt and explain, end to end") {
  const TempFolder folder;
  folder.Write("shrike.yaml", kConfig);
  const std::string rules = folder.Write("rules/a.yaml", kRules);
  const CliResult passed = RunShrike({"test", rules});
  CHECK(passed.code == 0);
  CHECK(passed.out.starts_with("2 tests, 0 failed"));

  CHECK(RunShrike({"fmt", "--check", rules}).code == 0);
  std::string loose = kRules;
  loose.replace(loose.find("txn[amount > 100]"), 17, "txn[ amount>100 ]");
  folder.Write("rules/a.yaml", loose);
  const CliResult differs = RunShrike({"fmt", "--check", rules});
  CHECK(differs.code == 1);
  CHECK(Contains(differs.out, "-      a: txn[ amount>100 ]\n+      a: txn[amount > 100]\n"));
  CHECK(TempFolder::Read(rules) == loose);
  const CliResult changed = RunShrike({"fmt", rules});
  CHECK(changed.code == 0);
  CHECK(changed.out == rules + "\n");
  CHECK(TempFolder::Read(rules) == kRules);

  const CliResult text = RunShrike({"explain", "card-pair", rules});
  CHECK(text.code == 0);
  CHECK(Contains(text.out, "from txn by card, within 1h"));
  const CliResult dot = RunShrike({"explain", "card-pair", rules, "--dot"});
  CHECK(dot.out.starts_with("digraph \"card-pair\" {"));
  CHECK(RunShrike({"explain", "card-pair", rules, "--json"}).out.starts_with("{\"rule\":"));
  const CliResult misspelt = RunShrike({"explain", "card-piar", rules});
  CHECK(misspelt.code == 2);
  CHECK(Contains(misspelt.err, "did you mean `card-pair`?"));
}

TEST_CASE("a failed test shows what was expected, what came, and where") {
  const TempFolder folder;
  folder.Write("shrike.yaml", kConfig);
  std::string wrong = kRules;
  wrong.replace(wrong.find("total: 400.01"), 13, "total: 400.02");
  const std::string rules = folder.Write("rules/a.yaml", wrong);
  const CliResult human = RunShrike({"test", rules});
  CHECK(human.code == 1);
  CHECK(Contains(human.out, "FAIL card-pair: two in an hour\n  --> " + rules + ":19\n"));
  CHECK(Contains(human.out, "alert 1: fields.total: expected 400.02, got 400.01"));
  CHECK(Contains(human.out, "1. match key c1 total=400.02\n"));
  CHECK(Contains(human.out,
                 "1. match key c1 total=400.01 \"Card c1: 100.01, then 300\" at "
                 "2024-01-01T00:10:00.000Z\n"));
  CHECK(Contains(human.out, "2 tests, 1 failed"));
  const CliResult junit = RunShrike({"test", rules, "--format", "junit"});
  CHECK(junit.code == 1);
  CHECK(Contains(junit.out, R"(<testsuites tests="2" failures="1")"));
  const CliResult json = RunShrike({"test", rules, "--format", "json"});
  CHECK(Contains(json.out, R"("passed":false,"problem":"alert 1: fields.total: )"));
}

}  // namespace
}  // namespace shrike::tools
