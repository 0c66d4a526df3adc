#include "engine/lmdb/lmdb_store.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/engine/lmdb_fixture.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

using testing::ScratchFolder;
using Changes = std::vector<StateChange>;

TEST_CASE("a state is written and read") {
  const ScratchFolder scratch;
  const std::string path = scratch.path() / "task";
  for (const bool sync : {true, false}) {
    std::filesystem::remove_all(path);
    auto store = OpenStore(path, sync);
    CHECK(Contents(store.get()) == "- |");
    CHECK(store->NextDue(kTimeMin).value() == kTimeMax);
    REQUIRE(store->Write("h1", Changes{Change("k/b", "2", 20), Change("k/a", "1"),
                                       Change("j", std::string("\0x", 2), -5)}));
    REQUIRE(store->Write("", Changes{Change("k/c", "", 10), Change("k/b", "3", 10),
                                     Change("nothing", std::nullopt)}));
    CHECK(DueNames(store.get(), -6).empty());
    CHECK(DueNames(store.get(), 10) == std::string("j=\0x k/b=3 k/c= ", 16));
    CHECK(store->NextDue(kTimeMin).value() == -5);
    REQUIRE(store->Write("h3", Changes{Change("j", std::nullopt), Change("k/b", "4")}));
    CHECK(store->NextDue(kTimeMin).value() == 10);
    CHECK(Contents(store.get()) == "h3 | k/a=1 k/b=4 k/c=@10");
    CHECK(store->EntryCount().value() == 3);
    std::string value = "old";
    CHECK(store->Read("k/b", &value).value());
    CHECK(value == "4");
    CHECK_FALSE(store->Read("k", &value).value());
    store.reset();
    store = OpenStore(path, sync);
    CHECK(Contents(store.get()) == "h3 | k/a=1 k/b=4 k/c=@10");
  }
}

TEST_CASE("a prefix, and an end to it") {
  const ScratchFolder scratch;
  const auto store = OpenStore(scratch.path());
  REQUIRE(store->Write("", Changes{Change("a", "1"), Change("b", "2"), Change("b\xFF", "3"),
                                   Change("ba", "4"), Change("c", "5")}));
  struct Row {
    std::string_view prefix, want;
  };
  const Row rows[] = {{"", "a ba b\xFF c b "},
                      {"b", "b ba b\xFF "},
                      {"ba", "ba "},
                      {"bb", ""},
                      {"c", "c "},
                      {"d", ""}};
  for (const Row& row : rows) {
    std::string text;
    REQUIRE(store->ForEach(row.prefix, [&text](const StateEntry& entry) {
      text += std::string(entry.name) + " ";
      return true;
    }));
    CAPTURE(row.prefix);
    CHECK(text == (row.prefix.empty() ? std::string("a b ba b\xFF c ") : std::string(row.want)));
  }
  int count = 0;
  REQUIRE(store->ForEach("", [&count](const StateEntry&) { return ++count < 2; }));
  CHECK(count == 2);
}

TEST_CASE("visits cover more than is copied at a time, and may call the store") {
  const ScratchFolder scratch;
  const auto store = OpenStore(scratch.path());
  Changes changes;
  for (int i = 0; i < 300; ++i)
    changes.push_back(Change("k" + std::to_string(1000 + i), std::string(5000, 'v'), 300 - i));
  REQUIRE(store->Write("h", changes));
  int count = 0;
  std::string last, value;
  REQUIRE(store->ForEach("k", [&](const StateEntry& entry) {
    CHECK(last < entry.name);
    last = entry.name;
    CHECK(store->Read(entry.name, &value).value());
    if (++count == 10) CHECK(store->Write("h", Changes{Change("k9", "new")}));
    return true;
  }));
  CHECK(count == 301);
  TimestampMs due = kTimeMin;
  count = 0;
  REQUIRE(store->ForEachDue({kTimeMin, 200}, [&](const StateEntry& entry) {
    CHECK(due < entry.due);
    due = entry.due;
    ++count;
    return true;
  }));
  CHECK(count == 200);
}

