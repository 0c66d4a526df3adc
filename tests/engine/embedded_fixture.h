// Short words for tests of the embedded log: a log in memory, and what stands in it as text.
#ifndef SHRIKE_TESTS_ENGINE_EMBEDDED_FIXTURE_H_
#define SHRIKE_TESTS_ENGINE_EMBEDDED_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/embedded/embedded_consumer.h"
#include "engine/embedded/embedded_log.h"
#include "engine/embedded/embedded_producer.h"

namespace shrike::engine {

// A log in memory with topics `a`, `b` (input) and `out`, `state` (output), `partition_count` partitions each.
std::unique_ptr<EmbeddedLog> MakeLog(std::int32_t partition_count, bool markers = true);

// Makes the same topics in any log.
void MakeTopics(EmbeddedLog* log, std::int32_t partition_count);

TopicPartition Place(const EmbeddedLog& log, std::string_view topic, std::int32_t partition = 0);

// One record after the other, each with this value and no key.
void AppendValues(EmbeddedLog* log, TopicPartition where, const std::vector<std::string>& values);

// What a reader sees from `begin` on: "0:x 2:k=y 3:k=- " (offset, key, value; -: a tombstone).
std::string Visible(const EmbeddedLog& log, TopicPartition where, std::int64_t begin = 0);

// Everything that outlives the process: visible records with timestamps and headers, begins and ends, as text.
std::string Contents(const EmbeddedLog& log);

// The group `group` reading `topics`.
std::unique_ptr<EmbeddedConsumer> MakeConsumer(EmbeddedLog* log,
                                               const std::vector<std::string>& topics = {"a"});
// Alerts go to `out`, state to `state`; not initialized.
std::unique_ptr<EmbeddedProducer> MakeProducer(EmbeddedLog* log, const std::string& id = "p");
alerts::OutputRecord Alert(std::string_view value);

// One Poll as text: "assign a/0 a/1 ", "revoke ..", "lost ..", or records "a/0:5=x ", then "end a/0 " where at the end.
std::string PollText(EmbeddedConsumer* consumer, std::size_t count_max = 100);

// Answers the kAssign that the next Poll must give; reading begins at what the group committed, else at 0.
std::vector<InputPartition> TakeAssignment(EmbeddedConsumer* consumer);

}  // namespace shrike::engine

#endif  // SHRIKE_TESTS_ENGINE_EMBEDDED_FIXTURE_H_
