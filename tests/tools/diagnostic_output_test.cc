#include "tools/shrike/diagnostic_output.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/tools/cli_fixture.h"

namespace shrike::tools {
namespace {

using testing::Contains;

Diagnostic Make(const std::string& content, const std::string& span) {
  Diagnostic diagnostic;
  diagnostic.code = "E0203";
  diagnostic.message = "unknown field `amuont` of event type `txn`";
  diagnostic.file = "rules/card_testing.yaml";
  diagnostic.rule = "card-testing";
  diagnostic.step = "hit";
  diagnostic.suggestion = "did you mean `amount`?";
  const auto begin = static_cast<std::uint32_t>(content.find(span));
  SetPlace(content, {begin, begin + static_cast<std::uint32_t>(span.size())}, &diagnostic);
  return diagnostic;
}

std::string Human(const Diagnostic& diagnostic) {
  std::string text;
  AppendHuman(diagnostic, false, &text);
  return text;
}

TEST_CASE("the form of interfaces.md") {
  CHECK(Human(Make("first\n      then hit: txn[amuont > 500]\n", "amuont")) ==
        "error[E0203]: unknown field `amuont` of event type `txn`\n"
        "  --> rules/card_testing.yaml:2:21  (rule card-testing, step hit)\n"
        "   |       then hit: txn[amuont > 500]\n"
        "   |                     ^^^^^^ did you mean `amount`?\n"
        "\n");
}

TEST_CASE("carets stand under the span, whatever stands before it") {
  struct Row {
    std::string content, span, line, carets;
  };
  const Row rows[] = {
      {"\tx: bad", "bad", " x: bad", "    ^^^"},
      {"\u00e4\u00f6: bad", "bad", "\u00e4\u00f6: bad", "    ^^^"},
      {"a\x01: bad", "bad", "a\\u{1}: bad", "        ^^^"},
      {"bad\nnext bad", "bad\nnext", "bad", "^^^"},
      {"x", "", "x", "^"},
      {"", "", "", "^"},
  };
  for (const Row& row : rows) {
    Diagnostic diagnostic = Make(row.content, row.span);
    diagnostic.suggestion.clear();
    CHECK(Contains(Human(diagnostic), "   | " + row.line + "\n   | " + row.carets + "\n"));
  }
}

TEST_CASE("a long line is cut around the span") {
  const Diagnostic diagnostic =
      Make(std::string(100'000, '(') + "bad" + std::string(100'000, ')'), "bad");
  const std::string text = Human(diagnostic);
  CHECK(text.size() < 600);
  CHECK(Contains(text, "(((bad)))"));
  CHECK(Contains(text, "   | ...((("));
  CHECK(Contains(text, " ^^^ did you"));
}

TEST_CASE("a diagnostic of the whole file has no line") {
  Diagnostic diagnostic;
  diagnostic.code = "E0001";
  diagnostic.severity = DiagnosticSeverity::kWarning;
  diagnostic.message = "the file is too large";
  diagnostic.file = "a\x1b.yaml";
  CHECK(Human(diagnostic) == "warning[E0001]: the file is too large\n  --> a\\u{1b}.yaml\n\n");
}

TEST_CASE("JSON and SARIF") {
  std::vector<Diagnostic> diagnostics = {Make("x bad", "bad")};
  diagnostics.push_back(diagnostics[0]);
  diagnostics[1].severity = DiagnosticSeverity::kWarning;
  diagnostics[1].rule.clear();
  diagnostics[1].suggestion.clear();
  std::string json;
  AppendDiagnosticsJson(diagnostics, &json);
  CHECK(json ==
        "[\n{\"code\":\"E0203\",\"severity\":\"error\","
        "\"message\":\"unknown field `amuont` of event type `txn`\","
        "\"file\":\"rules/card_testing.yaml\",\"line\":1,\"column\":3,\"end_line\":1,"
        "\"end_column\":6,\"rule\":\"card-testing\",\"step\":\"hit\","
        "\"suggestion\":\"did you mean `amount`?\"},\n{\"code\":\"E0203\",\"severity\":\"warning\","
        "\"message\":\"unknown field `amuont` of event type `txn`\","
        "\"file\":\"rules/card_testing.yaml\",\"line\":1,\"column\":3,\"end_line\":1,"
        "\"end_column\":6,\"rule\":null,\"step\":\"hit\",\"suggestion\":null}\n]\n");
  std::string none;
  AppendDiagnosticsJson({}, &none);
  CHECK(none == "[]\n");
  std::string sarif;
  AppendSarif(diagnostics, &sarif);
  CHECK(Contains(sarif, R"("columnKind":"unicodeCodePoints")"));
  CHECK(Contains(sarif, R"("ruleId":"E0203","level":"warning")"));
  CHECK(Contains(sarif, R"("startLine":1,"startColumn":3,"endLine":1,"endColumn":6)"));
  CHECK(sarif.find(R"({"id":"E0203")") == sarif.rfind(R"({"id":"E0203")"));
}

TEST_CASE("counts") {
  CHECK(FormatErrors(0) == "0 errors");
  CHECK(FormatErrors(1) == "1 error");
  CHECK(FormatWarnings(2) == "2 warnings");
}

}  // namespace
}  // namespace shrike::tools
