// What the world is judged by: a run of the same history without faults.
#include <algorithm>
#include <map>

#include "base/check.h"
#include "tests/sim/world.h"

namespace shrike::sim {
namespace {

using Outputs = std::map<std::string, int>;

std::string Line(std::string_view topic, const std::optional<std::string_view>& key,
                 const std::optional<std::string_view>& value,
                 std::span<const alerts::OutputHeader> headers) {
  std::string line(topic);
  line.append(" ").append(key.value_or("-")).append(" ").append(value.value_or("-"));
  for (const alerts::OutputHeader& header : headers) line.append(" ").append(header.value);
  return line;
}

std::string Differences(const Outputs& got, const Outputs& want) {
  std::string text;
  for (const auto& [line, count] : want) {
    const auto found = got.find(line);
    const int there = found == got.end() ? 0 : found->second;
    if (there < count) text += "\n  lost: " + line;
    if (there > count) text += "\n  twice: " + line;
  }
  for (const auto& [line, count] : got) {
    if (!want.contains(line)) text += "\n  extra: " + line;
  }
  return text;
}

constexpr const char* kTopicNames[] = {
    "alerts", "alerts-shadow", "events-late", "events-dead-letter", "made", "more"};

// The name of the topic that the record goes to.
std::string TopicOf(const alerts::OutputRecord& record, const Catalog& catalog) {
  return record.topic == alerts::OutputTopic::kDerived
             ? catalog.streams[static_cast<std::size_t>(record.stream)].topics.front()
             : kTopicNames[static_cast<std::size_t>(record.topic)];
}

// Every entry that a full checkpoint would have, with its time. Values of keys may differ in where they keep what.
std::map<std::string, TimestampMs> Entries(engine::Task* task) {
  std::map<std::string, TimestampMs> entries;
  task->TouchAll();
  for (const engine::StateChange& change : task->Changes(nullptr)) {
    if (change.value) entries[change.name] = change.due;
  }
  return entries;
}

std::string Printable(const std::string& name) {
  std::string text;
  for (const char byte : name) text += byte > ' ' && byte < 127 ? byte : '.';
  return text;
}

}  // namespace

std::string World::CompareStates(engine::Task* live, engine::Task* again) {
  const int id = live->id();
  if (live->front() != again->front()) {
    return "task " + std::to_string(id) + " stands at " + std::to_string(live->front()) +
           ", without faults at " + std::to_string(again->front());
  }
  if (live->output().count() != again->output().count())
    return "task " + std::to_string(id) + " has counted other outputs";
  std::string text;
  const std::map<std::string, TimestampMs> have = Entries(live);
  const std::map<std::string, TimestampMs> want = Entries(again);
  for (const auto& [name, due] : have) {
    if (!want.contains(name)) {
      text += " more: " + Printable(name);
    } else if (want.at(name) != due) {
      text += " due " + std::to_string(due) + " for " + std::to_string(want.at(name)) + ": " +
              Printable(name);
    }
  }
  for (const auto& [name, due] : want)
    if (!have.contains(name))
      text += " missing: " + Printable(name) + " due " + std::to_string(due) + " at " +
              std::to_string(live->front());
  return text.empty() ? "" : "task " + std::to_string(id) + " has another state:" + text;
}

std::string World::Compare() {
  Outputs got;
  for (const char* name : kTopicNames) {
    for (std::int32_t partition = 0; partition < partitions_; ++partition) {
      const auto& log = log_->Partition({*log_->FindTopic(name), partition});
      for (const engine::StoredRecord& record : log.Committed(0))
        ++got[Line(name, record.key(), record.value(), record.headers())];
    }
  }
  Outputs want;
  std::string states;
  for (int id = 0; id < partitions_; ++id) {
    engine::Task* live = nullptr;
    for (const Instance& instance : instances_) {
      if (!instance.alive()) continue;
      const auto found = instance.worker->tasks().find(id);
      if (found != instance.worker->tasks().end() && found->second.live())
        live = found->second.task.get();
    }
    SHRIKE_CHECK(live != nullptr);
    engine::TaskContext context = context_;
    context.mutant = engine::Mutant::kNone;
    const auto first = rules_.Find(history_.FirstRules(id, live->history().id));
    if (first == nullptr) return "task " + std::to_string(id) + " has no first checkpoint";
    engine::Task again(
        context, {id, live->history().id, {0, 0}}, first, [&](const alerts::OutputRecord& record) {
          ++want[Line(TopicOf(record, context_.catalog), record.key, record.value, record.headers)];
        });
    const auto feed = [&](int topic, std::int64_t end) {
      const auto& records = input_[static_cast<std::size_t>(topic)][static_cast<std::size_t>(id)];
      for (std::int64_t offset = again.next_offset(topic); offset < end; ++offset) {
        const SimRecord& record = records[static_cast<std::size_t>(offset)];
        ingest::RawRecord raw;
        raw.position = {topic, id, offset};
        raw.timestamp = record.timestamp;
        raw.bytes = record.bytes;
        SHRIKE_CHECK(again.Feed(topic, raw).has_value());
      }
    };
    const auto decisions = history_.Decisions(id, live->history());
    stats_.without_decisions += decisions.empty() ? 1 : 0;
    for (const engine::CheckpointHead& head : decisions) {
      for (int topic = 0; topic < 2; ++topic) {
        const std::int64_t end = head.partitions[static_cast<std::size_t>(topic)].next_offset;
        // Only a wrong variant reads on where it should wait.
        if (again.idle(topic) && again.next_offset(topic) < end)
          return "task " + std::to_string(id) + " read an idle partition";
        feed(topic, end);
      }
      again.Advance();
      SHRIKE_CHECK(again.Apply(*head.pending, rules_.Find(head.pending->rules)).has_value());
    }
    for (int topic = 0; topic < 2; ++topic) {
      const auto end = static_cast<std::int64_t>(
          input_[static_cast<std::size_t>(topic)][static_cast<std::size_t>(id)].size());
      if (again.idle(topic) && again.next_offset(topic) < end)
        return "task " + std::to_string(id) + " read an idle partition";
      feed(topic, end);
    }
    again.Advance();
    states += CompareStates(live, &again);
  }
  for (const auto& [line, count] : want) {
    stats_.outputs += count;
    stats_.late += line.starts_with("events-late") ? count : 0;
  }
  const std::string differences = Differences(got, want);
  return differences.empty() ? states : states + differences;
}

}  // namespace shrike::sim
