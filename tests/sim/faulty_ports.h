// The ports of a simulated process: the embedded log and a store in memory, with faults at every call.
#ifndef SHRIKE_TESTS_SIM_FAULTY_PORTS_H_
#define SHRIKE_TESTS_SIM_FAULTY_PORTS_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/producer.h"
#include "engine/embedded/embedded_changelog_reader.h"
#include "engine/embedded/embedded_consumer.h"
#include "engine/embedded/embedded_producer.h"
#include "engine/state_store.h"
#include "tests/sim/faults.h"
#include "tests/support/map_store.h"

namespace shrike::sim {

class FaultyConsumer : public ingest::Consumer {
 public:
  FaultyConsumer(std::unique_ptr<engine::EmbeddedConsumer> inner, Faults* faults)
      : inner_(std::move(inner)), faults_(faults) {}

  Result<void> Poll(std::size_t count_max, DurationMs wait, ingest::ConsumerBatch* batch) override;
  Result<void> Assign(std::span<const InputOffset> starts) override;
  Result<void> Unassign(std::span<const InputPartition> partitions) override;
  Result<void> Seek(std::span<const InputOffset> offsets) override;
  Result<void> SetPaused(std::span<const InputPartition> partitions, bool paused) override;
  Result<std::vector<std::optional<ingest::CommittedOffset>>> Committed(
      std::span<const InputPartition> partitions) override;
  Result<ingest::OffsetRange> Range(InputPartition partition) override;
  Result<std::vector<int>> PartitionCounts() override { return inner_->PartitionCounts(); }
  Result<std::string> GroupToken() override;

  engine::EmbeddedConsumer& inner() { return *inner_; }

 private:
  std::unique_ptr<engine::EmbeddedConsumer> inner_;
  Faults* faults_;
};

class FaultyProducer : public alerts::Producer {
 public:
  // committed: called with the offsets of every commit that takes effect, whatever the engine is told.
  using Committed = std::function<void(std::span<const InputOffset>)>;
  FaultyProducer(std::unique_ptr<engine::EmbeddedProducer> inner, Faults* faults,
                 Committed committed)
      : inner_(std::move(inner)), faults_(faults), committed_(std::move(committed)) {}

  Result<void> Initialize() override;
  Result<void> Send(const alerts::OutputRecord& record) override;
  alerts::CommitResult Commit(std::span<const InputOffset> offsets,
                              std::string_view group_token) override;
  Result<void> Abort() override;

 private:
  std::unique_ptr<engine::EmbeddedProducer> inner_;
  Faults* faults_;
  Committed committed_;
};

class FaultyChangelogReader : public ingest::ChangelogReader {
 public:
  FaultyChangelogReader(std::unique_ptr<engine::EmbeddedChangelogReader> inner, Faults* faults)
      : inner_(std::move(inner)), faults_(faults) {}

  Result<std::int64_t> Read(std::int32_t partition, std::int64_t begin,
                            const Visit& visit) override;
  Result<ingest::OffsetRange> Range(std::int32_t partition) override;

 private:
  std::unique_ptr<engine::EmbeddedChangelogReader> inner_;
  Faults* faults_;
};

// A process' view of what outlives it: one task's disk.
class FaultyStore : public engine::StateStore {
 public:
  // disk: borrowed. written: called with every head that reaches the disk.
  using Written = std::function<void(std::string_view head)>;
  FaultyStore(engine::MapStore* disk, Faults* faults, Written written)
      : disk_(disk), faults_(faults), written_(std::move(written)) {}

  Result<std::optional<std::string>> ReadHead() override;
  Result<void> Write(std::string_view head, std::span<const engine::StateChange> changes) override;
  Result<bool> Read(std::string_view name, std::string* value) override {
    return disk_->Read(name, value);
  }
  Result<void> ForEach(std::string_view prefix, const Visit& visit) override {
    return disk_->ForEach(prefix, visit);
  }
  Result<void> ForEachDue(DueRange range, const Visit& visit) override {
    return disk_->ForEachDue(range, visit);
  }
  Result<TimestampMs> NextDue(TimestampMs after) override { return disk_->NextDue(after); }
  Result<void> Clear() override;

 private:
  engine::MapStore* disk_;
  Faults* faults_;
  Written written_;
};

}  // namespace shrike::sim

#endif  // SHRIKE_TESTS_SIM_FAULTY_PORTS_H_
