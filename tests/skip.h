// SKIP_TEST: ends a test case whose input is not on this machine, with a line that says so.
//
//     TEST_CASE("the shared cases agree") {
//       if (!std::filesystem::exists(path)) SKIP_TEST("no shared cases at " << path);
//
// Prints `skipped: <test>: <reason>` on stdout and returns from the function. A skipped test need
// not assert anything; any other test that asserts nothing fails (tests/main.cc).
#pragma once

#include <sstream>
#include <string>

namespace shrike::testing {

// Marks the test case that runs now as skipped and prints the line. Called by SKIP_TEST only.
void MarkSkipped(const std::string& reason);

}  // namespace shrike::testing

#define SKIP_TEST(reason)                               \
  do {                                                  \
    std::ostringstream skip_text;                       \
    skip_text << reason; /* NOLINT: may hold a `<<`. */ \
    ::shrike::testing::MarkSkipped(skip_text.str());    \
    return;                                             \
  } while (false)
