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

template <typename Visit>
void VisitElement(nfa::ElementSpec* element, const Visit& visit) {
  if (element->quantifier && element->quantifier->until) visit(&*element->quantifier->until);
  for (nfa::ElementSpec& inner : element->group) VisitElement(&inner, visit);
}

// Calls visit(expression) for every expression of the rule that may read a window.
template <typename Visit>
void VisitRule(nfa::RuleSpec* rule, const Visit& visit) {
  for (nfa::StepSpec& step : rule->steps) {
    if (step.condition) visit(&*step.condition);
  }
  for (nfa::ElementSpec& element : rule->elements) VisitElement(&element, visit);
  if (rule->where) visit(&*rule->where);
  for (Expr& exception : rule->exceptions) visit(&exception);
  for (nfa::MessagePart& part : rule->alert.message) {
    if (part.value) visit(&*part.value);
  }
  for (nfa::AlertField& field : rule->alert.fields) visit(&field.value);
}

template <typename Visit>
void VisitWindow(nfa::WindowSpec* window, const Visit& visit) {
  for (Expr& value : window->values) visit(&value);
  if (window->filter) visit(&*window->filter);
  for (Expr& exception : window->exceptions) visit(&exception);
}

void Mark(const Expr& expr, std::vector<bool>* used) {
  if (expr.op == nfa::Op::kWindow) (*used)[static_cast<std::size_t>(expr.index)] = true;
  for (const Expr& arg : expr.args) Mark(arg, used);
}

void Renumber(const std::vector<int>& index, Expr* expr) {
  if (expr->op == nfa::Op::kWindow) expr->index = index[static_cast<std::size_t>(expr->index)];
  for (Expr& arg : expr->args) Renumber(index, &arg);
}

}  // namespace

int WindowTable::Add(nfa::WindowSpec window) {
  SortExceptions(spec_->layout, &window.exceptions);
  const int next = static_cast<int>(spec_->windows.size());
  const auto [found, added] = index_.emplace(Identity(window, spec_->layout), next);
  if (added) spec_->windows.push_back(std::move(window));
  return found->second;
}

void KeepUsedWindows(nfa::RuleSetSpec* spec) {
  std::vector<bool> used(spec->windows.size());
  const auto mark = [&](const Expr* expr) { Mark(*expr, &used); };
  for (nfa::RuleSpec& rule : spec->rules) VisitRule(&rule, mark);
  // What a window reads stands before it, so one walk from the last to the first finds all.
  for (std::size_t i = used.size(); i-- > 0;) {
    if (used[i]) VisitWindow(&spec->windows[i], mark);
  }
  std::vector<int> index(used.size(), -1);
  std::vector<nfa::WindowSpec> kept;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    index[i] = static_cast<int>(kept.size());
    kept.push_back(std::move(spec->windows[i]));
  }
  spec->windows = std::move(kept);
  const auto renumber = [&](Expr* expr) { Renumber(index, expr); };
  for (nfa::RuleSpec& rule : spec->rules) VisitRule(&rule, renumber);
  for (nfa::WindowSpec& window : spec->windows) VisitWindow(&window, renumber);
}

}  // namespace shrike::rules
