#include "tools/shrike/run_stats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

std::string TimesText(std::string_view what, const DurationHistogram& times) {
  if (times.count() == 0) return fmt::format("0 {}", what);
  return fmt::format("{} {} (p50 {:.3g} ms, p99 {:.3g} ms)", FormatCount(times.count()), what,
                     times.Quantile(0.5), times.Quantile(0.99));
}

}  // namespace

void DurationHistogram::Add(std::chrono::nanoseconds duration) {
  const double us = std::max(1.0, static_cast<double>(duration.count()) / 1000);
  const auto bucket = static_cast<std::size_t>(std::log2(us) * kPerOctave);
  ++buckets_[std::min(bucket, buckets_.size() - 1)];
  ++count_;
}

double DurationHistogram::Quantile(double share) const {
  std::int64_t left = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count_)));
  if (count_ == 0) return 0;
  std::size_t bucket = 0;
  while (bucket + 1 < buckets_.size() && (left -= buckets_[bucket]) > 0) ++bucket;
  // The middle of the bucket.
  return std::exp2((static_cast<double>(bucket) + 0.5) / kPerOctave) / 1000;
}

void RunStats::Read(std::int64_t records, Time now) {
  const std::lock_guard lock(mutex_);
  if (records > 0 && records_ == 0) first_record_ = last_commit_ = now;
  records_ = records;
}

void RunStats::Committed(std::chrono::nanoseconds spent, Time now) {
  const std::lock_guard lock(mutex_);
  commits_.Add(spent);
  last_commit_ = now;
}

void RunStats::Checkpointed(std::chrono::nanoseconds spent) {
  const std::lock_guard lock(mutex_);
  checkpoints_.Add(spent);
}

std::int64_t RunStats::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

std::string RunStats::Line() const {
  const std::lock_guard lock(mutex_);
  const double seconds = std::chrono::duration<double>(last_commit_ - first_record_).count();
  const auto rate =
      seconds > 0 ? static_cast<std::int64_t>(static_cast<double>(records_) / seconds) : 0;
  return fmt::format("{} records in {:.1f} s ({}/s), {}, {}", FormatCount(records_), seconds,
                     FormatCount(rate), TimesText("commits", commits_),
                     TimesText("checkpoints", checkpoints_));
}

alerts::CommitResult MeasuredProducer::Commit(std::span<const InputOffset> offsets,
                                              std::string_view group_token) {
  const auto begin = std::chrono::steady_clock::now();
  const alerts::CommitResult result = inner_->Commit(offsets, group_token);
  const auto end = std::chrono::steady_clock::now();
  if (result == alerts::CommitResult::kCommitted) stats_.Committed(end - begin, end);
  return result;
}

}  // namespace shrike::tools
