#include "tests/oracle/outcome_reader.h"

#include <iterator>
#include <set>
#include <utility>

#include "base/check.h"

namespace shrike::oracle {
namespace {

// Numbers the emitted events of the outcomes anew, in their order.
void NumberEmitted(std::size_t inputs, std::vector<OracleOutcome>* outcomes) {
  std::set<std::size_t> emitted;
  const auto visit = [&](const auto& change) {
    for (OracleOutcome& outcome : *outcomes) {
      if (!outcome.by_deadline && outcome.event >= inputs) change(&outcome.event);
      for (Binding& binding : outcome.bound) {
        if (binding.event >= inputs) change(&binding.event);
      }
    }
  };
  visit([&](const std::size_t* event) { emitted.insert(*event); });
  visit([&](std::size_t* event) {
    *event =
        inputs + static_cast<std::size_t>(std::distance(emitted.begin(), emitted.find(*event)));
  });
}

// The lines of one rule, by key.
std::map<std::string, std::vector<std::string>> LinesOf(const std::vector<OracleOutcome>& outcomes,
                                                        std::size_t rule, std::size_t inputs) {
  std::map<std::string, std::vector<OracleOutcome>> by_key;
  for (const OracleOutcome& outcome : outcomes) {
    if (outcome.rule != rule || !outcome.told) continue;
    std::string key;
    for (const Datum& part : outcome.key) key += ToText(part) + "|";
    by_key[key].push_back(outcome);
  }
  std::map<std::string, std::vector<std::string>> lines;
  for (auto& [key, told] : by_key) {
    NumberEmitted(inputs, &told);
    for (const OracleOutcome& outcome : told) lines[key].push_back(ToLine(outcome));
  }
  return lines;
}

}  // namespace

OutcomeReader::OutcomeReader(const std::vector<nfa::RuleSpec>& rules,
                             const std::vector<Event>& events)
    : rules_(rules) {
  for (const Event& event : events) Add(event.position);
}

void OutcomeReader::Add(const Position& position) {
  const bool added = index_of_.emplace(position, index_of_.size()).second;
  SHRIKE_CHECK(added);
}

OracleOutcome OutcomeReader::Read(const nfa::Outcomes& outcomes, const nfa::Outcome& item) const {
  OracleOutcome outcome;
  outcome.rule = static_cast<std::size_t>(item.rule);
  outcome.kind = item.kind;
  if (item.kind == nfa::OutcomeKind::kSummary) {
    const nfa::SuppressedAlerts& suppressed = item.suppressed;
    outcome.kind = suppressed.kind;
    outcome.suppressed = {suppressed.count, suppressed.first, suppressed.last};
  }
  outcome.limit = item.limit;
  outcome.by_deadline = item.by_deadline;
  outcome.time = item.time;
  outcome.ordinal = item.ordinal;
  if (!item.by_deadline) outcome.event = index_of_.at(item.position);
  for (std::uint32_t i = 0; i < item.events_count; ++i) {
    const nfa::BoundEvent& bound = outcomes.events[item.events_begin + i];
    outcome.bound.push_back({.step = bound.step, .event = index_of_.at(bound.position)});
  }
  for (std::uint32_t i = 0; i < item.key_count; ++i) {
    outcome.key.push_back(FromValue(outcomes.values[item.key_begin + i]));
  }
  if (outcome.kind == nfa::OutcomeKind::kOverflow) return outcome;
  for (std::uint32_t i = 0; i < item.fields_count; ++i) {
    outcome.fields.push_back(FromValue(outcomes.values[item.fields_begin + i]));
  }
  std::uint32_t value = item.message_begin;
  for (const nfa::MessagePart& part : rules_[outcome.rule].alert.message) {
    if (part.value) {
      AppendText(outcomes.values[value++], &outcome.message);
    } else {
      outcome.message += part.text;
    }
  }
  SHRIKE_CHECK(value == item.message_begin + item.message_count);
  return outcome;
}

std::string ToLine(const OracleOutcome& outcome) {
  static constexpr const char* kKinds[] = {"match", "timeout", "overflow"};
  std::string line = kKinds[static_cast<std::size_t>(outcome.kind)];
  if (outcome.suppressed) {
    line = "summary of " + line + ", " + std::to_string(outcome.suppressed->count) + " from " +
           std::to_string(outcome.suppressed->first) + " to " +
           std::to_string(outcome.suppressed->last);
  }
  if (outcome.kind == nfa::OutcomeKind::kOverflow) {
    line += " of limit " + std::to_string(static_cast<int>(outcome.limit));
  }
  line += outcome.by_deadline ? " at deadline " + std::to_string(outcome.time)
                              : " at event " + std::to_string(outcome.event) + " ts " +
                                    std::to_string(outcome.time);
  line += " bound";
  for (const Binding& binding : outcome.bound) {
    line += " " + std::to_string(binding.step) + "@" + std::to_string(binding.event);
  }
  line += " key";
  for (const Datum& part : outcome.key) line += " " + ToText(part);
  line += " fields";
  for (const Datum& field : outcome.fields) line += " " + ToText(field);
  line += " message " + outcome.message;
  if (outcome.ordinal > 0) line += " ordinal " + std::to_string(outcome.ordinal);
  return line;
}

std::string Differences(const std::vector<OracleOutcome>& oracle, std::size_t oracle_rule,
                        const std::vector<OracleOutcome>& engine, std::size_t engine_rule,
                        std::size_t inputs) {
  const auto expected = LinesOf(oracle, oracle_rule, inputs);
  const auto actual = LinesOf(engine, engine_rule, inputs);
  if (expected == actual) return "";
  std::string text;
  const auto append = [&text](const char* who, const auto& keys, const auto& others) {
    for (const auto& [key, lines] : keys) {
      const auto other = others.find(key);
      if (other != others.end() && other->second == lines) continue;
      text += std::string(who) + ", key \"" + key + "\":\n";
      for (const std::string& line : lines) text += "  " + line + "\n";
    }
  };
  append("oracle", expected, actual);
  append("engine", actual, expected);
  return text;
}

}  // namespace shrike::oracle
