// Workers that copy the input to the output, and die, hang, are fenced and rebalanced at every moment: whatever happens,
// the output holds every input record once, and in order.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/engine/embedded_fixture.h"
#include "tests/support/random.h"

namespace shrike::engine {
namespace {

using alerts::CommitResult;
using ingest::Rebalance;
using testing::Random;

constexpr std::int32_t kPartitions = 3;
constexpr int kRecords = 100;  // in each partition

// Copies a/N to out/N. What it has read and not committed is only in its producer's transaction.
class Worker {
 public:
  Worker(EmbeddedLog* log, const std::string& id)
      : consumer_(MakeConsumer(log)), producer_(MakeProducer(log, id)) {
    REQUIRE(producer_->Initialize());
  }

  void Step(Random* random) {
    if (!assigning_.empty()) return Assign();
    if (hung_) {
      if (!random->OneIn(20)) return;
      hung_ = false;
      return End(producer_->CommitSent());
    }
    if (lost_place_) return GoBack();
    // Before it can hear that it is thought dead.
    if (dirty_ && random->OneIn(4)) return Commit(random);
    ingest::ConsumerBatch batch;
    REQUIRE(consumer_->Poll(1 + random->Below(3), 0, &batch));
    if (batch.rebalance == Rebalance::kAssign) {
      assigning_ = batch.partitions;
      return Assign();
    }
    if (batch.rebalance != Rebalance::kNone) return LetGo(batch);
    for (const ingest::RawRecord& record : batch.records) {
      Copy(record);
      if (lost_place_ || !dirty_) return;  // Fenced: what follows is read again.
    }
    if (dirty_ && random->OneIn(4)) Commit(random);
  }

  EmbeddedConsumer& consumer() { return *consumer_; }

 private:
  // Reading begins where the group's last commit ended, once that is known.
  void Assign() {
    const auto committed = consumer_->Committed(assigning_);
    if (!committed) return;
    positions_.clear();
    for (std::size_t i = 0; i < assigning_.size(); ++i) {
      const auto& offset = (*committed)[i];
      positions_.push_back({assigning_[i], offset ? offset->offset : 0, ""});
    }
    REQUIRE(consumer_->Assign(positions_));
    assigning_.clear();
  }

  void LetGo(const ingest::ConsumerBatch& batch) {
    // After a commit that was lost, the positions are too far; they are not used any more.
    if (batch.rebalance == Rebalance::kRevoke && dirty_) {
      if (producer_->Commit(positions_, consumer_->GroupToken().value()) == CommitResult::kUnknown)
        REQUIRE(producer_->Initialize());
    } else if (!producer_->Abort()) {
      REQUIRE(producer_->Initialize());
    }
    dirty_ = false;
    REQUIRE(consumer_->Unassign(batch.partitions));
    positions_.clear();
  }

  void Copy(const ingest::RawRecord& record) {
    for (InputOffset& position : positions_) {
      if (position.partition.partition != record.position.partition) continue;
      REQUIRE(record.position.offset >= position.offset);
      position.offset = record.position.offset + 1;
    }
    alerts::OutputRecord out = Alert(record.bytes);
    out.partition = record.position.partition;
    dirty_ = true;
    if (!producer_->Send(out)) End(CommitResult::kUnknown);
  }

  void Commit(Random* random) {
    const std::string token = consumer_->GroupToken().value();
    switch (random->Below(8)) {
      case 0:  // Halfway, then the connection is gone.
        static_cast<void>(producer_->SendOffsets(positions_, token));
        return End(CommitResult::kUnknown);
      case 1:  // It took effect, but the answer is lost.
        static_cast<void>(producer_->Commit(positions_, token));
        return End(CommitResult::kUnknown);
      case 2:  // Halfway, then the machine sleeps for a long time.
        hung_ = producer_->SendOffsets(positions_, token) == TransactionOutcome::kDone;
        if (!hung_) End(CommitResult::kUnknown);
        return;
      default:
        return End(producer_->Commit(positions_, token));
    }
  }

