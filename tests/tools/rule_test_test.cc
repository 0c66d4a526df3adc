// The tests inside rule files, run on rules that are read from text.
#include "tools/shrike/rule_test.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/tools/cli_fixture.h"
#include "tools/shrike/loader.h"

namespace shrike::tools {
namespace {

using testing::Contains;

constexpr const char* kStream = R"(streams:
  s:
    topic: s
    time: { field: ts, out_of_order: 5s }
    type: { field: type, types: [a, b] }
    fields: { key: string, n: int }
  other:
    topic: other
    time: { field: ts }
    type: { field: type, types: [b, c] }
    fields: { key: string }
)";

// The first test of the one rule of a file.
RuleTestResult RunTestOf(const std::string& file) {
  Loaded loaded = LoadTexts({"shrike.yaml", kStream}, {{"r.yaml", file}});
  std::string problems;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    problems += diagnostic.message + "\n";
  }
  REQUIRE_MESSAGE(loaded.checked.spec.rules.size() == 1, problems);
  const auto program = BuildRuleProgram(loaded, 0);
  REQUIRE(program);
  return RunRuleTest(
      {&loaded.config->catalog, *program, &loaded.checked.origin[0].rule->tests.at(0)});
}

// Of a rule `a then b within 1m` over both streams.
RuleTestResult RunTest(const std::string& test) {
  return RunTestOf(
      "rules:\n  - id: r\n    version: 1\n    on_timeout: alert\n    pattern: |\n"
      "      from s, other by key\n      x: s.a then y: s.b\n      within 1m\n"
      "    alert: { message: \"{key} {x.n}\", fields: { n: x.n } }\n    tests:\n" +
      test);
}

std::string Test(const std::string& events, const std::string& alerts) {
  return "      - name: t\n        events: [" + events + "]\n        alerts: [" + alerts + "]\n";
}

TEST_CASE("time in tests") {
  struct Row {
    std::string events, alerts;
  };
  const std::string match = "{ key: k, fields: { n: 1 } }";
  const std::string timeout = "{ key: k, kind: timeout }";
  const Row rows[] = {
      {"{ a: { key: k, n: 1 } }, { s.b: { key: k }, after: 59999ms }", match},
      {"{ a: { key: k, n: 1 } }, { s.b: { key: k }, after: 1m }", timeout},
      // No `after`: the same time, later in the file.
      {"{ a: { key: k, n: 1 } }, { s.b: { key: k } }", match},
      // Out of order, within out_of_order: `a` is first.
      {"{ s.b: { key: k } }, { a: { key: k, n: 1 }, after: -4s }", match},
      // Later than that it is late, and not seen.
      {"{ s.b: { key: k } }, { a: { key: k, n: 1 }, after: -6s }", ""},
      {"{ a: { key: k, n: 1 } }, { advance: 30s }, { s.b: { key: k }, after: 29s }", match},
      {"{ a: { key: k, n: 1 } }, { advance: 30s }, { s.b: { key: k }, after: 31s }", timeout},
      {"{ a: { key: k, n: 1 } }, { advance: 30s }, { s.b: { key: k }, after: -6s }", timeout},
      {"{ a: { key: k, n: 1 }, at: 2024-01-01T00:01:00Z }, "
       "{ s.b: { key: k }, at: 2024-01-01T00:01:59Z }",
       match},
      // The other stream is silent, or has events: neither matters.
      {"{ a: { key: k, n: 1 } }, { c: { key: k }, after: 2m }, { s.b: { key: k }, after: -1m10s }",
       match + ", { key: k, kind: timeout }"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.events);
    const RuleTestResult result = RunTest(Test(row.events, row.alerts));
    CAPTURE(result.problem);
    if (row.alerts.find("}, {") == std::string::npos) {
      CHECK(result.passed);
    } else {
      CHECK_FALSE(result.passed);  // One alert, not two.
      CHECK(result.actual.size() == 1);
    }
  }
}

TEST_CASE("a rule over the second stream alone is tested like any other") {
  const RuleTestResult result = RunTestOf(
      "rules:\n  - id: r\n    version: 1\n    pattern: |\n      from other by key\n      x: c\n"
      "    tests:\n" +
      Test("{ c: { key: k } }", "{ key: k }"));
  CAPTURE(result.problem);
  CHECK(result.passed);
}

TEST_CASE("what is wrong is said") {
  struct Row {
    std::string events, alerts, want;
  };
  const std::string events = "{ a: { key: k, n: 1 } }, { s.b: { key: k } }";
  const Row rows[] = {
      {events, "", "alert 1 is too many: expected 0, got 1"},
      {events, "{ key: k }, { key: k }", "alert 2 is missing: expected 2, got 1"},
      {events, "{ key: l }", "key: expected l, got k"},
      {events, "{ kind: timeout }", "kind: expected timeout, got match"},
      {events, "{ fields: { n: 2 } }", "fields.n: expected 2, got 1"},
      {events, "{ message: k 2 }", "message: expected \"k 2\", got \"k 1\""},
  };
  for (const Row& row : rows) {
    const RuleTestResult result = RunTest(Test(row.events, row.alerts));
    CHECK_FALSE(result.passed);
    CHECK(Contains(result.problem, row.want));
    CHECK(result.actual ==
          std::vector<std::string>{"match key k n=1 \"k 1\" at 2024-01-01T00:00:00.000Z"});
  }
}

}  // namespace
}  // namespace shrike::tools
