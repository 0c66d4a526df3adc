// KafkaProducer: the Producer port on a transactional, idempotent Kafka producer.
//
// A handle of the client library lives from one Initialize to the next that needs a new one: after a fatal error or an
// unknown outcome the library must not be used again (it has no KIP-890), so Initialize makes a fresh handle, which
// fences the old one and settles its transaction.
//
// Errors of a commit, by what the library says of them:
//   retriable   the same call again, until it answers: the library goes on with the request that is under way
//   abortable   abort: kAborted (a stale generation, a record that could not be written, a transaction timed out)
//   fatal, or none of the three, or no answer within `timeout`: kUnknown
// What went wrong is said to the log sink.
//
// Cost: a commit is two round trips for the offsets and one for the end, 2 ms beside a quiet broker. One thread; the
// library has its own inside. Settings: transaction.timeout.ms (default 30 s here: ten did not outlive the loss of a
// broker, a minute makes a successor wait) and linger.ms (5 ms) are the user's to change.
// Tested by: tests/e2e/producer_test.cc, tests/alerts/kafka_producer_test.cc.
#ifndef SHRIKE_ALERTS_KAFKA_KAFKA_PRODUCER_H_
#define SHRIKE_ALERTS_KAFKA_KAFKA_PRODUCER_H_

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/producer.h"
#include "base/input_offset.h"
#include "base/kafka/client.h"
#include "base/result.h"
#include "base/time.h"

namespace shrike::alerts {

struct KafkaProducerOptions {
  kafka::ClientOptions client;
  std::string application;
  // One living producer an id: a second one fences the first. The same over restarts, so that what a crash left open
  // is settled at once.
  std::string transactional_id;
  std::array<std::string, kOutputTopicCount> topics;  // [OutputTopic]; empty: nothing is sent there
  std::vector<std::string> derived_topics = {};       // [streams]; empty: nothing is sent there
  std::vector<std::string> input_topics;              // as KafkaConsumerOptions::topics
  DurationMs timeout =
      120'000;  // of Initialize, Commit and Abort; and of Send, while the queue is full
};

class KafkaProducer : public Producer {
 public:
  // Nothing is reached yet. Errors: kConfig, a property is wrong.
  static Result<std::unique_ptr<KafkaProducer>> Make(KafkaProducerOptions options);
  ~KafkaProducer() override;  // a transaction that is open stays so until its time-out

  // Looks at the output topics too, so that the first commit finds all connections made.
  Result<void> Initialize() override;
  Result<void> Send(const OutputRecord& record) override;
  CommitResult Commit(std::span<const InputOffset> offsets, std::string_view group_token) override;
  Result<void> Abort() override;

 private:
  struct State;
  KafkaProducer();
  std::unique_ptr<State> state_;
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_KAFKA_KAFKA_PRODUCER_H_
