#include "base/kafka/properties.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>

#include "base/suggest.h"

namespace shrike::kafka {
namespace {

constexpr std::string_view kOffsets = "offsets are committed in the transaction of the output";
constexpr std::string_view kPlace =
    "where reading begins follows from the committed offsets and the state";
constexpr std::string_view kWhole =
    "a transaction must be written by all replicas, once and in order";
constexpr std::string_view kMember = "the engine names the members of its group itself";

constexpr std::array kEngineProperties = {
    EngineProperty{"acks", kWhole},
    EngineProperty{"auto.commit.enable", kOffsets},
    EngineProperty{"auto.commit.interval.ms", kOffsets},
    EngineProperty{"auto.offset.reset", kPlace},
    EngineProperty{"delivery.report.only.error",
                   "the engine needs no report of what was delivered"},
    EngineProperty{"enable.auto.commit", kOffsets},
    EngineProperty{"enable.auto.offset.store", kOffsets},
    EngineProperty{"enable.gapless.guarantee", kWhole},
    EngineProperty{"enable.idempotence", kWhole},
    EngineProperty{"enable.partition.eof", "the engine must know when it has caught up"},
    EngineProperty{"group.id", "it is the `application`"},
    EngineProperty{"group.instance.id", kMember},
    EngineProperty{"isolation.level", "only committed records may be processed"},
    EngineProperty{"log.queue", "the engine passes the lines on"},
    EngineProperty{"message.max.bytes", "what is written is cut to what the topics must take"},
    EngineProperty{"partition.assignment.strategy", "it follows from the number of topics"},
    EngineProperty{"partitioner", "keys go where Kafka's own clients would put them"},
    EngineProperty{"request.required.acks", kWhole},
    EngineProperty{"transactional.id", kMember},
};

// Every name that the library knows. It prints them as a table, one property a line: `name | ...`.
std::vector<std::string> KnownNames() {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* stream = open_memstream(&text, &size);
  if (stream == nullptr) {
    return {};
  }
  rd_kafka_conf_properties_show(stream);
  std::fclose(stream);
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  std::vector<std::string> names;
  std::string_view rest(text, size);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    const std::size_t bar = line.find('|');
    const std::size_t name_end = line.find(' ');
    if (bar != std::string_view::npos && name_end < bar && line.find('.') < name_end) {
      names.emplace_back(line.substr(0, name_end));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

std::string Suggestion(std::string_view name) {
  const std::vector<std::string> known = KnownNames();
  const std::string help = DidYouMean(name, {known.begin(), known.end()});
  return help.empty() ? "" : "; " + help;
}

const EngineProperty* FindEngineProperty(std::string_view name) {
  const auto found = std::ranges::lower_bound(kEngineProperties, name, {}, &EngineProperty::name);
  return found != kEngineProperties.end() && found->name == name ? &*found : nullptr;
}

// What is wrong with the property, or empty.
std::string Mistake(rd_kafka_conf_t* scratch, const std::string& name, const std::string& value) {
  if (name == "auto.offset.reset") {
    // The client gets another value: it must never choose a place by itself.
    return value == "earliest" || value == "latest"
               ? ""
               : "kafka: `auto.offset.reset` is `earliest` or `latest`: where an application "
                 "without offsets begins";
  }
  if (const EngineProperty* owned = FindEngineProperty(name)) {
    return "kafka: `" + name + "` is set by the engine: " + std::string(owned->reason);
  }
  if (name.ends_with("_cb") || name == "opaque" || name == "default_topic_conf") {
    return "kafka: `" + name + "` is no property for a configuration file";
  }
  std::array<char, 512> why{};
  switch (rd_kafka_conf_set(scratch, name.c_str(), value.c_str(), why.data(), why.size())) {
    case RD_KAFKA_CONF_OK:
      return "";
    case RD_KAFKA_CONF_UNKNOWN:
      return "kafka: there is no property `" + name + "`" + Suggestion(name);
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  const std::string detail = IsSecretProperty(name) ? "" : ": " + std::string(why.data());
  return "kafka: the value of `" + name + "` is refused" + detail;
}

}  // namespace

std::span<const EngineProperty> EngineProperties() { return kEngineProperties; }

bool IsSecretProperty(std::string_view name) {
  constexpr std::array<std::string_view, 6> kWords = {"password", "secret", ".pem",
                                                      "token",    "jaas",   "oauthbearer.config"};
  // Names of places and addresses are no secrets.
  return !name.ends_with(".location") && !name.ends_with(".url") &&
         std::ranges::any_of(kWords, [name](std::string_view word) {
           return name.find(word) != std::string_view::npos;
         });
}

Result<void> CheckProperties(const Properties& properties) {
  const std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> scratch(
      rd_kafka_conf_new(), &rd_kafka_conf_destroy);
  std::string mistakes;
  std::set<std::string_view> seen;
  for (const auto& [name, value] : properties) {
    std::string mistake = seen.insert(name).second ? Mistake(scratch.get(), name, value)
                                                   : "kafka: `" + name + "` is given twice";
    if (!mistake.empty()) {
      mistakes += (mistakes.empty() ? "" : "\n") + mistake;
    }
  }
  if (!seen.contains("bootstrap.servers") && !seen.contains("metadata.broker.list")) {
    mistakes += (mistakes.empty() ? "" : "\n");
    mistakes +=
        "kafka: `bootstrap.servers` is missing: it names brokers as host:port, comma between them";
  }
  if (!mistakes.empty()) {
    return Fail(ErrorCode::kConfig, std::move(mistakes));
  }
  return {};
}

std::string PropertyOr(const Properties& properties, std::string_view name,
                       std::string_view otherwise) {
  const auto found = std::ranges::find(properties, name, &Properties::value_type::first);
  return found == properties.end() ? std::string(otherwise) : found->second;
}

}  // namespace shrike::kafka
