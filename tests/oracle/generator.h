// Generator: random patterns over the whole language of section 5, and random streams that they often match.
//
// Everything follows from the seed. Patterns are made as text (tests/oracle/pattern_text.h); a few of them break a
// rule of the checker and are thrown away by the caller.
#ifndef SHRIKE_TESTS_ORACLE_GENERATOR_H_
#define SHRIKE_TESTS_ORACLE_GENERATOR_H_

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/schema.h"
#include "base/time.h"
#include "tests/oracle/event_table.h"
#include "tests/oracle/pattern_text.h"

namespace shrike::oracle {

// Two streams, s (types A B C D) and t (types C E), with a field of every type.
Catalog GeneratorCatalog();

// One pair of the differential test.
struct Pair {
  PatternText pattern;
  std::vector<RawEvent> events;
  Limits limits;
  TimestampMs at_end = 0;
};

// The same on every machine: no standard distribution is used.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  int Below(int count) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(count)); }
  int Between(int low, int high) { return low + Below(high - low + 1); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(Below(static_cast<int>(items.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

Pair MakePair(std::uint64_t seed);

// Only the pattern: for the unrelated rules of the sharing test.
PatternText MakePattern(std::uint64_t seed);

// The names of the operators that the pair uses, as the table of the differential test lists them.
std::set<std::string> OperatorsOf(const Pair& pair);
// All names that OperatorsOf may give.
std::vector<std::string> AllOperators();

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_GENERATOR_H_
