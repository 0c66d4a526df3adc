// The conformance cases through the oracle, the matcher and the binary.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "nfa/program.h"
#include "tests/conformance/case_file.h"
#include "tests/oracle/engine_run.h"
#include "tests/oracle/event_table.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/rule_text.h"
#include "tests/skip.h"

namespace shrike::conformance {
namespace {

std::string Joined(const Answer& answer) {
  std::string text;
  for (const std::string& line : answer) text += "  " + line + "\n";
  return text;
}

// What a failure prints: the rule and both answers.
std::string Report(const Case& one, const Answer& actual) {
  return one.name + "\n" + one.rule + "expected:\n" + Joined(one.expected) + "actual:\n" +
         Joined(actual);
}

// Both evaluators over the rows of one case.
void CheckRows(const Case& one) {
  const Declared declared = ReadDeclared(one.name, one.config);
  const oracle::CheckedText checked =
      oracle::CheckRuleText(one.rule, declared.catalog, declared.limits);
  REQUIRE_MESSAGE(checked.errors.empty(), one.name << "\n" << one.rule << checked.errors);
  REQUIRE(checked.spec.rules.size() == 1);
  const nfa::RuleSpec& rule = checked.spec.rules[0];
  const oracle::EventTable table(declared.catalog, checked.spec.layout,
                                 RawEvents(one, declared.catalog));

  oracle::OracleInput input;
  input.set = &checked.spec;
  input.rules = {&rule};
  input.limits = declared.limits;
  input.events = table.events();
  input.at_end = one.at_end;
  const auto outcomes = oracle::RunOracle(input);
  REQUIRE(outcomes.has_value());
  const Answer by_oracle = AnswerOf(one, rule, *outcomes);
  CHECK_MESSAGE(by_oracle == one.expected, "oracle, " << Report(one, by_oracle));

  const auto program = nfa::Program::Build(checked.spec, declared.catalog, declared.limits);
  REQUIRE_MESSAGE(program.has_value(), one.name);
  const Answer by_engine =
      AnswerOf(one, rule, oracle::RunEngine(*program, table.events(), one.at_end));
  CHECK_MESSAGE(by_engine == one.expected, "engine, " << Report(one, by_engine));
}

void WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// One case as a run of the binary, in `folder`.
void CheckBinary(const Case& one, const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;  // by stream
  for (const auto& [stream, line] : one.lines) files[stream] += line + "\n";
  const auto place = [&](const std::string& name) { return (folder / name).string(); };
  WriteFile(folder / "shrike.yaml", one.config);
  WriteFile(folder / "rule.yaml", one.rule);
  std::string command = std::string(SHRIKE_BINARY) + " replay -c " + place("shrike.yaml") +
                        " --rules " + place("rule.yaml");
  for (const auto& [stream, text] : files) {
    WriteFile(folder / stream, text);
    command += " --stream " + stream + " --file " + place(stream);
  }
  command += " --at-end " + std::to_string(one.at_end) + " --out " + place("alerts") + " 2>" +
             place("log");
  std::filesystem::remove(folder / "alerts");
  const int status = std::system(command.c_str());
  REQUIRE_MESSAGE(status == 0, one.name << ": " << command << "\n" << ReadFile(folder / "log"));
  const Answer answer = AnswerOfAlerts(one, ReadFile(folder / "alerts"));
  CHECK_MESSAGE(answer == one.expected, "replay, " << Report(one, answer));
}

TEST_CASE("the oracle and the matcher answer the 240 cases") {
  const std::vector<Case> cases = ReadCases("cases");
  CHECK(cases.size() == 240);
  for (const Case& one : cases) CheckRows(one);
}

TEST_CASE("the oracle and the matcher answer the 90 constructs") {
  const std::vector<Case> cases = ReadCases("constructs");
  CHECK(cases.size() == 90);
  for (const Case& one : cases) CheckRows(one);
}

TEST_CASE("shrike replay answers all of them") {
  if (!std::filesystem::exists(SHRIKE_BINARY)) SKIP_TEST("no binary at " << SHRIKE_BINARY);
  std::string name = std::filesystem::temp_directory_path() / "shrike-conformance-XXXXXX";
  REQUIRE(mkdtemp(name.data()) != nullptr);
  for (const char* file : {"cases", "constructs"}) {
    for (const Case& one : ReadCases(file)) CheckBinary(one, name);
  }
  std::filesystem::remove_all(name);
}

}  // namespace
}  // namespace shrike::conformance
