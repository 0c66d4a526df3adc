// ChangelogReader: the port to the compacted topic that holds a copy of the state (`changelog: on`), for an instance that
// has none of its own (exactly-once.md, "Recovery").
//
// Adapters: ingest/kafka/, engine/embedded/. It reads committed records only.
#ifndef SHRIKE_INGEST_CHANGELOG_READER_H_
#define SHRIKE_INGEST_CHANGELOG_READER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "ingest/consumer.h"

namespace shrike::ingest {

// Borrowed for the call that shows it.
struct ChangelogRecord {
  std::int64_t offset = 0;
  std::string_view key;
  std::optional<std::string_view> value;  // nullopt: a tombstone
};

class ChangelogReader {
 public:
  ChangelogReader() = default;
  ChangelogReader(const ChangelogReader&) = delete;
  ChangelogReader& operator=(const ChangelogReader&) = delete;
  virtual ~ChangelogReader() = default;

  // Shows, in offset order, every committed record of the topic's partition with offset >= begin that is there when the
  // call is made; waits until no transaction is open before that end. Returns the end: the next call's `begin`. An offset
  // may be missing: compaction, markers, aborted records.
  // Errors: kIo, the log cannot be reached in time: ask again from the start; kConfig, the topic or the partition does
  // not exist; those of visit, with which it stops.
  using Visit = std::function<Result<void>(const ChangelogRecord&)>;
  virtual Result<std::int64_t> Read(std::int32_t partition, std::int64_t begin,
                                    const Visit& visit) = 0;

  // What the log has of the partition. A begin above the last position: what was deleted since cannot be told by a Read
  // from there.
  virtual Result<OffsetRange> Range(std::int32_t partition) = 0;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_CHANGELOG_READER_H_
