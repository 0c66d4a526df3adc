// Random operations on the embedded log, compared with the simplest possible one: a list of everything that was ever
// written to a partition, with what became of it. Half of the worlds have a journal and are closed and opened again.
#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/engine/embedded_fixture.h"
#include "tests/support/random.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

using testing::Random;

constexpr int kProducers = 3;
constexpr int kPartitions = 2;

struct Entry {
  enum State { kOpen, kVisible, kGone } state = kGone;  // kGone: aborted, a marker, compacted
  int producer = -1;
  std::string key, value;  // value "-": a tombstone
};

struct ModelPartition {
  std::vector<Entry> entries;  // [offset]
  std::size_t begin = 0;
  std::size_t end_stored = 0;  // what the journal knows of

  std::size_t StableEnd() const {
    std::size_t offset = 0;
    while (offset < entries.size() && entries[offset].state != Entry::kOpen) ++offset;
    return offset;
  }
  std::string Text() const {
    std::string text;
    for (std::size_t offset = begin; offset < StableEnd(); ++offset) {
      const Entry& entry = entries[offset];
      if (entry.state == Entry::kVisible)
        text += std::to_string(offset) + ":" + entry.key + "=" + entry.value + " ";
    }
    return text + "| " + std::to_string(begin) + " " + std::to_string(StableEnd()) + " " +
           std::to_string(entries.size());
  }
};

class World {
 public:
  World(std::uint64_t seed, std::string journal) : random_(seed), journal_(std::move(journal)) {
    Open();
    REQUIRE(log_->CreateTopic("t", kPartitions));
    for (int i = 0; i < kProducers; ++i) Initialize(i);
  }

  void Step() {
    const int producer = static_cast<int>(random_.Below(kProducers));
    const auto partition = static_cast<std::int32_t>(random_.Below(kPartitions));
    switch (random_.Below(12)) {
      case 0:
        return Append(partition);
      case 1:
        return End(producer, true);
      case 2:
        return End(producer, false);
      case 3:
        return random_.OneIn(3) ? Initialize(producer) : Expire(producer);
      case 4:
        return random_.OneIn(4) ? Compact(partition) : Delete(partition);
      case 5:
        return random_.OneIn(6) ? Reopen() : End(producer, true);
      default:
        return Send(producer, partition);
    }
  }

