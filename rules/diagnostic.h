// The diagnostics of rules are those of base: configuration files have them too (base/diagnostic.h).
#ifndef SHRIKE_RULES_DIAGNOSTIC_H_
#define SHRIKE_RULES_DIAGNOSTIC_H_

#include "base/diagnostic.h"

namespace shrike::rules {

using shrike::Diagnostic;
using shrike::DiagnosticSeverity;
using shrike::FileSpan;
using shrike::SetPlace;
using shrike::SortDiagnostics;
using shrike::SourceText;

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_DIAGNOSTIC_H_
