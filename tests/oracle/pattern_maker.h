// PatternMaker: a random pattern over the whole language of section 5, with windows, features and tables.
#ifndef SHRIKE_TESTS_ORACLE_PATTERN_MAKER_H_
#define SHRIKE_TESTS_ORACLE_PATTERN_MAKER_H_

#include <cstdint>

#include "tests/oracle/pattern_text.h"

namespace shrike::oracle {

// Over the streams of GeneratorCatalog (generator.h).
PatternText MakePattern(std::uint64_t seed);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_PATTERN_MAKER_H_
