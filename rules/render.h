// Diagnostics as text: for people (with the line and a caret), as JSON, as SARIF 2.1.0 (interfaces.md).
//
// Pure functions. Everything that comes from a file is escaped for where it goes: a rule file cannot move the cursor of
// a terminal or end a JSON string. Tested by: tests/rules/render_test.cc.
#ifndef SHRIKE_RULES_RENDER_H_
#define SHRIKE_RULES_RENDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/diagnostic.h"

namespace shrike::rules {

// error[E0203]: unknown field `amuont` of event type `txn`
//   --> rules/card_testing.yaml:14:33  (rule card-testing, step hit)
//    |       then hit: txn[amuont > 500]
//    |                     ^^^^^^ did you mean `amount`?
//
// One after the other, each ends with a line break. color: with ANSI colours. A long line is cut around the caret.
std::string RenderHuman(const std::vector<Diagnostic>& diagnostics, bool color);

// An array of {code, severity, message, file, line, column, end_line, end_column, rule, step, suggestion}; unknown
// texts are empty. ASCII only, ends with a line break.
std::string RenderJson(const std::vector<Diagnostic>& diagnostics);

// One run of the tool `shrike`; each code that occurs is one of its rules. Columns are in Unicode characters.
std::string RenderSarif(const std::vector<Diagnostic>& diagnostics);

// Control characters, invalid bytes and characters that turn the direction of text as \xNN or \uNNNN; tabs and line
// breaks too, if not `multi_line`.
std::string EscapeForTerminal(std::string_view text, bool multi_line = false);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_RENDER_H_
