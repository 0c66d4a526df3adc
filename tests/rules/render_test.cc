// Diagnostics as text, JSON and SARIF.
#include "rules/render.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace shrike::rules {
namespace {

Diagnostic Make(std::string_view content, std::string_view part) {
  Diagnostic diagnostic;
  diagnostic.code = "E0203";
  diagnostic.message = "unknown field `amuont` of event type `txn`";
  diagnostic.file = "rules/a.yaml";
  const auto begin = static_cast<std::uint32_t>(content.find(part));
  SetPlace(content, {begin, begin + static_cast<std::uint32_t>(part.size())}, &diagnostic);
  return diagnostic;
}

TEST_CASE("a diagnostic with its line and a caret") {
  Diagnostic diagnostic = Make("a: 1\n      then hit: txn[amuont > 500]\nb: 2\n", "amuont");
  diagnostic.rule = "card-testing";
  diagnostic.step = "hit";
  diagnostic.suggestion = "did you mean `amount`?";
  CHECK(RenderHuman({diagnostic}, false) ==
        "error[E0203]: unknown field `amuont` of event type `txn`\n"
        "  --> rules/a.yaml:2:21  (rule card-testing, step hit)\n"
        "   |       then hit: txn[amuont > 500]\n"
        "   |                     ^^^^^^ did you mean `amount`?\n");
  diagnostic.severity = DiagnosticSeverity::kWarning;
  diagnostic.code = "W0301";
  diagnostic.rule.clear();
  const std::string colored = RenderHuman({diagnostic}, true);
  CHECK(colored.starts_with("\x1b[1;33mwarning[W0301]\x1b[0m"));
  CHECK(colored.find("(step hit)") != std::string::npos);
}

struct CaretRow {
  std::string_view content;
  std::string_view part;
  std::string_view line;   // shown
  std::string_view caret;  // shown
};

TEST_CASE("carets stand under characters, not bytes") {
  const CaretRow rows[] = {
      {"k: \u00E4\u00F6 x\n", "x", "   | k: \u00E4\u00F6 x\n", "   |       ^\n"},
      {"k: \u00E4\u00F6 x\n", "\u00E4\u00F6", "   | k: \u00E4\u00F6 x\n", "   |    ^^\n"},
      {"\tk\tx\n", "x", "   |  k x\n", "   |    ^\n"},
      {"k: x\r\n", "x", "   | k: x\n", "   |    ^\n"},
      {"k: x", "x", "   | k: x\n", "   |    ^\n"},
      {"k: ab\ncd\n", "ab\ncd", "   | k: ab\n", "   |    ^^\n"},
      {"k: \x1b[31m x\n", "x", "   | k: \\x1b[31m x\n", "   |             ^\n"},
      {"k: \u202E x\n", "x", "   | k: \\u202e x\n", "   |           ^\n"},
      {"k: \xFF x\n", "x", "   | k: \\xff x\n", "   |         ^\n"},
  };
  for (const CaretRow& row : rows) {
    CAPTURE(row.content);
    const std::string text = RenderHuman({Make(row.content, row.part)}, false);
    CAPTURE(text);
    CHECK(text.find(row.line) != std::string::npos);
    CHECK(text.ends_with(row.caret));
  }
}

TEST_CASE("an empty span has one caret, a whole file none") {
  Diagnostic end = Make("k: x\n", "");
  SetPlace("k: x\n", {4, 4}, &end);
  CHECK(RenderHuman({end}, false).ends_with("   |     ^\n"));
  Diagnostic file = Make("", "");
  file.line = 0;
  file.suggestion = "split it";
  CHECK(RenderHuman({file}, false) ==
        "error[E0203]: unknown field `amuont` of event type `txn`\n  --> rules/a.yaml\n"
        "   | split it\n");
}

TEST_CASE("a long line is cut around the caret") {
  const std::string content = "k: " + std::string(5000, 'a') + "X" + std::string(5000, 'b') + "\n";
  const std::string text = RenderHuman({Make(content, "X")}, false);
  CHECK(text.size() < 600);
  const std::size_t caret = text.find('^');
  const std::size_t line = text.rfind('\n', caret);
  const std::size_t before = text.rfind('\n', line - 1);
  CHECK(text[before + (caret - line)] == 'X');
}

TEST_CASE("texts from files cannot reach the terminal raw") {
  CHECK(EscapeForTerminal("a\x1b[2Jb\nc\td") == "a\\x1b[2Jb\\x0ac\\x09d");
  CHECK(EscapeForTerminal("a\nb\x07", true) == "a\nb\\x07");
  Diagnostic diagnostic = Make("k: x\n", "x");
  diagnostic.file = "a\x1b]0;evil\x07.yaml";
  diagnostic.message = "x\x1b[1m";
  diagnostic.rule = "r\n";
  diagnostic.suggestion = "\u202Ey";
  const std::string text = RenderHuman({diagnostic}, false);
  for (const char c : text) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
  CHECK(text.find("\u202E") == std::string::npos);
}

TEST_CASE("JSON has the keys of interfaces.md, in their order") {
  Diagnostic diagnostic = Make("k: \u00E4 x\n", "x");
  diagnostic.message = "bad \xFF \u202E \"q\"";
  diagnostic.step = "hit";
  const std::string text = RenderJson({diagnostic});
  const auto json = nlohmann::ordered_json::parse(text);
  REQUIRE(json.size() == 1);
  std::string keys;
  for (const auto& [key, value] : json[0].items()) keys += key + " ";
  CHECK(keys == "code severity message file line column end_line end_column rule step suggestion ");
  CHECK(json[0]["line"] == 1);
  CHECK(json[0]["column"] == 6);
  CHECK(json[0]["end_column"] == 7);
  CHECK(json[0]["severity"] == "error");
  CHECK(json[0]["step"] == "hit");
  CHECK(json[0]["rule"] == "");
  for (const char c : text) CHECK((c == '\n' || (c >= 0x20 && c < 0x7F)));
  CHECK(RenderJson({}) == "[]\n");
}

TEST_CASE("SARIF names its rules and places") {
  Diagnostic first = Make("k: x\n", "x");
  first.file = "my rules/\u00E4.yaml";
  first.code = "E0101";
  Diagnostic second = Make("k: x\n", "k");
  second.severity = DiagnosticSeverity::kWarning;
  second.code = "E0004";
  Diagnostic third = first;
  third.line = 0;
  const auto json = nlohmann::json::parse(RenderSarif({first, second, third}));
  CHECK(json["version"] == "2.1.0");
  const auto& run = json["runs"][0];
  CHECK(run["tool"]["driver"]["name"] == "shrike");
  CHECK(run["columnKind"] == "unicodeCodePoints");
  const auto& rules = run["tool"]["driver"]["rules"];
  REQUIRE(rules.size() == 2);
  REQUIRE(run["results"].size() == 3);
  for (const auto& result : run["results"]) {
    CHECK(rules[result["ruleIndex"].get<std::size_t>()]["id"] == result["ruleId"]);
    CHECK(!result["message"]["text"].get<std::string>().empty());
  }
  CHECK(rules[0]["shortDescription"]["text"] == "malformed YAML");
  CHECK(run["results"][1]["level"] == "warning");
  const auto& place = run["results"][0]["locations"][0]["physicalLocation"];
  CHECK(place["artifactLocation"]["uri"] == "my%20rules/%C3%A4.yaml");
  CHECK(place["region"]["startLine"] == 1);
  CHECK(place["region"]["startColumn"] == 4);
  CHECK(place["region"]["endColumn"] == 5);
  CHECK(!run["results"][2]["locations"][0]["physicalLocation"].contains("region"));
}

}  // namespace
}  // namespace shrike::rules
