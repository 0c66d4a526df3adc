// DemoFolder: where `shrike demo` keeps its log and state, so that it goes on after it was killed.
//
//   demo      which demo it is: one line
//   log       the embedded log's journal: events, alerts, offsets
//   state/    the engine's state, as `shrike state` reads it
//
// Tested by: tests/tools/demo_test.cc.  Next: tools/shrike/demo_run.h.
#ifndef SHRIKE_TOOLS_SHRIKE_DEMO_FOLDER_H_
#define SHRIKE_TOOLS_SHRIKE_DEMO_FOLDER_H_

#include <string>

#include "base/result.h"
#include "tools/shrike/demo_generator.h"

namespace shrike::tools {

class DemoFolder {
 public:
  // Makes the folder. A demo that was finished there is removed; one that was not goes on, if it is the same one.
  // Errors: kIo; kUsage, the folder holds another demo that is not finished, or something else.
  static Result<DemoFolder> Open(const std::string& path, const DemoOptions& options);

  const std::string& path() const { return path_; }
  std::string log_path() const { return path_ + "/log"; }
  std::string state_path() const { return path_ + "/state"; }

  // All of it is done: the next Open begins anew. Errors: kIo.
  Result<void> MarkFinished() const;

 private:
  DemoFolder(std::string path, std::string line) : path_(std::move(path)), line_(std::move(line)) {}

  std::string path_;
  std::string line_;  // names the demo
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_DEMO_FOLDER_H_
