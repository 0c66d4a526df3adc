#include "rules/window_table.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "nfa/canonical.h"

namespace shrike::rules {
namespace {

using nfa::Expr;

void AppendNumber(std::int64_t number, std::string* text) { *text += std::to_string(number) + ' '; }

void AppendNumbers(const std::vector<int>& numbers, std::string* text) {
  for (const int number : numbers) AppendNumber(number, text);
  *text += '/';
}

std::string Identity(const nfa::WindowSpec& window, const RowLayout& layout) {
  std::string text;
  AppendNumber(static_cast<int>(window.function), &text);
  AppendNumber(static_cast<int>(window.kind), &text);
  AppendNumber(window.length, &text);
  AppendNumber(window.events, &text);
  AppendNumber(window.excluding_current ? 1 : 0, &text);
  for (const nfa::SourceSpec& source : window.sources) {
    AppendNumber(source.stream, &text);
    AppendNumbers(source.key, &text);
  }
  AppendNumbers(window.event_types, &text);
  AppendNumbers(window.by, &text);
  for (const Expr& value : window.values) text += nfa::CanonicalText(value, layout);
  text += '/';
  if (window.filter) text += nfa::CanonicalText(*window.filter, layout);
  for (const Expr& exception : window.exceptions) {
    text += '/' + nfa::CanonicalText(exception, layout);
  }
  return text;
}

// In the order of their text, each once: the order in which a rule writes them means nothing.
void SortExceptions(const RowLayout& layout, std::vector<Expr>* exceptions) {
  std::vector<std::pair<std::string, Expr>> named;
  for (Expr& exception : *exceptions) {
    std::string text = nfa::CanonicalText(exception, layout);
    named.emplace_back(std::move(text), std::move(exception));
  }
  std::sort(named.begin(), named.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  exceptions->clear();
  std::string_view last;
  for (auto& [text, exception] : named) {
    if (text != last) exceptions->push_back(std::move(exception));
    last = text;
  }
}

// Element: ElementSpec or const ElementSpec; Rule and Window below likewise.
template <typename Element, typename Visit>
void VisitElement(Element* element, const Visit& visit) {
  if (element->quantifier && element->quantifier->until) visit(&*element->quantifier->until);
  for (auto& inner : element->group) VisitElement(&inner, visit);
}

// Calls visit(expression) for every expression of the rule that may read a window.
template <typename Rule, typename Visit>
void VisitRule(Rule* rule, const Visit& visit) {
  for (auto& step : rule->steps) {
    if (step.condition) visit(&*step.condition);
  }
  for (auto& element : rule->elements) VisitElement(&element, visit);
  if (rule->where) visit(&*rule->where);
  for (auto& exception : rule->exceptions) visit(&exception);
  for (auto& part : rule->alert.message) {
    if (part.value) visit(&*part.value);
  }
  for (auto& field : rule->alert.fields) visit(&field.value);
}

template <typename Window, typename Visit>
void VisitWindow(Window* window, const Visit& visit) {
  for (auto& value : window->values) visit(&value);
  if (window->filter) visit(&*window->filter);
  for (auto& exception : window->exceptions) visit(&exception);
}

void Mark(const Expr& expr, std::vector<bool>* used) {
  if (expr.op == nfa::Op::kWindow) (*used)[static_cast<std::size_t>(expr.index)] = true;
  for (const Expr& arg : expr.args) Mark(arg, used);
}

// What a window reads stands before it, so one walk from the last to the first finds all.
void MarkBehind(const std::vector<nfa::WindowSpec>& windows, std::vector<bool>* used) {
  for (std::size_t i = windows.size(); i-- > 0;) {
    if ((*used)[i]) VisitWindow(&windows[i], [&](const Expr* expr) { Mark(*expr, used); });
  }
}

void Renumber(const std::vector<int>& index, Expr* expr) {
  if (expr->op == nfa::Op::kWindow) expr->index = index[static_cast<std::size_t>(expr->index)];
  for (Expr& arg : expr->args) Renumber(index, &arg);
}

// For each window its number among those that are kept.
std::vector<int> NewNumbers(const std::vector<bool>& used) {
  std::vector<int> index;
  index.reserve(used.size());
  int next = 0;
  for (const bool kept : used) index.push_back(kept ? next++ : -1);
  return index;
}

void RenumberAll(const std::vector<int>& index, nfa::RuleSetSpec* spec) {
  const auto renumber = [&](Expr* expr) { Renumber(index, expr); };
  for (nfa::RuleSpec& rule : spec->rules) VisitRule(&rule, renumber);
  for (nfa::WindowSpec& window : spec->windows) VisitWindow(&window, renumber);
}

}  // namespace

int WindowTable::Add(nfa::WindowSpec window) {
  SortExceptions(spec_->layout, &window.exceptions);
  const int next = static_cast<int>(spec_->windows.size());
  const auto [found, added] = index_.emplace(Identity(window, spec_->layout), next);
  if (added) spec_->windows.push_back(std::move(window));
  return found->second;
}

std::vector<int> WindowsRead(const nfa::RuleSetSpec& spec, const nfa::RuleSpec& rule) {
  std::vector<bool> used(spec.windows.size());
  VisitRule(&rule, [&](const Expr* expr) { Mark(*expr, &used); });
  MarkBehind(spec.windows, &used);
  std::vector<int> windows;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) windows.push_back(static_cast<int>(i));
  }
  return windows;
}

std::vector<int> StreamsRead(const nfa::RuleSetSpec& spec, const nfa::RuleSpec& rule) {
  std::vector<int> streams;
  const auto add = [&](const std::vector<nfa::SourceSpec>& sources) {
    for (const nfa::SourceSpec& source : sources) streams.push_back(source.stream);
  };
  add(rule.sources);
  for (const int window : WindowsRead(spec, rule)) {
    add(spec.windows[static_cast<std::size_t>(window)].sources);
  }
  std::sort(streams.begin(), streams.end());
  streams.erase(std::unique(streams.begin(), streams.end()), streams.end());
  return streams;
}

void KeepUsedWindows(nfa::RuleSetSpec* spec) {
  std::vector<bool> used(spec->windows.size());
  for (const nfa::RuleSpec& rule : spec->rules) {
    VisitRule(&rule, [&](const Expr* expr) { Mark(*expr, &used); });
  }
  MarkBehind(spec->windows, &used);
  std::vector<nfa::WindowSpec> kept;
  const std::vector<int> index = NewNumbers(used);
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) kept.push_back(std::move(spec->windows[i]));
  }
  spec->windows = std::move(kept);
  RenumberAll(index, spec);
}

nfa::RuleSetSpec RuleAlone(const nfa::RuleSetSpec& set, std::size_t rule) {
  nfa::RuleSetSpec alone;
  alone.rules = {set.rules[rule]};
  alone.layout = set.layout;
  alone.derives = set.derives;
  alone.tables = set.tables;
  alone.risk_half_life = set.risk_half_life;
  std::vector<bool> used(set.windows.size());
  VisitRule(&set.rules[rule], [&](const Expr* expr) { Mark(*expr, &used); });
  MarkBehind(set.windows, &used);
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) alone.windows.push_back(set.windows[i]);
  }
  RenumberAll(NewNumbers(used), &alone);
  return alone;
}

}  // namespace shrike::rules
