#include "engine/timer_queue.h"

#include <doctest/doctest.h>

#include <vector>

namespace shrike::engine {
namespace {

TEST_CASE("entries come out by time") {
  TimerQueue queue;
  CHECK(queue.next() == kTimeMax);
  std::uint32_t state = 1;
  for (SlotIndex slot = 0; slot < 1000; ++slot) {
    state = state * 1664525 + 1013904223;
    queue.Add({state % 500, slot});
  }
  std::vector<bool> seen(1000);
  TimestampMs last = kTimeMin;
  while (queue.next() < kTimeMax) {
    const TimestampMs next = queue.next();
    const Timer timer = queue.Pop();
    CHECK(timer.time == next);
    CHECK(timer.time >= last);
    last = timer.time;
    seen[timer.slot] = true;
  }
  CHECK(std::vector<bool>(1000, true) == seen);
}

TEST_CASE("assigning replaces all entries") {
  TimerQueue queue;
  queue.Add({1, 1});
  queue.Assign({{30, 3}, {20, 2}, {40, 4}});
  CHECK(queue.size() == 3);
  CHECK(queue.Pop().time == 20);
  CHECK(queue.Pop().slot == 3);
  CHECK(queue.next() == 40);
}

TEST_CASE("coarse timers are due when their tick has ended") {
  struct Row {
    TimestampMs time, due;
  };
  for (const Row& row : std::vector<Row>{{0, 0},
                                         {1, 1000},
                                         {1000, 1000},
                                         {1001, 2000},
                                         {-1, 0},
                                         {-1001, -1000},
                                         {kTimeMax - 1, kTimeMax},
                                         {kTimeMax, kTimeMax}}) {
    CAPTURE(row.time);
    CHECK(CoarseTimers::TickEnd(row.time) == row.due);
  }
  CoarseTimers timers;
  CHECK(timers.next() == kTimeMax);
  for (const TimestampMs time : {2900, 5, 2001, 9, 1000}) timers.Add({time, 1});
  CHECK(timers.size() == 5);
  std::vector<Timer> due;
  CHECK(timers.next() == 1000);
  timers.TakeNext(&due);
  CHECK(due.size() == 3);
  CHECK(timers.size() == 2);
  CHECK(timers.next() == 3000);
  timers.Assign({{7, 2}});
  CHECK(timers.size() == 1);
  timers.TakeNext(&due);
  CHECK(due.front().time == 7);
  CHECK(timers.next() == kTimeMax);
}

}  // namespace
}  // namespace shrike::engine
