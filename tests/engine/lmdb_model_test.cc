// Random writes to an LmdbStore and to a std::map, closed and opened again now and then: always the same.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/lmdb/state_verify.h"
#include "tests/engine/lmdb_fixture.h"
#include "tests/support/random.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

using testing::Random;

struct Value {
  std::string value;
  TimestampMs due = kTimeMax;
};

class World {
 public:
  World(std::uint64_t seed, std::string folder) : random_(seed), folder_(std::move(folder)) {
    sync_ = random_.OneIn(4);
    store_ = OpenStore(folder_, sync_);
  }

  void Step() {
    if (random_.OneIn(15)) Reopen();
    if (random_.OneIn(40)) {
      REQUIRE(store_->Clear());
      head_.reset();
      model_.clear();
    }
    Write();
    CompareSome();
    if (random_.OneIn(10)) CompareAll();
  }

 private:
  void Reopen() {
    store_.reset();
    const StateReport report = VerifyState(folder_, 3).value();
    REQUIRE_MESSAGE(report.good(), report.faults.front());
    REQUIRE(report.entry_count == model_.size());
    sync_ = random_.OneIn(4);
    store_ = OpenStore(folder_, sync_);
  }

  std::string Name() {
    std::string name(1 + random_.Below(3), 'a');
    for (char& byte : name) byte = static_cast<char>("ab\xFF\0z"[random_.Below(5)]);
    if (random_.OneIn(10)) name.resize(kStateNameBytesMax, 'l');
    return name;
  }

  void Write() {
    std::vector<StateChange> changes;
    std::set<std::string> names;
    for (std::size_t count = random_.Below(12); count > 0; --count) {
      std::string name = Name();
      if (!names.insert(name).second) continue;
      if (random_.OneIn(3)) {
        model_.erase(name);
        changes.push_back({name, std::nullopt, 5});
        continue;
      }
      Value value;
      value.value.assign(random_.OneIn(5) ? random_.Below(20'000) : random_.Below(300),
                         static_cast<char>(random_.Next()));
      if (random_.OneIn(2)) value.due = static_cast<TimestampMs>(random_.Below(20)) - 10;
      changes.push_back({name, value.value, value.due});
      model_[name] = value;
    }
    head_ = std::to_string(random_.Magnitude());
    REQUIRE(store_->Write(*head_, changes));
  }

  void CompareSome() {
    REQUIRE(store_->ReadHead().value() == head_);
    REQUIRE(store_->EntryCount().value() == model_.size());
    for (int i = 0; i < 3; ++i) {
      const std::string name = Name();
      std::string value;
      const auto expected = model_.find(name);
      REQUIRE(store_->Read(name, &value).value() == (expected != model_.end()));
      if (expected != model_.end()) REQUIRE(value == expected->second.value);
    }
  }

  void CompareAll() {
    const std::string prefix = random_.OneIn(2) ? std::string() : Name().substr(0, 1);
    auto expected = model_.lower_bound(prefix);
    REQUIRE(store_->ForEach(prefix, [&](const StateEntry& entry) {
      REQUIRE(expected != model_.end());
      REQUIRE(entry.name == expected->first);
      REQUIRE(entry.value == expected->second.value);
      REQUIRE(entry.due == expected->second.due);
      ++expected;
      return true;
    }));
    REQUIRE((expected == model_.end() || !expected->first.starts_with(prefix)));
    std::set<std::pair<TimestampMs, std::string>> dues;
    for (const auto& [name, value] : model_) {
      if (value.due != kTimeMax) dues.emplace(value.due, name);
    }
    const TimestampMs time = static_cast<TimestampMs>(random_.Below(20)) - 10;
    const TimestampMs after =
        random_.OneIn(3) ? kTimeMin : static_cast<TimestampMs>(random_.Below(20)) - 12;
    auto due = dues.lower_bound({after + 1, ""});
    REQUIRE(store_->NextDue(after).value() == (due == dues.end() ? kTimeMax : due->first));
    REQUIRE(store_->ForEachDue({after, time}, [&](const StateEntry& entry) {
      REQUIRE(due != dues.end());
      REQUIRE(entry.due == due->first);
      REQUIRE(entry.name == due->second);
      REQUIRE(entry.value == model_.at(due->second).value);
      ++due;
      return true;
    }));
    REQUIRE((due == dues.end() || due->first > time));
  }

  Random random_;
  std::string folder_;
  bool sync_ = false;
  std::unique_ptr<LmdbStore> store_;
  std::optional<std::string> head_;
  std::map<std::string, Value> model_;
};

TEST_CASE("a store does what a map would do") {
  const testing::ScratchFolder scratch;
  const std::uint64_t seed = testing::SeedFor("lmdb store against a map");
  for (std::uint64_t round = 0; round < 6; ++round) {
    CAPTURE(round);
    World world(seed * 100 + round, scratch.path() / std::to_string(round));
    for (int step = 0; step < 80; ++step) world.Step();
  }
}

}  // namespace
}  // namespace shrike::engine
