#include "tools/shrike/rule_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "alerts/alert.h"
#include "alerts/redaction.h"
#include "base/suggest.h"
#include "engine/pipeline.h"
#include "tools/shrike/test_record.h"

namespace shrike::tools {
namespace {

using rules::TestAlert;
using rules::TestEvent;
using rules::TestNode;

constexpr TimestampMs kTestStart = 1'704'067'200'000;  // 2024-01-01T00:00:00Z

// One alert that the rule gave. Values are copied: an outcome's live only for the call.
struct ActualAlert {
  nfa::Outcomes values;  // key, then fields
  std::size_t key_count = 0;
  nfa::OutcomeKind kind = nfa::OutcomeKind::kMatch;
  TimestampMs time = 0;
  std::string message;

  std::span<const Value> key() const { return std::span(values.values).first(key_count); }
  std::span<const Value> fields() const { return std::span(values.values).subspan(key_count); }
};

struct Problem {
  std::string text;
  rules::FileSpan place;
};

std::string FormatValues(std::span<const Value> values) {
  std::string text = values.size() == 1 ? "" : "[";
  for (const Value& value : values) {
    text += &value == values.data() ? "" : ", ";
    AppendText(value, &text);
  }
  return values.size() == 1 ? text : text + "]";
}

class TestRun {
 public:
  explicit TestRun(const RuleTestCase& test_case)
      : case_(test_case),
        rule_(case_.program->rules().front()),
        key_redacted_(alerts::Redaction(*case_.program, rule_).Key()),
        fields_redacted_(alerts::Redaction(*case_.program, rule_).Fields()),
        pipeline_(*case_.catalog, case_.program,
                  {[this](const nfa::Outcomes& outcomes) { Take(outcomes); },
                   [this](const engine::RejectedRecord& record) { Reject(record); },
                   {case_.program->stream_names(), {}}}) {
    // The streams of the rule and of the features that it uses; each is a topic of its own.
    for (int stream = 0; stream < case_.program->stream_count(); ++stream) {
      if (case_.program->routes(stream).empty()) continue;
      partitions_.push_back({stream, pipeline_.AddPartition({stream, stream, 0})});
    }
  }

  RuleTestResult Run() {
    for (const TestEvent& event : case_.test->events) {
      Feed(event);
      if (problem_) {
        return Failed();
      }
    }
    for (const Partition& partition : partitions_) {
      pipeline_.EndPartition(partition.index);
    }
    pipeline_.Finish({});
    problem_ = Compare();
    if (problem_) {
      return Failed();
    }
    RuleTestResult result;
    result.passed = true;
    return result;
  }

 private:
  struct Partition {
    int stream;
    int index;
    std::int64_t next_offset = 0;
  };

  void Feed(const TestEvent& event) {
    if (event.advance) {
      clock_ = AddSaturated(clock_, *event.advance);
      for (Partition& partition : partitions_) {
        pipeline_.AdvancePartition(partition.index, clock_, partition.next_offset++);
      }
    }
    if (event.at) {
      clock_ = *event.at;
    }
    if (event.after) {
      clock_ = AddSaturated(clock_, *event.after);
    }
    if (!event.type) {
      return;
    }
    TestTarget target;
    Partition* partition = FindTarget(*event.type, &target);
    if (partition == nullptr) {
      return;
    }
    std::string bytes;
    if (const auto written = AppendTestRecord(target, clock_, event.fields, &bytes); !written) {
      problem_ = {written.error().message, event.span};
      return;
    }
    ingest::RawRecord record;
    record.position = {partition->stream, 0, partition->next_offset++};
    record.bytes = bytes;
    if (target.stream->time_field.empty()) {
      record.timestamp = clock_;
    }
    const auto fed = pipeline_.Feed(partition->index, record);
    if (!fed) {
      problem_ = {fed.error().message, event.span};
    } else if (!dead_letter_.empty()) {
      problem_ = {"the event is a dead letter: " + dead_letter_, event.span};
    }
  }

  // `txn`, or `payments.txn`, among the rule's streams. Null, with the problem set, if there is none or several.
  Partition* FindTarget(const rules::TextNode& name, TestTarget* target) {
    Partition* found = nullptr;
    std::vector<std::string> known;
    for (Partition& partition : partitions_) {
      const StreamSchema& stream =
          case_.catalog->streams[static_cast<std::size_t>(partition.stream)];
      for (const std::string& type : stream.event_types) {
        known.push_back(type);
        if (name.text != type && name.text != stream.name + "." + type) {
          continue;
        }
        if (found != nullptr) {
          problem_ = {fmt::format("event type `{0}` is in two streams: write `{1}.{0}`", name.text,
                                  stream.name),
                      name.span};
          return nullptr;
        }
        found = &partition;
        *target = {&stream, type};
      }
    }
    if (found == nullptr) {
      const std::string suggestion =
          DidYouMean(name.text, std::vector<std::string_view>(known.begin(), known.end()));
      problem_ = {fmt::format("the rule's streams have no event type `{}`{}{}", name.text,
                              suggestion.empty() ? "" : "; ", suggestion),
                  name.span};
    }
    return found;
  }

  void Reject(const engine::RejectedRecord& record) {
    if (!record.late) {
      dead_letter_ = record.reason;
    }
  }

