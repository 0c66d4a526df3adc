#include "tests/oracle/rule_text.h"

#include <vector>

#include "rules/checker.h"
#include "rules/diagnostic.h"
#include "rules/rule_file.h"

namespace shrike::oracle {

CheckedText CheckRuleText(const std::string& text, const Catalog& catalog, const Limits& limits) {
  std::vector<rules::Diagnostic> diagnostics;
  const rules::RuleFile file = rules::ReadRuleFile("rule.yaml", text, &diagnostics);
  CheckedText result;
  result.spec = rules::CheckRules({&file}, catalog, limits, &diagnostics).spec;
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != rules::DiagnosticSeverity::kError) continue;
    result.errors += diagnostic.code + " " + std::to_string(diagnostic.line) + ":" +
                     std::to_string(diagnostic.column) + " " + diagnostic.message + "\n";
  }
  return result;
}

}  // namespace shrike::oracle
