#include "ingest/watermark.h"

#include <doctest/doctest.h>

namespace shrike::ingest {
namespace {

TEST_CASE("a watermark is the newest time less the bound and 1 ms") {
  Watermarks watermarks;
  CHECK(watermarks.task_time() == kTimeMin);
  const int p = watermarks.AddPartition(5);
  CHECK(watermarks.watermark(p) == kTimeMin);
  CHECK_FALSE(watermarks.IsLate(p, kTimestampMsMin));
  watermarks.Observe(p, 100);
  CHECK(watermarks.watermark(p) == 94);
  CHECK(watermarks.IsLate(p, 94));
  CHECK_FALSE(watermarks.IsLate(p, 95));
  watermarks.Observe(p, 50);  // does not fall
  CHECK(watermarks.watermark(p) == 94);
  CHECK(watermarks.task_time() == 94);
  CHECK(watermarks.partition_count() == 1);
}

TEST_CASE("a huge bound does not overflow") {
  Watermarks watermarks;
  const int p = watermarks.AddPartition(kTimeMax);
  watermarks.Observe(p, kTimestampMsMin);
  CHECK(watermarks.watermark(p) == kTimeMin);
  watermarks.Observe(p, kTimestampMsMax);
  CHECK(watermarks.watermark(p) == kTimestampMsMax - kTimeMax - 1);
}

TEST_CASE("the task's time is the minimum of those awake, or the maximum of all") {
  Watermarks watermarks;
  const int p = watermarks.AddPartition(0);
  const int q = watermarks.AddPartition(0);
  watermarks.Observe(p, 11);
  CHECK(watermarks.task_time() == kTimeMin);
  watermarks.Observe(q, 31);
  CHECK(watermarks.task_time() == 10);
  watermarks.SetIdle(p);
  CHECK(watermarks.task_time() == 30);
  CHECK(watermarks.idle(p));
  watermarks.SetIdle(q);
  CHECK(watermarks.task_time() == 30);
  watermarks.Observe(p, 51);  // an idle one moves the task only if all are
  CHECK(watermarks.task_time() == 50);
  watermarks.Wake(q, 40);
  CHECK(watermarks.watermark(q) == 40);
  CHECK(watermarks.task_time() == 40);
  watermarks.Wake(p, 40);  // never lowers
  CHECK(watermarks.watermark(p) == 50);
  CHECK(watermarks.task_time() == 40);
  watermarks.Restore(q, 7, true);
  CHECK(watermarks.watermark(q) == 7);
  CHECK(watermarks.task_time() == 50);
}

}  // namespace
}  // namespace shrike::ingest
