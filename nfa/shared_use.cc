// Tested by: tests/nfa/window_program_test.cc.
#include "nfa/shared_use.h"

#include <algorithm>

namespace shrike::nfa {
namespace {

void Collect(const Expr& expr, SharedUse* use) {
  if (expr.op == Op::kWindow) use->windows.insert(static_cast<int>(expr.index));
  use->risk = use->risk || expr.op == Op::kRisk;
  for (const Expr& arg : expr.args) Collect(arg, use);
}

void Collect(const std::optional<Expr>& expr, SharedUse* use) {
  if (expr) Collect(*expr, use);
}

void CollectEnd(const RuleSpec& rule, SharedUse* use) {
  Collect(rule.where, use);
  for (const AlertField& field : rule.alert.fields) Collect(field.value, use);
  for (const MessagePart& part : rule.alert.message) Collect(part.value, use);
}

// Groups nest at most kNestingMax deep.
void CollectUntils(const std::vector<ElementSpec>& elements, SharedUse* use) {
  for (const ElementSpec& element : elements) {
    if (element.quantifier) Collect(element.quantifier->until, use);
    CollectUntils(element.group, use);
  }
}

bool HasNot(const std::vector<ElementSpec>& elements) {
  return std::any_of(elements.begin(), elements.end(), [](const ElementSpec& element) {
    return element.kind == ElementSpec::Kind::kNot || HasNot(element.group);
  });
}

}  // namespace

SharedUse SharedUseOf(const RuleSpec& rule, const std::vector<WindowSpec>& windows) {
  SharedUse use;
  for (const StepSpec& step : rule.steps) Collect(step.condition, &use);
  for (const Expr& exception : rule.exceptions) Collect(exception, &use);
  CollectUntils(rule.elements, &use);
  CollectEnd(rule, &use);
  // A window reads only earlier ones.
  for (std::size_t i = windows.size(); i-- > 0;) {
    if (!use.windows.contains(static_cast<int>(i))) continue;
    for (const Expr& value : windows[i].values) Collect(value, &use);
    for (const Expr& exception : windows[i].exceptions) Collect(exception, &use);
    Collect(windows[i].filter, &use);
  }
  return use;
}

bool EndsInThePast(const RuleSpec& rule) { return rule.timeout_alerts || HasNot(rule.elements); }

std::set<int> WindowsAtTheEnd(const RuleSpec& rule) {
  SharedUse use;
  CollectEnd(rule, &use);
  return use.windows;
}

}  // namespace shrike::nfa
