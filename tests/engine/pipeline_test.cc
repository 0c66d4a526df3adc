#include "engine/pipeline.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/engine/engine_fixture.h"

namespace shrike::engine {
namespace {

using Told = std::vector<std::string>;

class Harness {
 public:
  explicit Harness(Catalog catalog, std::vector<testing::RuleOptions> rules = {{.id = "r"}})
      : catalog_(std::move(catalog)),
        program_(testing::MakeProgram(rules)),
        pipeline(catalog_, program_,
                 {[this](const nfa::Outcomes& outcomes) {
                    for (const nfa::Outcome& outcome : outcomes.items) {
                      told.push_back(testing::Describe(*program_, outcomes, outcome));
                    }
                  },
                  [this](const RejectedRecord& record) {
                    rejected.push_back(std::string(record.reason) + " " +
                                       std::to_string(record.position.offset) + " " +
                                       std::string(record.bytes));
                  }}) {
    partition = pipeline.AddPartition({0, 0, 0});
  }

  Result<void> FeedBytes(const std::string& bytes) {
    ingest::RawRecord record;
    record.position.offset = offset_++;
    record.bytes = bytes;
    return pipeline.Feed(partition, record);
  }
  void Feed(const std::string& type, TimestampMs ts, const std::string& key) {
    REQUIRE(FeedBytes(Line(type, ts, key)));
  }
  static std::string Line(const std::string& type, TimestampMs ts, const std::string& key) {
    return R"({"ts":)" + std::to_string(ts) + R"(,"type":")" + type + R"(","key":")" + key + "\"}";
  }
  void End(const AtEnd& at_end = {}) {
    pipeline.EndPartition(partition);
    pipeline.Finish(at_end);
  }

 private:
  Catalog catalog_;
  std::shared_ptr<const nfa::Program> program_;
  std::int64_t offset_ = 0;

