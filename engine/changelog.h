// What a record of the changelog topic is: an entry of a task's state or the marker that closes a checkpoint's part.
//
// The record's key is the entry's name; its value the entry's `due` (8 bytes) and value, or a tombstone. The marker's key
// is kMarkerKey and its value the checkpoint's head. A task's records stand in the topic's partition of its number.
// Stored in the log. Never change.
// Tested by: tests/engine/changelog_test.cc.
#ifndef SHRIKE_ENGINE_CHANGELOG_H_
#define SHRIKE_ENGINE_CHANGELOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/checkpoint.h"
#include "engine/state_store.h"
#include "ingest/changelog_reader.h"

namespace shrike::engine {

// No entry's name begins so.
inline constexpr std::string_view kMarkerKey = "!marker";

// The record's value for an entry.
std::string ChangelogValue(const StateChange& change);

// The newest marker of the task's changelog; nullopt: there is none. Errors: those of the reader; kCorrupt.
Result<std::optional<CheckpointHead>> ReadMarker(ingest::ChangelogReader* reader,
                                                 std::int32_t task);

// The names of all entries that the task's changelog has. Errors: those of the reader.
Result<std::vector<std::string>> ReadEntryNames(ingest::ChangelogReader* reader, std::int32_t task);

// Replaces what the store holds by what the changelog says. While it is being filled its head is kRestoringHead.
// Errors: those of the reader and the store; kCorrupt.
Result<CheckpointHead> RestoreFromChangelog(ingest::ChangelogReader* reader, std::int32_t task,
                                            StateStore* store);

// The head of a store that is not filled yet: as good as none.
inline constexpr std::string_view kRestoringHead = "restoring";

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_CHANGELOG_H_
