// Wrong variants of the commit protocol: each breaks a sentence of exactly-once.md that its section "Why each sentence
// is there" explains; the numbers are of that section. The simulator (tests/sim) switches them on one by one and must
// notice every one.
#ifndef SHRIKE_ENGINE_MUTANTS_H_
#define SHRIKE_ENGINE_MUTANTS_H_

#include <cstdint>

namespace shrike::engine {

enum class Mutant : std::uint8_t {
  kNone,
  kMuteByTime,             // 1: output of the replay is let through from B's front on
  kWatermarkAtNext,        // 2: re-reading starts with the watermark at H
  kSkipByTime,             // 3: events at or before A's front are skipped at any offset
  kTimeMovesInRebuffer,    // 4: time moves while [L, H) is read again
  kEffectBeforeCommit,     // 5: a decision takes effect before it is stored
  kSilentWake,             // 6: a partition wakes without a decision
  kWakeKeepsWatermark,     // 7: waking does not lift the partition's watermark to front
  kIgnoreBase,             // 8: an older state is used whatever was decided since
  kBaseEarly,              // 9: base is announced in the commit of the decision
  kPendingAlwaysCounts,    // 10: a pending decision takes effect in any history
  kNoFirstCheckpoint,      // 11: an empty start goes on without K0
  kRewindAfterAbort,       // 12: after an abort reading goes back, memory stays
  kTouchedOffsetsOnly,     // 13: a commit leaves out partitions that did not move
  kCommitInsideRelease,    // 14: front is committed before all of its events are processed
  kCommitInReplay,         // 15: commits go on during the replay
  kRulesFromDisk,          // 16: recovery uses the newest rules
  kMuteBeforeSuppression,  // 17: the replay's outcomes do not reach suppression
  kForgetAfterStore,  // 18: changes are forgotten when the store has them, written to the changelog or not
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_MUTANTS_H_
