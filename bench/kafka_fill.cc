// kafka_fill: writes a file of JSON lines to a topic, at full speed or at a given rate, with the time of writing as the
// records' timestamps. The file is begun again until `--records` are written.
//
// Usage: kafka_fill --bootstrap HOST:PORT --topic T --file F.jsonl [--key FIELD] [--records N] [--rate PER_SECOND]
//        [--partitions N] [--now FIELD] [-X NAME=VALUE].. (properties of librdkafka)
// A topic that does not exist is created, with --partitions (4).
// --now: the number in this field becomes the time of writing, in ms.
// --key: the record's key is this field of the line; it chooses the partition as Kafka's own clients would.
// Prints one line of JSON: {records, seconds, records_per_second, bytes, cpu_seconds}.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/kafka/client.h"
#include "base/kafka/topics.h"

namespace {

using Clock = std::chrono::steady_clock;
using shrike::kafka::Client;

struct Arguments {
  std::string bootstrap, topic, file, key, now;
  std::int64_t records = 0;  // 0: the file once
  int partitions = 4;        // of a topic that is created
  double rate = 0;           // records a second; 0: as fast as it goes
  std::vector<std::string> properties;
};

struct Line {
  std::string key;
  std::string value;
  std::size_t now_begin = 0;  // the number that becomes the time
  std::size_t now_size = 0;   // 0: none
};

// Where the number of the field stands in a line of compact JSON.
void FindNow(const std::string& field, Line* line) {
  const std::string name = "\"" + field + "\":";
  const std::size_t at = line->value.find(name);
  if (at == std::string::npos) {
    return;
  }
  line->now_begin = at + name.size();
  line->now_size = line->value.find_first_not_of("0123456789", line->now_begin) - line->now_begin;
}

std::string ValueNow(const Line& line) {
  if (line.now_size == 0) {
    return line.value;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return std::string(line.value).replace(line.now_begin, line.now_size, std::to_string(ms));
}

std::vector<Line> ReadLines(const Arguments& arguments) {
  std::vector<Line> lines;
  std::ifstream file(arguments.file);
  for (std::string text; std::getline(file, text);) {
    Line line{.key = {}, .value = text};
    if (!arguments.key.empty()) {
      const nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
      const auto found = parsed.is_object() ? parsed.find(arguments.key) : parsed.end();
      if (parsed.is_object() && found != parsed.end()) {
        line.key = found->is_string() ? found->get<std::string>() : found->dump();
      }
    }
    if (!arguments.now.empty()) {
      FindNow(arguments.now, &line);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// 0, or the exit code of a failure.
int Fill(const Arguments& arguments, const std::vector<Line>& lines, rd_kafka_t* handle) {
  const std::int64_t count =
      arguments.records > 0 ? arguments.records : static_cast<std::int64_t>(lines.size());
  const auto begin = Clock::now();
  std::int64_t bytes = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const Line& line = lines[static_cast<std::size_t>(i) % lines.size()];
    const std::string value = ValueNow(line);
    bytes += static_cast<std::int64_t>(value.size());
    while (true) {
      const rd_kafka_resp_err_t code = rd_kafka_producev(
          handle, RD_KAFKA_V_TOPIC(arguments.topic.c_str()),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_KEY(line.key.empty() ? nullptr : line.key.data(), line.key.size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        break;
      }
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        std::fprintf(stderr, "kafka_fill: %s\n", rd_kafka_err2str(code));
        return 3;
      }
      rd_kafka_poll(handle, 10);
    }
    if (i % 1000 == 0) {
      rd_kafka_poll(handle, 0);
    }
    if (arguments.rate > 0) {
      std::this_thread::sleep_until(
          begin + std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(static_cast<double>(i + 1) / arguments.rate)));
    }
  }
  if (rd_kafka_flush(handle, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    std::fprintf(stderr, "kafka_fill: the broker does not take the rest\n");
    return 3;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::printf(
      "{\"records\":%lld,\"seconds\":%.3f,\"records_per_second\":%.0f,\"bytes\":%lld,"
      "\"cpu_seconds\":%.2f}\n",
      static_cast<long long>(count), seconds, static_cast<double>(count) / seconds,
      static_cast<long long>(bytes), CpuSeconds());
  return 0;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown here is a mistake in this file.
int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Writes a file of JSON lines to a Kafka topic.");
  app.add_option("--bootstrap", arguments.bootstrap)->required();
  app.add_option("--topic", arguments.topic)->required();
  app.add_option("--file", arguments.file)->required()->check(CLI::ExistingFile);
  app.add_option("--key", arguments.key);
  app.add_option("--now", arguments.now);
  app.add_option("--records", arguments.records);
  app.add_option("--partitions", arguments.partitions);
  app.add_option("--rate", arguments.rate);
  app.add_option("-X", arguments.properties);
  CLI11_PARSE(app, argc, argv);

  const std::vector<Line> lines = ReadLines(arguments);
  if (lines.empty()) {
    std::fprintf(stderr, "kafka_fill: %s holds no line\n", arguments.file.c_str());
    return 2;
  }
  shrike::kafka::ClientOptions options;
  options.properties.emplace_back("bootstrap.servers", arguments.bootstrap);
  for (const std::string& property : arguments.properties) {
    const std::size_t mark = std::min(property.find('='), property.size());
    options.properties.emplace_back(property.substr(0, mark),
                                    property.substr(std::min(mark + 1, property.size())));
  }
  const shrike::kafka::TopicWish wish{.name = arguments.topic, .partitions = arguments.partitions};
  if (const auto ready = shrike::kafka::EnsureTopics(options, {&wish, 1}, 30'000); !ready) {
    std::fprintf(stderr, "kafka_fill: %s\n", ready.error().message.c_str());
    return 3;
  }
  const auto client = Client::Make(
      options, {.role = Client::Role::kProducer,
                .defaults = {{"linger.ms", "20"}, {"queue.buffering.max.messages", "500000"}},
                .fixed = {{"enable.idempotence", "true"}, {"partitioner", "murmur2_random"}},
                .callbacks = {},
                .owner = nullptr});
  if (!client) {
    std::fprintf(stderr, "kafka_fill: %s\n", client.error().message.c_str());
    return 78;
  }
  return Fill(arguments, lines, (*client)->handle());
}
