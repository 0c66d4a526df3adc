// The table of all diagnostic codes: what each means and what to do, for `shrike explain E0203`.
//
// Ranges: E00xx file and YAML, E01xx syntax, E02xx names, E03xx types, E04xx meaning of patterns, E05xx facts about a
// rule, E06xx configuration (config/codes.h), E09xx not yet supported, W03xx lints. A code is stable and never used again for something else.
// The texts stand in rules/codes_syntax.cc (E00, E01) and rules/codes_check.cc (the others).
// Tested by: tests/rules/codes_test.cc.
#ifndef SHRIKE_RULES_CODES_H_
#define SHRIKE_RULES_CODES_H_

#include <span>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace shrike::rules {

using shrike::CodeInfo;

// Both in ascending order of code.
std::span<const CodeInfo> SyntaxCodes();
std::span<const CodeInfo> CheckCodes();

// All codes, ascending.
std::vector<CodeInfo> AllCodes();

// nullptr: there is no such code. Lower case is accepted. Cost: O(codes).
const CodeInfo* FindCode(std::string_view code);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_CODES_H_
