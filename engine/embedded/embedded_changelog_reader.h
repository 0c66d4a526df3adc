// EmbeddedChangelogReader: reads a compacted topic of the embedded log.
//
// It cannot wait: an open transaction before the end is kIo, ask again when it has ended.
// Borrows the log; one thread with it. The log must not be changed by `visit`.
// Tested by: tests/engine/embedded_producer_test.cc.
#ifndef SHRIKE_ENGINE_EMBEDDED_EMBEDDED_CHANGELOG_READER_H_
#define SHRIKE_ENGINE_EMBEDDED_EMBEDDED_CHANGELOG_READER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "engine/embedded/embedded_log.h"
#include "ingest/changelog_reader.h"

namespace shrike::engine {

class EmbeddedChangelogReader : public ingest::ChangelogReader {
 public:
  EmbeddedChangelogReader(EmbeddedLog* log, std::string topic)
      : log_(log), topic_(std::move(topic)) {}

  Result<std::int64_t> Read(std::int32_t partition, std::int64_t begin,
                            const Visit& visit) override;
  // The end is behind the last record, whether it is committed or not.
  Result<ingest::OffsetRange> Range(std::int32_t partition) override;

 private:
  Result<const PartitionLog*> Find(std::int32_t partition) const;

  EmbeddedLog* log_;
  std::string topic_;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMBEDDED_EMBEDDED_CHANGELOG_READER_H_
