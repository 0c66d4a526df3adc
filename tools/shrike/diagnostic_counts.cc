#include "tools/shrike/diagnostic_counts.h"

#include <fmt/format.h>

namespace shrike::tools {

DiagnosticCounts Count(const std::vector<Diagnostic>& diagnostics) {
  DiagnosticCounts counts;
  for (const Diagnostic& diagnostic : diagnostics) {
    ++(diagnostic.severity == DiagnosticSeverity::kError ? counts.errors : counts.warnings);
  }
  return counts;
}

std::string FormatErrors(int count) {
  return fmt::format("{} {}", count, count == 1 ? "error" : "errors");
}

std::string FormatWarnings(int count) {
  return fmt::format("{} {}", count, count == 1 ? "warning" : "warnings");
}

}  // namespace shrike::tools
