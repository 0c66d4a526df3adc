// `shrike state ls`: the tasks, and with --keys what each of them holds.
#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/state_entry.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/state_verbs.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

struct ListedKey {
  std::string subject;
  std::uint64_t group = 0;
  std::size_t bytes = 0;
  TimestampMs due = kTimeMax;
};

struct Contents {
  std::int64_t keys = 0;
  std::int64_t windows = 0;
  std::int64_t intervals = 0;
  std::vector<ListedKey> listed;
};

Result<Contents> Count(const StateCall& call, engine::LmdbStore* store) {
  Contents contents;
  if (store == nullptr) return contents;
  bool sound = true;
  const auto visit = [&](const engine::StateEntry& entry) {
    const char kind = entry.name.front();
    contents.windows += kind == engine::kWindowEntry ? 1 : 0;
    contents.intervals += kind == engine::kIntervalEntry ? 1 : 0;
    if (kind != engine::kKeyEntry && kind != engine::kLongKeyEntry) return true;
    ++contents.keys;
    const std::int64_t limit = call.options.limit;
    if (!call.options.keys || (limit > 0 && contents.keys > limit)) return true;
    engine::KeyEntry key;
    sound = engine::ReadKeyEntry(entry.name, entry.value, &key);
    if (sound)
      contents.listed.push_back({SubjectOf(key.key), key.group, entry.value.size(), entry.due});
    return sound;
  };
  SHRIKE_TRY_VOID(store->ForEach("", visit));
  if (!sound) return Fail(ErrorCode::kCorrupt, "a stored key has a damaged name");
  return contents;
}

std::string DecisionText(const engine::CheckpointHead& head) {
  if (!head.pending) return "";
  switch (head.pending->kind) {
    case engine::Decision::Kind::kSwap:
      return "the rules become " + head.pending->rules;
    case engine::Decision::Kind::kIdle:
    case engine::Decision::Kind::kWake:
      break;
  }
  const auto index = static_cast<std::size_t>(head.pending->partition);
  const std::string topic = index < head.partitions.size() ? head.partitions[index].topic : "?";
  const bool idle = head.pending->kind == engine::Decision::Kind::kIdle;
  return topic + (idle ? " falls idle" : " wakes up");
}

std::string KeyName(const ListedKey& key) {
  return key.subject.empty() ? "(the one key of all events)" : EscapeTerminal(key.subject);
}

// What the rules of the task call a key group; its hash if they cannot be read.
std::string GroupName(const nfa::Program* program, std::uint64_t hash) {
  const int group = program == nullptr ? -1 : program->FindGroup(hash);
  return group < 0 ? fmt::format("{:016x}", hash) : EscapeTerminal(GroupText(*program, group));
}

void PrintText(const StateCall& call, StoredTask* task, const Contents& contents) {
  std::ostream& out = call.session.out();
  const int number = task->place.task;
  if (!task->head) {
    out << fmt::format("task {}: {}\n", number,
                       task->restoring ? "is being filled from the changelog" : "nothing yet");
    return;
  }
  const engine::CheckpointHead& head = *task->head;
  out << fmt::format(
      "task {}: commit {}, base {}, front {}, {} outputs; {} keys, {} windows, {} intervals, {}; "
      "rules {}\n",
      number, head.sequence, head.base, TimeText(head.front), FormatCount(head.outputs.count),
      FormatCount(contents.keys), FormatCount(contents.windows), FormatCount(contents.intervals),
      FormatBytes(static_cast<std::int64_t>(task->store->used_bytes())), head.rules);
  for (const engine::PartitionCheckpoint& each : head.partitions) {
    out << fmt::format("  {} [{}]: {}..{}, watermark {}{}\n", EscapeTerminal(each.topic),
                       each.partition, each.low_offset, each.next_offset, TimeText(each.watermark),
                       each.idle ? ", idle" : "");
  }
  if (head.pending) out << "  pending: " << EscapeTerminal(DecisionText(head)) << "\n";
  if (contents.listed.empty()) return;
  const auto rules = ReadRules(task);
  for (const ListedKey& key : contents.listed) {
    out << fmt::format("  key {}: {}, {} B, due {}\n", KeyName(key),
                       GroupName(rules ? (*rules)->program.get() : nullptr, key.group), key.bytes,
                       TimeText(key.due));
  }
  const auto left = contents.keys - static_cast<std::int64_t>(contents.listed.size());
  if (left > 0) out << fmt::format("  and {} keys more (--limit)\n", FormatCount(left));
}

std::string PartitionsJson(const engine::CheckpointHead& head) {
  std::string out;
  for (const engine::PartitionCheckpoint& each : head.partitions) {
    out += fmt::format(
        R"({}{{"topic":{},"partition":{},"low_offset":{},"next_offset":{},"watermark":{},"idle":{}}})",
        out.empty() ? "" : ",", TextJson(each.topic), each.partition, each.low_offset,
        each.next_offset, TimeJson(each.watermark), each.idle);
  }
  return out;
}

std::string KeysJson(StoredTask* task, const Contents& contents) {
  const auto rules = ReadRules(task);
  std::string out;
  for (const ListedKey& key : contents.listed) {
    out += fmt::format(R"({}{{"key":{},"group":{},"bytes":{},"due":{}}})", out.empty() ? "" : ",",
                       TextJson(key.subject),
                       TextJson(GroupName(rules ? (*rules)->program.get() : nullptr, key.group)),
                       key.bytes, TimeJson(key.due));
  }
  return out;
}

std::string TaskJson(const StateCall& call, StoredTask* task, const Contents& contents) {
  if (!task->head) {
    return fmt::format(R"({{"task":{},"commit":null,"restoring":{}}})", task->place.task,
                       task->restoring);
  }
  const engine::CheckpointHead& head = *task->head;
  std::string out = fmt::format(
      R"({{"task":{},"commit":{},"base":{},"history":"{:016x}","front":{},"outputs":{},)"
      R"("keys":{},"windows":{},"intervals":{},"bytes":{},"rules":"{}","pending":{},)"
      R"("partitions":[{}])",
      task->place.task, head.sequence, head.base, head.history, TimeJson(head.front),
      head.outputs.count, contents.keys, contents.windows, contents.intervals,
      task->store->used_bytes(), head.rules, head.pending ? TextJson(DecisionText(head)) : "null",
      PartitionsJson(head));
  if (call.options.keys) out += R"(,"listed_keys":[)" + KeysJson(task, contents) + "]";
  return out + "}";
}

}  // namespace

int ListState(const StateCall& call) {
  std::string tasks;
  int code = kExitGood;
  for (const TaskFolder& place : call.folders) {
    auto task = OpenTask(place, call.config.application);
    const auto contents =
        task ? Count(call, task->store.get()) : Result<Contents>(tl::unexpected(task.error()));
    if (!contents) {
      code = call.session.Report(contents.error());
    } else if (call.json()) {
      tasks += (tasks.empty() ? "" : ",") + TaskJson(call, &*task, *contents);
    } else {
      PrintText(call, &*task, *contents);
    }
  }
  if (call.json()) call.session.out() << R"({"tasks":[)" << tasks << "]}\n";
  return code;
}

}  // namespace shrike::tools
