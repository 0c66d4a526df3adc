#include "rules/name_cycles.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace shrike::rules {
namespace {

struct Use {
  int body;
  Span span;
};

enum class Mark : std::uint8_t { kNew, kOpen, kDone };

// The children of an expression, `over` windows included.
void AppendChildren(const Expr& expr, std::vector<const Expr*>* out) {
  // lookup(table, key) and risk(key) begin with words that are no names of the rule set.
  const bool word = expr.kind == ExprKind::kCall && (expr.text == "lookup" || expr.text == "risk");
  for (std::size_t i = word ? 1 : 0; i < expr.operands.size(); ++i) {
    if (expr.operands[i]) out->push_back(expr.operands[i].get());
  }
  if (expr.window && expr.window->where) out->push_back(expr.window->where.get());
}

bool IsParameter(const NamedBody& body, std::string_view name) {
  return body.parameters && std::find(body.parameters->begin(), body.parameters->end(), name) !=
                                body.parameters->end();
}

std::vector<Use> UsesOf(const NamedBody& body,
                        const std::unordered_map<std::string_view, int>& index) {
  std::vector<Use> uses;
  if (!body.body) return uses;
  std::vector<const Expr*> open{body.body};
  while (!open.empty()) {
    const Expr& expr = *open.back();
    open.pop_back();
    AppendChildren(expr, &open);
    if (expr.kind != ExprKind::kName && expr.kind != ExprKind::kCall) continue;
    if (expr.kind == ExprKind::kName && IsParameter(body, expr.text)) continue;
    const auto found = index.find(expr.text);
    if (found != index.end()) uses.push_back({found->second, expr.span});
  }
  return uses;
}

struct Visit {
  int body;
  std::size_t next = 0;  // of its uses
};

// A depth-first walk; a use of a body that is still open closes a cycle.
class CycleFinder {
 public:
  explicit CycleFinder(const std::vector<NamedBody>& bodies) : marks_(bodies.size(), Mark::kNew) {
    std::unordered_map<std::string_view, int> index;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      index.emplace(bodies[i].name, static_cast<int>(i));
    }
    uses_.reserve(bodies.size());
    for (const NamedBody& body : bodies) uses_.push_back(UsesOf(body, index));
  }

  std::vector<NameCycle> Run() {
    for (std::size_t root = 0; root < marks_.size(); ++root) {
      if (marks_[root] == Mark::kNew) WalkFrom(static_cast<int>(root));
    }
    return std::move(cycles_);
  }

 private:
  Mark& MarkOf(int body) { return marks_[static_cast<std::size_t>(body)]; }
  const std::vector<Use>& UsesIn(int body) const { return uses_[static_cast<std::size_t>(body)]; }

  void WalkFrom(int root) {
    Open(root);
    while (!stack_.empty()) {
      Visit& top = stack_.back();
      if (top.next == UsesIn(top.body).size()) {
        MarkOf(top.body) = Mark::kDone;
        stack_.pop_back();
        continue;
      }
      const int used = UsesIn(top.body)[top.next++].body;
      if (MarkOf(used) == Mark::kNew) {
        Open(used);
      } else if (MarkOf(used) == Mark::kOpen) {
        Close(used);
      }
    }
  }

  void Open(int body) {
    MarkOf(body) = Mark::kOpen;
    stack_.push_back({body});
  }

  // The part of the stack from `body` on is a cycle.
  void Close(int body) {
    const auto begin = std::find_if(stack_.begin(), stack_.end(),
                                    [&](const Visit& visit) { return visit.body == body; });
    NameCycle cycle;
    for (auto visit = begin; visit != stack_.end(); ++visit) cycle.members.push_back(visit->body);
    cycle.use = UsesIn(body)[begin->next - 1].span;
    cycles_.push_back(std::move(cycle));
  }

  std::vector<Mark> marks_;
  std::vector<std::vector<Use>> uses_;
  std::vector<Visit> stack_;
  std::vector<NameCycle> cycles_;
};

}  // namespace

std::vector<NameCycle> FindCycles(const std::vector<NamedBody>& bodies) {
  return CycleFinder(bodies).Run();
}

}  // namespace shrike::rules
