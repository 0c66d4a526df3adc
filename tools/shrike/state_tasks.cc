#include "tools/shrike/state_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "alerts/subject.h"
#include "base/value.h"
#include "engine/changelog.h"
#include "nfa/expr.h"
#include "nfa/key.h"
#include "nfa/program_data.h"
#include "tools/shrike/rule_bundle.h"

namespace shrike::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolderPrefix = "task-";
constexpr int kLooksMax = 3;  // at a checkpoint that is replaced under our hands

// -1: it is no task's folder.
int TaskOf(const std::string& name) {
  if (!name.starts_with(kFolderPrefix)) return -1;
  const char* begin = name.data() + kFolderPrefix.size();
  const char* end = name.data() + name.size();
  int task = -1;
  const auto parsed = std::from_chars(begin, end, task);
  return parsed.ec == std::errc() && parsed.ptr == end ? task : -1;
}

Result<void> ReadHead(StoredTask* task) {
  SHRIKE_TRY(const std::optional<std::string> head, task->store->ReadHead());
  task->restoring = head && *head == engine::kRestoringHead;
  task->head.reset();
  if (!head || task->restoring) return {};
  SHRIKE_TRY(task->head, engine::ReadCheckpointHead(*head));
  return {};
}

}  // namespace

Result<std::vector<TaskFolder>> FindTaskFolders(const std::string& state_path) {
  std::vector<TaskFolder> found;
  std::error_code error;
  for (fs::directory_iterator at(state_path, error), end; !error && at != end;
       at.increment(error)) {
    const int task = TaskOf(at->path().filename().string());
    if (task >= 0) found.push_back({task, at->path().string()});
  }
  if (error) {
    return Fail(ErrorCode::kIo, fmt::format("cannot read the folder {} (`state.path`): {}",
                                            state_path, error.message()));
  }
  if (found.empty()) {
    return Fail(ErrorCode::kIo,
                fmt::format("the folder {} (`state.path`) holds no state of a task", state_path));
  }
  std::sort(found.begin(), found.end(),
            [](const TaskFolder& a, const TaskFolder& b) { return a.task < b.task; });
  return found;
}

bool HasData(const TaskFolder& place) {
  std::error_code ignored;
  return fs::exists(place.folder + "/data.mdb", ignored);
}

Result<StoredTask> OpenTask(const TaskFolder& place, const std::string& application) {
  StoredTask task;
  task.place = place;
  if (!HasData(place)) return task;
  SHRIKE_TRY(task.store, engine::LmdbStore::OpenForReading(place.folder));
  const engine::StateIdentity& owner = task.store->identity();
  if (owner.application != application || owner.task != std::to_string(place.task)) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("the state in {} is of task {} of application `{}`; expected task {} "
                            "of `{}`",
                            place.folder, owner.task, owner.application, place.task, application));
  }
  SHRIKE_TRY_VOID(ReadHead(&task));
  return task;
}

Result<std::shared_ptr<const engine::RuleSet>> ReadRules(StoredTask* task) {
  std::string text;
  for (int look = 0; look < kLooksMax && task->head; ++look) {
    SHRIKE_TRY(const bool there,
               task->store->Read(engine::TextEntryName(task->head->rules), &text));
    if (!there) {
      SHRIKE_TRY_VOID(ReadHead(task));
      continue;
    }
    SHRIKE_TRY(auto rules, CompileBundle(text));
    if (rules->hash == task->head->rules) return rules;
    return Fail(ErrorCode::kCorrupt,
                fmt::format("task {}: the stored text of the rules is not that of {}",
                            task->place.task, task->head->rules));
  }
  return Fail(ErrorCode::kCorrupt,
              fmt::format("the state of task {} lacks the text of its rules", task->place.task));
}

std::string SubjectOf(std::string_view key) {
  std::vector<Value> parts;
  nfa::DecodeKey(key, &parts);
  std::string out;
  alerts::AppendSubject(parts, {}, &out);
  return out;
}

bool KeyFits(std::string_view key, const std::string& text) {
  if (SubjectOf(key) == text) return true;
  std::vector<Value> parts;
  nfa::DecodeKey(key, &parts);
  if (parts.empty()) return false;
  std::string first;
  AppendText(parts[0], &first);
  return first == text;
}

std::string GroupText(const nfa::Program& program, int group) {
  const std::vector<int>& key = program.data().groups[static_cast<std::size_t>(group)].key;
  std::string out;
  for (const int column : key) {
    out += out.empty() ? "by " : ", ";
    out += column == nfa::kTimeColumn
               ? "ts"
               : program.layout().columns[static_cast<std::size_t>(column)].name;
  }
  return out.empty() ? "all events" : out;
}

std::string TimeText(TimestampMs time) {
  return time == kTimeMin || time == kTimeMax ? "-" : FormatRfc3339(time);
}

std::string TimeJson(TimestampMs time) {
  return time == kTimeMin || time == kTimeMax ? "null" : std::to_string(time);
}

std::string TextJson(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

}  // namespace shrike::tools
