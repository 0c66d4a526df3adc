// A small catalog and rules given as pattern text, for the tests of this folder.
#ifndef SHRIKE_TESTS_NFA_PROGRAM_FIXTURE_H_
#define SHRIKE_TESTS_NFA_PROGRAM_FIXTURE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/schema.h"
#include "nfa/program.h"
#include "tests/oracle/event_table.h"

namespace shrike::nfa {

// One stream s with types A to D and X, an int v, a key k, a second key u (strings), a float f, a decimal amount and a
// list of strings l.
Catalog TestCatalog();

// "A@0 B5@10 A:k1@20 C:k1:u2@30": type, v, k, u, time.
std::vector<oracle::RawEvent> ParseEvents(std::string_view text);

// A rule `id` with the pattern; `extra` are further lines of the rule, indented by four.
std::string RuleText(std::string_view id, std::string_view pattern, std::string_view extra = "");

// Reads, checks and builds. The rule file must be right.
std::shared_ptr<const Program> BuildProgram(const std::string& rules_text, Limits limits = {});

}  // namespace shrike::nfa

#endif  // SHRIKE_TESTS_NFA_PROGRAM_FIXTURE_H_
