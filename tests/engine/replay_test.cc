#include "engine/replay.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/engine/engine_fixture.h"

namespace shrike::engine {
namespace {

// Records in memory, given out in batches of at most `batch`; writes down what is asked of it.
class FakeSource : public ingest::EventSource {
 public:
  FakeSource(std::int32_t partition, std::vector<std::string> lines, std::size_t batch = 1)
      : partition_(partition), lines_(std::move(lines)), batch_(batch) {}

  Result<bool> Poll(std::size_t count_max, std::vector<ingest::RawRecord>* batch) override {
    batch->clear();
    if (fails_at >= 0 && static_cast<std::int64_t>(next_) >= fails_at) {
      return Fail(ErrorCode::kIo, "the disk is gone");
    }
    if (next_ == lines_.size()) {
      return false;
    }
    while (next_ < lines_.size() && batch->size() < std::min(count_max, batch_)) {
      ingest::RawRecord record;
      record.position = {0, partition_, static_cast<std::int64_t>(next_)};
      record.bytes = lines_[next_++];
      batch->push_back(record);
    }
    return true;
  }

  std::size_t read() const { return next_; }
  std::int64_t fails_at = -1;

 private:
  std::int32_t partition_;
  std::vector<std::string> lines_;
  std::size_t batch_;
  std::size_t next_ = 0;
};

std::vector<std::string> Lines(const std::string& type, std::vector<TimestampMs> times) {
  std::vector<std::string> lines;
  for (const TimestampMs ts : times) {
    lines.push_back(R"({"key":"k","type":")" + type + R"(","ts":)" + std::to_string(ts) + "}");
  }
  return lines;
}

struct Run {
  std::shared_ptr<const nfa::Program> program = testing::MakeProgram({{.id = "r"}});
  Catalog catalog = testing::MakeCatalog(0);
  std::vector<std::string> told;
  Pipeline pipeline{catalog,
                    program,
                    {[this](const nfa::Outcomes& outcomes) {
                       for (const nfa::Outcome& outcome : outcomes.items) {
                         told.push_back(testing::Describe(*program, outcomes, outcome));
                       }
                     },
                     {}}};
  Replay replay{&pipeline};
};

TEST_CASE("files are merged by event time, whatever the batches and turns are") {
  for (const std::size_t batch : {1, 2, 100}) {
    for (const std::size_t turn : {1, 3, 1000}) {
      Run run;
      FakeSource a(0, Lines("a", {1000, 3000, 5000}), batch);
      FakeSource b(1, Lines("b", {2000, 4000, 6000}), batch);
      run.replay.AddSource(&b, {0, 0, 1});
      run.replay.AddSource(&a, {0, 0, 0});
      bool more = true;
      while (more) {
        const auto read = run.replay.Read(turn);
        REQUIRE(read);
        more = *read;
      }
      run.pipeline.Finish({});
      CHECK(run.told == std::vector<std::string>{"r match k 1,2 @2000", "r match k 3,4 @4000",
                                                 "r match k 5,6 @6000"});
      CHECK(run.pipeline.stats().events == 6);
    }
  }
}

TEST_CASE("the source that lags is read, so that little is held back") {
  Run run;
  std::vector<TimestampMs> sparse, dense;
  for (int second = 0; second < 1000; ++second) {
    dense.push_back(second * 1000);
    if (second % 100 == 0) {
      sparse.push_back(second * 1000);
    }
  }
  FakeSource a(0, Lines("c", sparse));
  FakeSource b(1, Lines("c", dense));
  run.replay.AddSource(&a, {0, 0, 0});
  run.replay.AddSource(&b, {0, 0, 1});
  std::size_t held_back = 0;
  while (true) {
    const auto read = run.replay.Read(1);
    REQUIRE(read);
    if (!*read) {
      break;
    }
    held_back = std::max(held_back, run.pipeline.held_back());
  }
  CHECK(run.pipeline.stats().events == 1010);
  CHECK(held_back <= 4);
}

TEST_CASE("a source's error ends the replay") {
  Run run;
  FakeSource source(0, Lines("a", {1000, 2000, 3000}));
  source.fails_at = 2;
  run.replay.AddSource(&source, {0, 0, 0});
  const auto read = run.replay.Read(100);
  REQUIRE_FALSE(read);
  CHECK(read.error().message == "the disk is gone");
  CHECK(run.pipeline.stats().records == 2);
}

}  // namespace
}  // namespace shrike::engine
