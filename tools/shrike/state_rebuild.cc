// `shrike state rebuild`: removes the local state. What can be lost by it is looked up, or must be asked for.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/changelog.h"
#include "engine/lmdb/state_folder.h"
#include "ingest/kafka/kafka_changelog_reader.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/state_verbs.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

// Held by the caller until it is done: no process may begin to write meanwhile.
using FolderLock = std::unique_ptr<engine::StateFolder>;

// Errors: kIo, in use; kCorrupt, of another application. Who it is of does not matter if it cannot be read.
Result<FolderLock> LockTask(const StateCall& call, const TaskFolder& place) {
  SHRIKE_TRY(FolderLock lock, engine::StateFolder::Lock(place.folder));
  const auto info = engine::ReadStateInfo(place.folder);
  if (info && *info && (*info)->identity.application != call.config.application) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("the state in {} is of application `{}`, not of "
                            "`{}`: it is not touched",
                            place.folder, (*info)->identity.application, call.config.application));
  }
  return lock;
}

// What the folder's checkpoint says; nullopt: nothing that could be read.
std::optional<engine::CheckpointHead> LocalHead(const StateCall& call, const TaskFolder& place) {
  auto task = OpenTask(place, call.config.application);
  return task ? task->head : std::nullopt;
}

// Whether the changelog has all that the folder has. Errors: kUsage, it has not; kIo, it cannot be reached.
Result<void> CheckChangelog(const StateCall& call, const TaskFolder& place) {
  const std::string topic = call.config.application + "-state";
  kafka::ClientOptions client;
  client.properties = call.config.kafka;
  SHRIKE_TRY(const auto reader,
             ingest::KafkaChangelogReader::Make({client, call.config.application, topic}));
  SHRIKE_TRY(const auto marker, engine::ReadMarker(reader.get(), place.task));
  const auto local = LocalHead(call, place);
  const bool has_it =
      marker &&
      (!local || (marker->history == local->history && marker->sequence >= local->sequence));
  if (has_it) return {};
  return Fail(ErrorCode::kUsage,
              fmt::format("task {}: the changelog {} {}: start the engine once more with "
                          "`state.changelog: on` and stop it gracefully, or give the state up with "
                          "--forget",
                          place.task, topic,
                          marker ? "is behind the local state" : "has no checkpoint of it"));
}

Result<void> CheckWish(const StateCall& call) {
  const StateOptions& options = call.options;
  if (options.forget && options.task >= 0) {
    return Fail(ErrorCode::kUsage,
                "--forget is for all tasks together, as the group's offsets go together");
  }
  if (options.forget && !options.yes) {
    return Fail(
        ErrorCode::kUsage,
        "--forget gives up, for good, all open runs, windows, suppressed alerts and what `learn` "
        "has seen: what only they remember raises no alert any more. With `auto.offset.reset: "
        "earliest` (the default) all events that the topics still hold are read again, and their "
        "alerts are given again. If that is meant, add --yes");
  }
  if (options.forget || call.config.state.changelog) return {};
  return Fail(
      ErrorCode::kUsage,
      "without `state.changelog: on` the local state is the only one: nothing could rebuild it. "
      "If it is damaged or must go, `shrike state rebuild --forget` begins a new history");
}

void TellNextSteps(const StateCall& call) {
  std::ostream& out = call.session.out();
  const std::string name = EscapeTerminal(call.config.application);
  if (!call.options.forget) {
    out << "the next start loads the state from the changelog\n";
    return;
  }
  out << "do this on every machine that ran the application; before the next start delete the "
         "group's\noffsets with Kafka's tools:\n"
      << fmt::format("  kafka-consumer-groups.sh --delete --group {}\n", name);
  if (call.config.state.changelog) {
    out << "and the changelog:\n"
        << fmt::format("  kafka-topics.sh --delete --topic {}-state\n", name);
  }
  out << "it then begins where `auto.offset.reset` says: `earliest` (the default) is each topic's "
         "first "
         "record\n";
}

}  // namespace

int RebuildTasks(const StateCall& call) {
  if (const auto wish = CheckWish(call); !wish) return call.session.Report(wish.error());
  // All or nothing, as far as that can be looked up.
  std::vector<FolderLock> locks;
  for (const TaskFolder& place : call.folders) {
    auto lock = LockTask(call, place);
    if (!lock) return call.session.Report(lock.error());
    locks.push_back(std::move(*lock));
    if (call.options.forget) continue;
    if (const auto there = CheckChangelog(call, place); !there)
      return call.session.Report(there.error());
  }
  for (std::size_t i = 0; i < locks.size(); ++i) {
    const engine::StateInfo info{{call.config.application, std::to_string(call.folders[i].task)},
                                 ""};
    Result<void> removed = locks[i]->RemoveData();
    if (removed) removed = locks[i]->Write(info);
    if (!removed) return call.session.Report(removed.error());
    if (!call.json()) {
      call.session.out() << fmt::format("task {}: the local state is gone\n", call.folders[i].task);
    }
  }
  if (call.json()) {
    call.session.out() << fmt::format(R"({{"removed":{}}})", locks.size()) << "\n";
  } else {
    TellNextSteps(call);
  }
  return kExitGood;
}

}  // namespace shrike::tools
