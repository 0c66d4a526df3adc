// Loader: configuration and rule files of a call -> checked rules, with every mistake found on the way.
//
// Tested by: tests/tools/cli_test.cc.  Next: rules/checker.h.
#ifndef SHRIKE_TOOLS_SHRIKE_LOADER_H_
#define SHRIKE_TOOLS_SHRIKE_LOADER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "config/config.h"
#include "nfa/program.h"
#include "rules/checker.h"
#include "rules/rule_file.h"
#include "tools/shrike/files.h"
#include "tools/shrike/session.h"

namespace shrike::tools {

// Everything of one call. Rules point into the files: move it, do not copy it.
struct Loaded {
  std::string config_path;
  std::optional<config::EngineConfig> config;           // nullopt: it has errors
  std::vector<std::unique_ptr<rules::RuleFile>> files;  // sorted by path
  rules::CheckedRuleSet checked;                        // empty if the configuration has errors
  std::vector<Diagnostic> diagnostics;                  // of the configuration, then of the files
  int config_errors = 0;
  int rule_errors = 0;
  int warnings = 0;

  // kExitConfig, kExitFindings or kExitGood. strict: warnings are findings.
  int exit_code(bool strict) const;
};

// Reads the configuration (-c, or looked up) and the PATHs (or its `rules.paths`) and checks all of it. Rules whose
// file has errors are left out. With errors in the configuration only the syntax of the files given is checked.
// Errors: kConfig, there is no configuration; kIo, a file cannot be read; kUsage, there is no rule file.
Result<Loaded> Load(const CommonOptions& options);

// `rules.paths` of the configuration that the options name or that is found; none if it has errors, which Load shows.
// Errors: kConfig, there is no configuration; kIo; kUsage, it has no `rules.paths`.
Result<std::vector<std::string>> ConfiguredPaths(const CommonOptions& options);

// The configuration alone, for verbs that look at no rule.
struct LoadedConfig {
  std::string path;
  config::EngineConfig config;
};
// Mistakes in it are shown. Errors: the exit code.
tl::expected<LoadedConfig, int> LoadConfigOrReport(const Session& session);

struct TextFile {
  std::string path;  // for messages
  std::string text;
};

// How list and table files are read: a path and the most bytes that are wanted, as ReadFile.
using FileReader =
    std::function<Result<std::string>(const std::string& path, std::size_t bytes_max)>;

// The same of texts in memory. reader: of the lists and tables that they name.
Loaded LoadTexts(const TextFile& config, std::vector<TextFile> rule_files,
                 const FileReader& reader = ReadFile);

// The texts that Load would read first. Errors: as Load's.
struct LoadedTexts {
  TextFile config;
  std::vector<TextFile> rules;
};
Result<LoadedTexts> ReadTexts(const CommonOptions& options);

// The errors on stderr, if there are any. Returns the exit code then, else 0. Warnings are for `check` to show.
int ReportErrors(const Session& session, const Loaded& loaded);

// Load and ReportErrors.
tl::expected<Loaded, int> LoadOrReport(const Session& session);

// The rules in mode live or shadow, compiled. Errors: kRule.
Result<std::shared_ptr<const nfa::Program>> BuildProgram(const Loaded& loaded);

// One rule alone, whatever its mode.
Result<std::shared_ptr<const nfa::Program>> BuildRuleProgram(const Loaded& loaded,
                                                             std::size_t rule);

// Writes those that are errors to err, as text.
void PrintErrors(const Session& session, const std::vector<Diagnostic>& diagnostics);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_LOADER_H_
