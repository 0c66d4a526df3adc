// Faults: where a simulated world breaks. Every port call asks here: the process may die before or after it, it may fail
// without effect, and it may fail although it took effect.
#ifndef SHRIKE_TESTS_SIM_FAULTS_H_
#define SHRIKE_TESTS_SIM_FAULTS_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "tests/support/random.h"

namespace shrike::sim {

// Thrown through the engine: the process is gone at this call. Nothing catches it but the world.
struct Crash {
  std::string where;
};

class Faults {
 public:
  // per_mille: of every kind of fault, at each call.
  Faults(std::uint64_t seed, int per_mille) : random_(seed), per_mille_(per_mille) {}

  void Stop() { per_mille_ = 0; }
  bool on() const { return per_mille_ > 0; }

  // An edge of a port call. Throws Crash.
  void Edge(const char* where) {
    if (Happens()) throw Crash{where};
  }
  // Whether the call fails here.
  bool Fails() { return Happens(); }
  bool Chance(int percent) { return random_.Below(100) < static_cast<std::size_t>(percent); }
  std::size_t Below(std::size_t bound) { return random_.Below(bound); }

 private:
  bool Happens() {
    return per_mille_ > 0 && random_.Below(1000) < static_cast<std::size_t>(per_mille_);
  }

  testing::Random random_;
  int per_mille_;
};

// The world's time: moves only when the world says so.
class SimClock : public Clock {
 public:
  DurationMs Elapsed() override { return now_; }
  void Advance(DurationMs by) { now_ += by; }

 private:
  DurationMs now_ = 0;
};

}  // namespace shrike::sim

#endif  // SHRIKE_TESTS_SIM_FAULTS_H_
