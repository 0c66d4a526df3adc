#include "ingest/reorder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/random.h"

namespace shrike::ingest {
namespace {

// A buffer with the pool that its records come from.
struct Buffer {
  RecordPool pool;
  ReorderBuffer order;

  RecordPtr Make(Position position, TimestampMs ts) {
    RecordPtr record = pool.Acquire();
    record->position = position;
    record->ts = ts;
    return record;
  }
  bool Offer(int partition, Position position, TimestampMs ts) {
    RecordPtr record = Make(position, ts);
    return order.Offer(partition, &record);
  }
  // "ts/topic.partition.offset ..", of all that is released up to `until`.
  std::string Release(TimestampMs until) {
    std::string text;
    while (const RecordPtr record = order.PopUpTo(until)) {
      const Position& p = record->position;
      text += (text.empty() ? "" : " ") + std::to_string(record->ts) + "/" +
              std::to_string(p.topic) + "." + std::to_string(p.partition) + "." +
              std::to_string(p.offset);
    }
    return text;
  }
  std::string Release() { return Release(order.task_time()); }
};

TEST_CASE("one partition in order: released as soon as time has passed") {
  Buffer b;
  const int p = b.order.AddPartition({});
  CHECK(b.order.task_time() == kTimeMin);
  CHECK(b.Offer(p, {0, 0, 0}, 10));
  CHECK(b.order.task_time() == 9);
  CHECK(b.Release() == "");
  CHECK(b.Offer(p, {0, 0, 1}, 10));  // the same time is not late
  CHECK(b.Offer(p, {0, 0, 2}, 11));
  CHECK(b.Release() == "10/0.0.0 10/0.0.1");
  CHECK_FALSE(b.Offer(p, {0, 0, 3}, 10));
  CHECK(b.order.NextOrder() == EventOrder{11, {0, 0, 2}});
  CHECK(b.Release(kTimeMax) == "11/0.0.2");
  CHECK(b.order.empty());
  CHECK_FALSE(b.order.NextOrder().has_value());
}

TEST_CASE("late is what is at or below the own watermark on arrival") {
  Buffer b;
  const int p = b.order.AddPartition({0, 0, 0, 5});
  CHECK(b.Offer(p, {0, 0, 0}, 100));  // watermark 94
  CHECK(b.Offer(p, {0, 0, 1}, 95));
  CHECK_FALSE(b.Offer(p, {0, 0, 2}, 94));
  CHECK(b.Offer(p, {0, 0, 3}, 99));
  RecordPtr late = b.Make({0, 0, 4}, 1);
  CHECK_FALSE(b.order.Offer(p, &late));
  REQUIRE(late != nullptr);  // stays with the caller, with the watermark it came too late for
  CHECK(late->watermark_before == 94);
  CHECK(b.order.watermarks().watermark(p) == 94);
  CHECK(b.Release(kTimeMax) == "95/0.0.1 99/0.0.3 100/0.0.0");
}

TEST_CASE("equal times: topic, partition, offset decide, whatever came first") {
  Buffer b;
  const int t1p0 = b.order.AddPartition({1, 0, 0, 0});
  const int t0p1 = b.order.AddPartition({0, 1, 0, 0});
  const int t0p0 = b.order.AddPartition({0, 0, 0, 0});
  CHECK(b.Offer(t1p0, {1, 0, 0}, 5));
  CHECK(b.Offer(t0p1, {0, 1, 0}, 5));
  CHECK(b.Offer(t0p0, {0, 0, 0}, 5));
  CHECK(b.Offer(t0p0, {0, 0, 1}, 5));
  CHECK(b.Release() == "");
  CHECK(b.Release(5) == "5/0.0.0 5/0.0.1 5/0.1.0 5/1.0.0");
}

TEST_CASE("the slowest partition that is not idle holds the task back") {
  Buffer b;
  const int p = b.order.AddPartition({0, 0, 0, 0});
  const int q = b.order.AddPartition({0, 1, 0, 0});
  CHECK(b.Offer(p, {0, 0, 0}, 10));
  CHECK(b.Offer(p, {0, 0, 1}, 20));
  CHECK(b.Release() == "");  // q has shown nothing yet
  CHECK(b.Offer(q, {0, 1, 0}, 11));
  CHECK(b.Release() == "10/0.0.0");
  b.order.SetIdle(q);
  CHECK(b.Release() == "11/0.1.0");
  CHECK(b.order.task_time() == 19);
  b.order.SetIdle(p);
  CHECK(b.order.task_time() == 19);  // all idle: the maximum
}

TEST_CASE("a partition that wakes is raised to the front") {
  Buffer b;
  const int p = b.order.AddPartition({0, 0, 0, 0});
  const int q = b.order.AddPartition({0, 1, 0, 0});
  CHECK(b.Offer(q, {0, 1, 0}, 6));
  b.order.SetIdle(q);
  CHECK(b.Offer(p, {0, 0, 0}, 26));
  CHECK(b.Release() == "6/0.1.0");
  b.order.Wake(q, 25);
  CHECK_FALSE(b.Offer(q, {0, 1, 1}, 15));  // would come out behind 25
  CHECK_FALSE(b.Offer(q, {0, 1, 2}, 25));
  CHECK(b.Offer(q, {0, 1, 3}, 26));
  CHECK(b.order.task_time() == 25);
  CHECK(b.Release(kTimeMax) == "26/0.0.0 26/0.1.3");
}

TEST_CASE("skipped events move the watermark, dead letters only the offset") {
  Buffer b;
  const int p = b.order.AddPartition({0, 0, 7, 0});
  b.order.Reject(p, 7);
  CHECK(b.order.task_time() == kTimeMin);
  RecordPtr record = b.Make({0, 0, 8}, 50);
  b.order.Skip(p, *record);
  CHECK(b.order.task_time() == 49);
  CHECK_FALSE(b.Offer(p, {0, 0, 12}, 49));  // offsets may jump
  CHECK(b.order.position(p).next_offset == 13);
}

TEST_CASE("what a commit says of a partition") {
  Buffer b;
  const int p = b.order.AddPartition({0, 0, 0, 2});
  const auto is = [&](std::int64_t next, std::int64_t low, TimestampMs w, TimestampMs low_w) {
    const PartitionPosition at = b.order.position(p);
    CHECK(at.next_offset == next);
    CHECK(at.low_offset == low);
    CHECK(at.watermark == w);
    CHECK(at.low_watermark == low_w);
  };
  is(0, 0, kTimeMin, kTimeMin);
  // exactly-once.md, 2: out_of_order 2, ts 4, 9: w = 6; reading again from 4's offset must not find it late.
  CHECK(b.Offer(p, {0, 0, 0}, 4));
  CHECK(b.Offer(p, {0, 0, 1}, 9));
  is(2, 0, 6, kTimeMin);
  CHECK(b.Release() == "4/0.0.0");
  is(2, 1, 6, 1);
  CHECK(b.Offer(p, {0, 0, 2}, 7));
  CHECK(b.Offer(p, {0, 0, 3}, 20));
  CHECK(b.Release(7) == "7/0.0.2");
  is(4, 1, 17, 1);  // 9 is still buffered, below 7's offset
  CHECK(b.Release(kTimeMax) == "9/0.0.1 20/0.0.3");
  is(4, 4, 17, 17);
}

TEST_CASE("what is far below H can be kept, and is buffered again as it was") {
  Buffer b;
  const int p = b.order.AddPartition({0, 0, 0, 2});
  const int lagging = b.order.AddPartition({1, 0, 0, 0});
  CHECK(b.Offer(p, {0, 0, 0}, 5));
  CHECK(b.Offer(lagging, {1, 0, 0}, 10));
  CHECK(b.Offer(p, {0, 0, 1}, 1000));  // Nothing that comes behind it may be below 998.
  for (std::int64_t offset = 2; offset < 20; ++offset) CHECK_FALSE(b.Offer(p, {0, 0, offset}, 500));
  CHECK(b.Offer(p, {0, 0, 20}, 1001));
  CHECK(b.Release() == "5/0.0.0");
  CHECK(b.order.position(p).low_offset == 1);
  CHECK(b.order.FindOutliers(p, 20).records.empty());
  CHECK(b.order.FindOutliers(p, 20).read_offset == 1);
  const ReorderBuffer::Outliers found = b.order.FindOutliers(p, 10);
  REQUIRE(found.records.size() == 1);
  CHECK(found.records[0]->position.offset == 1);
  CHECK(found.records[0]->watermark_before == 2);
  CHECK(found.read_offset == 20);
  CHECK(found.read_watermark == 997);

  Buffer again;
  const int q = again.order.AddPartition({0, 0, found.read_offset, 2});
  again.order.Restore(q, found.read_watermark, false);
  again.order.Keep(q, again.Make({0, 0, 1}, 1000), 2);
  CHECK(again.Offer(q, {0, 0, 20}, 1001));
  CHECK(again.order.position(q).low_offset == 1);
  CHECK(again.order.position(q).low_watermark == 2);
  CHECK(again.Release(kTimeMax) == "1000/0.0.1 1001/0.0.20");
}

TEST_CASE("all buffered records can be visited, for other rules") {
  Buffer b;
  const int p = b.order.AddPartition({0, 0, 0, 100});
  for (const TimestampMs ts : {50, 60, 55, 40}) {
    CHECK(b.Offer(p, {0, 0, b.order.position(p).next_offset}, ts));
  }
  TimestampMs sum = 0;
  b.order.ForEachBuffered([&](Record& record) { sum += record.ts; });
  CHECK(sum == 205);
  CHECK(b.order.size() == 4);
}

TEST_CASE("records are used again") {
  RecordPool pool;
  RecordPtr first = pool.Acquire();
  first->bytes.assign(1'000, 'x');
  const Record* const address = first.get();
  CHECK(pool.in_use() == 1);
  first.reset();
  CHECK(pool.in_use() == 0);
  const RecordPtr again = pool.Acquire();
  CHECK(again.get() == address);
  CHECK(again->bytes.capacity() >= 1'000);
}

// The definition, without any structure: everything that is not late, sorted.
TEST_CASE("any arrival order within the bound comes out sorted") {
  testing::Random random(testing::SeedFor("reorder"));
  for (int round = 0; round < 300; ++round) {
    Buffer b;
    const std::size_t partition_count = 1 + random.Below(3);
    const auto out_of_order = static_cast<DurationMs>(random.Below(20));
    std::vector<TimestampMs> newest(partition_count, -1);
    std::vector<EventOrder> want;
    std::vector<EventOrder> got;
    for (std::size_t i = 0; i < partition_count; ++i) {
      b.order.AddPartition({static_cast<std::int32_t>(i), 0, 0, out_of_order});
    }
    TimestampMs time_before = kTimeMin;
    for (int i = 0; i < 200; ++i) {
      const std::size_t p = random.Below(partition_count);
      const auto ts = static_cast<TimestampMs>(static_cast<std::size_t>(i) / 2 + random.Below(25));
      const EventOrder order{ts, {static_cast<std::int32_t>(p), 0, i}};
      const bool late = newest[p] >= 0 && ts <= newest[p] - out_of_order - 1;
      REQUIRE(b.Offer(static_cast<int>(p), order.position, ts) == !late);
      if (!late) {
        newest[p] = std::max(newest[p], ts);
        want.push_back(order);
      }
      const TimestampMs low = *std::min_element(newest.begin(), newest.end());
      REQUIRE(b.order.task_time() == (low < 0 ? kTimeMin : low - out_of_order - 1));
      REQUIRE(b.order.task_time() >= time_before);
      time_before = b.order.task_time();
      if (random.OneIn(3)) {
        while (const RecordPtr record = b.order.PopUpTo(b.order.task_time()))
          got.push_back(record->order());
      }
    }
    while (const RecordPtr record = b.order.PopUpTo(kTimeMax)) got.push_back(record->order());
    std::sort(want.begin(), want.end());
    REQUIRE(got == want);
  }
}

}  // namespace
}  // namespace shrike::ingest
