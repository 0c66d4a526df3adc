#include "tests/e2e/broker.h"

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "base/check.h"
#include "base/kafka/handles.h"

namespace shrike::testing {
namespace {

const std::string kTool = SHRIKE_SOURCE_DIR "/tools/kafka";
const std::string kFolder = SHRIKE_E2E_FOLDER "/kafka";
constexpr int kUnobtainable = 3;  // exit code of tools/kafka

std::string Line(const std::string& path) {
  std::string line;
  std::ifstream file(path);
  std::getline(file, line);
  return line;
}

struct Run {
  int code = 0;
  std::string output;
};

Run RunTool(const std::string& arguments) {
  Run run;
  std::FILE* pipe = popen(("'" + kTool + "' " + arguments + " 2>&1").c_str(), "r");
  SHRIKE_CHECK(pipe != nullptr);
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
    run.output += buffer.data();
  }
  const int status = pclose(pipe);
  run.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return run;
}

// Stops the broker when the program ends.
struct Stopper {
  ~Stopper() { RunTool("stop '" + kFolder + "'"); }
};

struct Started {
  const Broker* broker = nullptr;
  std::string why_not;
};

}  // namespace

const Broker* Broker::Start(std::string* why_not) {
  namespace fs = std::filesystem;
  if (fs::exists(kFolder)) {
    RunTool("stop '" + kFolder + "'");  // Of a program that was killed.
    fs::remove_all(kFolder);
  }
  const Run run = RunTool("start '" + kFolder + "'");
  if (run.code == kUnobtainable) {
    *why_not = run.output;
    return nullptr;
  }
  static const Stopper stopper;
  if (run.code != 0) {
    // Not WhyNot: a broker that could run and does not is a failure.
    std::printf("error: the broker does not start:\n%s\n", run.output.c_str());
    std::exit(1);
  }
  static Broker broker;
  broker.bootstrap_ = Line(kFolder + "/bootstrap");
  broker.bootstrap_sasl_ = Line(kFolder + "/bootstrap_sasl");
  return &broker;
}

namespace {

const Started& StartOnce(const Broker* (*start)(std::string*)) {
  static const Started started = [start] {
    Started result;
    result.broker = start(&result.why_not);
    return result;
  }();
  return started;
}

}  // namespace

const Broker* Broker::Get() { return StartOnce(&Broker::Start).broker; }
const std::string& Broker::WhyNot() { return StartOnce(&Broker::Start).why_not; }

void Broker::Kill() const {
  const Run run = RunTool("kill '" + kFolder + "' 1");
  REQUIRE_MESSAGE(run.code == 0, run.output);
}

void Broker::Restart() const {
  const Run run = RunTool("restart '" + kFolder + "' 1");
  REQUIRE_MESSAGE(run.code == 0, run.output);
}

kafka::ClientOptions Broker::Options(kafka::Properties more) const {
  kafka::ClientOptions options;
  options.properties = std::move(more);
  options.properties.emplace_back("bootstrap.servers", bootstrap_);
  return options;
}

kafka::ClientOptions Broker::SaslOptions(const std::string& password) const {
  kafka::ClientOptions options;
  options.properties = {{"bootstrap.servers", bootstrap_sasl_},
                        {"security.protocol", "sasl_plaintext"},
                        {"sasl.mechanism", "PLAIN"},
                        {"sasl.username", "alice"},
                        {"sasl.password", password}};
  return options;
}

std::string Broker::NewName(const std::string& stem) const {
  static std::atomic<int> count{0};
  return stem + "-" + std::to_string(++count);
}