  void Compare() const {
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      const PartitionLog& real = log_->Partition({0, i});
      std::string text = Visible(*log_, {0, i});
      text += "| " + std::to_string(real.begin()) + " " + std::to_string(real.stable_end()) + " " +
              std::to_string(real.end());
      REQUIRE(text == model_[static_cast<std::size_t>(i)].Text());
    }
  }

 private:
  void Open() {
    EmbeddedLog::Options options;
    options.journal.path = journal_;
    log_ = EmbeddedLog::Open(options).value();
  }

  ModelPartition& Model(std::int32_t partition) {
    return model_[static_cast<std::size_t>(partition)];
  }

  Entry MakeEntry(Entry::State state, int producer) {
    Entry entry;
    entry.state = state;
    entry.producer = producer;
    entry.key = std::string(1, static_cast<char>('a' + random_.Below(4)));
    entry.value = random_.OneIn(4) ? "-" : std::to_string(random_.Below(1000));
    return entry;
  }

  static NewRecord RecordOf(const Entry& entry) {
    NewRecord record;
    record.key = entry.key;
    if (entry.value != "-") record.value = entry.value;
    return record;
  }

  void Append(std::int32_t partition) {
    ModelPartition& model = Model(partition);
    const Entry entry = MakeEntry(Entry::kVisible, -1);
    REQUIRE(log_->Append({0, partition}, RecordOf(entry)).value() ==
            static_cast<std::int64_t>(model.entries.size()));
    model.entries.push_back(entry);
    model.end_stored = model.entries.size();
  }

  void Send(int producer, std::int32_t partition) {
    const Entry entry = MakeEntry(Entry::kOpen, producer);
    const bool fenced = fenced_[static_cast<std::size_t>(producer)];
    const TransactionOutcome outcome =
        log_->Send(handles_[static_cast<std::size_t>(producer)], {0, partition}, RecordOf(entry));
    REQUIRE(outcome == (fenced ? TransactionOutcome::kFenced : TransactionOutcome::kDone));
    if (!fenced) Model(partition).entries.push_back(entry);
  }

  void EndInModel(int producer, bool commit) {
    for (ModelPartition& model : model_) {
      bool touched = false;
      for (Entry& entry : model.entries) {
        if (entry.state != Entry::kOpen || entry.producer != producer) continue;
        entry.state = commit ? Entry::kVisible : Entry::kGone;
        touched = true;
      }
      if (!touched) continue;
      model.entries.emplace_back();  // The marker.
      model.end_stored = model.entries.size();
    }
  }

  void End(int producer, bool commit) {
    const bool fenced = fenced_[static_cast<std::size_t>(producer)];
    const TransactionOutcome outcome =
        log_->EndTransaction(handles_[static_cast<std::size_t>(producer)], commit);
    REQUIRE(outcome == (fenced ? TransactionOutcome::kFenced : TransactionOutcome::kDone));
    if (!fenced) EndInModel(producer, commit);
  }

  static std::string Id(int producer) { return "p" + std::to_string(producer); }

  void Initialize(int producer) {
    const ProducerHandle handle = log_->InitializeProducer(Id(producer)).value();
    REQUIRE(handle.epoch > handles_[static_cast<std::size_t>(producer)].epoch);
    handles_[static_cast<std::size_t>(producer)] = handle;
    fenced_[static_cast<std::size_t>(producer)] = false;
    EndInModel(producer, false);
  }

  void Expire(int producer) {
    if (log_->ExpireTransaction(Id(producer)).value())
      fenced_[static_cast<std::size_t>(producer)] = true;
    EndInModel(producer, false);
  }

  void Delete(std::int32_t partition) {
    ModelPartition& model = Model(partition);
    const std::size_t offset = random_.Below(model.entries.size() + 2);
    REQUIRE(log_->DeleteBefore({0, partition}, static_cast<std::int64_t>(offset)));
    model.begin = std::max(model.begin, std::min(offset, model.StableEnd()));
  }

  void Compact(std::int32_t partition) {
    const bool drop = random_.OneIn(2);
    using Tombstones = EmbeddedLog::Tombstones;
    REQUIRE(log_->Compact({0, partition}, drop ? Tombstones::kDrop : Tombstones::kKeep));
    ModelPartition& model = Model(partition);
    std::map<std::string, bool> seen;
    for (std::size_t offset = model.StableEnd(); offset-- > model.begin;) {
      Entry& entry = model.entries[offset];
      if (entry.state != Entry::kVisible) continue;
      const bool newer = !seen.emplace(entry.key, true).second;
      if (newer || (drop && entry.value == "-")) entry.state = Entry::kGone;
    }
  }

  void Reopen() {
    if (journal_.empty()) return;
    log_.reset();
    Open();
    for (ModelPartition& model : model_) {
      for (Entry& entry : model.entries) {
        if (entry.state == Entry::kOpen) entry.state = Entry::kGone;
      }
      model.entries.resize(model.end_stored);
    }
    for (int i = 0; i < kProducers; ++i) Initialize(i);
  }

  Random random_;
  std::string journal_;
  std::unique_ptr<EmbeddedLog> log_;
  std::array<ProducerHandle, kProducers> handles_;
  std::array<bool, kProducers> fenced_{};
  std::array<ModelPartition, kPartitions> model_;
};

TEST_CASE("the log does what a list of all that was written would do") {
  const testing::ScratchFolder folder;
  const std::uint64_t seed = testing::SeedFor("embedded log against a model");
  for (std::uint64_t round = 0; round < 300; ++round) {
    CAPTURE(round);
    const std::string journal =
        round % 2 == 0 ? std::string() : (folder.path() / std::to_string(round)).string();
    World world(seed * 1000 + round, journal);
    for (int step = 0; step < 100; ++step) {
      world.Step();
      world.Compare();
    }
  }
}

}  // namespace
}  // namespace shrike::engine
