// Streams as the configuration declares them: names, event types, typed fields, time (language.md, section 2).
// Tested by: tests/base/schema_test.cc.
#ifndef SHRIKE_BASE_SCHEMA_H_
#define SHRIKE_BASE_SCHEMA_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"

namespace shrike {

enum class TimeUnit : std::uint8_t { kMs, kSeconds, kMicros, kNanos, kRfc3339 };
enum class LatePolicy : std::uint8_t { kTopic, kDrop, kStop };

struct FieldSchema {
  std::string name;  // a dotted path into the record: "device.os"
  Type type;
};

// A field that the stream computes for each event; the expression is read by rules/ (language.md, section 2).
struct DerivedField {
  std::string name;
  std::string expression;
};

// One stream. Plain data, owned by the Catalog.
struct StreamSchema {
  std::string name;
  std::vector<std::string> topics;
  std::vector<FieldSchema> fields;       // declared ones, in the file's order; the type field too
  std::string type_field;                // empty: one event type, named like the stream
  std::vector<std::string> event_types;  // at least one
  std::string time_field;                // empty: the record's timestamp
  TimeUnit time_unit = TimeUnit::kMs;
  DurationMs out_of_order = 0;
  DurationMs idle = 30'000;
  DurationMs max_future = 60'000;
  LatePolicy late = LatePolicy::kTopic;
  std::vector<std::string> partitioned_by;  // empty: not declared
  std::vector<DerivedField> derive;         // in the file's order
  std::vector<std::string> redact;          // fields that never leave the engine in clear
  bool derived = false;                     // its events come from rules that `emit` them

  // Index in `fields`, or -1.
  int FieldIndex(std::string_view field) const;
};

// All streams of a configuration. A stream's index here is its id everywhere.
struct Catalog {
  std::vector<StreamSchema> streams;

  int StreamIndex(std::string_view name) const;  // or -1

  // Event types are numbered over all streams: those of stream 0 first, in order. Cost: O(streams).
  int EventTypeId(int stream, int type_index) const;
  int EventTypeCount() const;
};

}  // namespace shrike

#endif  // SHRIKE_BASE_SCHEMA_H_
