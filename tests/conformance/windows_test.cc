// The 80 cases of windows.jsonl through the oracle and the binary.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/conformance/case_file.h"
#include "tests/conformance/window_case.h"
#include "tests/oracle/rule_text.h"
#include "tests/skip.h"
#include "tests/support/scratch_folder.h"

namespace shrike::conformance {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The case as a run of the binary, in `folder`.
WindowAnswer AskBinary(const WindowCase& one, const testing::ScratchFolder& folder) {
  const auto place = [&](const char* name) { return (folder.path() / name).string(); };
  folder.Write("shrike.yaml", one.config);
  folder.Write("rule.yaml", one.rule);
  std::string events;
  for (const std::string& line : one.lines) events += line + "\n";
  folder.Write("events.jsonl", events);
  const Declared declared = ReadDeclared(one.name, one.config);
  for (const char* name : {"alerts", "late", "dead"}) std::filesystem::remove(place(name));
  const std::string command =
      std::string(SHRIKE_BINARY) + " replay -c " + place("shrike.yaml") + " --rules " +
      place("rule.yaml") + " --stream " + declared.catalog.streams[0].name + " --file " +
      place("events.jsonl") + " --at-end " + one.at_end + " --out " + place("alerts") + " --late " +
      place("late") + " --dead-letter " + place("dead") + " 2>" + place("log");
  const int status = std::system(command.c_str());
  REQUIRE_MESSAGE(status == 0, one.name << ": " << command << "\n" << ReadFile(place("log")));
  return ReadAnswer(ReadFile(place("alerts")), ReadFile(place("late")), ReadFile(place("dead")));
}

TEST_CASE("the oracle answers the 80 window cases") {
  const std::vector<WindowCase> cases = ReadWindowCases();
  CHECK(cases.size() == 80);
  for (const WindowCase& one : cases) {
    const Declared declared = ReadDeclared(one.name, one.config);
    const oracle::CheckedText checked =
        oracle::CheckRuleText(one.rule, declared.catalog, declared.limits);
    REQUIRE_MESSAGE(checked.errors.empty(), one.name << "\n" << one.rule << checked.errors);
    const WindowAnswer answer = AskOracle(one, declared.catalog, declared.limits, checked.spec);
    const std::string differences = Differences(one.expected, answer);
    CHECK_MESSAGE(differences.empty(), one.name << "\n" << one.rule << differences);
  }
}

TEST_CASE("shrike replay answers the 80 window cases") {
  if (!std::filesystem::exists(SHRIKE_BINARY)) SKIP_TEST("no binary at " << SHRIKE_BINARY);
  const testing::ScratchFolder folder;
  for (const WindowCase& one : ReadWindowCases()) {
    const std::string differences = Differences(one.expected, AskBinary(one, folder));
    CHECK_MESSAGE(differences.empty(), one.name << "\n" << one.rule << differences);
  }
}

}  // namespace
}  // namespace shrike::conformance
