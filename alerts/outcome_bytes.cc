#include "alerts/outcome_bytes.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/decimal.h"

namespace shrike::alerts {
namespace {

using nfa::BoundEvent;
using nfa::Outcome;
using nfa::Outcomes;

// 1.50 and 1.5 are one value, as are 0.0 and -0.0.
void AddDecimal(Decimal decimal, ByteWriter* out) {
  decimal = WithoutTrailingZeros(decimal);
  out->Add(static_cast<std::uint64_t>(decimal.units));
  out->Add(static_cast<std::uint64_t>(static_cast<UInt128>(decimal.units) >> 64));
  out->Add(decimal.scale);
}

Value GetScalar(Kind kind, ByteReader* bytes) {
  switch (kind) {
    case Kind::kNull:
      return Value::Null();
    case Kind::kBool:
      return Value::Bool(bytes->Get<std::uint8_t>() != 0);
    case Kind::kFloat:
      return Value::Float(bytes->Get<double>());
    case Kind::kDecimal: {
      const auto low = bytes->Get<std::uint64_t>();
      const auto high = bytes->Get<std::uint64_t>();
      const auto scale = bytes->Get<std::uint8_t>();
      return Value::Dec({static_cast<Int128>(static_cast<UInt128>(high) << 64 | low), scale});
    }
    case Kind::kIp:
      return Value::Ip(bytes->Get<IpBytes>());
    case Kind::kString:
      return Value::String(bytes->GetText());
    case Kind::kInt:
      return Value::Int(bytes->Get<std::int64_t>());
    case Kind::kTimestamp:
      return Value::Timestamp(bytes->Get<std::int64_t>());
    case Kind::kDuration:
      return Value::Duration(bytes->Get<std::int64_t>());
    case Kind::kList:
      break;
  }
  bytes->Fail();
  return Value::Null();
}

void AddValues(const Outcomes& outcomes, std::uint32_t begin, std::uint32_t count,
               ByteWriter* out) {
  out->Add(count);
  for (const Value& value : std::span(outcomes.values).subspan(begin, count)) {
    AddValue(value, out);
  }
}

void GetValues(ByteReader* bytes, Outcomes* out, std::uint32_t* begin, std::uint32_t* count) {
  *begin = static_cast<std::uint32_t>(out->values.size());
  const auto size = bytes->Get<std::uint32_t>();
  for (std::uint32_t index = 0; index < size && bytes->ok(); ++index) {
    GetValue(bytes, out);
  }
  *count = static_cast<std::uint32_t>(out->values.size()) - *begin;
}

void AddPosition(const Position& position, ByteWriter* out) {
  out->Add(position.topic);
  out->Add(position.partition);
  out->Add(position.offset);
}

Position GetPosition(ByteReader* bytes) {
  Position position;
  position.topic = bytes->Get<std::int32_t>();
  position.partition = bytes->Get<std::int32_t>();
  position.offset = bytes->Get<std::int64_t>();
  return position;
}

}  // namespace

// Depth is two at most: lists do not nest.
void AddValue(const Value& value, ByteWriter* out) {  // NOLINT(misc-no-recursion)
  out->Add(value.kind());
  switch (value.kind()) {
    case Kind::kNull:
      return;
    case Kind::kBool:
      out->Add(static_cast<std::uint8_t>(value.boolean() ? 1 : 0));
      return;
    case Kind::kFloat:
      out->Add(value.float64() == 0 ? 0.0 : value.float64());
      return;
    case Kind::kDecimal:
      AddDecimal(value.decimal(), out);
      return;
    case Kind::kIp:
      out->Add(value.ip());
      return;
    case Kind::kString:
      out->AddText(value.string());
      return;
    case Kind::kList:
      out->Add(static_cast<std::uint32_t>(value.list_size()));
      for (const Value& item : std::span(value.list_items(), value.list_size())) {
        AddValue(item, out);
      }
      return;
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      out->Add(value.int64());
      return;
  }
}

void GetValue(ByteReader* bytes, Outcomes* out) {
  const auto kind = bytes->Get<Kind>();
  if (kind != Kind::kList) {
    out->AppendValue(GetScalar(kind, bytes));
    return;
  }
  std::vector<Value> items;
  const auto count = bytes->Get<std::uint32_t>();
  for (std::uint32_t index = 0; index < count && bytes->ok(); ++index) {
    items.push_back(GetScalar(bytes->Get<Kind>(), bytes));
  }
  out->AppendValue(Value::List(items.data(), items.size()));
}

void AppendOutcomeShape(const nfa::RuleSpec& rule, ByteWriter* out) {
  for (const std::string& name : rule.alert.key_names) out->AddText(name);
  out->Add(static_cast<std::uint32_t>(rule.alert.fields.size()));
  for (const nfa::AlertField& field : rule.alert.fields) out->AddText(field.name);
  out->Add(static_cast<std::uint32_t>(
      std::count_if(rule.alert.message.begin(), rule.alert.message.end(),
                    [](const nfa::MessagePart& part) { return part.value.has_value(); })));
  for (const std::vector<int>& fields : rule.alert.step_fields)
    out->Add(static_cast<std::uint32_t>(fields.size()));
}

void AppendOutcomeBytes(const Outcomes& outcomes, const Outcome& outcome, std::string* out) {
  ByteWriter bytes(out);
  bytes.Add(outcome.kind);
  bytes.Add(outcome.limit);
  bytes.Add(static_cast<std::uint8_t>(outcome.by_deadline ? 1 : 0));
  bytes.Add(outcome.time);
  AddPosition(outcome.position, &bytes);
  AddValues(outcomes, outcome.key_begin, outcome.key_count, &bytes);
  AddValues(outcomes, outcome.fields_begin, outcome.fields_count, &bytes);
  AddValues(outcomes, outcome.message_begin, outcome.message_count, &bytes);
  bytes.Add(outcome.events_count);
  for (const BoundEvent& event :
       std::span(outcomes.events).subspan(outcome.events_begin, outcome.events_count)) {
    bytes.Add(event.step);
    bytes.Add(event.ts);
    AddPosition(event.position, &bytes);
    AddValues(outcomes, event.values_begin, event.values_count, &bytes);
  }
}

bool ReadOutcomeBytes(std::string_view text, std::int32_t rule, Outcomes* out) {
  ByteReader bytes(text);
  Outcome outcome;
  outcome.rule = rule;
  outcome.kind = bytes.Get<nfa::OutcomeKind>();
  outcome.limit = bytes.Get<nfa::LimitKind>();
  outcome.by_deadline = bytes.Get<std::uint8_t>() != 0;
  outcome.time = bytes.Get<TimestampMs>();
  outcome.position = GetPosition(&bytes);
  GetValues(&bytes, out, &outcome.key_begin, &outcome.key_count);
  GetValues(&bytes, out, &outcome.fields_begin, &outcome.fields_count);
  GetValues(&bytes, out, &outcome.message_begin, &outcome.message_count);
  outcome.events_begin = static_cast<std::uint32_t>(out->events.size());
  const auto count = bytes.Get<std::uint32_t>();
  for (std::uint32_t index = 0; index < count && bytes.ok(); ++index) {
    BoundEvent event;
    event.step = bytes.Get<std::int32_t>();
    event.ts = bytes.Get<TimestampMs>();
    event.position = GetPosition(&bytes);
    GetValues(&bytes, out, &event.values_begin, &event.values_count);
    out->events.push_back(event);
  }
  outcome.events_count = static_cast<std::uint32_t>(out->events.size()) - outcome.events_begin;
  if (!bytes.ok() || !bytes.at_end()) {
    return false;
  }
  out->items.push_back(outcome);
  return true;
}

}  // namespace shrike::alerts
