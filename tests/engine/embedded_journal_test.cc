#include "engine/embedded/journal.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/random.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

using testing::Random;
using testing::ScratchFolder;

// What Open shows, and what it says.
struct Opened {
  std::unique_ptr<Journal> journal;
  std::vector<std::string> frames;
  std::string error;
  ErrorCode code = ErrorCode::kInternal;
};

Opened Open(const std::string& path, bool sync = false) {
  Opened opened;
  Result<std::unique_ptr<Journal>> journal =
      Journal::Open({path, sync}, [&opened](std::string_view payload, std::uint64_t) {
        opened.frames.emplace_back(payload);
        return Result<void>();
      });
  if (journal) {
    opened.journal = std::move(*journal);
  } else {
    opened.error = journal.error().message;
    opened.code = journal.error().code;
  }
  return opened;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A new file each time: some file systems write one that was emptied and filled again to the disk at once.
void WriteFile(const std::string& path, std::string_view bytes) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

const std::vector<std::string> kFrames = {"one", "", "three three three", "4"};

std::string MakeJournal(const std::string& path) {
  const Opened opened = Open(path);
  REQUIRE(opened.journal != nullptr);
  for (const std::string& frame : kFrames) REQUIRE(opened.journal->Append(frame));
  return ReadFile(path);
}

TEST_CASE("frames come back, and more can follow") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  MakeJournal(path);
  for (const bool sync : {false, true}) {
    const Opened opened = Open(path, sync);
    REQUIRE(opened.journal != nullptr);
    CHECK(opened.journal->bytes_cut() == 0);
    CHECK(std::vector(opened.frames.begin(), opened.frames.begin() + 4) == kFrames);
    REQUIRE(opened.journal->Append("more"));
    CHECK(opened.journal->size() == ReadFile(path).size());
  }
  CHECK(Open(path).frames.size() == 6);
}

TEST_CASE("a file that is cut anywhere gives the frames that are whole") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  const std::string whole = MakeJournal(path);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    CAPTURE(size);
    WriteFile(path, whole.substr(0, size));
    Opened opened = Open(path);
    REQUIRE(opened.journal != nullptr);
    CHECK(std::equal(opened.frames.begin(), opened.frames.end(), kFrames.begin()));
    CHECK(opened.journal->bytes_cut() + opened.journal->size() ==
          std::max<std::size_t>(size, 16) + (size < 16 ? size : 0));
    // It goes on where the good part ends.
    REQUIRE(opened.journal->Append("next"));
    opened.journal.reset();
    const std::vector<std::string> again = Open(path).frames;
    REQUIRE(again.size() == opened.frames.size() + 1);
    CHECK(again.back() == "next");
  }
}

TEST_CASE("zeros at the end are a torn tail") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  const std::string whole = MakeJournal(path);
  for (const std::size_t count : {1u, 15u, 16u, 4096u, 200'000u}) {
    WriteFile(path, whole + std::string(count, '\0'));
    const Opened opened = Open(path);
    REQUIRE(opened.journal != nullptr);
    CHECK(opened.frames == kFrames);
    CHECK(opened.journal->bytes_cut() == count);
  }
}

TEST_CASE("every flipped bit is found; only the last frame may go") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  const std::string whole = MakeJournal(path);
  const std::size_t last_begin = whole.size() - 17;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    CAPTURE(bit);
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    WriteFile(path, bytes);
    const Opened opened = Open(path);
    if (opened.journal == nullptr) {
      CHECK(opened.code == ErrorCode::kCorrupt);
      CHECK(opened.error.find(path) == 0);
      CHECK(ReadFile(path) == bytes);
    } else {
      CHECK(bit / 8 >= last_begin);
      CHECK(opened.frames.size() == 3);
    }
  }
}

TEST_CASE("damage names the byte") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  std::string bytes = MakeJournal(path);
  bytes[16 + 16] = 'x';
  WriteFile(path, bytes);
  CHECK(Open(path).error.find(" is damaged at byte 16: ") != std::string::npos);
}

TEST_CASE("random bytes never crash") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  const std::string whole = MakeJournal(path);
  Random random(testing::SeedFor("journal of random bytes"));
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole.substr(0, random.Below(whole.size()));
    for (std::size_t count = random.Below(100); count > 0; --count)
      bytes.push_back(static_cast<char>(random.Next()));
    WriteFile(path, bytes);
    const Opened opened = Open(path);
    CHECK((opened.journal != nullptr || opened.code == ErrorCode::kCorrupt));
  }
}

TEST_CASE("what cannot be opened says why") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  CHECK(Open(folder.path() / "none" / "journal").error.find("No such file") != std::string::npos);
  CHECK(Open(folder.path()).code == ErrorCode::kIo);
  const Opened first = Open(path);
  REQUIRE(first.journal != nullptr);
  CHECK(Open(path).error.find("in use by another process") != std::string::npos);
}

TEST_CASE("an error of the disk is final") {
  const Result<std::unique_ptr<Journal>> journal = Journal::Open(
      {"/dev/full", false}, [](std::string_view, std::uint64_t) { return Result<void>(); });
  CHECK_FALSE(journal);
  CHECK(journal.error().code == ErrorCode::kIo);
}

TEST_CASE("an error of the visitor ends it and leaves the file as it was") {
  const ScratchFolder folder;
  const std::string path = folder.path() / "journal";
  const std::string whole = MakeJournal(path) + "torn";
  WriteFile(path, whole);
  int count = 0;
  const Result<std::unique_ptr<Journal>> journal =
      Journal::Open({path, false}, [&count](std::string_view, std::uint64_t) -> Result<void> {
        if (++count == 2) return Fail(ErrorCode::kCorrupt, "no");
        return {};
      });
  CHECK(journal.error().message == "no");
  CHECK(count == 2);
  CHECK(ReadFile(path) == whole);
}

}  // namespace
}  // namespace shrike::engine
