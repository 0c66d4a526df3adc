// Rules that exist: the conformance cases check clean, and so do the ported rules but for what is not supported yet.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "config/config.h"
#include "nfa/program.h"
#include "tests/rules/check_fixture.h"
#include "tests/skip.h"

namespace shrike::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCasesConfig =
    "streams: {s: {topic: s, format: json, time: {field: ts, unit: ms, out_of_order: 0ms}, "
    "type: {field: type, types: [A, B, C, D]}, fields: {type: string, v: int, id: int}}}\n"
    "limits: {open_runs_per_key: 100000, bound_events: 100000}\n";

[[maybe_unused]] std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

config::EngineConfig ConfigOf(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const config::Resolver resolver{
      [](const std::string&) { return std::optional<std::string>(); },
      [](const std::string&) { return Result<std::string>(""); }};
  std::optional<config::EngineConfig> config =
      config::ReadConfig("shrike.yaml", text, resolver, &diagnostics);
  REQUIRE_MESSAGE(config.has_value(), Lines(diagnostics));
  return std::move(*config);
}

std::vector<Diagnostic> Errors(const std::vector<Diagnostic>& diagnostics) {
  std::vector<Diagnostic> errors;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == DiagnosticSeverity::kError) errors.push_back(diagnostic);
  }
  return errors;
}

// Every rule of the file checks clean and compiles.
void CheckCases(const fs::path& path) {
  if (!fs::exists(path)) SKIP_TEST("no cases at " << path.string());
  std::ifstream file(path);
  std::string line;
  int count = 0;
  while (std::getline(file, line)) {
    const nlohmann::json json = nlohmann::json::parse(line);
    const config::EngineConfig config = ConfigOf(json.value("config", kCasesConfig));
    const std::string rule = json.at("rule");
    const CheckedText checked = CheckTexts({rule}, config.catalog, config.limits);
    INFO(rule);
    CHECK(Lines(Errors(checked.diagnostics)) == "");
    CHECK(checked.set.spec.rules.size() == 1);
    CHECK(checked.set.origin.size() == 1);
    ++count;
  }
  CHECK(count >= 90);
}

}  // namespace

TEST_CASE("conformance cases check clean") {
  CheckCases(fs::path(SHRIKE_SOURCE_DIR) / "tests/conformance/cases.jsonl");
}

TEST_CASE("conformance constructs check clean") {
  CheckCases(fs::path(SHRIKE_SOURCE_DIR) / "tests/conformance/constructs.jsonl");
}

}  // namespace shrike::testing
