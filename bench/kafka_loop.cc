// kafka_loop: the least that any exactly-once program on Kafka does, on the bare client library: read records, write
// some, commit both in a transaction. What `shrike run` costs above it is the engine's.
//
// Usage: kafka_loop --bootstrap HOST:PORT --input T --output T --group G [--every N] [--output-bytes N]
//        [--commit-ms N] [--records N | --seconds S] [-X NAME=VALUE].. (properties of librdkafka)
// An output topic that does not exist is created. --every: one record is written for so many that are read (100); --output-bytes: its size (600). It stops after
// --records were read, or --seconds after the first, whichever comes first.
// Prints one line of JSON: {records, outputs, seconds, records_per_second, cpu_seconds, commits, first_commit_ms,
// commit_ms_p50, commit_ms_p99, latency_ms_p50, latency_ms_p99}; latency: from the timestamp of a record that caused an
// output to the answer of its commit.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/kafka/client.h"
#include "base/kafka/handles.h"
#include "base/kafka/topics.h"

namespace {

using Clock = std::chrono::steady_clock;
using shrike::kafka::Client;
using shrike::kafka::PartitionList;

struct Arguments {
  std::string bootstrap, input, output, group = "kafka-loop";
  std::int64_t every = 100, output_bytes = 600, commit_ms = 100;
  std::int64_t records = 0;  // 0: no bound
  double seconds = 0;        // 0: no bound
  std::vector<std::string> properties;
};

struct Tally {
  std::int64_t records = 0, outputs = 0;
  std::vector<double> commit_ms, latency_ms;
  std::vector<std::int64_t> open;             // timestamps of what awaits its commit
  std::map<std::int32_t, std::int64_t> next;  // by partition
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double MsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) {
    return 0;
  }
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "kafka_loop: %s\n", why.c_str());
  std::exit(3);
}

void Expect(rd_kafka_error_t* error, const char* what) {
  if (const auto taken = shrike::kafka::TakeError(error)) {
    Stop(std::string(what) + ": " + taken->text);
  }
}

void Commit(const Arguments& arguments, rd_kafka_t* producer, rd_kafka_t* consumer, Tally* tally) {
  const auto begin = Clock::now();
  PartitionList offsets;
  for (const auto& [partition, offset] : tally->next) {
    offsets.Add(arguments.input, partition, offset, "bench");
  }
  rd_kafka_consumer_group_metadata_t* group = rd_kafka_consumer_group_metadata(consumer);
  Expect(rd_kafka_send_offsets_to_transaction(producer, offsets.get(), group, -1), "send offsets");
  rd_kafka_consumer_group_metadata_destroy(group);
  Expect(rd_kafka_commit_transaction(producer, -1), "commit");
  tally->commit_ms.push_back(MsSince(begin));
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  for (const std::int64_t timestamp : tally->open) {
    tally->latency_ms.push_back(static_cast<double>(now - timestamp));
  }
  tally->open.clear();
  Expect(rd_kafka_begin_transaction(producer), "begin");
}

void Handle(const Arguments& arguments, const rd_kafka_message_t& message, rd_kafka_t* producer,
            Tally* tally) {
  static const std::string payload(static_cast<std::size_t>(arguments.output_bytes), 'x');
  tally->next[message.partition] = message.offset + 1;
  if (++tally->records % arguments.every != 0) {
    return;
  }
  while (true) {
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(arguments.output.c_str()),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(message.key, message.key_len),
        RD_KAFKA_V_VALUE(const_cast<char*>(payload.data()), payload.size()), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      break;
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      Stop(rd_kafka_err2str(code));
    }
    rd_kafka_poll(producer, 10);
  }
  ++tally->outputs;
  tally->open.push_back(rd_kafka_message_timestamp(&message, nullptr));
}

