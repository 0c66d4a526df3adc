#include "tools/shrike/run_stats.h"

#include <doctest/doctest.h>

namespace shrike::tools {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST_CASE("quantiles are good to five in a hundred") {
  DurationHistogram times;
  CHECK(times.Quantile(0.5) == 0);
  for (int ms = 1; ms <= 1000; ++ms) times.Add(milliseconds(ms));
  CHECK(times.count() == 1000);
  for (const double share : {0.01, 0.1, 0.5, 0.9, 0.99, 1.0}) {
    CAPTURE(share);
    CHECK(times.Quantile(share) == doctest::Approx(1000 * share).epsilon(0.05));
  }
}

TEST_CASE("no duration is outside of the buckets") {
  DurationHistogram times;
  times.Add(milliseconds(-1));
  times.Add(std::chrono::hours(10));
  CHECK(times.Quantile(0.5) < 0.0011);
  CHECK(times.Quantile(1) > 1e6);
}

TEST_CASE("the line tells what was done from the first record to the last commit") {
  RunStats stats;
  const RunStats::Time start;
  CHECK(stats.Line() == "0 records in 0.0 s (0/s), 0 commits, 0 checkpoints");
  stats.Read(0, start);
  stats.Read(10, start + milliseconds(1000));
  stats.Read(5000, start + milliseconds(2000));
  stats.Committed(milliseconds(4), start + milliseconds(3500));
  stats.Checkpointed(microseconds(500));
  CHECK(stats.records() == 5000);
  const std::string line = stats.Line();
  CHECK(line.starts_with("5,000 records in 2.5 s (2,000/s), 1 commits (p50 "));
  CHECK(line.find(", 1 checkpoints (p50 0.49 ms, p99 0.49 ms)") != std::string::npos);
}

}  // namespace
}  // namespace shrike::tools
