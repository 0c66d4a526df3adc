#include "tests/engine/embedded_fixture.h"

#include <doctest/doctest.h>

#include <array>

namespace shrike::engine {
namespace {

std::string Optional(std::optional<std::string_view> text) {
  return text ? std::string(*text) : "-";
}

std::string Name(InputPartition partition) {
  return std::string(1, static_cast<char>('a' + partition.topic)) + "/" +
         std::to_string(partition.partition);
}

}  // namespace

std::unique_ptr<EmbeddedLog> MakeLog(std::int32_t partition_count, bool markers) {
  EmbeddedLog::Options options;
  options.markers = markers;
  std::unique_ptr<EmbeddedLog> log = EmbeddedLog::Open(options).value();
  MakeTopics(log.get(), partition_count);
  return log;
}

void MakeTopics(EmbeddedLog* log, std::int32_t partition_count) {
  for (const std::string_view topic : {"out", "b", "state", "a"})
    REQUIRE(log->CreateTopic(topic, partition_count));
}

TopicPartition Place(const EmbeddedLog& log, std::string_view topic, std::int32_t partition) {
  return {log.FindTopic(topic).value(), partition};
}

void AppendValues(EmbeddedLog* log, TopicPartition where, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    NewRecord record;
    record.value = value;
    REQUIRE(log->Append(where, record));
  }
}

std::string Visible(const EmbeddedLog& log, TopicPartition where, std::int64_t begin) {
  std::string text;
  for (const StoredRecord& record : log.Partition(where).Committed(begin)) {
    text += std::to_string(record.offset()) + ":";
    if (record.key()) text += std::string(*record.key()) + "=";
    text += Optional(record.value()) + " ";
  }
  return text;
}

std::string Contents(const EmbeddedLog& log) {
  std::string text;
  for (std::int32_t topic = 0; topic < 4; ++topic) {
    for (std::int32_t partition = 0; partition < log.PartitionCount(topic); ++partition) {
      const PartitionLog& records = log.Partition({topic, partition});
      text += log.TopicName(topic) + "/" + std::to_string(partition) + " [" +
              std::to_string(records.begin()) + ", " + std::to_string(records.end()) + ")";
      for (const StoredRecord& record : records.Committed(0)) {
        text += " " + std::to_string(record.offset()) + "@" + std::to_string(record.timestamp()) +
                ":" + Optional(record.key()) + "=" + Optional(record.value());
        for (const alerts::OutputHeader& header : record.headers())
          text += "," + std::string(header.name) + "=" + std::string(header.value);
      }
      text += "\n";
    }
  }
  return text;
}

std::unique_ptr<EmbeddedConsumer> MakeConsumer(EmbeddedLog* log,
                                               const std::vector<std::string>& topics) {
  return EmbeddedConsumer::Join(log, {"group", topics}).value();
}

std::unique_ptr<EmbeddedProducer> MakeProducer(EmbeddedLog* log, const std::string& id) {
  EmbeddedProducer::Options options;
  options.transactional_id = id;
  options.topics[static_cast<std::size_t>(alerts::OutputTopic::kAlerts)] = "out";
  options.topics[static_cast<std::size_t>(alerts::OutputTopic::kState)] = "state";
  return std::make_unique<EmbeddedProducer>(log, options);
}

alerts::OutputRecord Alert(std::string_view value) {
  alerts::OutputRecord record;
  record.partition = 0;
  record.value = value;
  return record;
}

std::string PollText(EmbeddedConsumer* consumer, std::size_t count_max) {
  static constexpr std::array<std::string_view, 4> kNotices = {"", "assign ", "revoke ", "lost "};
  ingest::ConsumerBatch batch;
  const Result<void> polled = consumer->Poll(count_max, 0, &batch);
  if (!polled) return polled.error().message;
  CHECK(batch.records.size() <= count_max);
  std::string text(kNotices.at(static_cast<std::size_t>(batch.rebalance)));
  for (const InputPartition partition : batch.partitions) text += Name(partition) + " ";
  for (const ingest::RawRecord& record : batch.records) {
    text += Name({record.position.topic, record.position.partition}) + ":" +
            std::to_string(record.position.offset) + "=" + std::string(record.bytes) + " ";
  }
  if (!batch.at_end.empty()) text += "end ";
  for (const InputPartition partition : batch.at_end) text += Name(partition) + " ";
  return text;
}

std::vector<InputPartition> TakeAssignment(EmbeddedConsumer* consumer) {
  ingest::ConsumerBatch batch;
  REQUIRE(consumer->Poll(1, 0, &batch));
  REQUIRE(batch.rebalance == ingest::Rebalance::kAssign);
  const auto committed = consumer->Committed(batch.partitions).value();
  std::vector<InputOffset> starts;
  for (std::size_t index = 0; index < committed.size(); ++index) {
    starts.push_back(
        {batch.partitions[index], committed[index] ? committed[index]->offset : 0, ""});
  }
  REQUIRE(consumer->Assign(starts));
  return batch.partitions;
}

}  // namespace shrike::engine