TEST_CASE("the map grows when it is full, and ahead of that") {
  const ScratchFolder scratch;
  LmdbStore::Options options = StoreOptions(scratch.path());
  options.map_bytes = 1 << 20;
  auto store = std::move(LmdbStore::Open(options)->store);
  // At once far more than there is room for, then bit by bit.
  Changes changes;
  for (int i = 0; i < 2000; ++i)
    changes.push_back(Change("big" + std::to_string(10000 + i), std::string(3000, 'x'), i));
  REQUIRE(store->Write("1", changes));
  CHECK(store->used_bytes() > 6u << 20);
  for (int round = 0; round < 20; ++round) {
    changes.clear();
    for (int i = 0; i < 200; ++i)
      changes.push_back(Change(std::to_string(round * 1000 + i), std::string(1000, 'y')));
    REQUIRE(store->Write("2", changes));
  }
  CHECK(store->EntryCount().value() == 6000);
  CHECK(store->NextDue(kTimeMin).value() == 0);
  store.reset();
  options.verify = true;
  store = std::move(LmdbStore::Open(options)->store);
  CHECK(store->EntryCount().value() == 6000);
  REQUIRE(store->Write("3", Changes{Change("one more", "z")}));
}

TEST_CASE("clear forgets everything and gives the space back") {
  const ScratchFolder scratch;
  const auto store = OpenStore(scratch.path());
  REQUIRE(store->Write("h", Changes{Change("k", std::string(1 << 20, 'x'), 5)}));
  REQUIRE(store->Clear());
  CHECK(Contents(store.get()) == "- |");
  CHECK(store->NextDue(kTimeMin).value() == kTimeMax);
  CHECK(std::filesystem::file_size(scratch.path() / "data.mdb") < 100'000);
  REQUIRE(store->Write("h2", Changes{Change("l", "1")}));
  CHECK(Contents(store.get()) == "h2 | l=1");
}

TEST_CASE("another application's state is not touched") {
  const ScratchFolder scratch;
  const std::string path = scratch.path();
  REQUIRE(OpenStore(path)->Write("h", Changes{Change("k", "v")}));
  LmdbStore::Options options = StoreOptions(path);
  options.identity.application = "other";
  CHECK(OpenError(options) == "corrupt: " + path +
                                  " holds the state of application fraud, task payments-3, not of "
                                  "application other, task payments-3");
  options = StoreOptions(path);
  options.identity.task = "payments-4";
  CHECK(OpenError(options).find("not of application fraud, task payments-4") != std::string::npos);
  CHECK(Contents(OpenStore(path).get()) == "h | k=v");
  options.clear = true;
  CHECK(Contents(LmdbStore::Open(options)->store.get()) == "- |");
  CHECK(OpenError(StoreOptions(path)).find("holds the state of") != std::string::npos);
}

TEST_CASE("a newer format, a strange file and a second process are refused") {
  const ScratchFolder scratch;
  const std::string path = scratch.path();
  {
    const auto store = OpenStore(path);
    REQUIRE(store->Write("h", Changes{}));
    CHECK(OpenError(StoreOptions(path)).find("io: the state folder") == 0);
  }
  scratch.Write("state.info", "shrike-state 9\n");
  CHECK(OpenError(StoreOptions(path)).find("state format 9, this program reads 1") !=
        std::string::npos);
  std::filesystem::remove(scratch.path() / "state.info");
  CHECK(OpenError(StoreOptions(path)).find("no state.info that says whose") != std::string::npos);
  const ScratchFolder other;
  REQUIRE(StateFolder::Lock(other.path()).value()->Write({kIdentity, ""}));
  other.Write("data.mdb", std::string(10'000, 'x'));
  CHECK(OpenError(StoreOptions(other.path())).find("corrupt: ") == 0);
}

TEST_CASE("what was written without sync before the last start is not trusted") {
  const ScratchFolder scratch;
  const std::string path = scratch.path();
  REQUIRE(OpenStore(path)->Write("h", Changes{Change("k", "v")}));
  CHECK(ReadStateInfo(path).value()->unsynced_boot == ReadBootId().value());
  CHECK(Contents(OpenStore(path).get()) == "h | k=v");
  // The machine is started again. Nothing of data.mdb may be read: it need not even be one.
  REQUIRE(StateFolder::Lock(path).value()->Write({kIdentity, "another boot"}));
  scratch.Write("data.mdb", "torn");
  for (const bool sync : {false, true}) {
    Result<LmdbStore::Opened> opened = LmdbStore::Open(StoreOptions(path, sync));
    REQUIRE(opened);
    CHECK_FALSE(opened->trusted);
    CHECK(opened->store->ReadHead().error().code == ErrorCode::kCorrupt);
    CHECK(opened->store->Write("h", {}).error().code == ErrorCode::kCorrupt);
    CHECK(LmdbStore::OpenForReading(path).error().code == ErrorCode::kCorrupt);
    if (!sync) continue;
    REQUIRE(opened->store->Clear());
    REQUIRE(opened->store->Write("new", {}));
    CHECK(Contents(opened->store.get()) == "new |");
  }
  CHECK(ReadStateInfo(path).value()->unsynced_boot.empty());
}

TEST_CASE("what was made durable is trusted, until the next write") {
  const ScratchFolder scratch;
  const std::string path = scratch.path();
  auto store = OpenStore(path);
  REQUIRE(store->Write("h", Changes{Change("k", "v")}));
  REQUIRE(store->MakeDurable());
  CHECK(ReadStateInfo(path).value()->unsynced_boot.empty());
  REQUIRE(store->Write("h2", {}));
  CHECK_FALSE(ReadStateInfo(path).value()->unsynced_boot.empty());
  store.reset();
  // Opened with sync, it is synced once.
  store = OpenStore(path, /*sync=*/true);
  CHECK(ReadStateInfo(path).value()->unsynced_boot.empty());
  CHECK(Contents(store.get()) == "h2 | k=v");
}

TEST_CASE("another process may look while one writes") {
  const ScratchFolder scratch;
  const std::string path = scratch.path();
  CHECK(LmdbStore::OpenForReading(path).error().code == ErrorCode::kIo);
  LmdbStore::Options options = StoreOptions(path);
  options.map_bytes = 1 << 20;
  const auto store = std::move(LmdbStore::Open(options)->store);
  REQUIRE(store->Write("h1", Changes{Change("k", "v", 3)}));
  int to_child[2], to_parent[2];
  REQUIRE(::pipe(to_child) == 0);
  REQUIRE(::pipe(to_parent) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    const auto reader = LmdbStore::OpenForReading(path);
    bool good = reader && Contents(reader->get()) == "h1 | k=v@3";
    good = good && ::write(to_parent[1], "1", 1) == 1 && ::read(to_child[0], &byte, 1) == 1;
    // The file has grown beyond the map that this process knows.
    good = good && (*reader)->EntryCount().value() == 3001;
    ::_exit(good && DueNames(reader->get(), 5) == "k=v " ? 0 : 1);
  }
  char byte = 0;
  REQUIRE(::read(to_parent[0], &byte, 1) == 1);
  for (int round = 0; round < 3; ++round) {
    Changes changes;
    for (int i = 0; i < 1000; ++i)
      changes.push_back(Change(std::to_string(round * 1000 + i), std::string(2000, 'x')));
    REQUIRE(store->Write("h2", changes));
  }
  REQUIRE(::write(to_child[1], "1", 1) == 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  for (const int descriptor : {to_child[0], to_child[1], to_parent[0], to_parent[1]})
    ::close(descriptor);
}

}  // namespace
}  // namespace shrike::engine