std::string Broker::NewTopic(const std::string& stem, int partitions,
                             kafka::Properties settings) const {
  const kafka::TopicWish wish{.name = NewName(stem),
                              .partitions = partitions,
                              .compacted = false,
                              .create = true,
                              .settings = std::move(settings)};
  const auto created = kafka::EnsureTopics(Options(), {&wish, 1}, 30'000);
  REQUIRE_MESSAGE(created.has_value(), created.error().message);
  return wish.name;
}

void Broker::Write(const std::string& topic, std::int32_t partition,
                   const std::vector<std::string>& values) const {
  auto client = kafka::Client::Make(
      Options(), {.role = kafka::Client::Role::kProducer,
                  .defaults = {{"linger.ms", "0"}},
                  .fixed = {{"enable.idempotence", "true"}, {"message.max.bytes", "10000000"}},
                  .callbacks = {},
                  .owner = nullptr});
  REQUIRE(client.has_value());
  for (const std::string& value : values) {
    const std::string key = "k" + value;
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        (*client)->handle(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END);
    REQUIRE(code == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  REQUIRE(rd_kafka_flush((*client)->handle(), 30'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

namespace {

TopicRecord RecordOf(const rd_kafka_message_t& message) {
  TopicRecord record;
  record.partition = message.partition;
  record.offset = message.offset;
  if (message.key != nullptr) {
    record.key.emplace(static_cast<const char*>(message.key), message.key_len);
  }
  if (message.payload != nullptr) {
    record.value.emplace(static_cast<const char*>(message.payload), message.len);
  }
  record.timestamp = rd_kafka_message_timestamp(&message, nullptr);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
    }
  }
  return record;
}

struct Wanted {
  int partitions = 0;
  bool committed = true;
};

struct Reading {
  std::vector<TopicRecord> records;           // by partition and offset
  std::map<std::int32_t, std::int64_t> ends;  // where the reader stood at the end
};

Reading ReadOnce(const Broker& broker, const std::string& topic, Wanted wanted) {
  auto client = kafka::Client::Make(
      broker.Options({{"fetch.wait.max.ms", "10"}}),
      {.role = kafka::Client::Role::kConsumer,
       .defaults = {},
       .fixed = {{"group.id", "reader"},
                 {"enable.auto.commit", "false"},
                 {"enable.partition.eof", "true"},
                 {"isolation.level", wanted.committed ? "read_committed" : "read_uncommitted"}},
       .callbacks = {},
       .owner = nullptr});
  REQUIRE(client.has_value());
  kafka::PartitionList list;
  for (int i = 0; i < wanted.partitions; ++i) {
    list.Add(topic, i, RD_KAFKA_OFFSET_BEGINNING);
  }
  rd_kafka_assign((*client)->handle(), list.get());
  Reading reading;
  const auto step = [&] {
    rd_kafka_message_t* message = rd_kafka_consumer_poll((*client)->handle(), 100);
    if (message == nullptr) {
      return;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      reading.ends[message->partition] = message->offset;
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      reading.records.push_back(RecordOf(*message));
    }
    rd_kafka_message_destroy(message);
  };
  const bool all = Await(
      [&] { return reading.ends.size() == static_cast<std::size_t>(wanted.partitions); }, step);
  REQUIRE_MESSAGE(all, "topic " << topic << " was not read to its end");
  rd_kafka_consumer_close((*client)->handle());
  std::ranges::sort(reading.records, {}, [](const TopicRecord& record) {
    return std::pair(record.partition, record.offset);
  });
  return reading;
}

}  // namespace

std::vector<TopicRecord> Broker::ReadNow(const std::string& topic, int partitions,
                                         bool committed) const {
  return ReadOnce(*this, topic, {.partitions = partitions, .committed = committed}).records;
}

std::vector<TopicRecord> Broker::Read(const std::string& topic, int partitions) const {
  Reading reading;
  const bool settled = Await(
      [&] {
        return !reading.ends.empty() &&
               reading.ends == ReadOnce(*this, topic, {partitions, false}).ends;
      },
      [&] {
        reading = ReadOnce(*this, topic, {partitions, true});
      });
  REQUIRE_MESSAGE(settled, "a transaction in topic " << topic << " stays open");
  return reading.records;
}

bool Await(const std::function<bool()>& done, const std::function<void()>& step) {
  const kafka::Deadline deadline(30'000);
  while (!done() && !deadline.Over()) {
    step();
  }
  return done();
}

std::vector<std::string> ValuesOf(const std::vector<TopicRecord>& records) {
  std::vector<std::string> values;
  values.reserve(records.size());
  for (const TopicRecord& record : records) {
    values.push_back(record.value.value_or("(none)"));
  }
  return values;
}

}  // namespace shrike::testing
