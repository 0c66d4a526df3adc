// A disk that is full, and one that loses what it was given.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/lmdb/state_verify.h"
#include "tests/engine/lmdb_fixture.h"
#include "tests/skip.h"
#include "tests/support/scratch_folder.h"

namespace {

std::atomic<bool> sync_fails = false;

}  // namespace

// Takes the place of libc's for the whole program.
extern "C" int fdatasync(int descriptor) {
  if (!sync_fails) return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
  errno = EIO;
  return -1;
}

namespace shrike::engine {
namespace {

using testing::ScratchFolder;

// A file system of 4 MiB, for as long as it lives.
class SmallDisk {
 public:
  SmallDisk() : mounted_(::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=4m") == 0) {}
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const ScratchFolder& scratch() const { return scratch_; }
  std::string path() const { return scratch_.path(); }

 private:
  ScratchFolder scratch_;
  bool mounted_;
};

std::vector<StateChange> ManyChanges(int round) {
  std::vector<StateChange> changes;
  changes.reserve(300);
  for (int i = 0; i < 300; ++i)
    changes.push_back(Change(std::to_string(round * 1000 + i), std::string(1000, 'x'), i));
  return changes;
}

TEST_CASE("a full disk keeps the old state, and is got over") {
  const SmallDisk disk;
  if (!disk.mounted()) SKIP_TEST("a tmpfs cannot be mounted: " << strerror(errno));
  for (const bool sync : {false, true}) {
    const std::string folder = disk.path() + (sync ? "/sync" : "/nosync");
    disk.scratch().Write("filler", std::string(1 << 20, 'f'));
    const auto store = OpenStore(folder, sync);
    int round = 0;
    Result<void> written;
    while (written && round < 100) {
      ++round;
      written = store->Write(std::to_string(round), ManyChanges(round));
    }
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::kIo);
    CHECK(written.error().message.find("the disk of " + folder + " is full") == 0);
    CHECK_FALSE(store->must_exit());
    CHECK(store->ReadHead().value() == std::to_string(round - 1));
    CHECK(store->EntryCount().value() == static_cast<std::uint64_t>(round - 1) * 300);
    CHECK_FALSE(store->Write("again", ManyChanges(round)));

    std::filesystem::remove(disk.path() + "/filler");
    REQUIRE(store->Write("got over", ManyChanges(round)));
    CHECK(store->EntryCount().value() == static_cast<std::uint64_t>(round) * 300);
    REQUIRE(store->Clear());
  }
}

TEST_CASE("a disk that is full when a state is made") {
  const SmallDisk disk;
  if (!disk.mounted()) SKIP_TEST("a tmpfs cannot be mounted: " << strerror(errno));
  disk.scratch().Write("filler", std::string(5 << 20, 'f'));
  CHECK(OpenError(StoreOptions(disk.path() + "/task")).find("io: ") == 0);
  std::filesystem::remove(disk.path() + "/filler");
  CHECK(Contents(OpenStore(disk.path() + "/task").get()) == "- |");
}

TEST_CASE("a sync that fails is final, and told apart from a full disk") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path();
  {
    const auto store = OpenStore(folder, /*sync=*/true);
    REQUIRE(store->Write("1", ManyChanges(1)));
    sync_fails = true;
    const Result<void> written = store->Write("2", ManyChanges(2));
    sync_fails = false;
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::kIo);
    CHECK(written.error().message.find("a sync of " + folder + "/data.mdb failed") == 0);
    CHECK(store->must_exit());
    CHECK(store->Write("3", {}).error().message == written.error().message);
    CHECK(store->ReadHead().value() == "1");
  }
  CHECK(VerifyState(folder, 1).value().good());
  CHECK(OpenStore(folder, true)->ReadHead().value() == "1");
}

}  // namespace
}  // namespace shrike::engine
