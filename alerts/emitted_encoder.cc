#include "alerts/emitted_encoder.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "alerts/redaction.h"
#include "alerts/subject.h"
#include "base/time.h"
#include "nfa/key.h"
#include "nfa/operators.h"

namespace shrike::alerts {
namespace {

void AppendTime(TimestampMs ts, TimeUnit unit, std::string* out) {
  switch (unit) {
    case TimeUnit::kMs:
      *out += std::to_string(ts);
      return;
    case TimeUnit::kSeconds:
      // A decimal, so that no millisecond is lost.
      AppendJson(Value::Dec({ts, 3}), out);
      return;
    case TimeUnit::kMicros:
      *out += std::to_string(ts) + "000";
      return;
    case TimeUnit::kNanos:
      *out += std::to_string(ts) + "000000";
      return;
    case TimeUnit::kRfc3339:
      AppendJsonString(FormatRfc3339(ts), out);
      return;
  }
}

}  // namespace

EmittedEncoder::EmittedEncoder(const Catalog& catalog, std::shared_ptr<const nfa::Program> program)
    : catalog_(catalog), program_(std::move(program)) {
  for (const nfa::RuleSpec& rule : program_->rules()) {
    const Redaction redaction(*program_, rule);
    redacted_.push_back({redaction.Fields(), redaction.Key()});
  }
}

void EmittedEncoder::AppendValue(const Emitted& emitted, std::string* out) const {
  const auto rule_index = static_cast<std::size_t>(emitted.rule);
  const nfa::RuleSpec& rule = program_->rules()[rule_index];
  const StreamSchema& stream = catalog_.streams[static_cast<std::size_t>(emitted.event->stream)];
  *out += '{';
  AppendJsonString(stream.time_field.empty() ? "ts" : stream.time_field, out);
  *out += ':';
  AppendTime(emitted.event->ts, stream.time_unit, out);
  for (std::size_t i = 0; i < rule.alert.fields.size(); ++i) {
    const std::string& name = rule.alert.fields[i].name;
    const int declared = stream.FieldIndex(name);
    const bool derived = std::any_of(stream.derive.begin(), stream.derive.end(),
                                     [&](const DerivedField& d) { return d.name == name; });
    if (declared < 0 || derived || emitted.fields[i].is_null()) continue;
    *out += ',';
    AppendJsonString(name, out);
    *out += ':';
    const Type type = stream.fields[static_cast<std::size_t>(declared)].type;
    AppendJson(redacted_[rule_index].fields[i] ? Value::String(kRedacted)
                                               : nfa::Convert(emitted.fields[i], type),
               out);
  }
  *out += '}';
}

void EmittedEncoder::AppendKey(const Emitted& emitted, std::string* out) const {
  std::vector<Value> parts;
  nfa::DecodeKey(emitted.key, &parts);
  AppendSubject(parts, redacted_[static_cast<std::size_t>(emitted.rule)].key, out);
}

}  // namespace shrike::alerts
