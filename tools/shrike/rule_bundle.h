// RuleBundle: all the texts that a set of rules is made of, as one: configuration, rule files, list and table files. What
// `run` loads, stores in checkpoints, and compiles again when it goes on from one (engine/rule_set.h).
//
// It is the same on every machine that has the same rules and streams: paths are relative to the configuration's folder,
// and the sections that no rule depends on (kafka, alerts, state, http, threads) are left out, with the secrets in them.
// Environment variables and secret files that the configuration names are not part of it: they are read anew.
// Tested by: tests/tools/rule_bundle_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_RULE_BUNDLE_H_
#define SHRIKE_TOOLS_SHRIKE_RULE_BUNDLE_H_

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/rule_set.h"
#include "tools/shrike/loader.h"

namespace shrike::tools {

struct RuleBundle {
  TextFile config;
  std::vector<TextFile> rules;   // by path
  std::vector<TextFile> others;  // lists and tables, by path
};

// A bundle that was read from the disk, with what checking it said. Diagnostics name files as they were found.
struct LoadedBundle {
  RuleBundle bundle;
  Loaded loaded;
};

// Reads everything that the options name. Errors: as Load's. Mistakes in the rules are in `loaded`.
Result<LoadedBundle> LoadBundle(const CommonOptions& options);

std::string WriteBundle(const RuleBundle& bundle);
// Errors: kCorrupt.
Result<RuleBundle> ReadBundle(const std::string& text);

// loaded: of the bundle, without errors. Errors: kRule.
Result<std::shared_ptr<const engine::RuleSet>> MakeRuleSet(const LoadedBundle& bundle);
// The same of a text that WriteBundle made. Errors: kRule, with the first mistake: another version of shrike took it.
Result<std::shared_ptr<const engine::RuleSet>> CompileBundle(const std::string& text);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_RULE_BUNDLE_H_
