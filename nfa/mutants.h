// Wrong variants of the matcher, each a sentence of language.md section 5 broken on purpose. The differential test
// (tests/oracle/differential_test.cc) switches them on one by one and must notice every one.
#ifndef SHRIKE_NFA_MUTANTS_H_
#define SHRIKE_NFA_MUTANTS_H_

#include <cstdint>

namespace shrike::nfa {

enum class Mutant : std::uint8_t {
  kNone,
  kWithinClosed,         // 5.7: last.ts - first.ts <= d
  kNextSkipsOthers,      // 5.5: `next` waits like `then`
  kSkipKeepsCandidates,  // 5.10: skip leaves the matches of the same event
  kGreedyKeepsExits,     // 5.6: greedy ends nothing
  kNotLosesTie,          // 5.8: an event that is both x and the next step is taken
  kTimeoutAfterMatch,    // 5.11: a run reports a timeout although a match begins with its events
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_MUTANTS_H_
