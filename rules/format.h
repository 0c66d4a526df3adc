// fmt: a rule file with its patterns and expressions in canonical form, everything else byte for byte.
//
// Rewritten in place are the scalars of `pattern`, macros, features' `value`, `alert.fields` and exceptions' `when`.
// A block scalar keeps its header and indentation, a plain or quoted one its style; where the new text cannot be
// written in that style, and where a scalar does not parse, the old text stays. Comments in a folded block would
// swallow what follows: such a block stays as it is.
// The result reads back as the same trees and comments, else the file is returned as it was; formatting it again
// changes nothing. Tested by: tests/rules/format_test.cc.
#ifndef SHRIKE_RULES_FORMAT_H_
#define SHRIKE_RULES_FORMAT_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/diagnostic.h"

namespace shrike::rules {

// path: for messages. What cannot be read is appended to `diagnostics` as ReadRuleFile does; a file that is not YAML is
// returned as it is. Cost: reading the file twice.
std::string FormatRuleFile(const std::string& path, std::string_view content,
                           std::vector<Diagnostic>* diagnostics);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_FORMAT_H_
