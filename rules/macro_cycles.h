// Macros that reach themselves (language.md, 4.11: no recursion).
//
// Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_MACRO_CYCLES_H_
#define SHRIKE_RULES_MACRO_CYCLES_H_

#include <vector>

#include "rules/rule_file.h"

namespace shrike::rules {

struct MacroCycle {
  std::vector<const MacroNode*> macros;  // in the order of use; the last uses the first
  Span use;                              // in the body of macros[0]: where it names the next one
};

// Every cycle goes through a macro of some result, so that an expansion which stops at these ends. macros: of different
// names. Cost: linear in the bodies. An explicit stack: chains of macros may be as long as the file.
std::vector<MacroCycle> FindCycles(const std::vector<const MacroNode*>& macros);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_MACRO_CYCLES_H_
