// How many errors and warnings there are, in figures and words. Their texts: rules/render.h.
//
// Pure. Tested by: tests/tools/diagnostic_counts_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_DIAGNOSTIC_COUNTS_H_
#define SHRIKE_TOOLS_SHRIKE_DIAGNOSTIC_COUNTS_H_

#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace shrike::tools {

struct DiagnosticCounts {
  int errors = 0;
  int warnings = 0;
};
DiagnosticCounts Count(const std::vector<Diagnostic>& diagnostics);

// "3 errors", "1 warning"
std::string FormatErrors(int count);
std::string FormatWarnings(int count);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_DIAGNOSTIC_COUNTS_H_
