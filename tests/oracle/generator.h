// Generator: random patterns over the whole language of section 5, and random streams that they often match.
//
// Everything follows from the seed. Patterns are made as text (tests/oracle/pattern_text.h); a few of them break a
// rule of the checker and are thrown away by the caller.
#ifndef SHRIKE_TESTS_ORACLE_GENERATOR_H_
#define SHRIKE_TESTS_ORACLE_GENERATOR_H_

#include <cstdint>
#include <vector>

#include "base/limits.h"
#include "base/schema.h"
#include "base/time.h"
#include "tests/oracle/event_table.h"
#include "tests/oracle/pattern_text.h"
#include "tests/oracle/random_choice.h"
#include "tests/oracle/rule_text.h"

namespace shrike::oracle {

// Streams s (types A B C D) and t (types C E), with a field of every type, and `made` and `more`, whose events rules
// emit. derives: what they compute.
Catalog GeneratorCatalog(const std::vector<DeriveText>& derives = {});

// One table, `caps`: for the keys 1, 2 and 5 a cap (int), a tag (string) and a rate (decimal), some of them null. Risk
// is halved in 20 ms.
SharedInputs GeneratorInputs();

// One pair of the differential test.
struct Pair {
  PatternText pattern;
  std::vector<PatternText> others;  // of a rule set (rule_set_maker.h)
  std::vector<RawEvent> events;
  Limits limits;
  TimestampMs at_end = 0;
};

Pair MakePair(std::uint64_t seed);

// Events of the stream s, or of s and t, in the total order.
std::vector<RawEvent> MakeEvents(Random* random, bool two_streams);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_GENERATOR_H_
