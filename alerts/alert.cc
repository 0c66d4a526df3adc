// One pass over the outcome, straight into the caller's buffer. What is the same in every alert of a rule (its id,
// title, tags, the names of fields) is escaped when the encoder is made; per alert only values are.
#include "alerts/alert.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "alerts/producer.h"
#include "alerts/redaction.h"
#include "alerts/subject.h"
#include "base/check.h"

namespace shrike::alerts {
namespace {

using nfa::AlertSpec;
using nfa::BoundEvent;
using nfa::ElementSpec;
using nfa::Expr;
using nfa::MessagePart;
using nfa::Op;
using nfa::Outcome;
using nfa::OutcomeKind;
using nfa::Outcomes;
using nfa::Program;
using nfa::RuleSpec;
using nfa::StepSpec;

constexpr std::size_t kCutTextBytes = 1000;  // of a value, in an alert that is too long
constexpr std::string_view kCut = "[cut]";

// Shortens the text to at most `size` bytes of whole characters, with a mark behind them.
void Cut(std::size_t size, std::string* text) {
  if (text->size() <= size) return;
  size -= kCut.size();
  while (size > 0 && (static_cast<unsigned char>((*text)[size]) & 0xC0) == 0x80) --size;
  text->resize(size);
  text->append(kCut);
}

void AppendInt(std::int64_t number, std::string* out) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number);
  out->append(digits, end.ptr);
}

// `"name":`
std::string JsonName(std::string_view name) {
  std::string text;
  AppendJsonString(name, &text);
  text += ':';
  return text;
}

std::span<const Value> Values(const Outcomes& outcomes, std::uint32_t begin, std::uint32_t count) {
  return std::span(outcomes.values).subspan(begin, count);
}

void AppendRenderedMessage(const RuleSpec& rule, std::span<const Value> values,
                           const std::vector<bool>& redacted, std::string* out) {
  if (rule.alert.message.empty()) {
    out->append(rule.alert.title.empty() ? rule.id : rule.alert.title);
    return;
  }
  std::size_t index = 0;
  for (const MessagePart& part : rule.alert.message) {
    out->append(part.text);
    if (!part.value) {
      continue;
    }
    SHRIKE_CHECK(index < values.size());
    if (redacted[index]) {
      out->append(kRedacted);
    } else {
      AppendText(values[index], out);
    }
    ++index;
  }
}

void AppendOverflowMessage(const RuleSpec& rule, const Outcome& outcome, const Limits& limits,
                           std::string* out) {
  out->append("rule ");
  out->append(rule.id);
  switch (outcome.limit) {
    case nfa::LimitKind::kOpenRuns:
      out->append(" reached the limit open_runs_per_key of ");
      AppendInt(limits.open_runs_per_key, out);
      out->append(": the newest run was refused");
      return;
    case nfa::LimitKind::kBoundEvents:
      out->append(" reached the limit bound_events of ");
      AppendInt(limits.bound_events, out);
      out->append(": the run takes no more events");
      return;
    case nfa::LimitKind::kSuppressionWindows:
      out->append(" reached the limit distinct_values of ");
      AppendInt(limits.distinct_values, out);
      out->append(": the suppression that saw an alert longest ago was ended early");
      return;
    case nfa::LimitKind::kWindowEvents:
      out->append(" reached the limit window_events of ");
      AppendInt(limits.window_events, out);
      out->append(": the oldest event left a window early");
      return;
    case nfa::LimitKind::kDistinctValues:
      out->append(" reached the limit distinct_values of ");
      AppendInt(limits.distinct_values, out);
      out->append(": a window forgot the value seen longest ago");
      return;
  }
}

// An overflow, or a summary of overflows: without fields and values of the message.
bool IsOverflow(const Outcome& outcome) {
  return outcome.kind == OutcomeKind::kOverflow ||
         (outcome.kind == OutcomeKind::kSummary &&
          outcome.suppressed.kind == OutcomeKind::kOverflow);
}

// What a summary's message has before that of the first alert.
void AppendSummaryHead(const Outcome& outcome, std::string* out) {
  if (outcome.kind == OutcomeKind::kSummary) {
    AppendInt(outcome.suppressed.count, out);
    out->append(" more: ");
  }
}

}  // namespace

std::string_view KindName(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::kMatch:
      return "match";
    case OutcomeKind::kTimeout:
      return "timeout";
    case OutcomeKind::kOverflow:
      return "overflow";
    case OutcomeKind::kSummary:
      return "summary";
  }
  return "";
}

