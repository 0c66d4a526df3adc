// `shrike state show KEY`: what the engine waits for at a key, in every task and key group that knows it.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/state_entry.h"
#include "engine/task.h"
#include "nfa/describe_state.h"
#include "nfa/describe_window.h"
#include "nfa/program_data.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/state_verbs.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

constexpr std::size_t kEventsShown = 20;  // of a run, the last ones

// A key in one key group.
struct ShownKey {
  std::string subject;
  std::string group;
  std::size_t bytes = 0;
  nfa::StateDescription state;
  std::vector<std::string> windows;  // that are kept in the group, as text
};

struct ShownTask {
  int task = 0;
  TimestampMs front = kTimeMin;
  std::vector<std::string> topics;
  std::shared_ptr<const nfa::Program> program;
  std::vector<ShownKey> keys;
};

// Names of the group's windows; none if the streams were configured otherwise when the state was written.
std::vector<std::string> WindowNames(const StateCall& call, const ShownTask& task, int group,
                                     bool same_streams) {
  std::vector<std::string> names;
  const nfa::ProgramData& data = task.program->data();
  for (std::size_t i = 0; same_streams && i < data.windows.windows.size(); ++i) {
    if (data.windows.windows[i].group != group) continue;
    names.push_back(
        nfa::DescribeWindow(data.spec.windows[i], call.config.catalog, data.spec.layout));
  }
  return names;
}

Result<ShownTask> Look(const StateCall& call, const TaskFolder& place) {
  ShownTask shown;
  shown.task = place.task;
  SHRIKE_TRY(StoredTask task, OpenTask(place, call.config.application));
  if (!task.head) return shown;
  SHRIKE_TRY(const auto rules, ReadRules(&task));
  shown.program = rules->program;
  shown.front = task.head->front;
  for (const auto& partition : task.head->partitions) shown.topics.push_back(partition.topic);
  const bool same_streams = task.head->streams == engine::StreamFingerprint(call.config.catalog);
  Result<void> read;
  const auto visit = [&](const engine::StateEntry& entry) -> Result<void> {
    engine::KeyEntry key;
    if (!engine::ReadKeyEntry(entry.name, entry.value, &key))
      return Fail(ErrorCode::kCorrupt, "a stored key has a damaged name");
    const int group = shown.program->FindGroup(key.group);
    if (group < 0 || !KeyFits(key.key, call.options.key)) return {};
    std::size_t dropped = 0;
    SHRIKE_TRY(const nfa::KeyState state,
               nfa::KeyState::FromBytes(*shown.program, group, key.state, &dropped));
    ShownKey& found = shown.keys.emplace_back();
    found.subject = SubjectOf(key.key);
    found.group = GroupText(*shown.program, group);
    found.bytes = key.state.size();
    found.state = nfa::DescribeState(*shown.program, state, kEventsShown);
    if (found.state.window_bytes > 0) found.windows = WindowNames(call, shown, group, same_streams);
    return {};
  };
  for (const char kind : {engine::kKeyEntry, engine::kLongKeyEntry}) {
    SHRIKE_TRY_VOID(task.store->ForEach({&kind, 1}, [&](const engine::StateEntry& entry) {
      read = visit(entry);
      return read.has_value();
    }));
    SHRIKE_TRY_VOID(read);
  }
  return shown;
}

// The topic's name; of an event that a rule emitted its stream's.
std::string TopicOf(const ShownTask& task, const Position& position) {
  if (position.topic >= kDerivedTopic) {
    const auto stream = static_cast<std::size_t>(position.topic - kDerivedTopic);
    const std::vector<std::string>& streams = task.program->stream_names();
    return stream < streams.size() ? streams[stream] + " (emitted)" : "emitted";
  }
  const auto topic = static_cast<std::size_t>(position.topic);
  return topic < task.topics.size() ? task.topics[topic] : std::to_string(position.topic);
}

