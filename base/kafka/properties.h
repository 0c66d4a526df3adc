// Properties: what the user may say to the Kafka client library, and what only the engine says.
//
// `kafka:` of the configuration holds any property of the library by its own name. Those that exactly-once rests on
// are the engine's: a user's value for one is refused with the reason, never silently replaced.
//
// Pure, but for asking the library for its names. Tested by: tests/base/kafka_client_test.cc.
#ifndef SHRIKE_BASE_KAFKA_PROPERTIES_H_
#define SHRIKE_BASE_KAFKA_PROPERTIES_H_

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace shrike::kafka {

using Properties = std::vector<std::pair<std::string, std::string>>;

struct EngineProperty {
  std::string_view name;
  std::string_view reason;  // why the user may not set it, a sentence without its end
};

// Sorted by name.
std::span<const EngineProperty> EngineProperties();

// Does the property's value give access, so that it must not be shown?
bool IsSecretProperty(std::string_view name);

// auto.offset.reset is the engine's, and may be said all the same: `earliest` or `latest`, where a new application begins.
// Errors: kConfig, naming the property: unknown (with the nearest known name), the engine's, given twice, or with a
// value that the library refuses; bootstrap.servers missing. All mistakes are in the one message, a line each.
Result<void> CheckProperties(const Properties& properties);

// The value of `name`, or `otherwise`.
std::string PropertyOr(const Properties& properties, std::string_view name,
                       std::string_view otherwise);

}  // namespace shrike::kafka

#endif  // SHRIKE_BASE_KAFKA_PROPERTIES_H_