std::string_view SeverityName(nfa::Severity severity) {
  constexpr std::string_view kNames[] = {"info", "low", "medium", "high", "critical"};
  return kNames[static_cast<std::size_t>(severity)];
}

// One entry of `steps`: a step, or a named choice.
struct AlertEncoder::Listing {
  std::string head;         // `{"name":"probe","count":`
  std::vector<bool> steps;  // steps[steps of the rule]: whose events it lists
};

// What is the same in all alerts of one rule.
struct AlertEncoder::RuleText {
  struct Named {
    std::string name;  // `"amount":`
    bool redacted = false;
  };
  std::string rule;  // `,"datacontenttype":..,"data":{"rule":{..},"kind":`
  std::vector<Named> keys;
  std::vector<bool> key_redacted;
  std::vector<Named> fields;
  std::vector<bool> message_redacted;
  std::vector<std::vector<Named>> step_fields;  // step_fields[steps]
  std::vector<Listing> listings;                // in pattern order

  RuleText(const RuleSpec& spec, const Program& program) {
    const Redaction redaction(program, spec);
    WriteRule(spec);
    key_redacted = redaction.Key();
    for (std::size_t part = 0; part < key_redacted.size(); ++part) {
      keys.push_back({JsonName(spec.alert.key_names[part]), key_redacted[part]});
    }
    const std::vector<bool> fields_redacted = redaction.Fields();
    for (std::size_t field = 0; field < fields_redacted.size(); ++field) {
      fields.push_back({JsonName(spec.alert.fields[field].name), fields_redacted[field]});
    }
    message_redacted = redaction.Message();
    for (const std::vector<int>& columns : spec.alert.step_fields) {
      std::vector<Named>& names = step_fields.emplace_back();
      for (const int column : columns) {
        const std::string name =
            column < 0 ? "ts" : program.layout().columns[static_cast<std::size_t>(column)].name;
        names.push_back({JsonName(name), redaction.Column(column)});
      }
    }
    AddListings(spec);
  }

 private:
  void WriteRule(const RuleSpec& spec) {
    const AlertSpec& alert = spec.alert;
    rule = R"(,"datacontenttype":"application/json","data":{"rule":{"id":)";
    AppendJsonString(spec.id, &rule);
    rule += R"(,"version":)";
    AppendInt(spec.version, &rule);
    rule += R"(,"title":)";
    AppendJsonString(alert.title.empty() ? spec.id : alert.title, &rule);
    rule += R"(,"severity":)";
    AppendJsonString(SeverityName(alert.severity), &rule);
    if (alert.score) {
      rule += R"(,"score":)";
      AppendInt(*alert.score, &rule);
    }
    if (!alert.tags.empty()) {
      rule += R"(,"tags":[)";
      for (const std::string& tag : alert.tags) {
        AppendJsonString(tag, &rule);
        rule += ',';
      }
      rule.back() = ']';
    }
    rule += R"(},"kind":)";
  }

  // A choice's entry comes before those of its alternatives; unnamed alternatives of a named choice have none.
  void AddListings(const RuleSpec& spec) {
    std::vector<const ElementSpec*> open;
    const auto push = [&open](const std::vector<ElementSpec>& elements) {
      for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
        open.push_back(&*element);
      }
    };
    push(spec.elements);
    while (!open.empty()) {
      const ElementSpec& element = *open.back();
      open.pop_back();
      if (element.kind == ElementSpec::Kind::kNot) {
        continue;
      }
      if (!element.choice_label.empty()) {
        AddListing(element.choice_label, element.steps, spec.steps.size());
      }
      for (const int step : element.steps) {
        const StepSpec& step_spec = spec.steps[static_cast<std::size_t>(step)];
        if (element.choice_label.empty() || !step_spec.name.empty()) {
          AddListing(step_spec.label, {step}, spec.steps.size());
        }
      }
      push(element.group);
    }
  }

  void AddListing(const std::string& name, const std::vector<int>& steps, std::size_t step_count) {
    Listing& listing = listings.emplace_back();
    listing.head = R"({"name":)";
    AppendJsonString(name, &listing.head);
    listing.head += R"(,"count":)";
    listing.steps.resize(step_count);
    for (const int step : steps) {
      listing.steps[static_cast<std::size_t>(step)] = true;
    }
  }
};

void AppendMessage(const Program& program, const Outcomes& outcomes, const Outcome& outcome,
                   std::string* out) {
  const RuleSpec& rule = program.rules().at(static_cast<std::size_t>(outcome.rule));
  AppendSummaryHead(outcome, out);
  if (IsOverflow(outcome)) {
    AppendOverflowMessage(rule, outcome, program.limits(), out);
    return;
  }
  AppendRenderedMessage(rule, Values(outcomes, outcome.message_begin, outcome.message_count),
                        Redaction(program, rule).Message(), out);
}

