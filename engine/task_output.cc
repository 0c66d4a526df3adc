#include "engine/task_output.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace shrike::engine {

using alerts::OutputHeader;
using alerts::OutputRecord;
using alerts::OutputTopic;

std::vector<std::string> DerivedTopics(const Catalog& catalog) {
  std::vector<std::string> topics;
  for (const StreamSchema& stream : catalog.streams) {
    const bool is_written = stream.derived && !stream.topics.empty();
    topics.push_back(is_written ? stream.topics.front() : "");
  }
  return topics;
}

TaskOutput::TaskOutput(alerts::AlertOrigin origin, const Catalog& catalog, Sink sink)
    : origin_(std::move(origin)), catalog_(catalog), sink_(std::move(sink)) {}

void TaskOutput::SetProgram(const std::shared_ptr<const nfa::Program>& program) {
  program_ = program;
  encoder_ = std::make_unique<alerts::AlertEncoder>(program, origin_);
  emitted_encoder_ = std::make_unique<alerts::EmittedEncoder>(catalog_, program);
}

void TaskOutput::Take(const nfa::Outcomes& outcomes) {
  SHRIKE_CHECK(encoder_ != nullptr);
  for (const nfa::Outcome& outcome : outcomes.items) {
    value_.clear();
    key_.clear();
    encoder_->AppendAlert(outcomes, outcome, &value_);
    encoder_->AppendSubject(outcomes, outcome, &key_);
    const nfa::RuleSpec& rule = program_->rules()[static_cast<std::size_t>(outcome.rule)];
    OutputRecord record;
    record.topic =
        rule.mode == nfa::RuleMode::kShadow ? OutputTopic::kShadow : OutputTopic::kAlerts;
    if (!key_.empty()) record.key = key_;
    record.value = value_;
    Send(record, Hash64(value_));
  }
}

// A record may be larger than an output topic takes: it is cut then, and a header has its size.
void TaskOutput::Reject(const RejectedRecord& rejected) {
  const Position& at = rejected.position;
  const std::string& topic = origin_.topics[static_cast<std::size_t>(at.topic)];
  const std::string partition = std::to_string(at.partition);
  const std::string offset = std::to_string(at.offset);
  const std::string time = rejected.ts ? std::to_string(*rejected.ts) : "";
  const std::string size = std::to_string(rejected.bytes.size());
  const std::string key_size = std::to_string(rejected.key.size());
  std::vector<OutputHeader> headers = {{"shrike.reason", rejected.reason},
                                       {"shrike.topic", topic},
                                       {"shrike.partition", partition},
                                       {"shrike.offset", offset}};
  if (rejected.ts) headers.push_back({"shrike.time", time});
  if (rejected.bytes.size() > alerts::kOutputValueBytesMax)
    headers.push_back({"shrike.size", size});
  if (rejected.key.size() > alerts::kOutputKeyBytesMax)
    headers.push_back({"shrike.key_size", key_size});
  OutputRecord record;
  record.topic = rejected.late ? OutputTopic::kLate : OutputTopic::kDeadLetter;
  if (!rejected.key.empty()) record.key = rejected.key.substr(0, alerts::kOutputKeyBytesMax);
  record.value = rejected.bytes.substr(0, alerts::kOutputValueBytesMax);
  record.headers = headers;
  value_.clear();
  ByteWriter identity(&value_);
  identity.Add(record.topic);
  identity.AddText(topic);
  identity.Add(at.partition);
  identity.Add(at.offset);
  identity.AddText(rejected.reason);
  Send(record, Hash64(value_));
}

void TaskOutput::Emit(const EmittedEvent& emitted) {
  const int stream = emitted.event.stream;
  if (catalog_.streams[static_cast<std::size_t>(stream)].topics.empty()) return;
  const alerts::EmittedEncoder::Emitted parts{emitted.rule, &emitted.event, emitted.fields,
                                              emitted.key};
  value_.clear();
  key_.clear();
  emitted_encoder_->AppendValue(parts, &value_);
  emitted_encoder_->AppendKey(parts, &key_);
  OutputRecord record;
  record.topic = OutputTopic::kDerived;
  record.stream = stream;
  if (!key_.empty()) record.key = key_;
  record.value = value_;
  record.timestamp = emitted.event.ts;
  Send(record, Hash64(value_, static_cast<std::uint64_t>(emitted.event.position.offset)));
}

void TaskOutput::Send(const OutputRecord& record, std::uint64_t hash) {
  ++count_.count;
  count_.digest ^= hash;
  if (!muted_) sink_(record);
}

}  // namespace shrike::engine
