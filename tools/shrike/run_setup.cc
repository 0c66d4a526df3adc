#include "tools/shrike/run_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "base/kafka/topics.h"
#include "tools/shrike/files.h"
#include "tools/shrike/rule_bundle.h"

namespace shrike::tools {
namespace {

constexpr DurationMs kTopicsTimeout = 30'000;

// With no field named, only one partition keeps all events of a key together.
Result<void> CheckPartitioning(const Catalog& catalog, int partition_count) {
  if (partition_count == 1) return {};
  for (const StreamSchema& stream : catalog.streams) {
    if (stream.derived || !stream.partitioned_by.empty()) continue;
    return Fail(
        ErrorCode::kConfig,
        fmt::format("stream {}: its topic has {} partitions, but the configuration does not "
                    "say by which field events are spread over them. Set "
                    "`partitioned_by:` to the fields that producers use as the record's "
                    "key; rules over this stream must be keyed by them",
                    stream.name, partition_count));
  }
  return {};
}

// A topic that was read too would bring the events back; alerts and events in one topic nobody could tell apart.
Result<void> SetDerivedTopics(RunSetup* setup) {
  std::map<std::string, std::string> used;
  for (const std::string& topic : setup->context.topics) used[topic] = "is read";
  for (const std::string& topic : setup->output_topics) used[topic] = "takes alerts or state";
  setup->derived_topics = engine::DerivedTopics(setup->config.catalog);
  for (std::size_t index = 0; index < setup->derived_topics.size(); ++index) {
    const StreamSchema& stream = setup->config.catalog.streams[index];
    const std::string& topic = setup->derived_topics[index];
    if (topic.empty()) continue;
    const auto [known, is_new] = used.emplace(topic, "takes another derived stream");
    if (stream.topics.size() == 1 && is_new) continue;
    return Fail(
        ErrorCode::kConfig,
        stream.topics.size() > 1
            ? fmt::format("stream {}: a derived stream is written to one topic, not {}",
                          stream.name, stream.topics.size())
            : fmt::format("stream {}: its topic {} {}; a derived stream needs one of its own",
                          stream.name, topic, known->second));
  }
  return {};
}

}  // namespace

Result<void> SetInput(const Catalog& catalog, engine::TaskContext* context) {
  std::map<std::string, int> streams;
  for (std::size_t stream = 0; stream < catalog.streams.size(); ++stream) {
    if (catalog.streams[stream].derived) continue;
    for (const std::string& topic : catalog.streams[stream].topics) {
      if (!streams.emplace(topic, static_cast<int>(stream)).second) {
        return Fail(
            ErrorCode::kConfig,
            fmt::format("topic {} belongs to two streams, {} and {}: a record is of one", topic,
                        catalog.streams[static_cast<std::size_t>(streams[topic])].name,
                        catalog.streams[stream].name));
      }
    }
  }
  if (streams.empty()) return Fail(ErrorCode::kConfig, "no stream has a topic to read");
  for (const auto& [topic, stream] : streams) {
    context->topics.push_back(topic);
    context->streams.push_back(stream);
  }
  return {};
}

tl::expected<RunSetup, int> PrepareRun(const Session& session) {
  auto bundle = LoadBundle(session.common);
  if (!bundle) return tl::unexpected<int>(session.Report(bundle.error()));
  if (const int code = ReportErrors(session, bundle->loaded); code != 0)
    return tl::unexpected<int>(code);
  auto rules = MakeRuleSet(*bundle);
  if (!rules) return tl::unexpected<int>(session.Report(rules.error()));
  RunSetup setup;
  setup.rules = std::move(*rules);
  setup.config = std::move(*bundle->loaded.config);
  setup.context.application = setup.config.application;
  setup.context.catalog = setup.config.catalog;
  setup.context.fingerprint = engine::StreamFingerprint(setup.config.catalog);
  if (const auto input = SetInput(setup.config.catalog, &setup.context); !input)
    return tl::unexpected<int>(session.Report(input.error()));
  setup.client.properties = setup.config.kafka;
  const config::AlertsConfig& alerts = setup.config.alerts;
  setup.output_topics = {alerts.topic, alerts.shadow, alerts.late, alerts.dead_letter,
                         setup.config.state.changelog ? setup.config.application + "-state" : ""};
  if (const auto derived = SetDerivedTopics(&setup); !derived)
    return tl::unexpected<int>(session.Report(derived.error()));
  setup.state_path = RelativeTo(bundle->loaded.config_path, setup.config.state.path);
  return setup;
}

Result<void> PrepareTopics(RunSetup* setup) {
  SHRIKE_TRY_VOID(kafka::CheckProperties(setup->client.properties));
  SHRIKE_TRY(const std::vector<int> counts,
             kafka::PartitionCounts(setup->client, setup->context.topics, kTopicsTimeout));
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  if (*least != *most) {
    const auto name = [&](auto count) {
      return setup->context.topics[static_cast<std::size_t>(count - counts.begin())];
    };
    return Fail(
        ErrorCode::kConfig,
        fmt::format("the input topics must have the same number of partitions, so that equal "
                    "keys meet: {} has {}, {} has {}",
                    name(least), *least, name(most), *most));
  }
  setup->context.partition_count = *least;
  SHRIKE_TRY_VOID(CheckPartitioning(setup->context.catalog, *least));
  std::vector<kafka::TopicWish> wishes;
  for (std::size_t topic = 0; topic < 4; ++topic)
    wishes.push_back(
        {.name = setup->output_topics[topic], .record_bytes_min = alerts::kOutputRecordBytesMax});
  for (const std::string& topic : setup->derived_topics) {
    if (!topic.empty())
      wishes.push_back({.name = topic, .record_bytes_min = alerts::kOutputRecordBytesMax});
  }
  if (setup->config.state.changelog)
    wishes.push_back(
        kafka::StateTopicWish(setup->config.application, *least, alerts::kStateRecordBytesMax));
  SHRIKE_TRY([[maybe_unused]] const auto created,
             kafka::EnsureTopics(setup->client, wishes, kTopicsTimeout));
  return {};
}

}  // namespace shrike::tools
