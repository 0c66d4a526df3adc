// KafkaChangelogReader: the ChangelogReader port on a compacted Kafka topic.
//
// Two handles of the client library. One reads the records, committed ones only. The other asks for the end: the
// library's query for it follows the handle's isolation level, and the end of the committed records may lie before
// records of a transaction that is about to be decided. The end must be the log's own, then the reading waits there.
//
// Cost: a batch of records a fetch, no allocation of ours a record. Both handles connect on the first call.
// One thread; the library has its own inside.
// Tested by: tests/e2e/changelog_test.cc.
#ifndef SHRIKE_INGEST_KAFKA_KAFKA_CHANGELOG_READER_H_
#define SHRIKE_INGEST_KAFKA_KAFKA_CHANGELOG_READER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/kafka/client.h"
#include "base/result.h"
#include "base/time.h"
#include "ingest/changelog_reader.h"

namespace shrike::ingest {

struct KafkaChangelogOptions {
  kafka::ClientOptions client;
  std::string group;  // the application: rights are asked for by it; it is not joined
  std::string topic;
  // How long Read waits without a new record, Range for an answer. An owner that died with a transaction open holds the
  // end back until the broker aborts it: its transaction.timeout.ms, and this must be longer.
  DurationMs timeout = 90'000;
};

class KafkaChangelogReader : public ChangelogReader {
 public:
  // Nothing is reached yet. Errors: kConfig, a property is wrong.
  static Result<std::unique_ptr<KafkaChangelogReader>> Make(KafkaChangelogOptions options);
  ~KafkaChangelogReader() override;

  Result<std::int64_t> Read(std::int32_t partition, std::int64_t begin,
                            const Visit& visit) override;
  Result<OffsetRange> Range(std::int32_t partition) override;

 private:
  KafkaChangelogReader() = default;
  std::string Text(std::int32_t partition) const;
  Result<void> ReadUntil(std::int32_t partition, OffsetRange range, const Visit& visit);

  KafkaChangelogOptions options_;
  std::unique_ptr<kafka::Client> records_;
  std::unique_ptr<kafka::Client> ends_;  // read_uncommitted
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_KAFKA_KAFKA_CHANGELOG_READER_H_
