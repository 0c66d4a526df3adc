#include "engine/emitter.h"

#include <algorithm>

#include "alerts/outcome_bytes.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "nfa/key.h"
#include "nfa/operators.h"

namespace shrike::engine {
namespace {

constexpr std::uint8_t kBytesVersion = 1;

// The end of the aligned interval that holds `ts`.
TimestampMs IntervalEnd(TimestampMs ts, DurationMs every) {
  const TimestampMs into = ((ts % every) + every) % every;
  return AddSaturated(ts, every - into);
}

std::string ShapeOf(const nfa::RuleSpec& rule) {
  std::string shape;
  ByteWriter bytes(&shape);
  alerts::AppendOutcomeShape(rule, &bytes);
  return shape;
}

// 128 bits of hash: two intervals never share them.
std::string IntervalName(const nfa::RuleSpec& rule, TimestampMs end, std::string_view key) {
  std::string text;
  ByteWriter bytes(&text);
  bytes.AddText(rule.id);
  bytes.Add(rule.version);
  bytes.Add(end);
  bytes.AddText(key);
  std::string name;
  ByteWriter name_bytes(&name);
  name_bytes.Add(Hash64(text, 1));
  name_bytes.Add(Hash64(text, 2));
  return name;
}

}  // namespace

Emitter::Emitter(std::shared_ptr<const nfa::Program> program, std::vector<std::string> topics)
    : program_(std::move(program)), topics_(std::move(topics)), deriver_(program_) {
  const std::vector<nfa::RuleSpec>& rules = program_->rules();
  active_ = std::any_of(rules.begin(), rules.end(),
                        [](const nfa::RuleSpec& rule) { return rule.emit.has_value(); });
}

void Emitter::Take(const nfa::Outcomes& outcomes) {
  for (const nfa::Outcome& outcome : outcomes.items) {
    const nfa::RuleSpec& rule = program_->rules()[static_cast<std::size_t>(outcome.rule)];
    if (!rule.emit || outcome.kind != nfa::OutcomeKind::kMatch || rule.mode != nfa::RuleMode::kLive)
      continue;
    auto made = std::make_unique<Made>();
    made->rule = outcome.rule;
    made->ts = outcome.time;
    for (std::uint32_t i = 0; i < outcome.key_count; ++i)
      nfa::EncodeKeyValue(outcomes.values[outcome.key_begin + i], &made->key);
    std::string id;
    hasher_.Append({rule, outcomes, topics_, program_->stream_names()}, outcome, &id);
    made->cause = std::stoll(id.substr(0, kCauseDigits), nullptr, 16);
    for (std::uint32_t i = 0; i < outcome.fields_count; ++i)
      made->fields.push_back(made->store.Own(outcomes.values[outcome.fields_begin + i]));
    if (rule.emit->every == 0) {
      ready_.push_back(std::move(made));
      continue;
    }
    const TimestampMs end = IntervalEnd(outcome.time, rule.emit->every);
    made->ts = end;
    HeldKey place{end, outcome.rule, made->key};
    Change(place);
    held_[std::move(place)] = std::move(made);
  }
}

const EmittedEvent* Emitter::Next() {
  if (ready_.empty()) return nullptr;
  shown_ = std::move(ready_.front());
  ready_.pop_front();
  MakeEvent(*shown_);
  return &emitted_;
}

void Emitter::CloseInterval() {
  const TimestampMs end = next_end();
  while (next_end() == end && end != kTimeMax) {
    Change(held_.begin()->first);
    ready_.push_back(std::move(held_.begin()->second));
    held_.erase(held_.begin());
  }
}

void Emitter::AppendIntervalBytes(const HeldKey& place, const Made& made, std::string* out) const {
  const nfa::RuleSpec& rule = program_->rules()[static_cast<std::size_t>(place.rule)];
  ByteWriter bytes(out);
  bytes.Add(kBytesVersion);
  bytes.AddText(rule.id);
  bytes.Add(rule.version);
  bytes.AddText(ShapeOf(rule));
  bytes.Add(place.end);
  bytes.AddText(place.key);
  bytes.Add(made.cause);
  bytes.Add(static_cast<std::uint32_t>(made.fields.size()));
  for (const Value& field : made.fields) alerts::AddValue(field, &bytes);
}

void Emitter::ForEachChange(const VisitChange& visit) const {
  SHRIKE_CHECK(ready_.empty());
  std::string bytes;
  for (const HeldKey& place : changed_) {
    const nfa::RuleSpec& rule = program_->rules()[static_cast<std::size_t>(place.rule)];
    const std::string name = IntervalName(rule, place.end, place.key);
    const auto held = held_.find(place);
    if (held == held_.end()) {
      visit(name, nullptr);
      continue;
    }
    bytes.clear();
    AppendIntervalBytes(place, *held->second, &bytes);
    visit(name, &bytes);
  }
}

void Emitter::TouchAll() {
  for (const auto& [place, made] : held_) Change(place);
}

Result<bool> Emitter::RestoreInterval(std::string_view text) {
  const auto corrupt = [] {
    return Fail(ErrorCode::kCorrupt, "a stored interval of `emit` is damaged");
  };
  ByteReader bytes(text);
  if (bytes.Get<std::uint8_t>() != kBytesVersion) return corrupt();
  const std::string_view id = bytes.GetText();
  const auto version = bytes.Get<std::int64_t>();
  const std::string_view shape = bytes.GetText();
  HeldKey place;
  place.end = bytes.Get<TimestampMs>();
  place.key = bytes.GetText();
  auto made = std::make_unique<Made>();
  made->ts = place.end;
  made->key = place.key;
  made->cause = bytes.Get<std::int64_t>();
  const auto count = bytes.Get<std::uint32_t>();
  nfa::Outcomes values;
  for (std::uint32_t i = 0; i < count && bytes.ok(); ++i) alerts::GetValue(&bytes, &values);
  if (!bytes.ok() || !bytes.at_end()) return corrupt();
  for (const Value& value : values.values) made->fields.push_back(made->store.Own(value));
  const std::vector<nfa::RuleSpec>& rules = program_->rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const nfa::RuleSpec& known) {
    return known.id == id && known.version == version && known.emit && known.emit->every > 0 &&
           known.alert.fields.size() == count && ShapeOf(known) == shape;
  });
  if (rule == rules.end()) return false;
  place.rule = static_cast<int>(rule - rules.begin());
  made->rule = place.rule;
  if (!held_.emplace(place, std::move(made)).second) return corrupt();
  return true;
}

void Emitter::MakeEvent(const Made& made) {
  const nfa::EmitSpec& emit = *program_->rules()[static_cast<std::size_t>(made.rule)].emit;
  const RowLayout& layout = program_->layout();
  row_.assign(layout.columns.size(), Value::Null());
  for (const nfa::EmitSpec::Field& field : emit.fields) {
    const auto column = static_cast<std::size_t>(field.column);
    row_[column] = nfa::Convert(made.fields[static_cast<std::size_t>(field.field)],
                                layout.columns[column].type);
  }
  Event event;
  event.ts = made.ts;
  event.stream = emit.stream;
  event.event_type = emit.event_type;
  event.position = {kDerivedTopic + emit.stream, static_cast<std::int32_t>(NumberOf(made)),
                    made.cause};
  event.row = row_.data();
  deriver_.Clear();
  deriver_.Fill(event, &row_);
  emitted_ = {made.rule, event, made.fields, made.key};
}

std::int64_t Emitter::NumberOf(const Made& made) {
  if (made.ts != numbered_ts_) {
    numbered_ts_ = made.ts;
    numbers_.clear();
  }
  return numbers_[made.key]++;
}

}  // namespace shrike::engine
