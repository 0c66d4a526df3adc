// RuleSet: a compiled program with the text it was made from. Recovery goes on with the rules that a checkpoint was
// written under, whatever lies on disk by then (exactly-once.md, 16), so a checkpoint holds the text.
#ifndef SHRIKE_ENGINE_RULE_SET_H_
#define SHRIKE_ENGINE_RULE_SET_H_

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "nfa/program.h"

namespace shrike::engine {

// Immutable. What `text` is, only the compiler knows: rule files, lists and tables in one.
struct RuleSet {
  std::string hash;  // 32 hex digits: of the text
  std::string text;
  std::shared_ptr<const nfa::Program> program;
};

// Makes a RuleSet of a text again. Errors: kRule, this build refuses the text.
using RuleCompiler = std::function<Result<std::shared_ptr<const RuleSet>>(const std::string& text)>;

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_RULE_SET_H_
