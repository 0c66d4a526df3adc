// Looks at the bytes of a file before any parser does.
//
// Refused: over kRuleFileBytesMax, invalid UTF-8, control characters other than tab and line break, and characters that
// change the direction of text or hide lines: each makes a rule look other than it is.
// Tested by: tests/base/yaml_tree_test.cc.  Next: base/yaml_tree.h.
#ifndef SHRIKE_BASE_YAML_GUARD_H_
#define SHRIKE_BASE_YAML_GUARD_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace shrike {

// True: `content` may be parsed. Else at least one Diagnostic was appended; at most kForbiddenShownMax characters are
// named. Cost: linear, about 1 ns per byte.
bool GuardBytes(const std::string& path, std::string_view content,
                std::vector<Diagnostic>* diagnostics);

// Is this character refused in rule files? Printers and renderers escape it. ASCII: control characters but tab, LF, CR.
bool IsForbiddenCharacter(char32_t character);

inline constexpr int kForbiddenShownMax = 20;

}  // namespace shrike

#endif  // SHRIKE_BASE_YAML_GUARD_H_
