// All rules go on together, event by event and deadline by deadline: risk and emitted events tie them to each other.
#include "tests/oracle/oracle.h"

#include <algorithm>
#include <deque>
#include <tuple>
#include <utility>

#include "tests/oracle/alert_stage.h"
#include "tests/oracle/key_run.h"
#include "tests/oracle/window_limits.h"
#include "tests/oracle/window_members.h"

namespace shrike::oracle {
namespace {

// Summaries, matches (at an event, overflows behind them), timeouts.
int ClassOf(const OracleOutcome& outcome) {
  if (outcome.suppressed) return 0;
  return outcome.by_deadline && outcome.kind == nfa::OutcomeKind::kTimeout ? 2 : 1;
}

// Completion, then as at deadlines, then the rule.
auto Rank(const OracleOutcome& outcome) {
  const std::size_t event = outcome.by_deadline ? 0 : outcome.event;
  return std::make_tuple(outcome.time, !outcome.by_deadline, event, ClassOf(outcome), outcome.rule);
}

// 5.10: matches before timeouts, by rule; the keys of one deadline by first event. Within a key the run has the order.
auto AlertOrder(const OracleOutcome& outcome) {
  const std::size_t first = outcome.by_deadline ? outcome.bound.front().event : 0;
  return std::make_tuple(ClassOf(outcome), outcome.rule, first);
}

// One key of a rule.
struct OneKey {
  std::size_t rule = 0;
  std::vector<Datum> key;
  KeyRun run;
  std::size_t told = 0;  // of run.outcomes
};

class Simulation {
 public:
  explicit Simulation(const OracleInput& input)
      : input_(input),
        history_({.set = input.set, .events = {}, .alerts = {}, .limits = input.limits}),
        stage_(input.rules, &history_),
        limits_(input.rules, &history_) {}

  // false: some key has too many runs.
  bool Run() {
    for (std::size_t i = 0; i < input_.events.size() && !too_wide_; ++i) {
      FireUntil(input_.events[i].ts);
      Take(input_.events[i], i);
      TakeEmitted();
    }
    FireUntil(input_.at_end);
    return !too_wide_;
  }

  std::vector<OracleOutcome> Outcomes() {
    std::vector<OracleOutcome> outcomes = std::move(stage_.outcomes);
    std::stable_sort(
        outcomes.begin(), outcomes.end(),
        [](const OracleOutcome& a, const OracleOutcome& b) { return Rank(a) < Rank(b); });
    for (OracleOutcome& outcome : outcomes) {
      if (!outcome.by_deadline) outcome.event = ids_[outcome.event];
      for (Binding& binding : outcome.bound) binding.event = ids_[binding.event];
    }
    return outcomes;
  }

 private:
  // The next event; id: what outcomes call it.
  void Take(const Event& event, std::size_t id) {
    history_.events.push_back(event);
    ids_.push_back(id);
    Derive();
    const std::size_t index = history_.events.size() - 1;
    told_ = limits_.Reached();
    for (std::size_t rule = 0; rule < input_.rules.size(); ++rule) {
      if (OneKey* one = KeyOf(rule, index)) {
        one->run.Take(index);
        too_wide_ = too_wide_ || one->run.open_count() > input_.runs_max;
      }
    }
    Settle();
  }

  // 5.1: the key of an event that the rule sees; made if it is new.
  OneKey* KeyOf(std::size_t rule_index, std::size_t index) {
    const nfa::RuleSpec& rule = *input_.rules[rule_index];
    const std::optional<std::vector<Datum>> key = KeyIn(rule.sources, history_.events[index]);
    if (!key) return nullptr;
    const std::vector<Binding> nothing;
    const Scope scope{.rule = &rule,
                      .history = &history_,
                      .bound = &nothing,
                      .key = &*key,
                      .current = index,
                      .moment = AtEvent(history_, index)};
    for (const nfa::Expr& exception : rule.exceptions) {
      if (Holds(exception, scope)) return nullptr;
    }
    for (OneKey& one : keys_) {
      if (one.rule == rule_index && Same(one.key, *key)) return &one;
    }
    keys_.push_back(
        {.rule = rule_index, .key = *key, .run = KeyRun(rule, input_.limits, history_, *key)});
    return &keys_.back();
  }