void Loop(const Arguments& arguments, rd_kafka_t* consumer, rd_kafka_t* producer) {
  Tally tally;
  Clock::time_point first;
  auto last_commit = Clock::now();
  double cpu = 0;
  while (true) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 10);
    if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (tally.records == 0) {
        first = last_commit = Clock::now();
        cpu = CpuSeconds();
      }
      Handle(arguments, *message, producer, &tally);
    }
    if (message != nullptr) {
      rd_kafka_message_destroy(message);
    }
    const bool full = arguments.records > 0 && tally.records >= arguments.records;
    const bool late =
        tally.records > 0 && arguments.seconds > 0 && MsSince(first) >= arguments.seconds * 1000;
    if (tally.records > 0 &&
        (full || late || MsSince(last_commit) >= static_cast<double>(arguments.commit_ms))) {
      Commit(arguments, producer, consumer, &tally);
      last_commit = Clock::now();
    }
    if (full || late) {
      break;
    }
  }
  const double seconds = MsSince(first) / 1000;
  std::printf(
      "{\"records\":%lld,\"outputs\":%lld,\"seconds\":%.3f,\"records_per_second\":%.0f,"
      "\"cpu_seconds\":%.2f,\"commits\":%zu,\"first_commit_ms\":%.1f,\"commit_ms_p50\":%.1f,"
      "\"commit_ms_p99\":%.1f,\"latency_ms_p50\":%.0f,\"latency_ms_p99\":%.0f}\n",
      static_cast<long long>(tally.records), static_cast<long long>(tally.outputs), seconds,
      static_cast<double>(tally.records) / seconds, CpuSeconds() - cpu, tally.commit_ms.size(),
      tally.commit_ms.front(), Percentile(tally.commit_ms, 0.5), Percentile(tally.commit_ms, 0.99),
      Percentile(tally.latency_ms, 0.5), Percentile(tally.latency_ms, 0.99));
}

shrike::kafka::ClientOptions OptionsOf(const Arguments& arguments) {
  shrike::kafka::ClientOptions options;
  options.properties.emplace_back("bootstrap.servers", arguments.bootstrap);
  for (const std::string& property : arguments.properties) {
    const std::size_t mark = std::min(property.find('='), property.size());
    options.properties.emplace_back(property.substr(0, mark),
                                    property.substr(std::min(mark + 1, property.size())));
  }
  return options;
}

std::unique_ptr<Client> NewClient(const Arguments& arguments, const Client::Spec& spec) {
  auto client = Client::Make(OptionsOf(arguments), spec);
  if (!client) {
    Stop(client.error().message);
  }
  return *std::move(client);
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown here is a mistake in this file.
int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Reads, writes and commits on the bare Kafka client library.");
  app.add_option("--bootstrap", arguments.bootstrap)->required();
  app.add_option("--input", arguments.input)->required();
  app.add_option("--output", arguments.output)->required();
  app.add_option("--group", arguments.group);
  app.add_option("--every", arguments.every)->check(CLI::PositiveNumber);
  app.add_option("--output-bytes", arguments.output_bytes);
  app.add_option("--commit-ms", arguments.commit_ms);
  app.add_option("--records", arguments.records);
  app.add_option("--seconds", arguments.seconds);
  app.add_option("-X", arguments.properties);
  CLI11_PARSE(app, argc, argv);

  const shrike::kafka::TopicWish wish{.name = arguments.output};
  if (const auto ready = EnsureTopics(OptionsOf(arguments), {&wish, 1}, 30'000); !ready) {
    Stop(ready.error().message);
  }
  // The same properties as the adapters': ingest/kafka, alerts/kafka.
  const auto consumer = NewClient(arguments, {.role = Client::Role::kConsumer,
                                              .defaults = {},
                                              .fixed = {{"group.id", arguments.group},
                                                        {"enable.auto.commit", "false"},
                                                        {"enable.auto.offset.store", "false"},
                                                        {"auto.offset.reset", "earliest"},
                                                        {"isolation.level", "read_committed"}},
                                              .callbacks = {},
                                              .owner = nullptr});
  const auto producer = NewClient(arguments, {.role = Client::Role::kProducer,
                                              .defaults = {{"linger.ms", "5"},
                                                           {"transaction.timeout.ms", "30000"},
                                                           {"retry.backoff.ms", "20"}},
                                              .fixed = {{"transactional.id", arguments.group},
                                                        {"enable.idempotence", "true"},
                                                        {"delivery.report.only.error", "true"},
                                                        {"partitioner", "murmur2_random"}},
                                              .callbacks = {},
                                              .owner = nullptr});
  Expect(rd_kafka_init_transactions(producer->handle(), 30'000), "initialize transactions");
  Expect(rd_kafka_begin_transaction(producer->handle()), "begin");
  PartitionList topics;
  topics.Add(arguments.input, RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(consumer->handle(), topics.get());
  Loop(arguments, consumer->handle(), producer->handle());
  Expect(rd_kafka_abort_transaction(producer->handle(), -1), "abort");
  rd_kafka_consumer_close(consumer->handle());
  return 0;
}
