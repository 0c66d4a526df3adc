// A process that writes is killed at any moment: the next one finds the last state or the one before it, whole.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "engine/lmdb/state_verify.h"
#include "tests/engine/lmdb_fixture.h"
#include "tests/support/random.h"
#include "tests/support/scratch_folder.h"

namespace shrike::engine {
namespace {

constexpr int kNames = 50;

// State number n, from which every entry can be told: entry i was last written by the newest number <= n that
// WrittenBy(number, i).
bool WrittenBy(int number, int i) { return (number * 7 + i * 13) % 5 == 0; }

std::string ValueOf(int number, int i) {
  return std::to_string(number) +
         std::string(static_cast<std::size_t>((number * 31 + i) % 900), 'x');
}

bool WriteState(LmdbStore* store, int number) {
  std::vector<StateChange> changes;
  for (int i = 0; i < kNames; ++i) {
    if (!WrittenBy(number, i)) continue;
    StateChange change = {"entry" + std::to_string(i), ValueOf(number, i), number % 3};
    if (number % 4 == 0) change.value.reset();
    changes.push_back(std::move(change));
  }
  return store->Write(std::to_string(number), changes).has_value();
}

void CheckState(LmdbStore* store, int number) {
  for (int i = 0; i < kNames; ++i) {
    int writer = number;
    while (writer > 0 && !WrittenBy(writer, i)) --writer;
    std::string value;
    const bool is_there = store->Read("entry" + std::to_string(i), &value).value();
    REQUIRE(is_there == (writer > 0 && writer % 4 != 0));
    if (is_there) REQUIRE(value == ValueOf(writer, i));
  }
}

// Writes states from `number` on until it is killed, and says so after each.
[[noreturn]] void WriteForEver(const std::string& folder, bool sync, int pipe) {
  Result<LmdbStore::Opened> opened = LmdbStore::Open(StoreOptions(folder, sync));
  if (!opened) ::_exit(1);
  int number = std::stoi(opened->store->ReadHead().value().value_or("0"));
  while (WriteState(opened->store.get(), ++number) && ::write(pipe, "w", 1) == 1) {
  }
  ::_exit(2);
}

TEST_CASE("kill -9 leaves the old state or the new one") {
  const testing::ScratchFolder scratch;
  testing::Random random(testing::SeedFor("kill -9 of an lmdb writer"));
  for (const bool sync : {false, true}) {
    const std::string folder = scratch.path() / (sync ? "sync" : "nosync");
    int number = 0;
    for (int round = 0; round < (sync ? 5 : 25); ++round) {
      int pipe[2];
      REQUIRE(::pipe(pipe) == 0);
      const pid_t child = ::fork();
      if (child == 0) WriteForEver(folder, sync, pipe[1]);
      ::close(pipe[1]);
      const int written = number + 1 + static_cast<int>(random.Below(8));
      char byte = 0;
      for (int i = number; i < written; ++i) REQUIRE(::read(pipe[0], &byte, 1) == 1);
      // Anywhere in what comes after that.
      for (std::size_t turns = random.Below(100'000); turns > 0; --turns) {
        const volatile std::size_t turn = turns;
        static_cast<void>(turn);
      }
      ::kill(child, SIGKILL);
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      REQUIRE(WTERMSIG(status) == SIGKILL);
      ::close(pipe[0]);

      const StateReport report = VerifyState(folder, 1).value();
      REQUIRE_MESSAGE(report.good(), report.faults.front());
      const auto store = OpenStore(folder, sync);
      number = std::stoi(store->ReadHead().value().value());
      REQUIRE(number >= written);
      CheckState(store.get(), number);
    }
  }
}

}  // namespace
}  // namespace shrike::engine