void PrintRun(const ShownTask& task, const nfa::RunDescription& run, std::ostream& out) {
  const nfa::RuleSpec& rule = task.program->rules()[static_cast<std::size_t>(run.rule)];
  out << fmt::format("  rule {}: at step {} since {}, waits for `{}`, until {}\n",
                     EscapeTerminal(rule.id), EscapeTerminal(run.step), TimeText(run.first_ts),
                     EscapeTerminal(run.waits_for),
                     run.deadline == kTimeMax ? "any time" : TimeText(run.deadline));
  if (run.events > run.bound.size())
    out << fmt::format("    {} earlier events\n", run.events - run.bound.size());
  for (const nfa::StateEvent& event : run.bound) {
    const Position& position = event.order.position;
    out << fmt::format("    {}: {} [{}] offset {}, {}\n", EscapeTerminal(event.step),
                       EscapeTerminal(TopicOf(task, position)), position.partition, position.offset,
                       TimeText(event.order.ts));
  }
}

void PrintText(const ShownTask& task, std::ostream& out) {
  for (const ShownKey& key : task.keys) {
    out << fmt::format("task {}, key {} ({}): {} open runs, {} B, time {}\n", task.task,
                       EscapeTerminal(key.subject), EscapeTerminal(key.group),
                       key.state.runs.size(), key.bytes, TimeText(task.front));
    for (const nfa::RunDescription& run : key.state.runs) PrintRun(task, run, out);
    if (key.state.window_bytes > 0)
      out << fmt::format("  windows: {} B in memory\n", key.state.window_bytes);
    for (const std::string& window : key.windows) out << "    " << EscapeTerminal(window) << "\n";
    if (key.state.has_risk) out << "  alerts count as the key's risk\n";
  }
}

std::string RunJson(const ShownTask& task, const nfa::RunDescription& run) {
  std::string events;
  for (const nfa::StateEvent& event : run.bound) {
    const Position& position = event.order.position;
    events += fmt::format(R"({}{{"step":{},"topic":{},"partition":{},"offset":{},"ts":{}}})",
                          events.empty() ? "" : ",", TextJson(event.step),
                          TextJson(TopicOf(task, position)), position.partition, position.offset,
                          event.order.ts);
  }
  const nfa::RuleSpec& rule = task.program->rules()[static_cast<std::size_t>(run.rule)];
  return fmt::format(
      R"({{"rule":{},"step":{},"since":{},"last":{},"waits_for":{},"deadline":{},"event_count":{},)"
      R"("events":[{}]}})",
      TextJson(rule.id), TextJson(run.step), run.first_ts, run.last_ts, TextJson(run.waits_for),
      TimeJson(run.deadline), run.events, events);
}

std::string KeyJson(const ShownTask& task, const ShownKey& key) {
  std::string runs;
  for (const nfa::RunDescription& run : key.state.runs)
    runs += (runs.empty() ? "" : ",") + RunJson(task, run);
  std::string windows;
  for (const std::string& window : key.windows)
    windows += (windows.empty() ? "" : ",") + TextJson(window);
  return fmt::format(
      R"({{"task":{},"time":{},"key":{},"group":{},"bytes":{},"runs":[{}],"window_bytes":{},)"
      R"("windows":[{}],"risk":{}}})",
      task.task, TimeJson(task.front), TextJson(key.subject), TextJson(key.group), key.bytes, runs,
      key.state.window_bytes, windows, key.state.has_risk);
}

}  // namespace

int ShowKey(const StateCall& call) {
  std::string keys;
  std::size_t found = 0;
  int code = kExitGood;
  for (const TaskFolder& place : call.folders) {
    const auto shown = Look(call, place);
    if (!shown) {
      code = call.session.Report(shown.error());
      continue;
    }
    found += shown->keys.size();
    if (!call.json()) PrintText(*shown, call.session.out());
    if (!call.json()) continue;
    for (const ShownKey& key : shown->keys)
      keys += (keys.empty() ? "" : ",") + KeyJson(*shown, key);
  }
  if (call.json()) call.session.out() << R"({"keys":[)" << keys << "]}\n";
  if (code != kExitGood || found > 0) return code;
  if (!call.json()) {
    call.session.out() << "no task has state for the key " << EscapeTerminal(call.options.key)
                       << ": nothing is open there\n";
  }
  return kExitFindings;
}

}  // namespace shrike::tools
