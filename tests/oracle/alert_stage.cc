#include "tests/oracle/alert_stage.h"

#include <algorithm>
#include <utility>

namespace shrike::oracle {
namespace {

// The values of `suppress: by`; an overflow has no fields.
std::vector<Datum> SuppressionKey(const nfa::SuppressSpec& suppress, const OracleOutcome& outcome) {
  std::vector<Datum> key;
  for (const nfa::SuppressSpec::Part& part : suppress.by) {
    const std::vector<Datum>& values = part.is_field ? outcome.fields : outcome.key;
    const auto index = static_cast<std::size_t>(part.index);
    key.push_back(index < values.size() ? values[index] : Datum());
  }
  return key;
}

bool KeyBefore(const std::vector<Datum>& a, const std::vector<Datum>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int order = Compare(a[i], b[i]);
    if (order != 0) return order < 0;
  }
  return false;
}

// 5.10: earlier first event, more events, lexicographically earlier events, steps.
bool FirstBefore(const std::vector<Binding>& a, const std::vector<Binding>& b) {
  if (a.empty() || b.empty()) return a.empty() && !b.empty();
  if (a.front().event != b.front().event) return a.front().event < b.front().event;
  if (a.size() != b.size()) return a.size() > b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].event != b[i].event) return a[i].event < b[i].event;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].step != b[i].step) return a[i].step < b[i].step;
  }
  return false;
}

// The end of the aligned interval that holds `ts`.
TimestampMs IntervalEnd(TimestampMs ts, DurationMs every) {
  const DurationMs past = (ts % every + every) % every;
  return ts - past + every;
}

}  // namespace

AlertStage::AlertStage(const std::vector<const nfa::RuleSpec*>& rules, History* history)
    : rules_(rules), history_(history) {}

void AlertStage::Take(OracleOutcome outcome) {
  const nfa::RuleSpec& rule = *rules_[outcome.rule];
  const bool match = outcome.kind == nfa::OutcomeKind::kMatch;
  const bool withheld = Withheld(outcome);
  const bool suppressed = !withheld && Suppresses(outcome);
  outcome.told = !withheld && !suppressed;
  outcome.ordinal = OrdinalOf(outcome);
  if (match && !withheld && rule.mode == nfa::RuleMode::kLive) {
    history_->alerts.push_back({.key_names = rule.alert.key_names,
                                .key = outcome.key,
                                .ts = outcome.time,
                                .score = rule.alert.score.value_or(0)});
  }
  if (match && outcome.told && rule.emit && rule.mode == nfa::RuleMode::kLive) EmitMatch(outcome);
  outcomes.push_back(std::move(outcome));
}

// 5.13: how many came before that have all else in common that ids are made of.
std::uint32_t AlertStage::OrdinalOf(const OracleOutcome& outcome) const {
  return static_cast<std::uint32_t>(
      std::count_if(outcomes.begin(), outcomes.end(), [&](const OracleOutcome& other) {
        const bool kinds = outcome.suppressed ? other.suppressed.has_value()
                                              : !other.suppressed && other.kind == outcome.kind;
        return kinds && other.rule == outcome.rule && other.time == outcome.time &&
               Same(other.key, outcome.key) && other.bound == outcome.bound;
      }));
}

// 5.16: from the task's first event on.
bool AlertStage::Withheld(const OracleOutcome& outcome) const {
  const std::optional<DurationMs>& learn = rules_[outcome.rule]->learn;
  return learn && outcome.time < AddSaturated(history_->events.front().ts, *learn);
}

// Counts the outcome in the open window it falls in, or opens one.
bool AlertStage::Suppresses(const OracleOutcome& outcome) {
  const std::optional<nfa::SuppressSpec>& suppress = rules_[outcome.rule]->alert.suppress;
  if (!suppress) return false;
  const std::vector<Datum> key = SuppressionKey(*suppress, outcome);
  for (Window& window : windows_) {
    const bool same = window.first.rule == outcome.rule && window.first.kind == outcome.kind &&
                      Same(window.key, key);
    if (!same) continue;
    if (window.suppressed.count == 0) window.suppressed.first = outcome.time;
    ++window.suppressed.count;
    window.suppressed.last = outcome.time;
    return true;
  }
  windows_.push_back({.first = outcome,
                      .key = key,
                      .end = AddSaturated(outcome.time, suppress->length),
                      .suppressed = {}});
  return false;
}

void AlertStage::EmitMatch(const OracleOutcome& outcome) {
  const nfa::EmitSpec& emit = *rules_[outcome.rule]->emit;
  if (emit.every == 0) {
    emitted_.push_back({.spec = &emit, .ts = outcome.time, .fields = outcome.fields});
    return;
  }
  const TimestampMs end = IntervalEnd(outcome.time, emit.every);
  for (Interval& interval : intervals_) {
    const bool same = interval.rule == outcome.rule && interval.end == end;
    if (!same || !Same(interval.key, outcome.key)) continue;
    interval.fields = outcome.fields;
    return;
  }
  intervals_.push_back(
      {.rule = outcome.rule, .key = outcome.key, .end = end, .fields = outcome.fields});
}

TimestampMs AlertStage::close() const {
  TimestampMs next = kTimeMax;
  for (const Window& window : windows_) next = std::min(next, window.end);
  return next;
}

void AlertStage::CloseWindows() {
  const TimestampMs time = close();
  std::stable_sort(windows_.begin(), windows_.end(), [](const Window& x, const Window& y) {
    return FirstBefore(x.first.bound, y.first.bound);
  });
  for (const Window& window : windows_) {
    if (window.end != time || window.suppressed.count == 0) continue;
    OracleOutcome summary = window.first;
    summary.suppressed = window.suppressed;
    summary.by_deadline = true;
    summary.time = time;
    summary.told = true;
    summary.ordinal = OrdinalOf(summary);
    outcomes.push_back(std::move(summary));
  }
  std::erase_if(windows_, [&](const Window& window) { return window.end == time; });
}

TimestampMs AlertStage::interval_end() const {
  TimestampMs next = kTimeMax;
  for (const Interval& interval : intervals_) next = std::min(next, interval.end);
  return next;
}

void AlertStage::EndIntervals() {
  const TimestampMs time = interval_end();
  std::stable_sort(intervals_.begin(), intervals_.end(), [](const Interval& a, const Interval& b) {
    return a.rule != b.rule ? a.rule < b.rule : KeyBefore(a.key, b.key);
  });
  for (const Interval& interval : intervals_) {
    if (interval.end != time) continue;
    emitted_.push_back(
        {.spec = &*rules_[interval.rule]->emit, .ts = time, .fields = interval.fields});
  }
  std::erase_if(intervals_, [&](const Interval& interval) { return interval.end == time; });
}

std::optional<AlertStage::Emitted> AlertStage::NextEmitted() {
  if (emitted_.empty()) return std::nullopt;
  Emitted next = std::move(emitted_.front());
  emitted_.pop_front();
  return next;
}

}  // namespace shrike::oracle
