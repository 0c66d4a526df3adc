#include "tests/e2e/member.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace shrike::testing {

using ingest::Rebalance;

Member::Member(const Broker& broker, const MemberOptions& options) {
  kafka::Properties properties = {{"session.timeout.ms", "6000"},
                                  {"heartbeat.interval.ms", "100"},
                                  {"fetch.wait.max.ms", "10"}};
  for (const auto& [name, value] : options.properties) {
    std::erase_if(properties, [&name](const auto& property) { return property.first == name; });
    properties.emplace_back(name, value);
  }
  auto made = ingest::KafkaConsumer::Make({.client = broker.Options(properties),
                                           .group = options.group,
                                           .topics = options.topics,
                                           .instance = options.instance,
                                           .timeout = options.timeout});
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  consumer_ = *std::move(made);
}

void Member::Step() {
  const Result<void> polled = consumer_->Poll(1000, 20, &batch_);
  REQUIRE_MESSAGE(polled.has_value(), polled.error().message);
  for (const ingest::RawRecord& record : batch_.records) {
    const InputPartition partition{record.position.topic, record.position.partition};
    REQUIRE(next.contains(partition));
    CHECK(record.position.offset >= next[partition]);
    next[partition] = record.position.offset + 1;
    values.emplace_back(record.bytes);
  }
  at_end = batch_.at_end;
  if (batch_.rebalance != Rebalance::kNone) {
    CHECK(std::ranges::is_sorted(batch_.partitions));
    notices.push_back(batch_.rebalance);
    Answer();
  }
}

void Member::Answer() {
  if (batch_.rebalance == Rebalance::kAssign) {
    const auto committed = consumer_->Committed(batch_.partitions);
    REQUIRE_MESSAGE(committed.has_value(), committed.error().message);
    std::vector<InputOffset> starts;
    for (std::size_t i = 0; i < committed->size(); ++i) {
      const auto& found = (*committed)[i];
      starts.push_back({batch_.partitions[i], found ? found->offset : 0, ""});
      next[batch_.partitions[i]] = starts.back().offset;
    }
    const Result<void> assigned = consumer_->Assign(starts);
    REQUIRE_MESSAGE(assigned.has_value(), assigned.error().message);
    return;
  }
  if (batch_.rebalance == Rebalance::kRevoke && on_revoke) {
    on_revoke();
  }
  if (batch_.rebalance == Rebalance::kLost && on_lost) {
    on_lost();
  }
  for (const InputPartition& partition : batch_.partitions) {
    next.erase(partition);
  }
  const Result<void> unassigned = consumer_->Unassign(batch_.partitions);
  REQUIRE_MESSAGE(unassigned.has_value(), unassigned.error().message);
}

std::vector<InputOffset> Member::Offsets(const std::string& metadata) const {
  std::vector<InputOffset> offsets;
  offsets.reserve(next.size());
  for (const auto& [partition, offset] : next) {
    offsets.push_back({partition, offset, metadata});
  }
  return offsets;
}

std::vector<InputPartition> Member::Partitions() const {
  std::vector<InputPartition> partitions;
  partitions.reserve(next.size());
  for (const auto& [partition, offset] : next) {
    partitions.push_back(partition);
  }
  return partitions;
}

std::unique_ptr<alerts::KafkaProducer> NewProducer(const Broker& broker, const std::string& id,
                                                   const std::string& topic,
                                                   const std::vector<std::string>& input_topics) {
  auto made = alerts::KafkaProducer::Make({.client = broker.Options(),
                                           .application = id,
                                           .transactional_id = id,
                                           .topics = {topic, "", "", "", topic},
                                           .input_topics = input_topics,
                                           .timeout = 30'000});
  REQUIRE_MESSAGE(made.has_value(), made.error().message);
  const Result<void> initialized = (*made)->Initialize();
  REQUIRE_MESSAGE(initialized.has_value(), initialized.error().message);
  return *std::move(made);
}

}  // namespace shrike::testing
