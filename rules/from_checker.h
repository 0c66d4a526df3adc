// The sources of a pattern: streams, keys and how they go with the partitioning (language.md, sections 3 and 5.1).
//
// Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_FROM_CHECKER_H_
#define SHRIKE_RULES_FROM_CHECKER_H_

#include <string>
#include <vector>

#include "rules/ast.h"
#include "rules/report.h"
#include "rules/rule_scope.h"

namespace shrike::rules {

// device.os.name
std::string PathText(const Path& path);

// Fills sources and key names of the scope's rule, and the scope's streams and keys.
// sources: of a pattern or feature, parsed from `source`.
void CheckSources(ScalarSource source, const std::vector<Source>& sources, RuleScope* scope);

// Reports streams whose partitioning does not go with the key. To be called after CheckSources.
void CheckPartitioning(ScalarSource source, const std::vector<Source>& sources,
                       const RuleScope& scope);

// The columns of key paths in the events, and their types; a path with a mistake is left out and reported.
struct KeyColumns {
  std::vector<int> columns;
  std::vector<Type> types;
  std::vector<std::string> names;
  bool good = true;
};
KeyColumns CheckKeys(ScalarSource source, const Keys& keys, const EventScope& events,
                     const RuleScope& scope);

// Whether both keys have the same count and types; decimals may differ in places.
bool SameKeyTypes(const std::vector<Type>& a, const std::vector<Type>& b);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_FROM_CHECKER_H_
