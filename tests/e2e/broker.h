// Broker: one real Kafka broker for all end-to-end tests of a program, and what a test needs around it.
//
// The first test that asks starts it (tools/kafka, in the build folder); it is stopped when the program ends. Where it
// cannot be had (no java, no jars), tests skip. Names are unique, so tests share nothing else.
//
//     TEST_CASE("..") {
//       WITH_BROKER(broker);
//       const std::string topic = broker.NewTopic("input", 4);
#ifndef SHRIKE_TESTS_E2E_BROKER_H_
#define SHRIKE_TESTS_E2E_BROKER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/kafka/client.h"
#include "base/kafka/topics.h"
#include "base/time.h"
#include "tests/skip.h"

namespace shrike::testing {

struct TopicRecord {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  TimestampMs timestamp = 0;
  std::vector<std::pair<std::string, std::string>> headers;
};

class Broker {
 public:
  // nullptr: there is none on this machine; WhyNot says why. A broker that is there and does not start fails the test.
  static const Broker* Get();
  static const std::string& WhyNot();

  const std::string& bootstrap() const { return bootstrap_; }
  const std::string& bootstrap_sasl() const { return bootstrap_sasl_; }

  // For a client of this broker, with more properties.
  kafka::ClientOptions Options(kafka::Properties more = {}) const;
  // For user alice by the other listener.
  kafka::ClientOptions SaslOptions(const std::string& password) const;

  // kill -9 of it, and starting it again: all else of this program waits.
  void Kill() const;
  void Restart() const;

  // A name that no other test of this run has.
  std::string NewName(const std::string& stem) const;
  // Creates a topic and returns its name.
  std::string NewTopic(const std::string& stem, int partitions,
                       kafka::Properties settings = {}) const;

  // Writes values to one partition, outside of transactions, with key "k<value>".
  void Write(const std::string& topic, std::int32_t partition,
             const std::vector<std::string>& values) const;
  // What a reader of committed records sees, by partition and offset, once all transactions are decided: a commit
  // answers before its end is written to the partitions.
  std::vector<TopicRecord> Read(const std::string& topic, int partitions) const;
  // The same, but now; or all that is there, committed or not.
  std::vector<TopicRecord> ReadNow(const std::string& topic, int partitions,
                                   bool committed = true) const;

 private:
  Broker() = default;
  static const Broker* Start(std::string* why_not);

  std::string bootstrap_;
  std::string bootstrap_sasl_;
};

// Calls `step` until `done` or half a minute has passed; the last answer of `done`.
bool Await(const std::function<bool()>& done, const std::function<void()>& step);

std::vector<std::string> ValuesOf(const std::vector<TopicRecord>& records);

}  // namespace shrike::testing

#define WITH_BROKER(broker)                          \
  if (::shrike::testing::Broker::Get() == nullptr) { \
    SKIP_TEST(::shrike::testing::Broker::WhyNot());  \
  }                                                  \
  const ::shrike::testing::Broker& broker = *::shrike::testing::Broker::Get()

#endif  // SHRIKE_TESTS_E2E_BROKER_H_
