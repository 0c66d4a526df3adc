#include "tests/oracle/window_limits.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tests/oracle/window_members.h"

namespace shrike::oracle {
namespace {

using nfa::ElementSpec;
using nfa::Expr;
using nfa::RuleSpec;
using nfa::WindowKind;
using nfa::WindowSpec;
using Windows = std::set<std::size_t>;

// The windows that the expression names, and those that they read.
void Collect(const Expr& expr, const std::vector<WindowSpec>& windows, Windows* found) {
  for (const Expr& arg : expr.args) Collect(arg, windows, found);
  if (expr.op != nfa::Op::kWindow) return;
  const auto index = static_cast<std::size_t>(expr.index);
  if (!found->insert(index).second) return;
  const WindowSpec& window = windows[index];
  for (const Expr& value : window.values) Collect(value, windows, found);
  for (const Expr& exception : window.exceptions) Collect(exception, windows, found);
  if (window.filter) Collect(*window.filter, windows, found);
}

void CollectUntils(const std::vector<ElementSpec>& elements, const std::vector<WindowSpec>& windows,
                   Windows* found) {
  for (const ElementSpec& element : elements) {
    if (element.quantifier && element.quantifier->until)
      Collect(*element.quantifier->until, windows, found);
    CollectUntils(element.group, windows, found);
  }
}

std::vector<const Expr*> Outputs(const RuleSpec& rule) {
  std::vector<const Expr*> outputs;
  if (rule.where) outputs.push_back(&*rule.where);
  for (const nfa::AlertField& field : rule.alert.fields) outputs.push_back(&field.value);
  for (const nfa::MessagePart& part : rule.alert.message) {
    if (part.value) outputs.push_back(&*part.value);
  }
  return outputs;
}

Windows ReadBy(const RuleSpec& rule, const std::vector<WindowSpec>& windows) {
  Windows found;
  for (const nfa::StepSpec& step : rule.steps) {
    if (step.condition) Collect(*step.condition, windows, &found);
  }
  for (const Expr& exception : rule.exceptions) Collect(exception, windows, &found);
  CollectUntils(rule.elements, windows, &found);
  for (const Expr* output : Outputs(rule)) Collect(*output, windows, &found);
  return found;
}

bool HasNot(const std::vector<ElementSpec>& elements) {
  return std::any_of(elements.begin(), elements.end(), [](const ElementSpec& element) {
    return element.kind == ElementSpec::Kind::kNot || HasNot(element.group);
  });
}

// Those that `expr` itself names.
void CollectNamed(const Expr& expr, Windows* found) {
  for (const Expr& arg : expr.args) CollectNamed(arg, found);
  if (expr.op == nfa::Op::kWindow) found->insert(static_cast<std::size_t>(expr.index));
}

// Whether the window at the newest event holds something of a group whose newest event this is.
bool Reaches(const WindowSpec& window, const WindowReading& reading, std::size_t newest) {
  if (window.kind == WindowKind::kLastEvents) return true;
  WindowReading of_group = reading;
  of_group.group.clear();
  WindowSpec whole = window;
  whole.by.clear();
  if (window.kind == WindowKind::kSession) whole.kind = WindowKind::kSliding;  // is it open still?
  const std::vector<std::size_t> inside = EventsInside(whole, of_group);
  return std::find(inside.begin(), inside.end(), newest) != inside.end();
}

}  // namespace

WindowLimits::WindowLimits(const std::vector<const RuleSpec*>& rules, const History* history)
    : history_(*history) {
  for (const RuleSpec* rule : rules) {
    read_.push_back(ReadBy(*rule, history_.set->windows));
    if (!rule->timeout_alerts && !HasNot(rule->elements)) continue;
    for (const Expr* output : Outputs(*rule)) CollectNamed(*output, &in_the_past_);
  }
}

std::vector<OracleOutcome> WindowLimits::Reached() const {
  std::vector<OracleOutcome> outcomes;
  const std::size_t event = history_.events.size() - 1;
  for (std::size_t rule = 0; rule < read_.size(); ++rule) {
    std::vector<std::pair<std::vector<Datum>, std::set<nfa::LimitKind>>> by_key;
    for (const std::size_t index : read_[rule]) {
      const WindowSpec& window = history_.set->windows[index];
      const std::optional<std::vector<Datum>> key = KeyIn(window.sources, history_.events[event]);
      if (!key) continue;
      auto known = std::find_if(by_key.begin(), by_key.end(),
                                [&](const auto& other) { return Same(other.first, *key); });
      if (known == by_key.end()) known = by_key.insert(known, {*key, {}});
      known->second.merge(ReachedBy(window, *key, in_the_past_.contains(index)));
    }
    for (const auto& [key, limits] : by_key) {
      for (const nfa::LimitKind limit : limits) {
        OracleOutcome& outcome = outcomes.emplace_back();
        outcome.rule = rule;
        outcome.kind = nfa::OutcomeKind::kOverflow;
        outcome.limit = limit;
        outcome.time = history_.events[event].ts;
        outcome.event = event;
        outcome.key = key;
      }
    }
  }
  return outcomes;
}

std::set<nfa::LimitKind> WindowLimits::ReachedBy(const WindowSpec& window,
                                                 const std::vector<Datum>& key,
                                                 bool holds_past) const {
  std::set<nfa::LimitKind> reached;
  const std::size_t event = history_.events.size() - 1;
  WindowReading reading{.history = &history_,
                        .key = &key,
                        .moment = AtEvent(history_, event),
                        .current = event,
                        .group = {},
                        .own = {}};
  if (!Counts(window, reading, event)) return reached;
  for (const int column : window.by)
    reading.group.push_back(ColumnOf(history_.events[event], column));
  const std::optional<LostGroup> group = GroupLostAt(window, reading, event);
  if (group && Reaches(window, reading, group->newest))
    reached.insert(nfa::LimitKind::kDistinctValues);
  const std::vector<std::size_t> inside = EventsInside(window, reading);
  const bool holds_events = (window.kind == WindowKind::kSliding && !RemembersValues(window)) ||
                            (holds_past && LeavesCurrentOut(window));
  const auto most = static_cast<std::size_t>(history_.limits.window_events);
  if (holds_events && window.kind != WindowKind::kLastEvents && inside.size() > most)
    reached.insert(nfa::LimitKind::kWindowEvents);
  if (!RemembersValues(window)) return reached;
  const HeldValues held = ValuesHeld(window, reading);
  const bool lost =
      held.lost && std::find(inside.begin(), inside.end(), held.lost->last) != inside.end();
  if (lost) reached.insert(nfa::LimitKind::kDistinctValues);
  return reached;
}

}  // namespace shrike::oracle
