// Shrinker: the smallest pattern and stream that still fail, found by trying to leave things out one at a time.
#ifndef SHRIKE_TESTS_ORACLE_SHRINKER_H_
#define SHRIKE_TESTS_ORACLE_SHRINKER_H_

#include <functional>
#include <vector>

#include "tests/oracle/generator.h"
#include "tests/oracle/pattern_text.h"

namespace shrike::oracle {

// fails(pair) holds, and for a pair that is no rule does not. Asks `fails` at most attempts_max times.
Pair Shrink(Pair pair, const std::function<bool(const Pair&)>& fails, int attempts_max);

// Every pattern with one thing less: an element, a step, a quantifier, a condition, a clause. Bigger cuts first.
std::vector<PatternText> SmallerPatterns(const PatternText& pattern);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_SHRINKER_H_
