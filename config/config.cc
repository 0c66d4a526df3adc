#include "config/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "base/yaml_tree.h"
#include "config/reader.h"
#include "config/streams.h"

namespace shrike::config {
namespace {

constexpr std::int64_t kLimitMax = 1'000'000'000;
constexpr std::int64_t kThreadsMax = 1024;

// It names the consumer group, the transactional id and internal topics, so Kafka's rule for topics holds.
constexpr std::size_t kApplicationBytesMax = 200;
bool IsApplicationName(std::string_view name) {
  return name.size() <= kApplicationBytesMax && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

// "512MB": an integer and B, KB, MB, GB (powers of 1000) or KiB, MiB, GiB (of 1024).
std::optional<std::int64_t> ParseSize(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t bytes;
  };
  constexpr std::array<Unit, 7> kUnits = {{{"B", 1},
                                           {"KB", 1'000},
                                           {"MB", 1'000'000},
                                           {"GB", 1'000'000'000},
                                           {"KiB", 1 << 10},
                                           {"MiB", 1 << 20},
                                           {"GiB", 1 << 30}}};
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, count);
  if (read.ec != std::errc() || count < 0) {
    return std::nullopt;
  }
  const std::string_view name(read.ptr, static_cast<std::size_t>(end - read.ptr));
  for (const Unit& unit : kUnits) {
    std::int64_t bytes = 0;
    if (unit.name == name && !__builtin_mul_overflow(count, unit.bytes, &bytes)) {
      return bytes;
    }
  }
  return std::nullopt;
}

void ReadApplication(MapReader* root, EngineConfig* config) {
  const std::optional<Scalar> name = root->GetScalar("application");
  if (!name) {
    return;
  }
  if (name->text.empty() || !IsApplicationName(name->text)) {
    root->source().Report("E0604", name->span,
                          "`application` must be letters, digits, `.`, `_` and `-`, at most 200");
    return;
  }
  config->application = name->text;
}

void ReadKafka(const Source& source, const YamlNode* node, EngineConfig* config) {
  if (node == nullptr) {
    return;
  }
  if (node->kind != YamlNode::Kind::kMap) {
    source.Report("E0602", node->span, "`kafka` must be a mapping of librdkafka properties");
    return;
  }
  for (std::size_t i = 0; i < node->keys.size() && i < node->values.size(); ++i) {
    const std::string& name = node->keys[i].text;
    if (std::optional<Scalar> value =
            ReadScalar(source, node->values[i], "`" + name + "` of `kafka`")) {
      config->kafka.emplace_back(name, std::move(value->text));
    }
  }
}

void ReadRules(MapReader map, RulesConfig* rules) {
  for (Scalar& path : map.GetList("paths")) {
    if (path.text.empty()) {
      map.source().Report("E0604", path.span, map.NameOf("paths") + " must not be empty");
    } else {
      rules->paths.push_back(std::move(path.text));
    }
  }
  rules->watch = map.GetBool("watch").value_or(rules->watch);
  map.CheckKeys();
}

void ReadAlerts(MapReader map, AlertsConfig* alerts) {
  alerts->topic = map.GetText("topic").value_or(alerts->topic);
  alerts->shadow = map.GetText("shadow").value_or(alerts->shadow);
  alerts->late = map.GetText("late").value_or(alerts->late);
  alerts->dead_letter = map.GetText("dead_letter").value_or(alerts->dead_letter);
  alerts->audit = map.GetText("audit").value_or(alerts->audit);
  if (const std::optional<int> format = map.GetChoice("format", {"cloudevents", "ocsf", "ecs"})) {
    constexpr std::array kFormats = {AlertFormat::kCloudEvents, AlertFormat::kOcsf,
                                     AlertFormat::kEcs};
    alerts->format = kFormats[static_cast<std::size_t>(*format)];
  }
  map.CheckKeys();
}

// A duration of at least 1 ms.
DurationMs PositiveDuration(MapReader* map, std::string_view key, DurationMs otherwise) {
  const std::optional<DurationMs> value = map->GetDuration(key);
  if (value && *value == 0) {
    map->source().Report("E0604", map->KeySpan(key), map->NameOf(key) + " must be longer than 0ms");
    return otherwise;
  }
  return value.value_or(otherwise);
}

void ReadState(MapReader map, StateConfig* state) {
  state->path = map.GetText("path").value_or(state->path);
  state->commit_interval = PositiveDuration(&map, "commit_interval", state->commit_interval);
  state->checkpoint_interval =
      PositiveDuration(&map, "checkpoint_interval", state->checkpoint_interval);
  state->changelog = map.GetBool("changelog").value_or(state->changelog);
  if (const std::optional<Scalar> memory = map.GetScalar("memory")) {
    const std::optional<std::int64_t> bytes = ParseSize(memory->text);
    if (!bytes) {
      map.source().Report("E0604", memory->span,
                          map.NameOf("memory") + " must be a size, not `" + memory->shown + "`",
                          "units are B KB MB GB KiB MiB GiB: 512MB");
    }
    state->memory_bytes = bytes.value_or(state->memory_bytes);
  }
  map.CheckKeys();
}

void ReadLimits(MapReader map, Limits* limits) {
  struct Row {
    std::string_view key;
    std::int64_t Limits::*member;
  };
  constexpr std::array<Row, 5> kRows = {{{"open_runs_per_key", &Limits::open_runs_per_key},
                                         {"bound_events", &Limits::bound_events},
                                         {"distinct_values", &Limits::distinct_values},
                                         {"window_events", &Limits::window_events},
                                         {"alert_events", &Limits::alert_events}}};
  for (const Row& row : kRows) {
    limits->*row.member = map.GetInt(row.key, {1, kLimitMax}).value_or(limits->*row.member);
  }
  map.CheckKeys();
}

void ReadHttp(MapReader map, HttpConfig* http) {
  http->listen = map.GetText("listen").value_or(http->listen);
  http->admin = map.GetBool("admin").value_or(http->admin);
  http->token_file = map.GetText("token_file").value_or(http->token_file);
  map.CheckKeys();
}

EngineConfig ReadRoot(const Source& source, const YamlNode& tree) {
  MapReader root(source, &tree, "");
  EngineConfig config;
  const auto section = [&root, &source](std::string_view key) {
    return MapReader(source, root.Find(key), "`" + std::string(key) + "`");
  };
  ReadApplication(&root, &config);
  ReadKafka(source, root.Find("kafka"), &config);
  config.catalog = ReadStreams(source, root.Find("streams"));
  config.tables = ReadTables(source, root.Find("tables"));
  MapReader risk = section("risk");
  config.risk_half_life = PositiveDuration(&risk, "half_life", config.risk_half_life);
  risk.CheckKeys();
  ReadRules(section("rules"), &config.rules);
  ReadAlerts(section("alerts"), &config.alerts);
  ReadState(section("state"), &config.state);
  ReadLimits(section("limits"), &config.limits);
  ReadHttp(section("http"), &config.http);
  config.threads =
      static_cast<int>(root.GetInt("threads", {1, kThreadsMax}).value_or(config.threads));
  root.CheckKeys();
  const bool is_map = tree.kind == YamlNode::Kind::kMap || tree.kind == YamlNode::Kind::kNull;
  if (is_map &&
      (tree.Find("streams") == nullptr || tree.Find("streams")->kind == YamlNode::Kind::kNull)) {
    root.ReportMissing("streams", "streams: { payments: { fields: { card: string } } }");
  }
  return config;
}

}  // namespace

std::optional<EngineConfig> ReadConfig(const std::string& path, std::string_view content,
                                       const Resolver& resolver,
                                       std::vector<Diagnostic>* diagnostics) {
  std::vector<Diagnostic> found;
  const Source source{&path, content, &resolver, &found};
  std::optional<EngineConfig> config;
  if (const std::optional<YamlNode> tree = ReadYaml(path, content, &found)) {
    config = ReadRoot(source, *tree);
  }
  HideSecrets(&found);
  SortDiagnostics(&found);
  const bool failed = std::any_of(found.begin(), found.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == DiagnosticSeverity::kError;
  });
  std::move(found.begin(), found.end(), std::back_inserter(*diagnostics));
  return failed ? std::nullopt : std::move(config);
}

}  // namespace shrike::config