 public:
  Told told, rejected;
  Pipeline pipeline;
  int partition = 0;
};

TEST_CASE("events are put in order within out_of_order, and held back no longer") {
  Harness harness(testing::MakeCatalog(1000));
  harness.Feed("b", 3000, "k");
  harness.Feed("a", 2500, "k");
  CHECK(harness.pipeline.held_back() == 2);
  harness.Feed("c", 4001, "k");
  harness.pipeline.Drain();
  // The watermark is 3000: both are out.
  CHECK(harness.told == Told{"r match k 2,3 @3000"});
  CHECK(harness.pipeline.held_back() == 1);
  harness.End();
  CHECK(harness.pipeline.stats().events == 3);
  CHECK(harness.pipeline.stats().late == 0);
}

TEST_CASE("late events go where the stream says") {
  struct Row {
    LatePolicy policy;
    std::size_t rejected;
    bool stops;
  };
  for (const Row& row : {Row{LatePolicy::kTopic, 1, false}, Row{LatePolicy::kDrop, 0, false},
                         Row{LatePolicy::kStop, 0, true}}) {
    Catalog catalog = testing::MakeCatalog(0);
    catalog.streams[0].late = row.policy;
    Harness harness(catalog);
    harness.Feed("a", 5000, "k");
    const auto fed = harness.FeedBytes(Harness::Line("b", 4999, "k"));
    CHECK(fed.has_value() == !row.stops);
    if (row.stops) {
      CHECK(fed.error().code == ErrorCode::kIo);
      CHECK(fed.error().message.find("late: stop") != std::string::npos);
      continue;
    }
    CHECK(harness.rejected.size() == row.rejected);
    CHECK(harness.pipeline.stats().late == 1);
    harness.End();
    CHECK(harness.told.empty());
  }
}

TEST_CASE("a dead letter is told with its reason, and the next event is unharmed") {
  Harness harness(testing::MakeCatalog(0));
  harness.Feed("a", 1000, "k");
  for (const char* bytes : {R"({"a":"x":4})", "", "[1]", R"({"type":"a","key":"k"})",
                            R"({"ts":1,"type":"a","key":7})"}) {
    REQUIRE(harness.FeedBytes(bytes));
  }
  harness.Feed("b", 2000, "k");
  harness.End();
  CHECK(harness.told == Told{"r match k 1,2 @2000"});
  CHECK(harness.rejected.size() == 5);
  CHECK(harness.rejected[0] == R"(malformed 1 {"a":"x":4})");
  CHECK(harness.rejected[3].starts_with("missing_time 4"));
  CHECK(harness.rejected[4].starts_with("wrong_type 5"));
  CHECK(harness.pipeline.stats().dead_letters == 5);
  CHECK(harness.pipeline.stats().dead_letters_by_reason.at(
            ingest::DeadLetterReason::kMissingTime) == 1);
}

TEST_CASE("an event of no declared type is skipped, but moves time") {
  Harness harness(testing::MakeCatalog(0));
  harness.Feed("unknown", 5000, "k");
  harness.Feed("a", 4000, "k");
  harness.End();
  CHECK(harness.pipeline.stats().skipped == 1);
  CHECK(harness.pipeline.stats().late == 1);
}

TEST_CASE("what happens at the end") {
  struct Row {
    AtEnd at_end;
    Told want;
  };
  const std::string first = "r match k 1 @11000!";
  const std::string second = "r match l 4 @14000!";
  const Row rows[] = {
      {{AtEnd::Kind::kFlush, 0}, {first, second}},
      {{AtEnd::Kind::kHold, 0}, {}},
      {{AtEnd::Kind::kTime, 10'999}, {}},
      {{AtEnd::Kind::kTime, 11'000}, {first}},
      {{AtEnd::Kind::kTime, 14'000}, {first, second}},
      {{AtEnd::Kind::kTime, -5}, {}},
  };
  for (const Row& row : rows) {
    Harness harness(testing::MakeCatalog(0), {{.id = "r", .absence = true}});
    harness.Feed("a", 1000, "k");
    harness.Feed("a", 4000, "l");
    harness.End(row.at_end);
    CHECK(harness.told == row.want);
  }
}

TEST_CASE("summaries come at their time, before what else happens then, and at the end as told") {
  const std::string first = "r match k 1,2 @2000";
  const std::string summary = "r summary k 1,2 +1 @22000!";
  // The absence of rule `q` completes at the moment in which the window closes.
  const std::string absence = "q match l 12 @22000!";
  struct Row {
    AtEnd at_end;
    Told want;
  };
  const Row rows[] = {
      {{AtEnd::Kind::kFlush, 0}, {first, summary, absence}},
      {{AtEnd::Kind::kHold, 0}, {first}},
      {{AtEnd::Kind::kTime, 21'999}, {first}},
      {{AtEnd::Kind::kTime, 22'000}, {first, summary, absence}},
  };
  for (const Row& row : rows) {
    Harness harness(testing::MakeCatalog(0),
                    {{.id = "q", .absence = true}, {.id = "r", .suppress = 20'000}});
    for (const auto& [type, ts] : {std::pair("a", 1000), {"b", 2000}, {"a", 3000}, {"b", 4000}}) {
      harness.Feed(type, ts, "k");
    }
    harness.Feed("a", 12'000, "l");
    harness.End(row.at_end);
    CHECK(harness.told == row.want);
  }
}

TEST_CASE("a summary does not wait for the next alert") {
  Harness harness(testing::MakeCatalog(0), {{.id = "r", .suppress = 20'000}});
  for (const auto& [type, ts] : {std::pair("a", 1000), {"b", 2000}, {"a", 3000}, {"b", 4000}}) {
    harness.Feed(type, ts, "k");
  }
  harness.Feed("c", 21'999, "other");
  harness.pipeline.Drain();
  CHECK(harness.told.size() == 1);
  harness.Feed("c", 22'000, "other");
  harness.Feed("c", 22'001, "other");  // The one before is out.
  harness.pipeline.Drain();
  CHECK(harness.told == Told{"r match k 1,2 @2000", "r summary k 1,2 +1 @22000!"});
  CHECK(harness.pipeline.suppression().stats().suppressed[0] == 1);
}

TEST_CASE("learn counts from the task's first event, which the rule need not see") {
  Harness harness(testing::MakeCatalog(1000), {{.id = "r", .learn = 3000}});
  harness.Feed("c", 1500, "other");
  harness.Feed("c", 1000, "other");  // The first one, though it comes second.
  for (const auto& [type, ts] : {std::pair("a", 2000), {"b", 3999}, {"a", 3999}, {"b", 4000}}) {
    harness.Feed(type, ts, "k");
  }
  harness.End();
  CHECK(harness.told == Told{"r match k 3,4 @4000"});
  CHECK(harness.pipeline.suppression().stats().learning[0] == 1);
}

TEST_CASE("a partition can be told that time has passed") {
  Harness harness(testing::MakeCatalog(0), {{.id = "r", .absence = true}});
  harness.Feed("a", 1000, "k");
  harness.pipeline.AdvancePartition(harness.partition, 20'000, 1);
  ingest::RawRecord record;
  record.position.offset = 2;
  const std::string late = Harness::Line("b", 10'000, "k");
  record.bytes = late;
  REQUIRE(harness.pipeline.Feed(harness.partition, record));
  CHECK(harness.pipeline.stats().late == 1);
  harness.End();
  CHECK(harness.told == Told{"r match k 1 @11000!"});
}

TEST_CASE("a lagging partition holds the others back until it ends") {
  Harness harness(testing::MakeCatalog(0));
  const int other = harness.pipeline.AddPartition({0, 0, 1});
  harness.Feed("a", 1000, "k");
  harness.Feed("b", 2000, "k");
  CHECK(harness.told.empty());
  harness.pipeline.EndPartition(other);
  harness.Feed("c", 3000, "k");
  harness.pipeline.Drain();
  CHECK(harness.told == Told{"r match k 1,2 @2000"});
}

TEST_CASE("a long input is handed on in batches, before anybody asks") {
  Harness harness(testing::MakeCatalog(0));
  for (int second = 0; second < 200; ++second) harness.Feed("c", second * 1000, "k");
  CHECK(harness.pipeline.held_back() < 200);
  harness.End();
  CHECK(harness.pipeline.task().stats().events == 200);
}

}  // namespace
}  // namespace shrike::engine
