#include "tests/conformance/window_case.h"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ingest/json_decoder.h"
#include "ingest/reorder.h"
#include "tests/oracle/oracle.h"

namespace shrike::conformance {
namespace {

using Json = nlohmann::ordered_json;

// An alert before it is a line.
struct Told {
  std::string kind;
  std::string at;
  std::vector<std::pair<std::string, std::string>> fields;  // name, JSON
  std::string suppressed;                                   // "3 of 34 to 37"; empty: none
};

std::string ToLine(const Told& told) {
  std::string line = told.kind + " " + told.at;
  for (const auto& [name, value] : told.fields) line += " " + name + "=" + value;
  if (!told.suppressed.empty()) line += " suppressed " + told.suppressed;
  return line;
}

std::string SuppressedText(std::int64_t count, TimestampMs first, TimestampMs last) {
  return std::to_string(count) + " of " + std::to_string(first) + " to " + std::to_string(last);
}

std::string SuppressedText(const Json& json) {
  return SuppressedText(json.at("count").get<std::int64_t>(), json.at("first").get<TimestampMs>(),
                        json.at("last").get<TimestampMs>());
}

// A value of the file as an alert writes it.
std::string ExpectedText(const Json& value, const std::string& type) {
  std::string text;
  if (type == "decimal" && value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) {
    AppendDouble(value.get<double>(), &text);
  } else if (value.is_string()) {
    AppendJsonString(value.get<std::string>(), &text);
  } else {
    text = value.dump();
  }
  return text;
}

WindowCase FromLine(const std::string& line) {
  const Json json = Json::parse(line);
  WindowCase one;
  one.name = "windows " + json.at("case").dump();
  one.config = json.at("config").get<std::string>();
  one.rule = json.at("rule").get<std::string>();
  const Json& at_end = json.at("at_end");
  one.at_end = at_end.is_string() ? at_end.get<std::string>() : at_end.dump();
  for (const Json& event : json.at("events")) one.lines.push_back(event.dump());
  const Json& expect = json.at("expect");
  const Json& types = expect.at("types");
  for (const Json& alert : expect.at("alerts")) {
    Told told{.kind = alert.at("kind").get<std::string>(),
              .at = alert.at("at").get<std::string>(),
              .fields = {},
              .suppressed = {}};
    for (const auto& [name, value] : alert.at("fields").items()) {
      const std::string text = ExpectedText(value, types.at(name).get<std::string>());
      told.fields.emplace_back(name, text);
    }
    if (alert.contains("suppressed")) told.suppressed = SuppressedText(alert.at("suppressed"));
    one.expected.alerts[alert.at("key").get<std::string>()].push_back(ToLine(told));
  }
  one.expected.late = expect.at("late").get<std::vector<std::int64_t>>();
  one.expected.dead_letter = expect.at("dead_letter").get<std::vector<std::int64_t>>();
  return one;
}

Told FromOutcome(const oracle::OracleOutcome& outcome, const nfa::RuleSpec& rule,
                 const std::vector<ingest::RecordPtr>& records) {
  static constexpr const char* kKinds[] = {"match", "timeout", "overflow"};
  Told told;
  told.kind = outcome.suppressed ? "summary" : kKinds[static_cast<std::size_t>(outcome.kind)];
  told.at = outcome.by_deadline ? "t" + std::to_string(outcome.time)
                                : "e" + std::to_string(records.at(outcome.event)->position.offset);
  for (std::size_t i = 0; i < outcome.fields.size(); ++i) {
    std::vector<std::vector<Value>> lists;
    std::string text;
    AppendJson(oracle::ToValue(outcome.fields[i], &lists), &text);
    told.fields.emplace_back(rule.alert.fields[i].name, text);
  }
  if (outcome.suppressed) {
    told.suppressed = SuppressedText(outcome.suppressed->count, outcome.suppressed->first,
                                     outcome.suppressed->last);
  }
  return told;
}

TimestampMs EndOf(const std::string& at_end) {
  if (at_end == "flush") return kTimeMax;
  return at_end == "hold" ? kTimeMin : std::stoll(at_end);
}

// One line after the other.
template <typename Visit>
void ForEachLine(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::int64_t> Offsets(std::string_view lines) {
  std::vector<std::int64_t> offsets;
  ForEachLine(lines, [&](std::string_view line) {
    offsets.push_back(Json::parse(line).at("offset").get<std::int64_t>());
  });
  return offsets;
}

// The members of data.fields, each value as it stands in the line: a parsed number would lose digits.
std::vector<std::pair<std::string, std::string>> RawFields(std::string_view line) {
  std::vector<std::pair<std::string, std::string>> fields;
  const simdjson::padded_string padded(line);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document = parser.iterate(padded);
  for (auto field : document["data"]["fields"].get_object()) {
    std::string name(field.unescaped_key().value());
    std::string_view token = field.value().raw_json_token().value();
    while (!token.empty() && token.back() == ' ') token.remove_suffix(1);
    fields.emplace_back(std::move(name), token);
  }
  return fields;
}

std::string JoinedLines(const char* who, const std::string& key,
                        const std::vector<std::string>& lines) {
  std::string text = std::string(who) + ", key " + key + ":\n";
  for (const std::string& line : lines) text += "  " + line + "\n";
  return text;
}

std::string JoinedIndices(const std::vector<std::int64_t>& indices) {
  std::string text;
  for (const std::int64_t index : indices) text += " " + std::to_string(index);
  return text;
}

}  // namespace

std::vector<WindowCase> ReadWindowCases() {
  const std::string path = SHRIKE_SOURCE_DIR "/tests/conformance/windows.jsonl";
  std::ifstream stream(path);
  REQUIRE_MESSAGE(stream.is_open(), path);
  std::vector<WindowCase> cases;
  for (std::string line; std::getline(stream, line);) cases.push_back(FromLine(line));
  return cases;
}

WindowAnswer AskOracle(const WindowCase& one, const Catalog& catalog, const Limits& limits,
                       const nfa::RuleSetSpec& set) {
  WindowAnswer answer;
  ingest::RecordPool pool;
  ingest::ReorderBuffer buffer;
  ingest::JsonDecoder decoder(catalog, 0, set.layout);
  buffer.AddPartition({.out_of_order = catalog.streams[0].out_of_order});
  for (std::size_t i = 0; i < one.lines.size(); ++i) {
    const auto offset = static_cast<std::int64_t>(i);
    ingest::RecordPtr record = pool.Acquire();
    const ingest::RawRecord raw{
        .position = {.offset = offset}, .timestamp = std::nullopt, .bytes = one.lines[i]};
    const ingest::Decoded decoded = decoder.Decode(raw, record.get());
    switch (decoded.outcome) {
      case ingest::DecodeOutcome::kDeadLetter:
        buffer.Reject(0, offset);
        answer.dead_letter.push_back(offset);
        break;
      case ingest::DecodeOutcome::kSkipped:
        buffer.Skip(0, *record);
        break;
      case ingest::DecodeOutcome::kEvent:
        if (!buffer.Offer(0, &record)) answer.late.push_back(offset);
    }
  }
  std::vector<ingest::RecordPtr> records;
  oracle::OracleInput input;
  input.set = &set;
  input.rules = {&set.rules.at(0)};
  input.limits = limits;
  while (ingest::RecordPtr record = buffer.PopUpTo(kTimestampMsMax)) {
    input.events.push_back(record->event());
    records.push_back(std::move(record));
  }
  input.at_end = EndOf(one.at_end);
  const auto outcomes = oracle::RunOracle(input);
  REQUIRE(outcomes.has_value());
  for (const oracle::OracleOutcome& outcome : *outcomes) {
    if (!outcome.told) continue;
    const std::string line = ToLine(FromOutcome(outcome, *input.rules[0], records));
    answer.alerts[oracle::ToText(outcome.key.at(0))].push_back(line);
  }
  return answer;
}

WindowAnswer ReadAnswer(std::string_view alerts, std::string_view late,
                        std::string_view dead_letter) {
  WindowAnswer answer;
  ForEachLine(alerts, [&](std::string_view line) {
    const Json data = Json::parse(line).at("data");
    const Json& by = data.at("completed_by");
    Told told{.kind = data.at("kind").get<std::string>(),
              .at = by.contains("deadline") ? "t" + by.at("deadline").dump()
                                            : "e" + by.at("offset").dump(),
              .fields = RawFields(line),
              .suppressed = {}};
    if (data.contains("suppressed")) told.suppressed = SuppressedText(data.at("suppressed"));
    answer.alerts[data.at("key").begin()->get<std::string>()].push_back(ToLine(told));
  });
  answer.late = Offsets(late);
  answer.dead_letter = Offsets(dead_letter);
  return answer;
}

std::string Differences(const WindowAnswer& expected, const WindowAnswer& actual) {
  std::string text;
  const auto append = [&text](const char* who, const auto& keys, const auto& others) {
    for (const auto& [key, lines] : keys) {
      const auto other = others.find(key);
      if (other == others.end() || other->second != lines) text += JoinedLines(who, key, lines);
    }
  };
  append("expected", expected.alerts, actual.alerts);
  append("actual", actual.alerts, expected.alerts);
  if (expected.late != actual.late) {
    text += "late: expected" + JoinedIndices(expected.late) + ", actual" +
            JoinedIndices(actual.late) + "\n";
  }
  if (expected.dead_letter != actual.dead_letter) {
    text += "dead letters: expected" + JoinedIndices(expected.dead_letter) + ", actual" +
            JoinedIndices(actual.dead_letter) + "\n";
  }
  return text;
}

}  // namespace shrike::conformance