  // As the alert goes out: redacted.
  static void AppendShown(std::span<const Value> values, const std::vector<bool>& redacted,
                          nfa::Outcomes* out) {
    for (std::size_t index = 0; index < values.size(); ++index) {
      const bool hidden = redacted[index] && !values[index].is_null();
      out->AppendValue(hidden ? Value::String(alerts::kRedacted) : values[index]);
    }
  }

  void Take(const nfa::Outcomes& outcomes) {
    const std::span<const Value> values(outcomes.values);
    for (const nfa::Outcome& outcome : outcomes.items) {
      ActualAlert& alert = alerts_.emplace_back();
      alert.kind = outcome.kind;
      alert.time = outcome.time;
      alert.key_count = outcome.key_count;
      AppendShown(values.subspan(outcome.key_begin, outcome.key_count), key_redacted_,
                  &alert.values);
      AppendShown(values.subspan(outcome.fields_begin, outcome.fields_count), fields_redacted_,
                  &alert.values);
      alerts::AppendMessage(*case_.program, outcomes, outcome, &alert.message);
    }
  }

  std::optional<Problem> Compare() const {
    const std::vector<TestAlert>& expected = case_.test->alerts;
    for (std::size_t index = 0; index < std::min(expected.size(), alerts_.size()); ++index) {
      const std::string difference = Difference(expected[index], alerts_[index]);
      if (!difference.empty()) {
        return Problem{fmt::format("alert {}: {}", index + 1, difference), expected[index].span};
      }
    }
    if (alerts_.size() < expected.size()) {
      return Problem{fmt::format("alert {} is missing: expected {}, got {}", alerts_.size() + 1,
                                 expected.size(), alerts_.size()),
                     expected[alerts_.size()].span};
    }
    if (alerts_.size() > expected.size()) {
      return Problem{fmt::format("alert {} is too many: expected {}, got {}", expected.size() + 1,
                                 expected.size(), alerts_.size()),
                     case_.test->span};
    }
    return std::nullopt;
  }

  // What differs, or empty.
  std::string Difference(const TestAlert& expected, const ActualAlert& actual) const {
    const std::string kind = expected.kind ? expected.kind->text : "match";
    if (kind != alerts::KindName(actual.kind)) {
      return fmt::format("kind: expected {}, got {}", kind, alerts::KindName(actual.kind));
    }
    if (expected.key && !SameKey(*expected.key, actual.key())) {
      return fmt::format("key: expected {}, got {}", FormatTestValue(*expected.key),
                         FormatValues(actual.key()));
    }
    for (const auto& [name, value] : expected.fields) {
      const Value* field = FindField(actual, name.text);
      if (field == nullptr) {
        return fmt::format("fields.{}: the alert has no such field", name.text);
      }
      if (!SameAsExpected(value, *field)) {
        return fmt::format("fields.{}: expected {}, got {}", name.text, FormatTestValue(value),
                           FormatValues({field, 1}));
      }
    }
    if (expected.message && expected.message->text != actual.message) {
      return fmt::format("message: expected \"{}\", got \"{}\"", expected.message->text,
                         actual.message);
    }
    return "";
  }

  static bool SameKey(const rules::TestValue& expected, std::span<const Value> key) {
    if (expected.form != rules::TestValue::Form::kList) {
      return key.size() == 1 && SameAsExpected(expected, key[0]);
    }
    return key.size() == expected.items.size() &&
           std::equal(expected.items.begin(), expected.items.end(), key.begin(), SameAsExpected);
  }

  const Value* FindField(const ActualAlert& alert, std::string_view name) const {
    for (std::size_t index = 0; index < alert.fields().size(); ++index) {
      if (rule_.alert.fields[index].name == name) {
        return &alert.fields()[index];
      }
    }
    return nullptr;
  }

  RuleTestResult Failed() const {
    RuleTestResult result;
    result.problem = problem_->text;
    result.place = problem_->place;
    for (const TestAlert& alert : case_.test->alerts) {
      std::string line = alert.kind ? alert.kind->text : "match";
      if (alert.key) {
        line += " key " + FormatTestValue(*alert.key);
      }
      for (const auto& [name, value] : alert.fields) {
        line += fmt::format(" {}={}", name.text, FormatTestValue(value));
      }
      if (alert.message) {
        line += fmt::format(" \"{}\"", alert.message->text);
      }
      result.expected.push_back(std::move(line));
    }
    for (const ActualAlert& alert : alerts_) {
      std::string line =
          fmt::format("{} key {}", alerts::KindName(alert.kind), FormatValues(alert.key()));
      for (std::size_t index = 0; index < alert.fields().size(); ++index) {
        line += fmt::format(" {}={}", rule_.alert.fields[index].name,
                            FormatValues(alert.fields().subspan(index, 1)));
      }
      line += fmt::format(" \"{}\" at {}", alert.message, FormatRfc3339(alert.time));
      result.actual.push_back(std::move(line));
    }
    return result;
  }

  const RuleTestCase& case_;
  const nfa::RuleSpec& rule_;
  std::vector<bool> key_redacted_;
  std::vector<bool> fields_redacted_;
  TimestampMs clock_ = kTestStart;
  std::vector<Partition> partitions_;
  std::deque<ActualAlert> alerts_;  // never moved: their values point into themselves
  std::string dead_letter_;         // the reason of an event that was one
  std::optional<Problem> problem_;
  engine::Pipeline pipeline_;
};

}  // namespace

RuleTestResult RunRuleTest(const RuleTestCase& test_case) { return TestRun(test_case).Run(); }

}  // namespace shrike::tools