  // Computes the derived fields of the last event, in a row of our own.
  void Derive() {
    Event& event = history_.events.back();
    std::vector<Value>& row =
        rows_.emplace_back(event.row, event.row + input_.set->layout.columns.size());
    event.row = row.data();
    const std::vector<Binding> nothing;
    for (const nfa::DeriveSpec& derive : input_.set->derives) {
      if (derive.stream != event.stream) continue;
      const Scope scope{.rule = nullptr,
                        .history = &history_,
                        .bound = &nothing,
                        .key = nullptr,
                        .current = history_.events.size() - 1,
                        .moment = {}};
      row[static_cast<std::size_t>(derive.column)] = Own(Evaluate(derive.value, scope));
    }
  }

  Value Own(Datum datum) {
    return ToValue(data_.emplace_back(std::move(datum)), &lists_.emplace_back());
  }

  // Every deadline d <= time, in order: summaries, the runs', intervals of `emit`.
  void FireUntil(TimestampMs time) {
    while (!too_wide_) {
      TimestampMs next = std::min(stage_.close(), stage_.interval_end());
      for (const OneKey& one : keys_) next = std::min(next, one.run.deadline());
      if (next == kTimeMax || next > time) return;
      if (stage_.close() == next) stage_.CloseWindows();
      for (OneKey& one : keys_) {
        if (one.run.deadline() == next) one.run.Expire();
      }
      Settle();
      TakeEmitted();
      if (stage_.interval_end() == next) stage_.EndIntervals();
      TakeEmitted();
    }
  }

  // Hands over what the runs have told.
  void Settle() {
    std::vector<OracleOutcome> told = std::exchange(told_, {});
    for (OneKey& one : keys_) {
      for (; one.told < one.run.outcomes.size(); ++one.told) {
        told.push_back(one.run.outcomes[one.told]);
        told.back().rule = one.rule;
      }
    }
    std::stable_sort(told.begin(), told.end(), [](const OracleOutcome& a, const OracleOutcome& b) {
      return AlertOrder(a) < AlertOrder(b);
    });
    for (OracleOutcome& outcome : told) stage_.Take(std::move(outcome));
  }

  // Takes the emitted events, and those emitted because of them; rules do not emit in a cycle.
  void TakeEmitted() {
    while (const std::optional<AlertStage::Emitted> emitted = stage_.NextEmitted())
      TakeOne(*emitted);
  }

  void TakeOne(const AlertStage::Emitted& emitted) {
    std::vector<Value>& row = rows_.emplace_back(input_.set->layout.columns.size());
    for (const nfa::EmitSpec::Field& field : emitted.spec->fields) {
      row[static_cast<std::size_t>(field.column)] =
          Own(emitted.fields[static_cast<std::size_t>(field.field)]);
    }
    Event event;
    event.ts = emitted.ts;
    event.stream = emitted.spec->stream;
    event.event_type = emitted.spec->event_type;
    event.row = row.data();
    Take(event, input_.events.size() + emitted_count_++);
  }

  const OracleInput& input_;
  History history_;
  AlertStage stage_;
  WindowLimits limits_;
  std::vector<OracleOutcome> told_;  // of windows at the event: before what runs tell
  std::deque<OneKey> keys_;          // by first event
  std::vector<std::size_t> ids_;     // of the history's events
  std::size_t emitted_count_ = 0;
  std::deque<std::vector<Value>> rows_;
  std::deque<Datum> data_;  // what the rows borrow
  std::deque<std::vector<std::vector<Value>>> lists_;
  bool too_wide_ = false;
};

}  // namespace

std::optional<std::vector<OracleOutcome>> RunOracle(const OracleInput& input) {
  Simulation simulation(input);
  if (!simulation.Run()) return std::nullopt;
  return simulation.Outcomes();
}

}  // namespace shrike::oracle
