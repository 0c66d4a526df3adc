// Reading and finding files for the verbs: configuration, rule files, environment.
//
// Tested by: tests/tools/files_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_FILES_H_
#define SHRIKE_TOOLS_SHRIKE_FILES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace shrike::tools {

inline constexpr std::string_view kConfigName = "shrike.yaml";

// The file's text, at most bytes_max + 1 bytes of it: who gets more than bytes_max refuses it.
// Errors: kIo, with the path and the reason.
Result<std::string> ReadFile(const std::string& path, std::size_t bytes_max);

// Writes the file whole or not at all: to a temporary beside it, then renamed over it. Permissions are kept.
// Errors: kIo; the old file is as it was.
Result<void> ReplaceFile(const std::string& path, std::string_view content);

// The configuration that holds for `paths`: the nearest shrike.yaml in the folder of the first path or above it, else
// in the current folder. Errors: kConfig, there is none; kIo, the first path does not exist.
Result<std::string> FindConfig(const std::vector<std::string>& paths);

// The rule files of PATHs: files as given, folders recursively (*.yaml), shrike.yaml left out; sorted by bytes, each
// once. Errors: kIo, a path does not exist; kUsage, no file is left.
Result<std::vector<std::string>> CollectRuleFiles(const std::vector<std::string>& paths);

// `path` relative to the folder of `file`; an absolute one as it is.
std::string RelativeTo(const std::string& file, const std::string& path);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_FILES_H_
