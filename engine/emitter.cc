#include "engine/emitter.h"

#include <algorithm>

#include "nfa/key.h"
#include "nfa/operators.h"

namespace shrike::engine {
namespace {

// The end of the aligned interval that holds `ts`.
TimestampMs IntervalEnd(TimestampMs ts, DurationMs every) {
  const TimestampMs into = ((ts % every) + every) % every;
  return AddSaturated(ts, every - into);
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
    ready_.push_back(std::move(held_.begin()->second));
    held_.erase(held_.begin());
  }
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
  emitted_ = {made.rule, event, made.fields};
}

std::int64_t Emitter::NumberOf(const Made& made) {
  if (made.ts != numbered_ts_) {
    numbered_ts_ = made.ts;
    numbers_.clear();
  }
  return numbers_[made.key]++;
}

}  // namespace shrike::engine
