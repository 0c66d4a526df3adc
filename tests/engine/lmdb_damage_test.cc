// Damaged files: every byte that is changed, and every size that a file is cut to, is found or does no harm.
//
// A child process opens, scans and reads the damaged file. It may die: that is how LMDB tells of many damages, and what
// VerifyState makes a fault of. It must not hang, and must not call a state good that was never written.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/lmdb/state_scan.h"
#include "engine/lmdb/state_verify.h"
#include "tests/engine/lmdb_fixture.h"
#include "tests/support/random.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

using testing::Random;
using testing::ScratchFolder;

// Some states one after the other, so that the file has old pages too. Returns the contents of each.
std::vector<std::string> MakeStates(const std::string& folder) {
  const auto store = OpenStore(folder);
  std::vector<std::string> states = {Contents(store.get())};
  for (int number = 1; number <= 6; ++number) {
    std::vector<StateChange> changes;
    for (int i = 0; i < 120; ++i) {
      if ((i + number) % 3 != 0 && number > 1) continue;
      const std::size_t size = i == 60 ? 9000 : static_cast<std::size_t>(i);
      changes.push_back(Change("entry" + std::to_string(i),
                               std::string(size, static_cast<char>('a' + number)), i % 7));
    }
    REQUIRE(store->Write("head" + std::to_string(number), changes));
    states.push_back(Contents(store.get()));
  }
  return states;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

enum Verdict : char { kFound = 'f', kUnharmed = 'u', kWrong = 'w', kDied = 'd', kHung = 'h' };

Verdict Look(const std::string& folder, const std::vector<std::string>& states) {
  LmdbEnvironment::Options options;
  options.folder = folder;
  options.read_only = true;
  {
    const auto environment = LmdbEnvironment::Open(options);
    if (!environment || !(*environment)->OpenTables()) return kFound;
    bool found = false;
    StateScan scan;
    scan.fault = [&found](std::string_view) { found = true; };
    scan.visit = [](std::string_view) {};
    ScanState(environment->get(), scan);
    if (found) return kFound;
  }
  const auto store = LmdbStore::OpenForReading(folder);
  if (!store) return kFound;
  const std::string contents = Contents(store->get());
  return std::find(states.begin(), states.end(), contents) == states.end() ? kWrong : kUnharmed;
}

constexpr std::size_t kPageBytes = 4096;

struct Flip {
  std::size_t offset = 0;
  char mask = 0;
};

struct Damage {
  std::string folder;
  std::string good;  // the file as it was
  std::vector<Flip> flips;
  std::vector<std::string> states;

  std::string path() const { return folder + "/data.mdb"; }
};

// The child: looks at one flip after the other, from `first` on, and writes the verdicts to the pipe.
[[noreturn]] void LookOn(const Damage& damage, std::size_t first, int pipe) {
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE}) std::signal(number, SIG_DFL);
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::close(2);  // LMDB's words before it aborts.
  const int file = ::open(damage.path().c_str(), O_RDWR);
  for (std::size_t i = first; i < damage.flips.size(); ++i) {
    const Flip flip = damage.flips[i];
    const char damaged = static_cast<char>(damage.good[flip.offset] ^ flip.mask);
    const auto offset = static_cast<off_t>(flip.offset);
    ::alarm(10);
    bool done = ::pwrite(file, &damaged, 1, offset) == 1;
    const char verdict = Look(damage.folder, damage.states);
    done = done && ::pwrite(file, &damage.good[flip.offset], 1, offset) == 1;
    if (!done || ::write(pipe, &verdict, 1) != 1) ::_exit(1);
  }
  ::_exit(0);
}

