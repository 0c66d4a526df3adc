#include "tools/shrike/task_store.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/lmdb/lmdb_store.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/fail_point.h"

namespace shrike::tools {
namespace {

// A store whose sync has failed must not be used on: the process ends, and the next one reads what is really there.
class GuardedStore : public engine::StateStore {
 public:
  using Written = std::function<void(std::chrono::nanoseconds)>;

  GuardedStore(std::unique_ptr<engine::LmdbStore> inner, Written written)
      : inner_(std::move(inner)), written_(std::move(written)) {}
  ~GuardedStore() override { static_cast<void>(inner_->MakeDurable()); }

  Result<std::optional<std::string>> ReadHead() override { return inner_->ReadHead(); }
  Result<void> Write(std::string_view head, std::span<const engine::StateChange> changes) override {
    FailPoint("before-checkpoint");
    const auto begin = std::chrono::steady_clock::now();
    Result<void> written = inner_->Write(head, changes);
    if (written && written_) written_(std::chrono::steady_clock::now() - begin);
    FailPoint("after-checkpoint");
    if (!written && inner_->must_exit()) {
      fmt::print(stderr, "shrike: {}\n", written.error().message);
      std::_Exit(kExitIo);
    }
    return written;
  }
  Result<bool> Read(std::string_view name, std::string* value) override {
    return inner_->Read(name, value);
  }
  Result<void> ForEach(std::string_view prefix, const Visit& visit) override {
    return inner_->ForEach(prefix, visit);
  }
  Result<void> ForEachDue(DueRange range, const Visit& visit) override {
    return inner_->ForEachDue(range, visit);
  }
  Result<TimestampMs> NextDue(TimestampMs after) override { return inner_->NextDue(after); }
  Result<void> Clear() override { return inner_->Clear(); }

 private:
  std::unique_ptr<engine::LmdbStore> inner_;
  Written written_;
};

}  // namespace

Result<std::unique_ptr<engine::StateStore>> OpenTaskStore(const TaskStoreOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.state_path, error);
  if (error) {
    return Fail(ErrorCode::kIo, fmt::format("cannot make the folder {} (`state.path`): {}",
                                            options.state_path, error.message()));
  }
  const std::string task = std::to_string(options.task);
  auto opened = engine::LmdbStore::Open({.folder = options.state_path + "/task-" + task,
                                         .identity = {options.application, task},
                                         .sync = options.sync,
                                         .verify = true});
  if (!opened && opened.error().code == ErrorCode::kCorrupt) {
    return Fail(ErrorCode::kCorrupt,
                opened.error().message +
                    ". Give each application a `state.path` of its own. `shrike state verify` "
                    "shows damage, `shrike state rebuild` takes the damaged state away and says "
                    "what is lost");
  }
  if (!opened) return tl::unexpected<Error>(opened.error());
  // Written before the machine went down, and not known to be on the disk: the changelog has it.
  if (!opened->trusted) SHRIKE_TRY_VOID(opened->store->Clear());
  return std::make_unique<GuardedStore>(std::move(opened->store), options.written);
}

}  // namespace shrike::tools
