#include "engine/lmdb/state_folder.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/engine/lmdb_fixture.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

using testing::ScratchFolder;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("only one may write, and the other is named") {
  const ScratchFolder scratch;
  const std::string path = scratch.path() / "task";
  auto folder = StateFolder::Lock(path);
  REQUIRE(folder);
  const auto second = StateFolder::Lock(path);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kIo);
  CHECK(second.error().message == "the state folder " + path + " is in use by process " +
                                      std::to_string(::getpid()) + "; two may not write it");
  folder->reset();
  CHECK(StateFolder::Lock(path));
  CHECK(StateFolder::Lock(scratch.path() / "no" / "such").error().code == ErrorCode::kIo);
}

TEST_CASE("the end of a process unlocks its folder") {
  const ScratchFolder scratch;
  const std::string path = scratch.path() / "task";
  const int status = RunInChild([&path] {
    const auto folder = StateFolder::Lock(path);
    ::_exit(folder ? 7 : 8);
  });
  CHECK(status == 7 << 8);
  CHECK(StateFolder::Lock(path));
}

TEST_CASE("what a folder holds is written as a whole") {
  const ScratchFolder scratch;
  const std::string path = scratch.path();
  CHECK_FALSE(ReadStateInfo(path).value());
  const auto folder = StateFolder::Lock(path).value();
  CHECK_FALSE(folder->HasData().value());
  for (const StateInfo& info : {StateInfo{{"app", "t 1"}, ""}, StateInfo{{"", "é"}, "boot"}}) {
    REQUIRE(folder->Write(info));
    const std::optional<StateInfo> read = ReadStateInfo(path).value();
    REQUIRE(read);
    CHECK(read->identity == info.identity);
    CHECK(read->unsynced_boot == info.unsynced_boot);
  }
  scratch.Write("data.mdb", "x");
  CHECK(folder->HasData().value());
  REQUIRE(folder->RemoveData());
  REQUIRE(folder->RemoveData());
  CHECK_FALSE(folder->HasData().value());
}

TEST_CASE("damage and newer formats of state.info are found") {
  const ScratchFolder scratch;
  const std::string path = scratch.path();
  REQUIRE(StateFolder::Lock(path).value()->Write({{"app", "task"}, "boot"}));
  const std::string good = ReadFile(scratch.path() / "state.info");
  CHECK(good.starts_with("shrike-state 1\napplication app\ntask task\nunsynced-boot boot\ncheck "));
  for (std::size_t size = 0; size < good.size(); ++size) {
    scratch.Write("state.info", good.substr(0, size));
    CHECK(ReadStateInfo(path).error().code == ErrorCode::kCorrupt);
  }
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    scratch.Write("state.info", bytes);
    CHECK(ReadStateInfo(path).error().code == ErrorCode::kCorrupt);
  }
  scratch.Write("state.info", "shrike-state 2\nanything\n");
  CHECK(ReadStateInfo(path).error().message.find("is of state format 2, this program reads 1") !=
        std::string::npos);
}

TEST_CASE("the machine has a boot id") {
  const std::string id = ReadBootId().value();
  CHECK(id.size() == 36);
  CHECK(id == ReadBootId().value());
}

}  // namespace
}  // namespace shrike::engine
