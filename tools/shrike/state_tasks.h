// The state of tasks on the disk, as the `state` verbs look at it: which tasks there are, their heads, their rules, and
// keys as text. Everything is opened for reading, so it works while the engine runs and after it was killed.
//
// Tested by: tests/tools/state_test.cc.  Next: tools/shrike/state_verbs.h.
#ifndef SHRIKE_TOOLS_SHRIKE_STATE_TASKS_H_
#define SHRIKE_TOOLS_SHRIKE_STATE_TASKS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/checkpoint.h"
#include "engine/lmdb/lmdb_store.h"
#include "engine/rule_set.h"
#include "nfa/program.h"

namespace shrike::tools {

struct TaskFolder {
  int task = 0;
  std::string folder;  // state_path/task-N
};

// By task. Errors: kIo: there is no such folder, or no task in it.
Result<std::vector<TaskFolder>> FindTaskFolders(const std::string& state_path);

// What a task's folder holds at the moment of the look.
struct StoredTask {
  TaskFolder place;
  std::unique_ptr<engine::LmdbStore> store;    // null: the folder is empty
  std::optional<engine::CheckpointHead> head;  // nullopt: nothing was written yet, or:
  bool restoring = false;                      // it is just being filled from the changelog
};

// Whether anything was ever written there, or not since it was removed.
bool HasData(const TaskFolder& place);

// application: whose state is expected. Errors: kIo; kCorrupt, damaged or of another application.
Result<StoredTask> OpenTask(const TaskFolder& place, const std::string& application);

// The rules that the checkpoint was written under. If the engine writes a new checkpoint meanwhile, task->head is that
// one's. Errors: kCorrupt, there is no text, or it is not what the head names; kRule, this version refuses it.
Result<std::shared_ptr<const engine::RuleSet>> ReadRules(StoredTask* task);

// An encoded key (nfa/key.h) as an alert's subject has it: one value as text, several joined by `|`, where `\` escapes
// `|` and `\`. Nothing for the global key.
std::string SubjectOf(std::string_view key);
// Whether a person who writes `text` means the key: its subject, or the text of its first part.
bool KeyFits(std::string_view key, const std::string& text);

// "by card, merchant", or "all events".
std::string GroupText(const nfa::Program& program, int group);
// RFC 3339; "-" for kTimeMin and kTimeMax.
std::string TimeText(TimestampMs time);
// As JSON: ms; null for kTimeMin and kTimeMax.
std::string TimeJson(TimestampMs time);
// With quotes.
std::string TextJson(std::string_view text);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_STATE_TASKS_H_
