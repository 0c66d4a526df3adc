// EngineConfig: `shrike.yaml` as plain structs (interfaces.md, "Configuration").
//
// ReadConfig reads nothing itself: the text, the environment and secret files are handed in, so that only tools/
// touches the world. Every mistake is found in one run; each has its place. Values that came through `${..}` are never
// shown in a message, and lines that look like secrets are not either.
// Tested by: tests/config/config_test.cc.
#ifndef SHRIKE_CONFIG_CONFIG_H_
#define SHRIKE_CONFIG_CONFIG_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/schema.h"
#include "base/time.h"

namespace shrike::config {

struct TableConfig {
  std::string name;
  std::string file;  // as written: relative to the configuration's folder; .csv or .jsonl
  FieldSchema key;
  std::vector<FieldSchema> fields;  // without the key
  FileSpan file_span;               // of `file`, for messages

  bool is_jsonl() const { return file.ends_with(".jsonl"); }
};

struct RulesConfig {
  std::vector<std::string> paths;  // as written: relative to the configuration's folder
  bool watch = true;
};

enum class AlertFormat : std::uint8_t { kCloudEvents, kOcsf, kEcs };

struct AlertsConfig {
  std::string topic = "alerts";
  std::string shadow = "alerts-shadow";
  std::string late = "events-late";
  std::string dead_letter = "events-dead-letter";
  std::string audit = "shrike-audit";
  AlertFormat format = AlertFormat::kCloudEvents;
};

struct StateConfig {
  std::string path = "./state";
  DurationMs commit_interval = 100;
  DurationMs checkpoint_interval = 10'000;
  bool changelog = false;
  std::int64_t memory_bytes = 512'000'000;
};

struct HttpConfig {
  std::string listen = "127.0.0.1:9464";
  bool admin = false;
  std::string token_file;  // empty: none
};

struct EngineConfig {
  std::string application = "shrike";
  std::vector<std::pair<std::string, std::string>> kafka;  // librdkafka properties as written
  Catalog catalog;                                         // streams in the file's order
  std::vector<TableConfig> tables;
  DurationMs risk_half_life = 86'400'000;
  RulesConfig rules;
  AlertsConfig alerts;
  StateConfig state;
  Limits limits;
  HttpConfig http;
  int threads = 2;
};

// What `${NAME}` and `${file:/path}` stand for.
struct Resolver {
  // The value of an environment variable, or nullopt if it is not set.
  std::function<std::optional<std::string>(const std::string& name)> variable;
  // The content of a file; one line end at its end is cut by the caller.
  std::function<Result<std::string>(const std::string& path)> file;
};

// path: for messages. The configuration, or nullopt if there is an error among the diagnostics appended.
// Cost: linear in the text.
std::optional<EngineConfig> ReadConfig(const std::string& path, std::string_view content,
                                       const Resolver& resolver,
                                       std::vector<Diagnostic>* diagnostics);

}  // namespace shrike::config

#endif  // SHRIKE_CONFIG_CONFIG_H_
