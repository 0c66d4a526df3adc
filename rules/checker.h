// Names, types and lints: a set of rule files and the declared streams -> nfa::RuleSetSpec.
//
// Follows language.md, sections 1 to 5 (what is an error there is one here). Collects every mistake of every file;
// a rule with a mistake is left out of the result. What the language has and this version does not evaluate is an
// error with code E0901 that says "not yet supported".
// Tested by: tests/rules/checker_golden_test.cc.  Next: nfa/program.h.
#ifndef SHRIKE_RULES_CHECKER_H_
#define SHRIKE_RULES_CHECKER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/schema.h"
#include "base/table.h"
#include "nfa/rule_spec.h"
#include "rules/diagnostic.h"
#include "rules/rule_file.h"

namespace shrike::rules {

struct CheckedRuleSet {
  nfa::RuleSetSpec spec;
  // For each rule of spec: its file and its node there, for tests and messages. origin[rules].
  struct Origin {
    const RuleFile* file;
    const RuleNode* rule;
  };
  std::vector<Origin> origin;
};

// Reads the file of a list. rule_file: the path of the file that names it, from which `path` starts if it is relative.
using ListFileSource = std::function<Result<SourceFile>(
    const std::string& rule_file, const std::string& path, std::size_t bytes_max)>;

// What a set of rules is checked against. All borrowed, but tables.
struct CheckInputs {
  const std::vector<const RuleFile*>& files;
  const Catalog& catalog;
  const Limits& limits;
  const SourceFile* config = nullptr;  // where derived fields stand, for messages
  std::vector<std::shared_ptr<const Table>> tables = {};
  DurationMs risk_half_life = nfa::RuleSetSpec().risk_half_life;
  ListFileSource read_list = {};  // empty: there are no files
};

// diagnostics: what reading the files has said; a rule on whose lines there is an error is left out. What the checker
// finds is appended, in the order of files, then by place. The files must outlive the result.
// Cost: linear in what the rules name; 10,000 rules of usual size take some 0.1 s.
CheckedRuleSet CheckRules(const CheckInputs& inputs, std::vector<Diagnostic>* diagnostics);

// The same without tables, list files and a configuration's text.
CheckedRuleSet CheckRules(const std::vector<const RuleFile*>& files, const Catalog& catalog,
                          const Limits& limits, std::vector<Diagnostic>* diagnostics);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_CHECKER_H_
