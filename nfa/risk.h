// RiskLedger: the alerts of one key that count as its risk (language.md, 4.13).
//
// risk(key) at time t is the sum over alerts before t of score * 0.5^((t - ts) / half_life), added in the order of the
// alerts. An alert stays until its part of the sum is exactly 0: about 1,100 half-lives. At most `window_events` are
// kept; then the oldest goes, which the caller tells as an overflow.
// Cost: reading O(alerts).
// Tested by: tests/nfa/risk_test.cc.
#ifndef SHRIKE_NFA_RISK_H_
#define SHRIKE_NFA_RISK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"

namespace shrike::nfa {

class RiskLedger {
 public:
  struct Entry {
    TimestampMs ts = 0;
    std::int64_t score = 0;
  };

  bool empty() const { return entries_.empty(); }
  // From this time on every alert counts 0.
  TimestampMs Expires(DurationMs half_life) const;

  // ts: not below that of the last one. Returns false if the oldest had to go for it.
  bool Add(Entry entry, DurationMs half_life, std::int64_t entries_max);
  Value Read(TimestampMs time, DurationMs half_life) const;
  void Clear() { entries_.clear(); }

  std::size_t heap_bytes() const { return entries_.capacity() * sizeof(Entry); }
  void AppendBytes(std::string* out) const;
  // False: the bytes are not such a ledger.
  bool FromBytes(std::string_view bytes);

 private:
  std::vector<Entry> entries_;  // by time
};

// From where risk is read. A null ledger: nothing was alerted.
struct RiskScope {
  const RiskLedger* ledger = nullptr;
  TimestampMs time = 0;
  DurationMs half_life = 0;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_RISK_H_
