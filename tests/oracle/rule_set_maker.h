// RuleSetMaker: a few small rules of one key that tie to each other: risk, emitted events, suppression, `learn`.
//
// The patterns are plain; what happens after a match is the point. A made rule's constructs are of
// AllRuleSetConstructs().
#ifndef SHRIKE_TESTS_ORACLE_RULE_SET_MAKER_H_
#define SHRIKE_TESTS_ORACLE_RULE_SET_MAKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/oracle/generator.h"

namespace shrike::oracle {

// Two or three rules, the first one as Pair::pattern, over the streams of GeneratorCatalog. Emitted events may cause
// others: a chain of two.
Pair MakeRuleSet(std::uint64_t seed);

// "suppress", "emit".. as the operator table prints them.
std::vector<std::string> AllRuleSetConstructs();

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_RULE_SET_MAKER_H_
