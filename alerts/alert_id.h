// AlertId: the deterministic id of an alert (language.md, 5.13).
//
// The id is the first 128 bits of SHA-256 over the parts below, written as 32 lowercase hex digits. Every part is
// preceded by its length in bytes as a 32-bit little endian number; numbers are little endian, two's complement.
//
//   rule id          the bytes of its text
//   version          8 bytes
//   key              the parts of the rule key as nfa/key.h encodes them, one after the other; no bytes: global key
//   kind             1 byte: nfa::OutcomeKind (0 match, 1 timeout, 2 overflow; 3 is a summary)
//   completion time  8 bytes: ms since the epoch
//   then for each bound event, in event order, four parts:
//     step           4 bytes: its index in the pattern, from 0; alternatives, elements of `all` and NOTs count
//     topic          the bytes of its name
//     partition      4 bytes
//     offset         8 bytes
//     (of an event that a rule emitted: the name of its stream, its number and its cause; engine/emitter.h)
//   ordinal          4 bytes: nfa::Outcome::ordinal
//
// Part of every consumer's deduplication. Never change.
// Tested by: tests/alerts/alert_id_test.cc.
#ifndef SHRIKE_ALERTS_ALERT_ID_H_
#define SHRIKE_ALERTS_ALERT_ID_H_

#include <cstddef>
#include <string>
#include <vector>

#include "nfa/outcome.h"
#include "nfa/rule_spec.h"

namespace shrike::alerts {

inline constexpr std::size_t kAlertIdDigits = 32;

// Computes ids; keeps its scratch memory between calls. One thread.
class AlertIdHasher {
 public:
  // Where an outcome comes from. Borrowed for the call. topics: names by Position::topic. streams: by Catalog index.
  struct Source {
    const nfa::RuleSpec& rule;
    const nfa::Outcomes& outcomes;
    const std::vector<std::string>& topics;
    const std::vector<std::string>& streams;
  };

  // Appends the 32 digits to `out`.
  // Cost: one SHA-256 of about 100 bytes and 40 a bound event; no allocation in the steady state.
  void Append(const Source& source, const nfa::Outcome& outcome, std::string* out);

 private:
  std::string bytes_;
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_ALERT_ID_H_
