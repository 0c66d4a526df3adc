// Clock: the port to the time of the machine. Only intervals are measured by it (commits, checkpoints, idleness): no
// event, no verdict and no output depends on it (exactly-once.md, "history").
#ifndef SHRIKE_BASE_CLOCK_H_
#define SHRIKE_BASE_CLOCK_H_

#include "base/time.h"

namespace shrike {

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // Milliseconds since some moment before the process began; never goes back, whatever is done to the machine's date.
  virtual DurationMs Elapsed() = 0;
};

}  // namespace shrike

#endif  // SHRIKE_BASE_CLOCK_H_
