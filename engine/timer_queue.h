// TimerQueue: which key slots have something to do at what time.
//
// A binary heap of (time, slot). Entries are never removed early: the owner keeps beside each slot the time it is
// armed for, and an entry of another time is stale. So a key that moves its deadline with every event costs one entry
// a window, not one an event.
// Tested by: tests/engine/timer_queue_test.cc.  Next: engine/partition_task.h.
#ifndef SHRIKE_ENGINE_TIMER_QUEUE_H_
#define SHRIKE_ENGINE_TIMER_QUEUE_H_

#include <cstddef>
#include <map>
#include <vector>

#include "base/time.h"
#include "engine/key_store.h"

namespace shrike::engine {

struct Timer {
  TimestampMs time = 0;
  SlotIndex slot = kNoSlot;
};

class TimerQueue {
 public:
  // time < kTimeMax. Cost: O(log size).
  void Add(Timer timer);

  // The earliest entry's time, stale or not; kTimeMax: none.
  TimestampMs next() const { return heap_.empty() ? kTimeMax : heap_.front().time; }

  // Removes the earliest entry. Needs one (checked).
  Timer Pop();

  // Replaces all entries: drops what is stale.
  void Assign(std::vector<Timer> timers);

  std::size_t size() const { return heap_.size(); }

 private:
  std::vector<Timer> heap_;
};

// The same for what may be done a little later: entries wait until their tick has ended. Which entries are due at a time
// is a function of that time alone.
class CoarseTimers {
 public:
  static constexpr DurationMs kTick = 1000;

  // The end of the tick that holds `time`. kTimeMax stays.
  static TimestampMs TickEnd(TimestampMs time);

  // time < kTimeMax. Cost: O(1), mostly.
  void Add(Timer timer);

  // When the earliest entries are due; kTimeMax: none.
  TimestampMs next() const { return ticks_.empty() ? kTimeMax : ticks_.begin()->first; }

  // Replaces `out` by the earliest entries, which are removed. Needs some (checked).
  void TakeNext(std::vector<Timer>* out);

  // Replaces all entries.
  void Assign(const std::vector<Timer>& timers);

  std::size_t size() const { return size_; }

 private:
  std::map<TimestampMs, std::vector<Timer>> ticks_;  // by TickEnd
  std::size_t size_ = 0;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_TIMER_QUEUE_H_
