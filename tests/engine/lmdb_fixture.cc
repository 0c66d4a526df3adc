#include "tests/engine/lmdb_fixture.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace shrike::engine {

LmdbStore::Options StoreOptions(const std::string& folder, bool sync) {
  LmdbStore::Options options;
  options.folder = folder;
  options.identity = kIdentity;
  options.sync = sync;
  return options;
}

std::unique_ptr<LmdbStore> OpenStore(const std::string& folder, bool sync) {
  Result<LmdbStore::Opened> opened = LmdbStore::Open(StoreOptions(folder, sync));
  REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  REQUIRE(opened->trusted);
  return std::move(opened->store);
}

std::string OpenError(const LmdbStore::Options& options) {
  const Result<LmdbStore::Opened> opened = LmdbStore::Open(options);
  if (opened) return "good";
  return (opened.error().code == ErrorCode::kCorrupt ? "corrupt: " : "io: ") +
         opened.error().message;
}

StateChange Change(std::string_view name, std::optional<std::string> value, TimestampMs due) {
  return {std::string(name), std::move(value), due};
}

std::string Contents(LmdbStore* store) {
  const Result<std::optional<std::string>> head = store->ReadHead();
  if (!head) return head.error().message;
  std::string text = head->value_or("-") + " |";
  const Result<void> walked = store->ForEach("", [&text](const StateEntry& entry) {
    text += " " + std::string(entry.name) + "=" + std::string(entry.value);
    if (entry.due != kTimeMax) text += "@" + std::to_string(entry.due);
    return true;
  });
  return walked ? text : walked.error().message;
}

std::string DueNames(LmdbStore* store, TimestampMs time) {
  std::string text;
  const Result<void> walked = store->ForEachDue({kTimeMin, time}, [&text](const StateEntry& entry) {
    text += std::string(entry.name) + "=" + std::string(entry.value) + " ";
    return true;
  });
  return walked ? text : walked.error().message;
}

int RunInChild(const std::function<void()>& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace shrike::engine
