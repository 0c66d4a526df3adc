// Member: a consumer of a group and what a task's owner does with it: start at the committed offsets, remember how far
// it has come, answer notices. Tests step it by hand, so several run in one thread.
#ifndef SHRIKE_TESTS_E2E_MEMBER_H_
#define SHRIKE_TESTS_E2E_MEMBER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "alerts/kafka/kafka_producer.h"
#include "base/input_offset.h"
#include "ingest/kafka/kafka_consumer.h"
#include "tests/e2e/broker.h"

namespace shrike::testing {

struct MemberOptions {
  std::string group;
  std::vector<std::string> topics;  // sorted
  std::string instance = {};
  kafka::Properties properties = {};
  DurationMs timeout = 30'000;
};

class Member {
 public:
  Member(const Broker& broker, const MemberOptions& options);

  // Polls once and answers a notice: assigned partitions start where the group has committed, or at the beginning.
  void Step();
  // Called before a revoked set is let go.
  std::function<void()> on_revoke;
  // Called before a lost set is given up.
  std::function<void()> on_lost;

  // What is assigned now and where this member stands in it.
  std::vector<InputOffset> Offsets(const std::string& metadata = "") const;
  std::vector<InputPartition> Partitions() const;

  ingest::KafkaConsumer& consumer() { return *consumer_; }
  void Leave() { consumer_.reset(); }

  std::vector<std::string> values;         // of all records so far
  std::vector<InputPartition> at_end;      // of the last Step
  std::vector<ingest::Rebalance> notices;  // all so far
  std::map<InputPartition, std::int64_t> next;

 private:
  void Answer();

  std::unique_ptr<ingest::KafkaConsumer> consumer_;
  ingest::ConsumerBatch batch_;
};

// A producer for the member's group, initialized.
std::unique_ptr<alerts::KafkaProducer> NewProducer(const Broker& broker, const std::string& id,
                                                   const std::string& topic,
                                                   const std::vector<std::string>& input_topics);

}  // namespace shrike::testing

#endif  // SHRIKE_TESTS_E2E_MEMBER_H_