  // Anything but a commit: forgets what was read since the last one.
  void End(CommitResult result) {
    dirty_ = false;
    if (result == CommitResult::kCommitted) return;
    if (result == CommitResult::kUnknown) REQUIRE(producer_->Initialize());
    lost_place_ = true;
    GoBack();
  }

  void GoBack() {
    std::vector<InputPartition> partitions;
    partitions.reserve(positions_.size());
    for (const InputOffset& position : positions_) partitions.push_back(position.partition);
    const auto committed = consumer_->Committed(partitions);
    if (!committed) return;
    lost_place_ = false;
    for (std::size_t i = 0; i < positions_.size(); ++i)
      positions_[i].offset = (*committed)[i] ? (*committed)[i]->offset : 0;
    REQUIRE(consumer_->Seek(positions_));
  }

  std::unique_ptr<EmbeddedConsumer> consumer_;
  std::unique_ptr<EmbeddedProducer> producer_;
  std::vector<InputPartition> assigning_;  // of a kAssign that is not answered yet
  std::vector<InputOffset> positions_;     // the next record of each partition
  bool dirty_ = false;                     // something was sent since
  bool hung_ = false;
  bool lost_place_ = false;  // the positions are wrong until the group's are known
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), log_(MakeLog(kPartitions)) {
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      for (int i = 0; i < kRecords; ++i)
        AppendValues(log_.get(), Place(*log_, "a", partition), {Value(i)});
    }
    workers_.resize(3);
  }

  void Fault() {
    const std::size_t index = random_.Below(workers_.size());
    std::unique_ptr<Worker>& worker = workers_[index];
    if (worker == nullptr) {
      // Now and then under the id of another: a zombie of that is fenced.
      const std::size_t id = random_.OneIn(4) ? random_.Below(workers_.size()) : index;
      worker = std::make_unique<Worker>(log_.get(), "p" + std::to_string(id));
      return;
    }
    switch (random_.Below(4)) {
      case 0:
        worker->consumer().Crash();
        dead_.push_back(worker->consumer().member());
        worker.reset();
        return;
      case 1:
        worker.reset();
        return;
      case 2:
        return log_->ExpireMember("group", worker->consumer().member());
      default:
        return TimeOut();
    }
  }

  // What time does to the dead.
  void TimeOut() {
    for (const std::int64_t member : dead_) log_->ExpireMember("group", member);
    dead_.clear();
    for (const std::string_view id : {"p0", "p1", "p2"}) REQUIRE(log_->ExpireTransaction(id));
  }

  void Run() {
    for (int step = 0; step < 400; ++step) {
      if (random_.OneIn(8)) Fault();
      StepOne();
    }
    TimeOut();
    // Now to its end: each under its own id, for two of one id fence each other for ever.
    for (std::size_t i = 0; i < workers_.size(); ++i)
      workers_[i] = std::make_unique<Worker>(log_.get(), "p" + std::to_string(i));
    for (int step = 0; step < 2000 && !Done(); ++step) {
      if (step % 500 == 499) TimeOut();
      StepOne();
    }
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      const auto records = log_->Partition(Place(*log_, "out", partition)).Committed(0);
      REQUIRE(records.size() == kRecords);
      for (int i = 0; i < kRecords; ++i)
        REQUIRE(records[static_cast<std::size_t>(i)].value() == Value(i));
    }
  }

 private:
  static std::string Value(int i) { return std::to_string(i); }

  void StepOne() {
    const std::unique_ptr<Worker>& worker = workers_[random_.Below(workers_.size())];
    if (worker != nullptr) worker->Step(&random_);
  }

  bool Done() const {
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      if (log_->Partition(Place(*log_, "out", partition)).Committed(0).size() < kRecords)
        return false;
    }
    return true;
  }

  Random random_;
  std::unique_ptr<EmbeddedLog> log_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::int64_t> dead_;
};

TEST_CASE("workers that die at any moment copy every record once") {
  const std::uint64_t seed = testing::SeedFor("exactly once in the embedded log");
  for (std::uint64_t round = 0; round < 500; ++round) {
    CAPTURE(round);
    World(seed * 10'000 + round).Run();
  }
}

}  // namespace
}  // namespace shrike::engine