AlertEncoder::AlertEncoder(std::shared_ptr<const Program> program, AlertOrigin origin)
    : program_(std::move(program)), origin_(std::move(origin)) {
  for (const std::string& topic : origin_.topics) {
    std::string& text = topics_json_.emplace_back(R"({"topic":)");
    AppendJsonString(topic, &text);
    text += R"(,"partition":)";
  }
  source_json_ = R"(","source":)";
  AppendJsonString("/shrike/" + origin_.application, &source_json_);
  source_json_ += R"(,"type":"shrike.alert.v1")";
  rules_.reserve(program_->rules().size());
  for (const RuleSpec& rule : program_->rules()) {
    rules_.emplace_back(rule, *program_);
  }
}

AlertEncoder::~AlertEncoder() = default;
AlertEncoder::AlertEncoder(AlertEncoder&&) noexcept = default;

void AlertEncoder::AppendSubject(const Outcomes& outcomes, const Outcome& outcome,
                                 std::string* out) {
  const RuleText& rule = rules_.at(static_cast<std::size_t>(outcome.rule));
  subject_.clear();
  AppendWholeSubject(rule, Values(outcomes, outcome.key_begin, outcome.key_count), &subject_);
  Cut(kOutputKeyBytesMax, &subject_);
  out->append(subject_);
}

void AlertEncoder::AppendWholeSubject(const RuleText& rule, std::span<const Value> values,
                                      std::string* out) {
  SHRIKE_CHECK(values.size() == rule.keys.size());
  alerts::AppendSubject(values, rule.key_redacted, out);
}

namespace {

void AppendSuppressed(const nfa::SuppressedAlerts& suppressed, std::string* out) {
  out->append(R"(,"suppressed":{"count":)");
  AppendInt(suppressed.count, out);
  out->append(R"(,"first":)");
  AppendInt(suppressed.first, out);
  out->append(R"(,"last":)");
  AppendInt(suppressed.last, out);
  out->push_back('}');
}

// A value that is longer than `text` (0: as long as it likes) becomes a text, cut.
void AppendValue(const Value& value, std::size_t text, std::string* out) {
  const std::size_t begin = out->size();
  AppendJson(value, out);
  if (text == 0 || out->size() - begin <= text) return;
  out->resize(begin);
  std::string whole;
  AppendText(value, &whole);
  Cut(text, &whole);
  AppendJsonString(whole, out);
}

// `"card":"c1","user":7`: named values in order. text: as AppendValue's.
template <typename Named>
void AppendMembers(const std::vector<Named>& names, std::span<const Value> values, std::size_t text,
                   std::string* out) {
  SHRIKE_CHECK(values.size() == names.size());
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (index > 0) {
      out->push_back(',');
    }
    out->append(names[index].name);
    if (names[index].redacted && !values[index].is_null()) {
      AppendJsonString(kRedacted, out);
    } else {
      AppendValue(values[index], text, out);
    }
  }
}

}  // namespace

void AlertEncoder::AppendAlert(const Outcomes& outcomes, const Outcome& outcome, std::string* out) {
  const std::size_t begin = out->size();
  extent_ = {.events = static_cast<std::size_t>(program_->limits().alert_events), .text = 0};
  AppendWhole(outcomes, outcome, out);
  while (out->size() - begin > kOutputValueBytesMax && Shorten()) {
    out->resize(begin);
    AppendWhole(outcomes, outcome, out);
  }
}

// False: there is nothing left to leave out.
bool AlertEncoder::Shorten() {
  if (extent_.events > 0) {
    extent_.events /= 2;
    return true;
  }
  return std::exchange(extent_.text, kCutTextBytes) == 0;
}

