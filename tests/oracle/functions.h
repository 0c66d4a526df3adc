// The functions and text predicates of the rule language for the oracle (language.md, 4.9 and 4.10).
#ifndef SHRIKE_TESTS_ORACLE_FUNCTIONS_H_
#define SHRIKE_TESTS_ORACLE_FUNCTIONS_H_

#include <string>
#include <vector>

#include "nfa/expr.h"
#include "tests/oracle/datum.h"

namespace shrike::oracle {

// All arguments are evaluated; none is null but for kIf.
Datum CallFunction(nfa::Function function, const std::vector<Datum>& args);

// Whole value against a pattern with * and ? (4.9).
bool Like(const std::string& text, const std::string& pattern, bool ignore_case);
// RE2, found anywhere.
bool Matches(const std::string& text, const std::string& pattern);
// Whether an address is in a block "10.0.0.0/8" (or is the address, without a length).
bool InCidr(const IpBytes& ip, const std::string& block);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_FUNCTIONS_H_
