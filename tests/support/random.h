// Random numbers for tests: seeded, printed, the same on every machine.
//
//     Random random(SeedFor("decimals"));     // prints: seed of decimals: 1 (SHRIKE_SEED=1 repeats it)
#ifndef SHRIKE_TESTS_SUPPORT_RANDOM_H_
#define SHRIKE_TESTS_SUPPORT_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace shrike::testing {

// SHRIKE_SEED if it is set, else 1. Prints it.
inline std::uint64_t SeedFor(const char* test) {
  const char* const given = std::getenv("SHRIKE_SEED");
  const std::uint64_t seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  std::printf("seed of %s: %llu (SHRIKE_SEED=%llu repeats it)\n", test,
              static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed));
  return seed;
}

// SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  // 0 to bound - 1.
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(Next() % bound); }
  bool OneIn(std::size_t n) { return Below(n) == 0; }
  // Any number of bits is equally likely, so small and huge numbers both come up.
  std::uint64_t Magnitude() { return Next() >> Below(64); }

 private:
  std::uint64_t state_;
};

}  // namespace shrike::testing

#endif  // SHRIKE_TESTS_SUPPORT_RANDOM_H_