void AlertEncoder::AppendWhole(const Outcomes& outcomes, const Outcome& outcome, std::string* out) {
  const RuleText& rule = rules_.at(static_cast<std::size_t>(outcome.rule));
  const RuleSpec& spec = program_->rules()[static_cast<std::size_t>(outcome.rule)];
  out->append(R"({"specversion":"1.0","id":")");
  id_.Append({spec, outcomes, origin_.topics, program_->stream_names()}, outcome, out);
  out->append(source_json_);
  if (outcome.key_count > 0) {
    text_.clear();
    AppendSubject(outcomes, outcome, &text_);
    out->append(R"(,"subject":)");
    AppendJsonString(text_, out);
  }
  out->append(R"(,"time":")");
  out->append(FormatRfc3339(outcome.time));
  out->push_back('"');
  out->append(rule.rule);
  out->push_back('"');
  out->append(KindName(outcome.kind));
  out->append(R"(","key":{)");
  AppendMembers(rule.keys, Values(outcomes, outcome.key_begin, outcome.key_count), extent_.text,
                out);
  out->append(R"(},"message":)");
  text_.clear();
  AppendSummaryHead(outcome, &text_);
  if (IsOverflow(outcome)) {
    AppendOverflowMessage(spec, outcome, program_->limits(), &text_);
  } else {
    AppendRenderedMessage(spec, Values(outcomes, outcome.message_begin, outcome.message_count),
                          rule.message_redacted, &text_);
  }
  if (extent_.text > 0) Cut(extent_.text, &text_);
  AppendJsonString(text_, out);
  out->append(R"(,"fields":{)");
  if (!IsOverflow(outcome)) {
    AppendMembers(rule.fields, Values(outcomes, outcome.fields_begin, outcome.fields_count),
                  extent_.text, out);
  }
  out->push_back('}');
  AppendSteps(rule, outcomes, outcome, out);
  if (outcome.kind == OutcomeKind::kSummary) {
    AppendSuppressed(outcome.suppressed, out);
  }
  out->append("}}");
}

void AlertEncoder::AppendSteps(const RuleText& text, const Outcomes& outcomes,
                               const Outcome& outcome, std::string* out) {
  const auto events =
      std::span(outcomes.events).subspan(outcome.events_begin, outcome.events_count);
  out->append(R"(,"window":{"first":)");
  AppendInt(events.empty() ? outcome.time : events.front().ts, out);
  out->append(R"(,"last":)");
  AppendInt(events.empty() ? outcome.time : events.back().ts, out);
  out->append(R"(},"completed_by":)");
  if (outcome.by_deadline) {
    out->append(R"({"deadline":)");
    AppendInt(outcome.time, out);
  } else {
    AppendPosition(outcome.position, out);
  }
  out->append(R"(},"steps":[)");
  bool first = true;
  for (const Listing& listing : text.listings) {
    listed_.clear();
    for (const BoundEvent& event : events) {
      if (listing.steps[static_cast<std::size_t>(event.step)]) {
        listed_.push_back(&event);
      }
    }
    if (listed_.empty()) {
      continue;
    }
    if (!first) {
      out->push_back(',');
    }
    first = false;
    AppendListing(text, listing, outcomes, out);
  }
  out->push_back(']');
}

void AlertEncoder::AppendListing(const RuleText& text, const Listing& listing,
                                 const Outcomes& outcomes, std::string* out) {
  const std::size_t count = listed_.size();
  const std::size_t shown = std::min(count, extent_.events);
  // Of an odd limit the first half is the larger.
  const std::size_t head = shown - shown / 2;
  const std::size_t tail_begin = count - (shown - head);
  out->append(listing.head);
  AppendInt(static_cast<std::int64_t>(count), out);
  out->append(R"(,"events":[)");
  for (std::size_t index = 0; index < count; ++index) {
    if (index >= head && index < tail_begin) {
      continue;
    }
    if (index > 0) {
      out->push_back(',');
    }
    AppendEvent(text, outcomes, *listed_[index], out);
  }
  out->append(R"(],"truncated":)");
  AppendInt(static_cast<std::int64_t>(count - shown), out);
  out->push_back('}');
}

void AlertEncoder::AppendEvent(const RuleText& text, const Outcomes& outcomes,
                               const BoundEvent& event, std::string* out) {
  AppendPosition(event.position, out);
  out->append(R"(,"ts":)");
  AppendInt(event.ts, out);
  out->append(R"(,"fields":{)");
  AppendMembers(text.step_fields[static_cast<std::size_t>(event.step)],
                Values(outcomes, event.values_begin, event.values_count), extent_.text, out);
  out->append("}}");
}

void AlertEncoder::AppendPosition(const Position& position, std::string* out) {
  if (position.topic >= kDerivedTopic) {
    out->append(R"({"stream":)");
    AppendJsonString(
        program_->stream_names().at(static_cast<std::size_t>(position.topic - kDerivedTopic)), out);
    out->append(R"(,"cause":")");
    for (int digit = kCauseDigits - 1; digit >= 0; --digit)
      out->push_back("0123456789abcdef"[position.offset >> (4 * digit) & 15]);
    out->push_back('"');
    return;
  }
  out->append(topics_json_.at(static_cast<std::size_t>(position.topic)));
  AppendInt(position.partition, out);
  out->append(R"(,"offset":)");
  AppendInt(position.offset, out);
}

}  // namespace shrike::alerts
