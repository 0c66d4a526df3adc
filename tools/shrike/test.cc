// `shrike test`: runs the tests inside rule files.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <utility>

#include "tools/shrike/exit_code.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/rule_test.h"
#include "tools/shrike/terminal.h"
#include "tools/shrike/test_report.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

// Where a span begins.
int LineOf(const rules::RuleFile& file, FileSpan span) {
  Diagnostic place;
  SetPlace(file.content, span, &place);
  return place.line;
}

Result<void> RunTestsOfRule(const Loaded& loaded, std::size_t rule, TestReport* report) {
  const rules::CheckedRuleSet::Origin& origin = loaded.checked.origin[rule];
  if (origin.rule->tests.empty()) {
    report->rules_without_tests.push_back(loaded.checked.spec.rules[rule].id);
    return {};
  }
  SHRIKE_TRY(auto program, BuildRuleProgram(loaded, rule));
  for (const rules::TestNode& test : origin.rule->tests) {
    RuleTestResult result = RunRuleTest({&loaded.config->catalog, program, &test});
    TestEntry& entry = report->entries.emplace_back();
    entry.file = origin.file->path;
    entry.rule = loaded.checked.spec.rules[rule].id;
    entry.name = test.name.text;
    entry.line = LineOf(*origin.file, result.passed ? test.span : result.place);
    entry.result = std::move(result);
  }
  return {};
}

int Test(const Session& session) {
  auto loaded = Load(session.common);
  if (!loaded) {
    return session.Report(loaded.error());
  }
  // The good rules are tested even if others have errors.
  PrintErrors(session, loaded->diagnostics);
  if (loaded->config_errors > 0) {
    return kExitConfig;
  }
  const auto start = std::chrono::steady_clock::now();
  TestReport report;
  report.rule_errors = loaded->rule_errors;
  for (std::size_t rule = 0; rule < loaded->checked.spec.rules.size(); ++rule) {
    if (const auto run = RunTestsOfRule(*loaded, rule, &report); !run) {
      return session.Report(run.error());
    }
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::string text;
  if (session.common.format == "json") {
    AppendTestJson(report, &text);
  } else if (session.common.format == "junit") {
    AppendJunit(report, &text);
  } else {
    AppendTestHuman(report, session.out_color(), &text);
  }
  session.out() << text << std::flush;
  return report.failed() > 0 || report.rule_errors > 0 ? kExitFindings : kExitGood;
}

}  // namespace

void AddTest(CLI::App* root, Session* session) {
  CLI::App* verb = root->add_subcommand("test", "Run the tests that stand inside rule files");
  verb->footer(
      "\nEach test's events go through the real decoder, time order and matcher, on a simulated "
      "clock\n"
      "that starts at 2024-01-01T00:00:00Z and runs to its end after the last event. A test sees "
      "the\n"
      "alerts of its own rule only, and names all of them in order; fields that it does not name "
      "are\n"
      "not compared. A failure shows what was expected, what came, and the place.\n"
      "Exit codes: 0 all passed, 1 some failed or a rule has errors.\n\n"
      "Examples:\n"
      "  shrike test rules/\n"
      "  shrike test --format junit rules/ > tests.xml");
  AddPaths(verb, session);
  AddCommonOptions({"human", "json", "junit"}, verb, session);
  verb->callback([session] { session->run = [session] { return Test(*session); }; });
}

}  // namespace shrike::tools
