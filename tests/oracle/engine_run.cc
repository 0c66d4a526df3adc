#include "tests/oracle/engine_run.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/result.h"
#include "nfa/key.h"
#include "nfa/key_state.h"
#include "nfa/matcher.h"

namespace shrike::oracle {
namespace {

class EngineRun {
 public:
  EngineRun(std::shared_ptr<const nfa::Program> program, const std::vector<Event>& events,
            nfa::Mutant mutant)
      : program_(std::move(program)), matcher_(program_) {
    matcher_.SetMutant(mutant);
    for (std::size_t i = 0; i < events.size(); ++i) index_of_[events[i].position] = i;
  }

  void Take(const Event& event) {
    ExpireUntil(event.ts);
    matcher_.Begin(event);
    for (const nfa::KeyRoute& route : program_->routes(event.stream)) {
      std::string key;
      if (!nfa::EncodeKey(route.columns, event, &key)) continue;
      const auto place = std::make_pair(route.group, key);
      const bool known = states_.contains(place);
      if (!known && !matcher_.Starts(route.id)) continue;
      nfa::KeyState& state = states_[place];
      matcher_.ExpireUntil(key, event.ts, &state, &buffer_);
      matcher_.Advance(route.id, key, &state, &buffer_);
      Collect();
      if (state.empty()) {
        states_.erase(place);
      } else if (event.position.offset % 3 == 0) {
        StoreAndLoad(route.group, &state);
      }
    }
  }

  void ExpireUntil(TimestampMs time) {
    for (auto& [place, state] : states_) {
      if (state.deadline() > time) continue;
      matcher_.ExpireUntil(place.second, time, &state, &buffer_);
      Collect();
    }
  }

  std::vector<OracleOutcome> outcomes;

 private:
  // A state that was stored and read back must say the same from then on.
  void StoreAndLoad(int group, nfa::KeyState* state) {
    std::string bytes;
    std::size_t dropped = 0;
    state->AppendBytes(*program_, group, &bytes);
    Result<nfa::KeyState> loaded = nfa::KeyState::FromBytes(*program_, group, bytes, &dropped);
    SHRIKE_CHECK(loaded.has_value() && dropped == 0);
    *state = std::move(*loaded);
  }

  void Collect() {
    for (const nfa::Outcome& item : buffer_.items) outcomes.push_back(Converted(item));
    buffer_.Clear();
  }

  OracleOutcome Converted(const nfa::Outcome& item) const {
    OracleOutcome outcome;
    outcome.rule = static_cast<std::size_t>(item.rule);
    outcome.kind = item.kind;
    outcome.limit = item.limit;
    outcome.by_deadline = item.by_deadline;
    outcome.time = item.time;
    outcome.ordinal = item.ordinal;
    if (!item.by_deadline) outcome.event = index_of_.at(item.position);
    for (std::uint32_t i = 0; i < item.events_count; ++i) {
      const nfa::BoundEvent& bound = buffer_.events[item.events_begin + i];
      outcome.bound.push_back({.step = bound.step, .event = index_of_.at(bound.position)});
    }
    for (std::uint32_t i = 0; i < item.key_count; ++i) {
      outcome.key.push_back(FromValue(buffer_.values[item.key_begin + i]));
    }
    if (item.kind == nfa::OutcomeKind::kOverflow) return outcome;
    for (std::uint32_t i = 0; i < item.fields_count; ++i) {
      outcome.fields.push_back(FromValue(buffer_.values[item.fields_begin + i]));
    }
    std::uint32_t value = item.message_begin;
    for (const nfa::MessagePart& part : program_->rules()[outcome.rule].alert.message) {
      if (part.value) {
        AppendText(buffer_.values[value++], &outcome.message);
      } else {
        outcome.message += part.text;
      }
    }
    SHRIKE_CHECK(value == item.message_begin + item.message_count);
    return outcome;
  }

  std::shared_ptr<const nfa::Program> program_;
  nfa::Matcher matcher_;
  std::map<Position, std::size_t> index_of_;
  std::map<std::pair<int, std::string>, nfa::KeyState> states_;
  nfa::Outcomes buffer_;
};

// The lines of one rule, by key.
std::map<std::string, std::vector<std::string>> LinesOf(const std::vector<OracleOutcome>& outcomes,
                                                        std::size_t rule) {
  std::map<std::string, std::vector<std::string>> lines;
  for (const OracleOutcome& outcome : outcomes) {
    if (outcome.rule != rule) continue;
    std::string key;
    for (const Datum& part : outcome.key) key += ToText(part) + "|";
    lines[key].push_back(ToLine(outcome));
  }
  return lines;
}

}  // namespace

std::vector<OracleOutcome> RunEngine(std::shared_ptr<const nfa::Program> program,
                                     const std::vector<Event>& events, TimestampMs at_end,
                                     nfa::Mutant mutant) {
  EngineRun run(std::move(program), events, mutant);
  for (const Event& event : events) run.Take(event);
  const TimestampMs last = events.empty() ? kTimeMin : events.back().ts;
  run.ExpireUntil(std::max(last, at_end));
  return std::move(run.outcomes);
}

std::string ToLine(const OracleOutcome& outcome) {
  static constexpr const char* kKinds[] = {"match", "timeout", "overflow"};
  std::string line = kKinds[static_cast<std::size_t>(outcome.kind)];
  if (outcome.kind == nfa::OutcomeKind::kOverflow) {
    line += outcome.limit == nfa::LimitKind::kOpenRuns ? " open_runs_per_key" : " bound_events";
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
                        const std::vector<OracleOutcome>& engine, std::size_t engine_rule) {
  const auto expected = LinesOf(oracle, oracle_rule);
  const auto actual = LinesOf(engine, engine_rule);
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
