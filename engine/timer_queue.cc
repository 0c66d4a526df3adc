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

}  // namespace shrike::engine
