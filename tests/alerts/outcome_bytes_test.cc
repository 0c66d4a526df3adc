#include "alerts/outcome_bytes.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/alerts/alert_fixture.h"

namespace shrike::alerts {
namespace {

using nfa::Outcome;
using nfa::OutcomeKind;
using nfa::Outcomes;

std::string Bytes(const Value& value) {
  std::string bytes;
  ByteWriter writer(&bytes);
  AddValue(value, &writer);
  return bytes;
}

std::vector<Value> AllKinds() {
  static const Value kItems[] = {Value::Int(1), Value::Null()};
  static const Value kTexts[] = {Value::String("x"), Value::String("")};
  return {
      Value::Null(),          Value::Bool(true),       Value::Bool(false),
      Value::Int(-7),         Value::Float(0.1),       Value::Dec({(Int128{1} << 100) + 1, 9}),
      Value::Dec({-15, 1}),   Value::String(""),       Value::String(std::string_view("a\0b", 3)),
      Value::Timestamp(-1),   Value::Duration(90'000), Value::Ip(*ParseIp("2001:db8::1")),
      Value::List(kItems, 2), Value::List(kTexts, 2),  Value::List(nullptr, 0)};
}

TEST_CASE("values of every kind come back") {
  for (const Value& value : AllKinds()) {
    const std::string bytes = Bytes(value);
    ByteReader reader(bytes);
    Outcomes out;
    GetValue(&reader, &out);
    CHECK(reader.ok());
    CHECK(reader.at_end());
    CAPTURE(FormatType({value.kind()}));
    CHECK(SameValue(out.values.back(), value));
  }
}

TEST_CASE("equal values have equal bytes, others have others") {
  CHECK(Bytes(Value::Dec({150, 2})) == Bytes(Value::Dec({15, 1})));
  CHECK(Bytes(Value::Dec({0, 4})) == Bytes(Value::Dec({0, 0})));
  CHECK(Bytes(Value::Float(-0.0)) == Bytes(Value::Float(0.0)));
  const std::vector<Value> all = AllKinds();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      CAPTURE(i);
      CAPTURE(j);
      CHECK(Bytes(all[i]) != Bytes(all[j]));
    }
  }
}

// Everything that is kept, as text.
std::string Show(const Outcomes& outcomes, const Outcome& outcome) {
  std::string text = std::to_string(static_cast<int>(outcome.kind)) + " " +
                     std::to_string(static_cast<int>(outcome.limit)) +
                     (outcome.by_deadline ? " d " : " e ") + std::to_string(outcome.time) + " @" +
                     std::to_string(outcome.position.offset);
  const auto values = [&](std::uint32_t begin, std::uint32_t count) {
    text += " [";
    for (std::uint32_t index = begin; index < begin + count; ++index) {
      AppendText(outcomes.values[index], &text);
      text += ";";
    }
    text += "]";
  };
  values(outcome.key_begin, outcome.key_count);
  values(outcome.fields_begin, outcome.fields_count);
  values(outcome.message_begin, outcome.message_count);
  for (std::uint32_t index = 0; index < outcome.events_count; ++index) {
    const nfa::BoundEvent& event = outcomes.events[outcome.events_begin + index];
    text += " " + std::to_string(event.step) + "@" + std::to_string(event.ts) + "#" +
            std::to_string(event.position.topic) + "." + std::to_string(event.position.partition) +
            "." + std::to_string(event.position.offset);
    values(event.values_begin, event.values_count);
  }
  return text;
}

Outcomes MakeOutcome() {
  Outcomes outcomes;
  testing::AppendOutcome(
      OutcomeKind::kTimeout,
      {{0, 1000, 3, {Value::String("c1"), Value::Dec({5, 0})}}, {2, 2000, 4, {Value::Null()}}},
      &outcomes);
  testing::SetFields({Value::Int(5), Value::String("note")}, &outcomes);
  testing::SetMessage({Value::String("text")}, &outcomes);
  outcomes.items.back().by_deadline = true;
  outcomes.items.back().limit = nfa::LimitKind::kBoundEvents;
  outcomes.events.back().position = {7, 8, 9};
  return outcomes;
}

TEST_CASE("an outcome comes back, behind others and for the rule that is asked for") {
  const Outcomes outcomes = MakeOutcome();
  std::string bytes;
  AppendOutcomeBytes(outcomes, outcomes.items.back(), &bytes);
  Outcomes out;
  for (const std::int32_t rule : {3, 5}) {
    REQUIRE(ReadOutcomeBytes(bytes, rule, &out));
    CHECK(out.items.back().rule == rule);
    CHECK(Show(out, out.items.back()) == Show(outcomes, outcomes.items.back()));
  }
  CHECK(out.items.size() == 2);
}

TEST_CASE("damaged bytes are refused and do no harm") {
  const Outcomes outcomes = MakeOutcome();
  std::string bytes;
  AppendOutcomeBytes(outcomes, outcomes.items.back(), &bytes);
  Outcomes out;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(ReadOutcomeBytes(bytes.substr(0, size), 0, &out));
  }
  CHECK_FALSE(ReadOutcomeBytes(bytes + "x", 0, &out));
  CHECK(out.items.empty());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x7f);
    Outcomes ignored;
    (void)ReadOutcomeBytes(damaged, 0, &ignored);  // Must end, and touch nothing outside.
  }
}

}  // namespace
}  // namespace shrike::alerts
