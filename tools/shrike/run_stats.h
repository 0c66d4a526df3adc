// RunStats: what a stream thread of `run` has done and how long it took, for the log.
//
// The thread adds, any thread reads. Times are kept in buckets that are 9 % wide, so a percentile is good to 5 %.
// Tested by: tests/tools/run_stats_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_RUN_STATS_H_
#define SHRIKE_TOOLS_SHRIKE_RUN_STATS_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "alerts/producer.h"

namespace shrike::tools {

class DurationHistogram {
 public:
  void Add(std::chrono::nanoseconds duration);
  std::int64_t count() const { return count_; }
  // The duration that `share` (0 to 1) of all are not above, in ms; 0: there are none.
  double Quantile(double share) const;

 private:
  static constexpr std::size_t kPerOctave = 8;
  // From 1 us to 2^30 us, which is 18 minutes.
  std::array<std::int64_t, 30 * kPerOctave + 1> buckets_{};
  std::int64_t count_ = 0;
};

class RunStats {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // So many records have been read by now, since the beginning.
  void Read(std::int64_t records, Time now);
  void Committed(std::chrono::nanoseconds spent, Time now);
  void Checkpointed(std::chrono::nanoseconds spent);

  std::int64_t records() const;
  // "1,000 records in 2.5 s (400/s), 20 commits (p50 1.9 ms, p99 5.2 ms), 2 checkpoints (..)": from the first record to
  // the last commit.
  std::string Line() const;

 private:
  mutable std::mutex mutex_;
  std::int64_t records_ = 0;
  Time first_record_, last_commit_;
  DurationHistogram commits_, checkpoints_;
};

// A producer whose commits are measured. stats: borrowed.
class MeasuredProducer : public alerts::Producer {
 public:
  MeasuredProducer(std::unique_ptr<alerts::Producer> inner, RunStats* stats)
      : inner_(std::move(inner)), stats_(*stats) {}

  Result<void> Initialize() override { return inner_->Initialize(); }
  Result<void> Send(const alerts::OutputRecord& record) override { return inner_->Send(record); }
  alerts::CommitResult Commit(std::span<const InputOffset> offsets,
                              std::string_view group_token) override;
  Result<void> Abort() override { return inner_->Abort(); }

 private:
  std::unique_ptr<alerts::Producer> inner_;
  RunStats& stats_;
};

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_RUN_STATS_H_
