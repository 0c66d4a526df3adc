#include "tests/conformance/case_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/config.h"

namespace shrike::conformance {
namespace {

using Json = nlohmann::ordered_json;

// cases.jsonl has no `config`: its README gives this one for all.
constexpr const char* kCasesConfig =
    "streams:\n"
    "  s: {topic: s, format: json, time: {field: ts, unit: ms, out_of_order: 0ms},\n"
    "      type: {field: type, types: [A, B, C, D]}, fields: {type: string, v: int, id: int}}\n"
    "limits: {open_runs_per_key: 100000, bound_events: 100000}\n";

// Bound events by step name; the names in order.
using Bound = std::map<std::string, std::vector<std::string>>;

struct Given {
  bool timeout = false;
  std::string at;  // "e4", or "t107" with the first event time at or after the deadline
  std::optional<TimestampMs> deadline;  // of timeouts
  Bound bound;
  std::vector<std::string> key;
};

std::string ToLine(const Given& given) {
  std::string line = (given.timeout ? "timeout " : "match ") + given.at;
  if (given.timeout && given.deadline) line += " deadline " + std::to_string(*given.deadline);
  for (const auto& [name, ids] : given.bound) {
    line += " " + name + "=";
    for (const std::string& id : ids) line += id + ",";
  }
  for (const std::string& part : given.key) line += " key " + part;
  return line;
}

std::string AtDeadline(const Case& one, TimestampMs deadline) {
  for (const TimestampMs ts : one.times) {
    if (ts >= deadline) return "t" + std::to_string(ts);
  }
  return "t" + std::to_string(one.at_end);
}

Given FromExpected(const Json& json, bool timeout) {
  Given given;
  given.timeout = timeout;
  given.at = json.at("at").get<std::string>();
  if (timeout) given.deadline = json.at("deadline").get<TimestampMs>();
  for (const auto& [name, ids] : json.at("m").items()) {
    for (const Json& id : ids) given.bound[name].push_back(id.dump());
  }
  if (json.contains("key")) {
    for (const Json& part : json.at("key")) given.key.push_back(part.dump());
  }
  return given;
}

Case FromLine(const std::string& file, const std::string& line) {
  const Json json = Json::parse(line);
  Case one;
  one.name = file + " " + json.at("case").dump();
  one.config = json.value("config", std::string(kCasesConfig));
  one.rule = json.at("rule").get<std::string>();
  one.at_end = json.at("at_end").get<TimestampMs>();
  for (Json event : json.at("events")) {
    one.ids.push_back(event.at("id").dump());
    one.times.push_back(event.at("ts").get<TimestampMs>());
    const std::string stream = event.value("stream", std::string("s"));
    event.erase("stream");
    event.erase("offset");
    one.lines.emplace_back(stream, event.dump());
  }
  for (const Json& match : json.at("expect").at("matches")) {
    one.expected.push_back(ToLine(FromExpected(match, false)));
  }
  for (const Json& timeout : json.at("expect").at("timeouts")) {
    one.expected.push_back(ToLine(FromExpected(timeout, true)));
  }
  std::sort(one.expected.begin(), one.expected.end());
  return one;
}

// The named choice of each step that has one.
void ListChoices(const std::vector<nfa::ElementSpec>& elements,
                 std::map<int, std::string>* labels) {
  for (const nfa::ElementSpec& element : elements) {
    ListChoices(element.group, labels);
    if (element.choice_label.empty()) continue;
    for (const int step : element.steps) (*labels)[step] = element.choice_label;
  }
}

}  // namespace

std::vector<Case> ReadCases(const std::string& file) {
  const std::string path = SHRIKE_SOURCE_DIR "/tests/conformance/" + file + ".jsonl";
  std::ifstream stream(path);
  REQUIRE_MESSAGE(stream.is_open(), path);
  std::vector<Case> cases;
  for (std::string line; std::getline(stream, line);) cases.push_back(FromLine(file, line));
  return cases;
}

Declared ReadDeclared(const std::string& name, const std::string& config_text) {
  const config::Resolver nothing{
      .variable = [](const std::string&) -> std::optional<std::string> { return std::nullopt; },
      .file = [](const std::string& path) -> Result<std::string> {
        return Fail(ErrorCode::kIo, path);
      }};
  std::vector<Diagnostic> diagnostics;
  const auto config = config::ReadConfig("shrike.yaml", config_text, nothing, &diagnostics);
  REQUIRE_MESSAGE(config.has_value(), name);
  return {.catalog = config->catalog, .limits = config->limits};
}

std::vector<oracle::RawEvent> RawEvents(const Case& one, const Catalog& catalog) {
  std::vector<oracle::RawEvent> events;
  for (const auto& [name, line] : one.lines) {
    const Json json = Json::parse(line);
    oracle::RawEvent event;
    event.stream = catalog.StreamIndex(name);
    const StreamSchema& stream = catalog.streams[static_cast<std::size_t>(event.stream)];
    const std::string type = json.at(stream.type_field).get<std::string>();
    const auto found = std::find(stream.event_types.begin(), stream.event_types.end(), type);
    event.type_index = static_cast<int>(found - stream.event_types.begin());
    event.ts = json.at(stream.time_field).get<TimestampMs>();
    for (const FieldSchema& field : stream.fields) {
      const bool given = field.type.kind == Kind::kInt && json.contains(field.name);
      if (!given || json.at(field.name).is_null()) continue;
      event.fields.emplace_back(
          field.name, oracle::MakeInteger(Kind::kInt, json.at(field.name).get<std::int64_t>()));
    }
    events.push_back(std::move(event));
  }
  return events;
}

Answer AnswerOf(const Case& one, const nfa::RuleSpec& rule,
                const std::vector<oracle::OracleOutcome>& outcomes) {
  std::map<int, std::string> choices;
  ListChoices(rule.elements, &choices);
  Answer answer;
  for (const oracle::OracleOutcome& outcome : outcomes) {
    Given given;
    given.timeout = outcome.kind == nfa::OutcomeKind::kTimeout;
    given.at = outcome.by_deadline ? AtDeadline(one, outcome.time) : "e" + one.ids[outcome.event];
    if (outcome.by_deadline) given.deadline = outcome.time;
    for (const oracle::Binding& binding : outcome.bound) {
      const nfa::StepSpec& step = rule.steps[static_cast<std::size_t>(binding.step)];
      const auto choice = choices.find(binding.step);
      const bool listed = choice == choices.end() || !step.name.empty();
      if (listed) given.bound[step.label].push_back(one.ids[binding.event]);
      if (choice != choices.end()) given.bound[choice->second].push_back(one.ids[binding.event]);
    }
    for (const oracle::Datum& part : outcome.key) given.key.push_back(oracle::ToText(part));
    answer.push_back(ToLine(given));
  }
  std::sort(answer.begin(), answer.end());
  return answer;
}

Answer AnswerOfAlerts(const Case& one, std::string_view alerts) {
  std::map<std::pair<std::string, std::int64_t>, std::string> ids;  // by topic and offset
  std::map<std::string, std::int64_t> offsets;
  for (std::size_t i = 0; i < one.lines.size(); ++i) {
    const std::string& stream = one.lines[i].first;
    ids[{stream, offsets[stream]++}] = one.ids[i];
  }
  const auto id_of = [&](const Json& event) {
    return ids.at({event.at("topic").get<std::string>(), event.at("offset").get<std::int64_t>()});
  };
  Answer answer;
  while (!alerts.empty()) {
    const std::size_t end = std::min(alerts.find('\n'), alerts.size());
    const Json data = Json::parse(alerts.substr(0, end)).at("data");
    alerts.remove_prefix(std::min(end + 1, alerts.size()));
    Given given;
    given.timeout = data.at("kind") == "timeout";
    const Json& by = data.at("completed_by");
    if (by.contains("deadline")) {
      given.deadline = by.at("deadline").get<TimestampMs>();
      given.at = AtDeadline(one, *given.deadline);
    } else {
      given.at = "e" + id_of(by);
    }
    for (const Json& step : data.at("steps")) {
      std::vector<std::string>& bound = given.bound[step.at("name").get<std::string>()];
      for (const Json& event : step.at("events")) bound.push_back(id_of(event));
    }
    for (const Json& part : data.at("key")) given.key.push_back(part.dump());
    answer.push_back(ToLine(given));
  }
  std::sort(answer.begin(), answer.end());
  return answer;
}

}  // namespace shrike::conformance
