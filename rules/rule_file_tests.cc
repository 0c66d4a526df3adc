// The tests inside a rule: events with times, and the alerts they must give (language.md, section 1).
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "base/time.h"
#include "rules/rule_file_reader.h"

namespace shrike::rules {

std::optional<TestNode> FileReader::ReadTest(const YamlNode& node) {
  TestNode test;
  test.span = node.span;
  std::optional<TextNode> name;
  bool good = true;  // A test with a bad event would fail for a reason that is not its own.
  const auto read_events = [&](const YamlNode& value) {
    good = IsSequence(value, "`events`") && good;
    for (const YamlNode& item : value.values) {
      std::optional<TestEvent> event = ReadTestEvent(item);
      good = good && event.has_value();
      if (event) test.events.push_back(std::move(*event));
    }
  };
  const auto read_alerts = [&](const YamlNode& value) {
    good = IsSequence(value, "`alerts`") && good;
    for (const YamlNode& item : value.values) {
      std::optional<TestAlert> alert = ReadTestAlert(item);
      good = good && alert.has_value();
      if (alert) test.alerts.push_back(std::move(*alert));
    }
  };
  const bool map =
      ReadMap(node, "a test",
              {{"name", true, [&](const YamlNode& value) { name = ReadText(value, "`name`"); }},
               {"events", true, read_events},
               {"alerts", true, read_alerts}});
  if (!map || !good || !name || node.Find("events") == nullptr || node.Find("alerts") == nullptr) {
    return std::nullopt;
  }
  test.name = std::move(*name);
  return test;
}

std::optional<TestEvent> FileReader::ReadTestEvent(const YamlNode& node) {
  if (!IsMap(node, "an event of a test")) return std::nullopt;
  TestEvent event;
  event.span = node.span;
  event.fields.form = TestValue::Form::kMap;
  bool good = true;
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    const YamlNode& key = node.keys[i];
    const YamlNode& value = node.values[i];
    const bool time = key.text == "after" || key.text == "at" || key.text == "advance";
    good = (time ? ReadEventTime(key.text, value, &event) : ReadEventFields(key, value, &event)) &&
           good;
  }
  if (!good) return std::nullopt;
  const int times = (event.after ? 1 : 0) + (event.at ? 1 : 0) + (event.advance ? 1 : 0);
  if (times <= 1 && event.advance.has_value() != event.type.has_value()) return event;
  Report("E0019", node.span, "this is neither an event nor a step of time",
         "write `{ TYPE: { field: value }, after: 10s }`, or `at`, or `{ advance: 15m }` alone");
  return std::nullopt;
}

bool FileReader::ReadEventTime(std::string_view key, const YamlNode& value, TestEvent* event) {
  if (key == "at") {
    event->at = ReadTime(value);
    return event->at.has_value();
  }
  const bool after = key == "after";
  const std::optional<DurationNode> read =
      after ? ReadSignedDuration(value, "`after`") : ReadDuration(value, "`advance`");
  if (read) (after ? event->after : event->advance) = read->value;
  return read.has_value();
}

bool FileReader::ReadEventFields(const YamlNode& key, const YamlNode& value, TestEvent* event) {
  if (event->type) {
    Report("E0019", key.span,
           fmt::format("an event has one type, here are {} and {}", InBackticks(event->type->text),
                       InBackticks(key.text)),
           DidYouMean(key.text, {"after", "at", "advance"}));
    return false;
  }
  event->type = TextNode{key.text, key.span, true};
  if (value.kind == YamlNode::Kind::kNull) return true;  // No fields.
  if (value.kind != YamlNode::Kind::kMap) {
    ReportKind(value, fmt::format("the event {}", InBackticks(key.text)),
               "a mapping of its fields");
    return false;
  }
  std::optional<TestValue> fields = ReadTestValue(value);
  if (fields) event->fields = std::move(*fields);
  return fields.has_value();
}

std::optional<TimestampMs> FileReader::ReadTime(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kScalar) {
    if (const std::optional<TimestampMs> time = ParseRfc3339(node.text)) return time;
    TimestampMs ms = 0;
    const char* end = node.text.data() + node.text.size();
    const auto [stop, code] = std::from_chars(node.text.data(), end, ms);
    if (code == std::errc() && stop == end && ms >= kTimestampMsMin && ms <= kTimestampMsMax) {
      return ms;
    }
  }
  Report("E0016", node.span, "`at` must be a time",
         "write it as `2024-01-01T00:00:00Z`, or as milliseconds since 1970");
  return std::nullopt;
}

std::optional<TestAlert> FileReader::ReadTestAlert(const YamlNode& node) {
  TestAlert alert;
  alert.span = node.span;
  bool good = true;
  const auto read_fields = [&](const YamlNode& value) {
    std::optional<TestValue> fields = ReadTestValue(value);
    good = good && IsMap(value, "`fields`") && fields.has_value();
    if (good) alert.fields = std::move(fields->entries);
  };
  const auto read_key = [&](const YamlNode& value) {
    alert.key = ReadTestValue(value);
    good = good && alert.key.has_value();
  };
  const bool map = ReadMap(
      node, "an alert of a test",
      {{"key", false, read_key},
       {"kind", false, [&](const YamlNode& value) { alert.kind = ReadText(value, "`kind`"); }},
       {"fields", false, read_fields},
       {"message", false,
        [&](const YamlNode& value) { alert.message = ReadText(value, "`message`"); }}});
  if (!map || !good) return std::nullopt;
  return alert;
}

// Depth is bounded: ReadYaml refuses nesting over kNestingMax.
std::optional<TestValue> FileReader::ReadTestValue(
    const YamlNode& node) {  // NOLINT(misc-no-recursion)
  TestValue value;
  value.span = node.span;
  if (node.kind == YamlNode::Kind::kScalar || node.kind == YamlNode::Kind::kNull) {
    const bool plain = node.kind == YamlNode::Kind::kNull || node.style == YamlNode::Style::kPlain;
    value.scalar =
        TextNode{node.kind == YamlNode::Kind::kNull ? "null" : node.text, node.span, plain};
    return value;
  }
  const bool map = node.kind == YamlNode::Kind::kMap;
  value.form = map ? TestValue::Form::kMap : TestValue::Form::kList;
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    std::optional<TestValue> item = ReadTestValue(node.values[i]);
    if (!item) return std::nullopt;
    if (map) {
      value.entries.emplace_back(TextNode{node.keys[i].text, node.keys[i].span, true},
                                 std::move(*item));
    } else {
      value.items.push_back(std::move(*item));
    }
  }
  return value;
}

}  // namespace shrike::rules
