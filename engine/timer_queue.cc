#include "engine/timer_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace shrike::engine {
namespace {

// std::push_heap keeps the largest in front.
bool Later(const Timer& a, const Timer& b) { return a.time > b.time; }

}  // namespace

void TimerQueue::Add(Timer timer) {
  heap_.push_back(timer);
  std::push_heap(heap_.begin(), heap_.end(), Later);
}

Timer TimerQueue::Pop() {
  SHRIKE_CHECK(!heap_.empty());
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  const Timer timer = heap_.back();
  heap_.pop_back();
  return timer;
}

void TimerQueue::Assign(std::vector<Timer> timers) {
  heap_ = std::move(timers);
  std::make_heap(heap_.begin(), heap_.end(), Later);
}

TimestampMs CoarseTimers::TickEnd(TimestampMs time) {
  const TimestampMs into = (time % kTick + kTick) % kTick;
  return into == 0 ? time : AddSaturated(time, kTick - into);
}

void CoarseTimers::Add(Timer timer) {
  ticks_[TickEnd(timer.time)].push_back(timer);
  ++size_;
}

void CoarseTimers::TakeNext(std::vector<Timer>* out) {
  SHRIKE_CHECK(!ticks_.empty());
  *out = std::move(ticks_.begin()->second);
  ticks_.erase(ticks_.begin());
  size_ -= out->size();
}

void CoarseTimers::Assign(const std::vector<Timer>& timers) {
  ticks_.clear();
  size_ = 0;
  for (const Timer& timer : timers) Add(timer);
}

}  // namespace shrike::engine
