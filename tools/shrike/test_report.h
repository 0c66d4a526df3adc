// What `shrike test` found, as text, JSON and JUnit XML. Pure.
//
// Tested by: tests/tools/test_report_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_TEST_REPORT_H_
#define SHRIKE_TOOLS_SHRIKE_TEST_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "tools/shrike/rule_test.h"

namespace shrike::tools {

struct TestEntry {
  std::string file;
  std::string rule;
  std::string name;
  int line = 0;  // of the test, or of what is wrong in it
  RuleTestResult result;
};

struct TestReport {
  std::vector<TestEntry> entries;  // by rule id, then as in the file
  std::vector<std::string> rules_without_tests;
  int rule_errors = 0;  // mistakes that kept rules from being tested
  double seconds = 0;

  std::size_t failed() const;
};

// Failures with expected, actual and place; then one line for all.
void AppendTestHuman(const TestReport& report, bool color, std::string* out);
// {tests, failed, rule_errors, seconds, rules_without_tests, results: [{file, line, rule, name, passed, problem,
// expected, actual}]}
void AppendTestJson(const TestReport& report, std::string* out);
// One test suite a file.
void AppendJunit(const TestReport& report, std::string* out);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_TEST_REPORT_H_
