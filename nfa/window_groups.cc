// Tested by: tests/nfa/key_group_test.cc.
#include "nfa/window_groups.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"
#include "nfa/shared_use.h"

namespace shrike::nfa {
namespace {

// The new index of each window that a group reads.
using Numbers = std::map<std::pair<int, int>, int>;

class Renumbering {
 public:
  Renumbering(const Numbers& numbers, int group) : numbers_(numbers), group_(group) {}

  // Depth: kExpressionDepthMax.
  void Apply(Expr* expr) const {
    if (expr->op == Op::kWindow) {
      const auto number = numbers_.find({static_cast<int>(expr->index), group_});
      SHRIKE_CHECK(number != numbers_.end());
      expr->index = number->second;
    }
    for (Expr& arg : expr->args) Apply(&arg);
  }
  void Apply(std::optional<Expr>* expr) const {
    if (*expr) Apply(&**expr);
  }
  void Apply(std::vector<Expr>* exprs) const {
    for (Expr& expr : *exprs) Apply(&expr);
  }
  void Apply(std::vector<ElementSpec>* elements) const {
    for (ElementSpec& element : *elements) {
      if (element.quantifier) Apply(&element.quantifier->until);
      Apply(&element.group);
    }
  }
  void Apply(WindowSpec* window) const {
    Apply(&window->values);
    Apply(&window->filter);
    Apply(&window->exceptions);
  }
  void Apply(RuleSpec* rule) const {
    for (StepSpec& step : rule->steps) Apply(&step.condition);
    Apply(&rule->exceptions);
    Apply(&rule->elements);
    Apply(&rule->where);
    for (AlertField& field : rule->alert.fields) Apply(&field.value);
    for (MessagePart& part : rule->alert.message) Apply(&part.value);
  }

 private:
  const Numbers& numbers_;
  const int group_;
};

}  // namespace

std::vector<int> SplitWindows(const std::vector<int>& rule_groups, RuleSetSpec* spec) {
  std::vector<std::set<int>> readers(spec->windows.size());
  for (std::size_t rule = 0; rule < spec->rules.size(); ++rule) {
    for (const int window : SharedUseOf(spec->rules[rule], spec->windows).windows)
      readers[static_cast<std::size_t>(window)].insert(rule_groups[rule]);
  }
  Numbers numbers;
  std::vector<WindowSpec> windows;
  std::vector<int> groups;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    for (const int group : readers[i]) {
      numbers[{static_cast<int>(i), group}] = static_cast<int>(windows.size());
      WindowSpec& window = windows.emplace_back(spec->windows[i]);
      Renumbering(numbers, group).Apply(&window);
      groups.push_back(group);
    }
  }
  spec->windows = std::move(windows);
  for (std::size_t rule = 0; rule < spec->rules.size(); ++rule)
    Renumbering(numbers, rule_groups[rule]).Apply(&spec->rules[rule]);
  return groups;
}

}  // namespace shrike::nfa
