// The store of a task's state as `run` and `demo` use it: LMDB in a folder of its own.
//
// Tested by: tests/e2e/run_test.cc, tests/tools/demo_test.cc.  Next: engine/lmdb/lmdb_store.h.
#ifndef SHRIKE_TOOLS_SHRIKE_TASK_STORE_H_
#define SHRIKE_TOOLS_SHRIKE_TASK_STORE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "engine/state_store.h"

namespace shrike::tools {

struct TaskStoreOptions {
  std::string state_path;  // `state.path`; made if it is not there
  std::string application;
  int task = 0;
  bool sync =
      true;  // a checkpoint survives a power failure; else what it has lost is read from the changelog
  std::function<void(std::chrono::nanoseconds spent)> written = {};  // told of each good write
};

// A sync that fails ends the process: the next one reads what is really there. Errors: LmdbStore::Open's,
// with what to do about them.
Result<std::unique_ptr<engine::StateStore>> OpenTaskStore(const TaskStoreOptions& options);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_TASK_STORE_H_
