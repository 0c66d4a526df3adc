// What a pattern as a whole must be: it binds an event, every wait ends, NOTs and loops say something (language.md,
// sections 3, 5.6 to 5.8, 5.14, 5.15). Works on the syntax tree alone; names and types are checked elsewhere.
//
// Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_PATTERN_MEANING_H_
#define SHRIKE_RULES_PATTERN_MEANING_H_

#include "base/limits.h"
#include "rules/ast.h"
#include "rules/report.h"

namespace shrike::rules {

struct MeaningOptions {
  bool unbounded = false;  // `unbounded: accept`
  Limits limits;
};

// Reports what is wrong (E04xx) or says nothing (W03xx). source: the scalar of the pattern.
void CheckMeaning(ScalarSource source, const Pattern& pattern, const MeaningOptions& options,
                  Reporter* reporter);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_PATTERN_MEANING_H_
