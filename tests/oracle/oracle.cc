#include "tests/oracle/oracle.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <tuple>

#include "tests/oracle/key_run.h"

namespace shrike::oracle {
namespace {

// 5.1: the rule key of an event that the rule sees.
std::optional<std::vector<Datum>> KeyOf(const nfa::RuleSpec& rule, const OracleInput& input,
                                        std::size_t index) {
  const Event& event = input.events[index];
  const auto source =
      std::find_if(rule.sources.begin(), rule.sources.end(),
                   [&](const nfa::SourceSpec& spec) { return spec.stream == event.stream; });
  if (source == rule.sources.end()) return std::nullopt;
  std::vector<Datum> key;
  for (const int column : source->key) {
    key.push_back(ColumnOf(event, column));
    if (key.back().is_null()) return std::nullopt;
  }
  const std::vector<Binding> nothing;
  const Scope scope{
      .rule = &rule, .events = &input.events, .bound = &nothing, .key = nullptr, .current = &event};
  for (const nfa::Expr& exception : rule.exceptions) {
    if (Holds(exception, scope)) return std::nullopt;
  }
  return key;
}

// One rule: its outcomes, key after key.
std::optional<std::vector<OracleOutcome>> RunRule(const nfa::RuleSpec& rule,
                                                  const OracleInput& input) {
  struct OneKey {
    std::vector<Datum> key;
    KeyRun run;
  };
  std::deque<OneKey> keys;  // by first event
  for (std::size_t i = 0; i < input.events.size(); ++i) {
    const std::optional<std::vector<Datum>> key = KeyOf(rule, input, i);
    if (!key) continue;
    auto found = std::find_if(keys.begin(), keys.end(),
                              [&](const OneKey& one) { return Same(one.key, *key); });
    if (found == keys.end()) {
      keys.push_back({*key, KeyRun(rule, input.limits, input.events, *key)});
      found = keys.end() - 1;
    }
    found->run.ExpireUntil(input.events[i].ts);
    found->run.Take(i);
    if (found->run.open_count() > input.runs_max) return std::nullopt;
  }
  const TimestampMs last = input.events.empty() ? kTimeMin : input.events.back().ts;
  std::vector<OracleOutcome> outcomes;
  for (OneKey& one : keys) {
    one.run.ExpireUntil(std::max(last, input.at_end));
    outcomes.insert(outcomes.end(), one.run.outcomes.begin(), one.run.outcomes.end());
  }
  return outcomes;
}

// Completion, then at deadlines matches before timeouts, then the rule.
auto Rank(const OracleOutcome& outcome) {
  const bool timeout = outcome.by_deadline && outcome.kind == nfa::OutcomeKind::kTimeout;
  const std::size_t event = outcome.by_deadline ? 0 : outcome.event;
  return std::make_tuple(outcome.time, !outcome.by_deadline, event, timeout, outcome.rule);
}

}  // namespace

std::optional<std::vector<OracleOutcome>> RunOracle(const OracleInput& input) {
  std::vector<OracleOutcome> merged;
  for (std::size_t i = 0; i < input.rules.size(); ++i) {
    std::optional<std::vector<OracleOutcome>> outcomes = RunRule(*input.rules[i], input);
    if (!outcomes) return std::nullopt;
    for (OracleOutcome& outcome : *outcomes) {
      outcome.rule = i;
      merged.push_back(std::move(outcome));
    }
  }
  std::stable_sort(
      merged.begin(), merged.end(),
      [](const OracleOutcome& a, const OracleOutcome& b) { return Rank(a) < Rank(b); });
  return merged;
}

}  // namespace shrike::oracle
