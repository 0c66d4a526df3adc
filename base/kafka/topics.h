// EnsureTopics: the topics that the engine writes exist and are what it needs them to be.
//
// A topic with wrong settings is never changed: the user is told what was found and what is needed. A missing one is
// created if its wish says so.
// Tested by: tests/e2e/topics_test.cc.
#ifndef SHRIKE_BASE_KAFKA_TOPICS_H_
#define SHRIKE_BASE_KAFKA_TOPICS_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/kafka/client.h"
#include "base/kafka/properties.h"
#include "base/result.h"
#include "base/time.h"

namespace shrike::kafka {

struct TopicWish {
  std::string name;
  int partitions = 0;      // 0: any number; created with the broker's default
  bool compacted = false;  // cleanup.policy is `compact` alone: `delete` would lose state
  bool create = true;      // if it is missing
  // max.message.bytes is at least this; 0: whatever it is. A topic that is created gets more only by `settings`.
  std::size_t record_bytes_min = 0;
  Properties settings = {};  // of the topic when it is created; the rest is the broker's default
};

// How many partitions each topic has, [topics]. Errors: kConfig, some do not exist, with their names; kIo, out of time.
Result<std::vector<int>> PartitionCounts(const ClientOptions& options,
                                         std::span<const std::string> topics, DurationMs timeout);

// What the state topic `<application>-state` must be: compacted, with as many partitions as the input, and records of
// `record_bytes`. A tombstone stays for a week, so that an instance that was away for less does not keep what was removed.
TopicWish StateTopicWish(const std::string& application, int partitions, std::size_t record_bytes);

// Looks at all topics, creates what is missing, waits until they can be written. Returns the names of those it created.
// Errors: kConfig, topics that are missing or wrong, all in one message, a line each; kIo, out of time.
Result<std::vector<std::string>> EnsureTopics(const ClientOptions& options,
                                              std::span<const TopicWish> wishes,
                                              DurationMs timeout);

}  // namespace shrike::kafka

#endif  // SHRIKE_BASE_KAFKA_TOPICS_H_
