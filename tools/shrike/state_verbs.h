// The verbs of the group `state`, each with its options. All write their results to the session's output.
//
// Tested by: tests/tools/state_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_STATE_VERBS_H_
#define SHRIKE_TOOLS_SHRIKE_STATE_VERBS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "tools/shrike/session.h"
#include "tools/shrike/state_tasks.h"

namespace shrike::tools {

struct StateOptions {
  int task = -1;             // --task N; -1: all
  bool keys = false;         // ls --keys
  std::int64_t limit = 100;  // ls --limit: keys of a task; 0: all
  std::string key;           // show KEY
  bool forget = false;       // rebuild --forget
  bool yes = false;          // rebuild --yes
};

// What the verbs work on.
struct StateCall {
  const Session& session;
  const StateOptions& options;
  config::EngineConfig config;
  std::string state_path;
  std::vector<TaskFolder> folders;  // those that the options ask for

  bool json() const { return session.common.format == "json"; }
};

// Each returns the exit code.
int ListState(const StateCall& call);
int ShowKey(const StateCall& call);
int VerifyTasks(const StateCall& call);
int RebuildTasks(const StateCall& call);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_STATE_VERBS_H_
