// KeyState: all that the matcher knows about one key of one key group. Plain data in contiguous arrays; nothing in it
// points outside it, so its bytes can be stored and moved.
//
// Budget: an empty state is 56 bytes, a run 56 and its records (nfa/record.h) about 40 bytes and a word a register.
// Tested by: tests/nfa/key_state_test.cc.  Next: nfa/matcher.h.
#ifndef SHRIKE_NFA_KEY_STATE_H_
#define SHRIKE_NFA_KEY_STATE_H_

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "nfa/record.h"
#include "nfa/risk.h"
#include "nfa/windows.h"

namespace shrike::nfa {

class Program;

// One partial match: its last bound event, its place in the graph and which ways on are still open.
struct Run {
  std::uint64_t live = 0;      // a bit for each branch of the node
  std::uint64_t counters = 0;  // of the loops around the node (nfa/graph.h)
  TimestampMs first_ts = 0;
  TimestampMs last_ts = 0;
  TimestampMs deadline = kTimeMax;  // when the next of its branches ends by time
  RecordChain bound;
  std::int32_t rule = 0;  // index in Program::rules()
  std::int16_t node = 0;
  bool saw_event : 1 = false;  // an event of the key has come since the last bound one
  bool told_full : 1 = false;  // an event was refused because the run binds as many as it may
  bool speaks : 1 = false;     // its deadlines tell something (an absence, a timeout that alerts)
};
static_assert(sizeof(Run) <= 56);

// What a key remembers beside its runs.
struct KeyHistory {
  WindowState windows;
  RiskLedger risk;
  TimestampMs risk_expires = kTimeMin;

  bool empty() const { return windows.empty() && risk.empty(); }
  TimestampMs expires() const { return std::max(windows.expires(), risk_expires); }
};

class KeyState {
 public:
  // No runs, nothing to remember: the caller may forget the key.
  bool empty() const { return runs_.empty() && (history_ == nullptr || history_->empty()); }

  // When ExpireUntil must be called at the latest. `deadline` is the first time at which something is to be told,
  // `garbage` the first after which no silent run lives any more, or no window holds an event; kTimeMax: none. A caller fires `deadline` in time
  // order with the events, and may visit `garbage` whenever it likes.
  TimestampMs deadline() const { return deadline_; }
  TimestampMs garbage() const { return garbage_; }

  // For a caller that will advance this state soon: asks the processor for its runs; when they have come, for the
  // records that they end and begin with.
  void PrefetchRuns() const;
  void PrefetchRecords() const;

  std::size_t run_count() const { return runs_.size(); }
  // For a look at what is there (nfa/describe_state.h): by rule, then in order of creation; their records; null: none.
  std::span<const Run> runs() const { return {runs_.data(), runs_.size()}; }
  const Arena& arena() const { return arena_; }
  const KeyHistory* history() const { return history_.get(); }
  std::size_t size_bytes() const;  // memory, with the object itself

  // The state as bytes that any later build can read: version, then runs by node hash, then the arena. Runs come in
  // the order they have, which is a function of the input. No checksum: the store adds one.
  // group: the key's group, here and below.
  void AppendBytes(const Program& program, int group, std::string* out) const;

  // Back again, for the same or another Program: runs whose rule is not there any more, or has changed, are dropped
  // and counted. Errors: kCorrupt, when the bytes are not such a state.
  static Result<KeyState> FromBytes(const Program& program, int group, std::string_view bytes,
                                    std::size_t* dropped);

 private:
  friend class MatcherImpl;
  void Refresh();         // next_, deadline_ and garbage_ from runs and history
  KeyHistory* History();  // made if there is none
  // Lets go what no window or risk needs from `time` on.
  void ForgetHistory(TimestampMs time);
  // Gives back records that no run reaches, when they are many.
  struct CompactScratch {
    Arena arena;
    std::vector<RecordId> chain;
    std::vector<std::uint32_t> order;
  };
  void Compact(const Program& program, CompactScratch* scratch);
  void MoveChain(const Program& program, Run* run, CompactScratch* scratch);

  std::unique_ptr<KeyHistory> history_;  // null where neither windows nor risk ever needed it
  boost::container::small_vector<Run, 1> runs_;  // by rule, then in order of creation
  Arena arena_;
  TimestampMs next_ = kTimeMax;  // the first deadline of any run
  TimestampMs deadline_ = kTimeMax;
  TimestampMs garbage_ = kTimeMax;
  std::uint32_t compact_at_ = 96;  // words of the arena
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_KEY_STATE_H_
