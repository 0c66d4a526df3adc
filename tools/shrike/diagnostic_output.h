// Diagnostics as text for people, as JSON and as SARIF (interfaces.md).
//
// Pure. Tested by: tests/tools/diagnostic_output_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_DIAGNOSTIC_OUTPUT_H_
#define SHRIKE_TOOLS_SHRIKE_DIAGNOSTIC_OUTPUT_H_

#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace shrike::tools {

// The code, the place, the line, a caret under the exact span, the suggestion; then an empty line. Long lines are cut
// around the span. Everything is escaped for a terminal.
void AppendHuman(const Diagnostic& diagnostic, bool color, std::string* out);

// An array of {code, severity, message, file, line, column, end_line, end_column, rule, step, suggestion}; rule, step
// and suggestion are null where there is none.
void AppendDiagnosticsJson(const std::vector<Diagnostic>& diagnostics, std::string* out);

// One SARIF 2.1.0 document.
void AppendSarif(const std::vector<Diagnostic>& diagnostics, std::string* out);

struct DiagnosticCounts {
  int errors = 0;
  int warnings = 0;
};
DiagnosticCounts Count(const std::vector<Diagnostic>& diagnostics);

// "3 errors", "1 warning"
std::string FormatErrors(int count);
std::string FormatWarnings(int count);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_DIAGNOSTIC_OUTPUT_H_
