// SteadyClock: the machine's time for a worker.
#ifndef SHRIKE_TOOLS_SHRIKE_STEADY_CLOCK_H_
#define SHRIKE_TOOLS_SHRIKE_STEADY_CLOCK_H_

#include <chrono>

#include "base/clock.h"

namespace shrike::tools {

class SteadyClock : public Clock {
 public:
  DurationMs Elapsed() override {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  }
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_STEADY_CLOCK_H_
