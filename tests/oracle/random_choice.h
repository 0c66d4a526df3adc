// Random: choices that follow from a seed.
#ifndef SHRIKE_TESTS_ORACLE_RANDOM_CHOICE_H_
#define SHRIKE_TESTS_ORACLE_RANDOM_CHOICE_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace shrike::oracle {

// The same on every machine: no standard distribution is used.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  int Below(int count) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(count)); }
  int Between(int low, int high) { return low + Below(high - low + 1); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(Below(static_cast<int>(items.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_RANDOM_CHOICE_H_
