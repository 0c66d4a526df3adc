#include "alerts/alert.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "alerts/producer.h"
#include "tests/alerts/alert_fixture.h"

namespace shrike::alerts {
namespace {

using nfa::OutcomeKind;
using nfa::Outcomes;
using testing::AppendOutcome;
using testing::MakeProgram;
using testing::MakeRule;
using testing::SetFields;
using testing::SetKey;
using testing::SetMessage;

const Value kCard = Value::String("c1");

Value Amount(std::int64_t units) { return Value::Dec({units, 4}); }

AlertEncoder MakeEncoder(nfa::RuleSpec rule, Limits limits = {}) {
  return AlertEncoder(MakeProgram(std::move(rule), limits), {"fraud-guard", {"payments"}});
}

std::string Encode(AlertEncoder* encoder, const Outcomes& outcomes) {
  std::string line;
  encoder->AppendAlert(outcomes, outcomes.items.back(), &line);
  return line;
}

bool Contains(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

// Two probes, the choice's second alternative, an unnamed step.
void AppendMatch(Outcomes* outcomes) {
  AppendOutcome(OutcomeKind::kMatch,
                {{0, 1'522'540'831'000, 10, {kCard, Amount(10'000)}},
                 {0, 1'522'540'832'000, 11, {kCard, Amount(15'500)}},
                 {2, 1'522'540'833'000, 12, {kCard}},
                 {3, 1'522'540'834'000, 13, {Value::Null()}}},
                outcomes);
  SetFields({Amount(25'500), Value::String("a\nb")}, outcomes);
  SetMessage({kCard, Amount(25'500)}, outcomes);
}

TEST_CASE("a whole alert, byte by byte") {
  Outcomes outcomes;
  AppendMatch(&outcomes);
  AlertEncoder encoder = MakeEncoder(MakeRule());
  CHECK(
      Encode(&encoder, outcomes) ==
      R"({"specversion":"1.0","id":"9c3946f43b5f06af5244f7dd933dd96a","source":"/shrike/fraud-guard",)"
      R"("type":"shrike.alert.v1","subject":"c1|7","time":"2018-04-01T00:00:34.000Z",)"
      R"("datacontenttype":"application/json","data":{"rule":{"id":"card-testing","version":3,)"
      R"("title":"Small \"declines\"","severity":"high","score":70,)"
      R"("tags":["fraud.card_testing","attack.t1110"]},"kind":"match",)"
      R"("key":{"card":"c1","branch":7},"message":"Card c1: 2.55",)"
      R"("fields":{"total":2.55,"note":"a\nb"},)"
      R"("window":{"first":1522540831000,"last":1522540834000},)"
      R"("completed_by":{"topic":"payments","partition":0,"offset":13},"steps":[)"
      R"({"name":"probe","count":2,"events":[)"
      R"({"topic":"payments","partition":0,"offset":10,"ts":1522540831000,)"
      R"("fields":{"card":"c1","amount":1}},)"
      R"({"topic":"payments","partition":0,"offset":11,"ts":1522540832000,)"
      R"("fields":{"card":"c1","amount":1.55}}],"truncated":0},)"
      R"({"name":"way","count":1,"events":[)"
      R"({"topic":"payments","partition":0,"offset":12,"ts":1522540833000,)"
      R"("fields":{"card":"c1"}}],"truncated":0},)"
      R"({"name":"cash","count":1,"events":[)"
      R"({"topic":"payments","partition":0,"offset":12,"ts":1522540833000,)"
      R"("fields":{"card":"c1"}}],"truncated":0},)"
      R"({"name":"txn#2","count":1,"events":[)"
      R"({"topic":"payments","partition":0,"offset":13,"ts":1522540834000,)"
      R"("fields":{"note":null}}],"truncated":0}]}})");
}

TEST_CASE("what a rule does not give is absent, and the title and message have defaults") {
  nfa::RuleSpec rule = MakeRule();
  rule.alert.title.clear();
  rule.alert.score.reset();
  rule.alert.tags.clear();
  rule.alert.message.clear();
  rule.alert.fields.clear();
  rule.alert.key_names.clear();
  rule.sources[0].key.clear();
  AlertEncoder encoder = MakeEncoder(rule);
  Outcomes outcomes;
  AppendOutcome(OutcomeKind::kMatch, {{3, 1000, 13, {Value::Null()}}}, &outcomes);
  SetKey({}, &outcomes);
  const std::string line = Encode(&encoder, outcomes);
  CHECK(Contains(line, R"("rule":{"id":"card-testing","version":3,"title":"card-testing",)"
                       R"("severity":"high"},"kind":"match","key":{},"message":"card-testing",)"
                       R"("fields":{},)"));
  CHECK_FALSE(Contains(line, "subject"));
}

TEST_CASE("completion by a deadline, timeouts and overflows") {
  Limits limits;
  limits.open_runs_per_key = 5;
  limits.bound_events = 9;
  AlertEncoder encoder = MakeEncoder(MakeRule(), limits);

  Outcomes outcomes;
  AppendMatch(&outcomes);
  outcomes.items.back().kind = OutcomeKind::kTimeout;
  outcomes.items.back().by_deadline = true;
  outcomes.items.back().time = 1'522'540'900'000;
  std::string line = Encode(&encoder, outcomes);
  CHECK(Contains(line, R"("kind":"timeout")"));
  CHECK(Contains(line, R"("time":"2018-04-01T00:01:40.000Z")"));
  CHECK(Contains(line, R"("completed_by":{"deadline":1522540900000})"));

  outcomes.items.back().kind = OutcomeKind::kOverflow;
  outcomes.items.back().limit = nfa::LimitKind::kOpenRuns;
  line = Encode(&encoder, outcomes);
  CHECK(Contains(line, R"("kind":"overflow")"));
  CHECK(Contains(line, R"("message":"rule card-testing reached the limit open_runs_per_key of 5: )"
                       R"(the newest run was refused","fields":{},)"));
  outcomes.items.back().limit = nfa::LimitKind::kBoundEvents;
  CHECK(Contains(Encode(&encoder, outcomes), "bound_events of 9: the run takes no more events"));
}

TEST_CASE("a summary is its first alert, with a time, an id and a count of its own") {
  AlertEncoder encoder = MakeEncoder(MakeRule());
  Outcomes outcomes;
  AppendMatch(&outcomes);
  const std::string first = Encode(&encoder, outcomes);
  nfa::Outcome& summary = outcomes.items.back();
  summary.kind = OutcomeKind::kSummary;
  summary.by_deadline = true;
  summary.time = 1'522'540'900'000;
  summary.suppressed = {OutcomeKind::kMatch, 12, 1'522'540'835'000, 1'522'540'836'000};
  std::string line = Encode(&encoder, outcomes);
  CHECK(Contains(line, R"("kind":"summary","key":{"card":"c1","branch":7},)"
                       R"("message":"12 more: Card c1: 2.55","fields":{"total":2.55,)"));
  CHECK(Contains(line, R"("time":"2018-04-01T00:01:40.000Z")"));
  CHECK(Contains(line, R"("completed_by":{"deadline":1522540900000})"));
  CHECK(
      line.ends_with(R"(,"suppressed":{"count":12,"first":1522540835000,"last":1522540836000}}})"));
  const auto steps = [](const std::string& text) {
    return text.substr(text.find(R"("steps":)"),
                       text.rfind(R"("truncated":)") - text.find(R"("steps":)"));
  };
  CHECK(steps(line) == steps(first));
  CHECK(line.substr(line.find(R"("id")"), 40) != first.substr(first.find(R"("id")"), 40));

  // Of overflows: no fields, and the limit's message.
  summary.suppressed.kind = OutcomeKind::kOverflow;
  summary.fields_count = summary.message_count = 0;
  summary.limit = nfa::LimitKind::kSuppressionWindows;
  line = Encode(&encoder, outcomes);
  CHECK(Contains(line, R"("message":"12 more: rule card-testing reached the limit distinct_values )"
                       R"(of 1000: the suppression that saw an alert longest ago was ended early",)"
                       R"("fields":{},)"));
}

TEST_CASE("a long loop shows its first and its last half") {
  struct Row {
    std::int64_t alert_events;
    std::string want;  // offsets, then truncated
  };
  const Row rows[] = {
      {100, "0 1 2 3 4 truncated 0"}, {5, "0 1 2 3 4 truncated 0"}, {4, "0 1 3 4 truncated 1"},
      {3, "0 1 4 truncated 2"},       {2, "0 4 truncated 3"},       {1, "0 truncated 4"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.alert_events);
    Limits limits;
    limits.alert_events = row.alert_events;
    AlertEncoder encoder = MakeEncoder(MakeRule(), limits);
    Outcomes outcomes;
    AppendOutcome(OutcomeKind::kMatch,
                  {{0, 0, 0, {kCard, Amount(1)}},
                   {0, 1, 1, {kCard, Amount(1)}},
                   {0, 2, 2, {kCard, Amount(1)}},
                   {0, 3, 3, {kCard, Amount(1)}},
                   {0, 4, 4, {kCard, Amount(1)}}},
                  &outcomes);
    SetFields({Amount(1), kCard}, &outcomes);
    SetMessage({kCard, Amount(1)}, &outcomes);
    std::string line = Encode(&encoder, outcomes);
    CHECK(Contains(line, R"("name":"probe","count":5,)"));
    line = line.substr(line.find(R"("steps":)"));
    std::string shown;
    for (std::size_t at = line.find(R"("offset":)"); at != std::string::npos;
         at = line.find(R"("offset":)", at + 1)) {
      shown += line.substr(at + 9, 1) + " ";
    }
    const std::size_t truncated = line.find(R"("truncated":)");
    CHECK(shown + "truncated " + line.substr(truncated + 12, 1) == row.want);
  }
}

TEST_CASE("an alert that is longer than topics take lists fewer events, then cuts texts") {
  struct Row {
    std::size_t note_size;  // of five values: three events, the alert's field, and the message
    std::vector<std::string> has;
    bool whole_note;
  };
  const Row rows[] = {
      {100'000, {R"("events":[{)", R"("count":3)", R"("truncated":0)"}, true},
      {200'000, {R"("events":[{)", R"("count":3)", R"("truncated":1)"}, true},
      {250'000, {R"("events":[{)", R"("count":3)", R"("truncated":2)"}, true},
      {300'000, {R"("events":[],"truncated":3)"}, true},
      {600'000, {R"("events":[],"truncated":3)", R"([cut]")"}, false},
  };
  nfa::RuleSpec rule = MakeRule();
  rule.alert.step_fields[0] = {3};
  Limits limits;
  limits.alert_events = 4;
  AlertEncoder encoder = MakeEncoder(rule, limits);
  std::string id;
  for (const Row& row : rows) {
    CAPTURE(row.note_size);
    const std::string text(row.note_size, 'n');
    const Value note = Value::String(text);
    Outcomes outcomes;
    AppendOutcome(OutcomeKind::kMatch, {{0, 0, 0, {note}}, {0, 1, 1, {note}}, {0, 2, 2, {note}}},
                  &outcomes);
    SetFields({Amount(1), note}, &outcomes);
    SetMessage({note, Amount(1)}, &outcomes);
    const std::string line = Encode(&encoder, outcomes);
    CHECK(line.size() <= kOutputValueBytesMax);
    for (const std::string& part : row.has) CHECK(Contains(line, part));
    CHECK(Contains(line, text) == row.whole_note);
    // It is the same alert, however much of it is shown.
    if (id.empty()) id = line.substr(line.find(R"("id")"), 40);
    CHECK(Contains(line, id));
  }
}

TEST_CASE("a long subject is cut at a whole character") {
  AlertEncoder encoder = MakeEncoder(MakeRule());
  std::string text;
  while (text.size() < 2 * kOutputKeyBytesMax) text += "\u00e4";
  Outcomes outcomes;
  AppendOutcome(OutcomeKind::kMatch, {}, &outcomes);
  SetKey({Value::String(text), Value::Int(7)}, &outcomes);
  std::string subject;
  encoder.AppendSubject(outcomes, outcomes.items.back(), &subject);
  // Five bytes are the mark, and a character of two does not fit into the odd one that is left.
  CHECK(subject == text.substr(0, kOutputKeyBytesMax - 6) + "[cut]");
}

TEST_CASE("subjects are joined and escaped") {
  struct Row {
    std::string card;
    std::string want;
  };
  const Row rows[] = {
      {"c1", "c1|7"}, {"a|b", "a\\|b|7"}, {"a\\", "a\\\\|7"}, {"", "|7"}, {"\x01", "\x01|7"}};
  AlertEncoder encoder = MakeEncoder(MakeRule());
  for (const Row& row : rows) {
    CAPTURE(row.card);
    Outcomes outcomes;
    AppendMatch(&outcomes);
    SetKey({Value::String(row.card), Value::Int(7)}, &outcomes);
    std::string subject;
    encoder.AppendSubject(outcomes, outcomes.items.back(), &subject);
    CHECK(subject == row.want);
  }
}

TEST_CASE("text of events cannot break out of the JSON or turn the line around") {
  AlertEncoder encoder = MakeEncoder(MakeRule());
  Outcomes outcomes;
  AppendMatch(&outcomes);
  const Value hostile = Value::String("\"}\n\x1b[2J\u202e\u2066\x7f");
  SetKey({hostile, Value::Int(7)}, &outcomes);
  SetFields({Amount(1), hostile}, &outcomes);
  SetMessage({hostile, Value::Null()}, &outcomes);
  const std::string line = Encode(&encoder, outcomes);
  for (const char c : line) {
    CHECK(static_cast<unsigned char>(c) >= 0x20);
  }
  CHECK_FALSE(Contains(line, "\u202e"));
  CHECK_FALSE(Contains(line, "\u2066"));
  CHECK(Contains(line, R"(: null",)"));
}

TEST_CASE("a redacted field stands nowhere in clear") {
  nfa::RuleSpec rule = MakeRule();
  rule.alert.redact = {"card"};
  AlertEncoder encoder = MakeEncoder(rule);
  Outcomes outcomes;
  AppendMatch(&outcomes);
  SetKey({Value::String("4111"), Value::Int(7)}, &outcomes);
  SetMessage({Value::String("4111"), Amount(1)}, &outcomes);
  for (Value& value : outcomes.values) {
    if (value.kind() == Kind::kString && value.string() == "c1") {
      value = Value::String("4111");
    }
  }
  const std::string line = Encode(&encoder, outcomes);
  CHECK_FALSE(Contains(line, "4111"));
  CHECK(Contains(line, R"("subject":"[redacted]|7")"));
  CHECK(Contains(line, R"("key":{"card":"[redacted]","branch":7})"));
  CHECK(Contains(line, R"("message":"Card [redacted]: )"));
  CHECK(Contains(line, R"("fields":{"card":"[redacted]","amount":1})"));
}

}  // namespace
}  // namespace shrike::alerts
