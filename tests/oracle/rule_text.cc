#include "tests/oracle/rule_text.h"

#include <vector>

#include "rules/checker.h"
#include "rules/diagnostic.h"
#include "rules/rule_file.h"

namespace shrike::oracle {

CheckedText CheckRuleText(const std::string& text, const Catalog& catalog, const Limits& limits,
                          const SharedInputs& shared) {
  std::vector<rules::Diagnostic> diagnostics;
  const rules::RuleFile file = rules::ReadRuleFile("rule.yaml", text, &diagnostics);
  CheckedText result;
  const std::vector<const rules::RuleFile*> files = {&file};
  rules::CheckInputs inputs{.files = files, .catalog = catalog, .limits = limits};
  inputs.tables = shared.tables;
  inputs.risk_half_life = shared.risk_half_life;
  result.spec = rules::CheckRules(inputs, &diagnostics).spec;
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != rules::DiagnosticSeverity::kError) continue;
    result.errors += diagnostic.code + " " + std::to_string(diagnostic.line) + ":" +
                     std::to_string(diagnostic.column) + " " + diagnostic.message + "\n";
  }
  return result;
}

}  // namespace shrike::oracle