// One verdict for each of the flips. A child does as many as it survives.
std::string LookAtAll(const Damage& damage) {
  std::string verdicts;
  while (verdicts.size() < damage.flips.size()) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    if (child == 0) LookOn(damage, verdicts.size(), pipe[1]);
    ::close(pipe[1]);
    char verdict = 0;
    while (::read(pipe[0], &verdict, 1) == 1) verdicts.push_back(verdict);
    ::close(pipe[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    std::ofstream(damage.path(), std::ios::binary) << damage.good;
    if (status == 0) break;
    REQUIRE(WIFSIGNALED(status));
    verdicts.push_back(WTERMSIG(status) == SIGALRM ? kHung : kDied);
  }
  return verdicts;
}

TEST_CASE("every flipped byte is found or does no harm") {
  const ScratchFolder scratch;
  Damage damage;
  damage.folder = scratch.path() / "task";
  damage.states = MakeStates(damage.folder);
  damage.good = ReadFile(damage.path());
  Random random(testing::SeedFor("flipped bytes of an lmdb state"));
  for (int i = 0; i < 3000; ++i) {
    Flip flip = {random.Below(damage.good.size()), 0};
    // Often where the books are: the two meta pages, and the head of any page.
    if (random.OneIn(10)) flip.offset = random.Below(2) * kPageBytes + random.Below(200);
    if (random.OneIn(10)) flip.offset = flip.offset / kPageBytes * kPageBytes + random.Below(48);
    flip.mask = static_cast<char>(random.OneIn(2) ? 1 << random.Below(8) : 1 + random.Below(255));
    damage.flips.push_back(flip);
  }
  const std::string verdicts = LookAtAll(damage);
  REQUIRE(verdicts.size() == damage.flips.size());
  const auto count = [&verdicts](Verdict verdict) {
    return std::count(verdicts.begin(), verdicts.end(), verdict);
  };
  MESSAGE("found " << count(kFound) << ", unharmed " << count(kUnharmed) << ", LMDB died "
                   << count(kDied));
  CHECK(count(kHung) == 0);
  CHECK(count(kWrong) == 0);
  CHECK(count(kFound) > 100);
}

TEST_CASE("every size that a file is cut to is found") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path() / "task";
  const std::vector<std::string> states = MakeStates(folder);
  const std::string path = folder + "/data.mdb";
  const std::string good = ReadFile(path);
  Random random(testing::SeedFor("lmdb files cut off"));
  for (int round = 0; round < 40; ++round) {
    const std::size_t size = random.OneIn(2) ? random.Below(good.size() / kPageBytes) * kPageBytes
                                             : random.Below(good.size());
    CAPTURE(size);
    std::ofstream(path, std::ios::binary) << good.substr(0, size);
    const Result<LmdbStore::Opened> opened = LmdbStore::Open(StoreOptions(folder));
    if (!opened) {
      CAPTURE(opened.error().message);
      CHECK(opened.error().code == ErrorCode::kCorrupt);
      continue;
    }
    // Nothing at all is a state too: the task starts from the log.
    const std::string contents = Contents(opened->store.get());
    CHECK(std::find(states.begin(), states.end(), contents) != states.end());
  }
}

TEST_CASE("a table whose name is damaged is not made anew") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path() / "task";
  MakeStates(folder);
  const std::string path = folder + "/data.mdb";
  std::string bytes = ReadFile(path);
  for (std::size_t at = bytes.find("entries"); at != std::string::npos;
       at = bytes.find("entries", at + 1))
    bytes[at + 3] = 'x';
  std::ofstream(path, std::ios::binary) << bytes;
  CHECK(OpenError(StoreOptions(folder)).find("corrupt: cannot open the state in") == 0);
  CHECK(VerifyState(folder, 1).value().fault_count == 1);
}

TEST_CASE("a crash of LMDB is a fault with a place") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path() / "task";
  MakeStates(folder);
  const std::string path = folder + "/data.mdb";
  const std::string good = ReadFile(path);
  // Every page but the first two gone: what the books say lies beyond the end of the file.
  std::ofstream(path, std::ios::binary) << good.substr(0, 2 * kPageBytes);
  const StateReport report = VerifyState(folder, 5).value();
  REQUIRE_FALSE(report.good());
  CHECK(report.faults.front().find("LMDB crashes on a damaged page before the first entry") == 0);
}

}  // namespace
}  // namespace shrike::engine
