#include "tools/shrike/diagnostic_counts.h"

#include <doctest/doctest.h>

#include <vector>

namespace shrike::tools {
namespace {

TEST_CASE("errors and warnings are counted and named") {
  std::vector<Diagnostic> diagnostics(3);
  diagnostics[1].severity = DiagnosticSeverity::kWarning;
  CHECK(Count(diagnostics).errors == 2);
  CHECK(Count(diagnostics).warnings == 1);
  CHECK(FormatErrors(0) == "0 errors");
  CHECK(FormatErrors(1) == "1 error");
  CHECK(FormatWarnings(2) == "2 warnings");
}

}  // namespace
}  // namespace shrike::tools
