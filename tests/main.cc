// main() of every doctest program. Fails when no test ran, and when a test asserted nothing.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "tests/skip.h"

namespace shrike::testing {
namespace {

// One test program runs its tests one after the other, in one thread.
struct Progress {
  std::string name;              // of the test case that runs now
  bool skipped = false;          // SKIP_TEST was called in it
  int run_count = 0;             // test cases begun
  int asserting_none_count = 0;  // test cases that passed and asserted nothing
};

Progress& CurrentProgress() {
  static Progress progress;
  return progress;
}

// Listens beside doctest's own reporter.
struct Listener : doctest::IReporter {
  explicit Listener(const doctest::ContextOptions& /*options*/) {}

  void test_case_start(const doctest::TestCaseData& data) override {
    Progress& progress = CurrentProgress();
    progress.name = data.m_name;
    progress.skipped = false;
    ++progress.run_count;
  }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    Progress& progress = CurrentProgress();
    const bool silent = stats.numAssertsCurrentTest == 0 && stats.failure_flags == 0;
    if (!silent || progress.skipped) return;
    ++progress.asserting_none_count;
    std::printf("error: test `%s` asserts nothing\n", progress.name.c_str());
  }

  void report_query(const doctest::QueryData& /*data*/) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats& /*stats*/) override {}
  void test_case_reenter(const doctest::TestCaseData& /*data*/) override {}
  void test_case_exception(const doctest::TestCaseException& /*exception*/) override {}
  void subcase_start(const doctest::SubcaseSignature& /*signature*/) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData& /*data*/) override {}
  void log_message(const doctest::MessageData& /*data*/) override {}
  void test_case_skipped(const doctest::TestCaseData& /*data*/) override {}
};

REGISTER_LISTENER("shrike", 1, Listener);

}  // namespace

void MarkSkipped(const std::string& reason) {
  Progress& progress = CurrentProgress();
  progress.skipped = true;
  std::printf("skipped: %s: %s\n", progress.name.c_str(), reason.c_str());
}

}  // namespace shrike::testing

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  const int exit_code = context.run();
  if (context.shouldExit()) return exit_code;  // --help, --list-test-cases and the like
  const shrike::testing::Progress& progress = shrike::testing::CurrentProgress();
  if (progress.run_count == 0) {
    std::printf("error: no test ran\n");
    return 1;
  }
  return progress.asserting_none_count > 0 ? 1 : exit_code;
}
