#include "engine/changelog.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace shrike::engine {
namespace {

constexpr std::size_t kChunkChanges = 10'000;  // written to the store at once
constexpr std::int64_t kTailOffsets = 64;      // where the marker is looked for first

}  // namespace

std::string ChangelogValue(const StateChange& change) {
  std::string value;
  ByteWriter(&value).Add(change.due);
  return value.append(*change.value);
}

Result<std::optional<CheckpointHead>> ReadMarker(ingest::ChangelogReader* reader,
                                                 std::int32_t task) {
  // The last record of each transaction, so it is near the end, if not behind a long aborted one.
  SHRIKE_TRY(const ingest::OffsetRange range, reader->Range(task));
  std::optional<CheckpointHead> marker;
  std::int64_t begin = range.end;
  for (std::int64_t back = kTailOffsets; !marker && begin > range.begin; back *= 32) {
    begin = std::max(range.begin, range.end - back);
    SHRIKE_TRY(
        [[maybe_unused]] const std::int64_t end,
        reader->Read(task, begin, [&](const ingest::ChangelogRecord& record) -> Result<void> {
          if (record.key != kMarkerKey || !record.value) return {};
          SHRIKE_TRY(marker, ReadCheckpointHead(*record.value));
          return {};
        }));
  }
  return marker;
}

Result<std::vector<std::string>> ReadEntryNames(ingest::ChangelogReader* reader,
                                                std::int32_t task) {
  SHRIKE_TRY(const ingest::OffsetRange range, reader->Range(task));
  std::set<std::string, std::less<>> names;
  SHRIKE_TRY(
      [[maybe_unused]] const std::int64_t end,
      reader->Read(task, range.begin, [&](const ingest::ChangelogRecord& record) -> Result<void> {
        if (record.key == kMarkerKey) return {};
        if (record.value) {
          names.emplace(record.key);
        } else if (const auto name = names.find(record.key); name != names.end()) {
          names.erase(name);
        }
        return {};
      }));
  return std::vector<std::string>(names.begin(), names.end());
}

Result<CheckpointHead> RestoreFromChangelog(ingest::ChangelogReader* reader, std::int32_t task,
                                            StateStore* store) {
  SHRIKE_TRY_VOID(store->Clear());
  SHRIKE_TRY(const ingest::OffsetRange range, reader->Range(task));
  std::string head;
  std::vector<StateChange> chunk;
  const auto write = [&]() -> Result<void> {
    // Of several records of one entry in a chunk the last one counts.
    std::map<std::string, StateChange> last;
    for (StateChange& change : chunk) {
      std::string name = change.name;
      last[std::move(name)] = std::move(change);
    }
    chunk.clear();
    for (auto& [name, change] : last) chunk.push_back(std::move(change));
    SHRIKE_TRY_VOID(store->Write(kRestoringHead, chunk));
    chunk.clear();
    return {};
  };
  SHRIKE_TRY(
      [[maybe_unused]] const std::int64_t end,
      reader->Read(task, range.begin, [&](const ingest::ChangelogRecord& record) -> Result<void> {
        if (record.key == kMarkerKey) {
          head = record.value.value_or("");
          return {};
        }
        StateChange change{std::string(record.key), std::nullopt};
        if (record.value) {
          ByteReader bytes(*record.value);
          change.due = bytes.Get<TimestampMs>();
          change.value = bytes.Take(bytes.left());
          if (!bytes.ok()) {
            return Fail(ErrorCode::kCorrupt, fmt::format("the changelog of task {} is damaged at "
                                                         "offset {}",
                                                         task, record.offset));
          }
        }
        chunk.push_back(std::move(change));
        return chunk.size() < kChunkChanges ? Result<void>() : write();
      }));
  SHRIKE_TRY_VOID(write());
  SHRIKE_TRY(CheckpointHead marker, ReadCheckpointHead(head));
  SHRIKE_TRY_VOID(store->Write(head, {}));
  return marker;
}

}  // namespace shrike::engine
