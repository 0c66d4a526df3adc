#include "rules/macro_cycles.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace shrike::rules {
namespace {

struct Use {
  int macro;
  Span span;
};

enum class Mark : std::uint8_t { kNew, kOpen, kDone };

// The children of an expression, `over` windows included.
void AppendChildren(const Expr& expr, std::vector<const Expr*>* out) {
  for (const ExprPtr& operand : expr.operands) {
    if (operand) out->push_back(operand.get());
  }
  if (expr.window && expr.window->where) out->push_back(expr.window->where.get());
}

bool IsParameter(const MacroNode& macro, std::string_view name) {
  return std::find(macro.parameters.begin(), macro.parameters.end(), name) !=
         macro.parameters.end();
}

std::vector<Use> UsesOf(const MacroNode& macro,
                        const std::unordered_map<std::string_view, int>& index) {
  std::vector<Use> uses;
  if (!macro.body.expr) return uses;
  std::vector<const Expr*> open{macro.body.expr.get()};
  while (!open.empty()) {
    const Expr& expr = *open.back();
    open.pop_back();
    AppendChildren(expr, &open);
    if (expr.kind != ExprKind::kName && expr.kind != ExprKind::kCall) continue;
    if (expr.kind == ExprKind::kName && IsParameter(macro, expr.text)) continue;
    const auto found = index.find(expr.text);
    if (found != index.end()) uses.push_back({found->second, expr.span});
  }
  return uses;
}

struct Visit {
  int macro;
  std::size_t next = 0;  // of its uses
};

// The part of the stack from `macro` on, which `use` closes.
MacroCycle CycleOf(const std::vector<const MacroNode*>& macros, const std::vector<Visit>& stack,
                   int macro, const std::vector<std::vector<Use>>& uses) {
  const auto begin = std::find_if(stack.begin(), stack.end(),
                                  [&](const Visit& visit) { return visit.macro == macro; });
  MacroCycle cycle;
  for (auto visit = begin; visit != stack.end(); ++visit) {
    cycle.macros.push_back(macros[static_cast<std::size_t>(visit->macro)]);
  }
  cycle.use = uses[static_cast<std::size_t>(macro)][begin->next - 1].span;
  return cycle;
}

}  // namespace

std::vector<MacroCycle> FindCycles(const std::vector<const MacroNode*>& macros) {
  std::unordered_map<std::string_view, int> index;
  for (const MacroNode* macro : macros) {
    index.emplace(macro->macro, static_cast<int>(index.size()));
  }
  std::vector<std::vector<Use>> uses;
  for (const MacroNode* macro : macros) uses.push_back(UsesOf(*macro, index));

  std::vector<MacroCycle> cycles;
  std::vector<Mark> marks(macros.size(), Mark::kNew);
  for (std::size_t root = 0; root < macros.size(); ++root) {
    if (marks[root] != Mark::kNew) continue;
    std::vector<Visit> stack{{static_cast<int>(root)}};
    marks[root] = Mark::kOpen;
    while (!stack.empty()) {
      Visit& top = stack.back();
      const std::vector<Use>& top_uses = uses[static_cast<std::size_t>(top.macro)];
      if (top.next == top_uses.size()) {
        marks[static_cast<std::size_t>(top.macro)] = Mark::kDone;
        stack.pop_back();
        continue;
      }
      const int used = top_uses[top.next++].macro;
      Mark& mark = marks[static_cast<std::size_t>(used)];
      if (mark == Mark::kNew) {
        mark = Mark::kOpen;
        stack.push_back({used});
      } else if (mark == Mark::kOpen) {
        cycles.push_back(CycleOf(macros, stack, used, uses));
      }
    }
  }
  return cycles;
}

}  // namespace shrike::rules
