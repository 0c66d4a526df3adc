#include "config/config.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/config/config_fixture.h"

namespace shrike::config {
namespace {

constexpr std::string_view kSmall = "streams: { s: { fields: { a: int } } }\n";

std::string With(std::string_view text) { return std::string(kSmall) + std::string(text); }

TEST_CASE("every key, set") {
  const ReadText read = Read(R"(
application: fraud-guard
kafka: { bootstrap.servers: "localhost:9092", sasl.password: "${PASSWORD}" }
streams:
  payments:
    topic: [p1, p2]
    format: json
    time: { field: when, unit: us, out_of_order: 5s, idle: 1m, max_future: 2m, late: stop }
    partitioned_by: [card, device.os]
    type: { field: kind, types: [txn, payout] }
    fields: { card: string, amount: decimal(2), "device.os": string, tags: list(string) }
tables:
  accounts: { file: accounts.csv, key: account, fields: { credit_limit: decimal } }
  users: { file: users.jsonl, key: user, fields: { user: int, name: string } }
risk: { half_life: 12h }
rules: { paths: [rules/, more.yaml], watch: off }
alerts: { topic: a, shadow: b, late: c, dead_letter: d, audit: e, format: ecs }
state: { path: /s, commit_interval: 1s, checkpoint_interval: 1m, changelog: on, memory: 1GiB }
limits: { open_runs_per_key: 1, bound_events: 2, distinct_values: 3, window_events: 4, alert_events: 5 }
http: { listen: "0.0.0.0:1", admin: yes, token_file: /t }
threads: ${N}
)");
  CHECK(read.Errors() == "");
  REQUIRE(read.config.has_value());
  const EngineConfig& c = *read.config;
  CHECK(c.application == "fraud-guard");
  REQUIRE(c.kafka.size() == 2);
  CHECK(c.kafka[1] == std::pair<std::string, std::string>("sasl.password", "hunter2"));
  REQUIRE(c.catalog.streams.size() == 1);
  const StreamSchema& s = c.catalog.streams[0];
  CHECK(s.name == "payments");
  CHECK(s.topics == std::vector<std::string>{"p1", "p2"});
  CHECK(s.time_field == "when");
  CHECK(s.time_unit == TimeUnit::kMicros);
  CHECK(s.out_of_order == 5'000);
  CHECK(s.idle == 60'000);
  CHECK(s.max_future == 120'000);
  CHECK(s.late == LatePolicy::kStop);
  CHECK(s.partitioned_by == std::vector<std::string>{"card", "device.os"});
  CHECK(s.type_field == "kind");
  CHECK(s.event_types == std::vector<std::string>{"txn", "payout"});
  REQUIRE(s.fields.size() == 5);
  CHECK(s.fields[1].type == Type{Kind::kDecimal, 2});
  CHECK(s.fields[2].name == "device.os");
  CHECK(s.fields[3].type == Type{Kind::kList, 0, Kind::kString});
  CHECK(s.fields[4].name == "kind");  // added: not declared
  CHECK(s.fields[4].type.kind == Kind::kString);
  REQUIRE(c.tables.size() == 2);
  CHECK(c.tables[0].file == "accounts.csv");
  CHECK(c.tables[0].fields.size() == 1);
  CHECK(c.tables[0].key.name == "account");
  CHECK(c.tables[0].key.type.kind == Kind::kString);
  CHECK_FALSE(c.tables[0].is_jsonl());
  CHECK(c.tables[1].is_jsonl());
  CHECK(c.tables[1].key.type.kind == Kind::kInt);
  REQUIRE(c.tables[1].fields.size() == 1);  // without the key
  CHECK(c.tables[1].fields[0].name == "name");
  CHECK(c.risk_half_life == 12 * 3'600'000);
  CHECK(c.rules.paths == std::vector<std::string>{"rules/", "more.yaml"});
  CHECK_FALSE(c.rules.watch);
  CHECK(c.alerts.topic + c.alerts.shadow + c.alerts.late + c.alerts.dead_letter + c.alerts.audit ==
        "abcde");
  CHECK(c.alerts.format == AlertFormat::kEcs);
  CHECK(c.state.path == "/s");
  CHECK(c.state.commit_interval == 1'000);
  CHECK(c.state.checkpoint_interval == 60'000);
  CHECK(c.state.changelog);
  CHECK(c.state.memory_bytes == 1'073'741'824);
  CHECK(c.limits.open_runs_per_key == 1);
  CHECK(c.limits.bound_events == 2);
  CHECK(c.limits.distinct_values == 3);
  CHECK(c.limits.window_events == 4);
  CHECK(c.limits.alert_events == 5);
  CHECK(c.http.listen == "0.0.0.0:1");
  CHECK(c.http.admin);
  CHECK(c.http.token_file == "/t");
  CHECK(c.threads == 4);
}

TEST_CASE("every key, left out") {
  const ReadText read = Read(kSmall);
  CHECK(read.Errors() == "");
  REQUIRE(read.config.has_value());
  const EngineConfig& c = *read.config;
  CHECK(c.application == "shrike");
  const StreamSchema& s = c.catalog.streams.at(0);
  CHECK(s.topics == std::vector<std::string>{"s"});
  CHECK(s.event_types == std::vector<std::string>{"s"});
  CHECK(s.type_field == "");
  CHECK(s.time_field == "");
  CHECK(s.time_unit == TimeUnit::kMs);
  CHECK(s.out_of_order == 0);
  CHECK(s.idle == 30'000);
  CHECK(s.max_future == 60'000);
  CHECK(s.late == LatePolicy::kTopic);
  CHECK(c.limits.open_runs_per_key == 64);
  CHECK(c.limits.bound_events == 256);
  CHECK(c.limits.distinct_values == 1000);
  CHECK(c.limits.window_events == 100'000);
  CHECK(c.limits.alert_events == 100);
  CHECK(c.rules.paths.empty());
  CHECK_FALSE(c.state.changelog);
  CHECK(c.threads == 2);
  // Empty sections are as absent.
  CHECK(Read(With("rules:\nlimits: {}\nkafka:\nthreads:\n")).Errors() == "");
}

TEST_CASE("mistakes have a code, a place and a way out") {
  struct Row {
    std::string text;
    std::string_view want;
  };
  const Row rows[] = {
      {"",
       "E0603 1:1 the configuration has no `streams` (streams: { payments: { fields: { card: "
       "string } } })\n"},
      {"streams:\n",
       "E0603 1:1 the configuration has no `streams` (streams: { payments: { fields: { card: "
       "string } } })\n"},
      {"[1]", "E0602 1:1 the configuration must be a mapping, but is a list\n"},
      {"text", "E0602 1:1 the configuration must be a mapping, but is a value\n"},
      {"streams: [a]", "E0602 1:10 `streams` must be a mapping from name to settings\n"},
      {With("strems: {}\n"), "E0601 2:1 unknown key `strems` (did you mean `streams`?)\n"},
      {With("zzz: 1\n"), "E0601 2:1 unknown key `zzz`\n"},
      {With("rules: { path: [a] }\n"),
       "E0601 2:10 unknown key `path` of `rules` (did you mean `paths`?)\n"},
      {With("rules: { paths: [{}] }\n"),
       "E0602 2:18 an item of `paths` of `rules` must be one value, but is a mapping\n"},
      {With("rules: { paths: [\"\"] }\n"), "E0604 2:18 `paths` of `rules` must not be empty\n"},
      {With("rules: x\n"), "E0602 2:8 `rules` must be a mapping, but is a value\n"},
      {With("threads: two\n"),
       "E0604 2:10 `threads` must be an integer from 1 to 1024, not `two`\n"},
      {With("threads: 0\n"), "E0604 2:10 `threads` must be an integer from 1 to 1024, not `0`\n"},
      {With("threads: 1.5\n"),
       "E0604 2:10 `threads` must be an integer from 1 to 1024, not `1.5`\n"},
      {With("threads: [2]\n"), "E0602 2:10 `threads` must be one value, but is a list\n"},
      {With("threads: ${PASSWORD}\n"),
       "E0604 2:10 `threads` must be an integer from 1 to 1024, not `${PASSWORD}`\n"},
      {With("threads: ${NOT_SET}\n"), "E0605 2:10 the environment variable `NOT_SET` is not set\n"},
      {With("threads: \"a${NOT_SET}\"\n"),
       "E0605 2:12 the environment variable `NOT_SET` is not set\n"},
      {With("application: \"a b\"\n"),
       "E0604 2:14 `application` must be letters, digits, `.`, `_` and `-`, at most 200\n"},
      {With("limits: { bound_events: -1 }\n"),
       "E0604 2:25 `bound_events` of `limits` must be an integer from 1 to 1000000000, not `-1`\n"},
      {With("state: { memory: 5 }\n"),
       "E0604 2:18 `memory` of `state` must be a size, not `5` (units are B KB MB GB KiB MiB GiB: "
       "512MB)\n"},
      {With("state: { commit_interval: 0ms }\n"),
       "E0604 2:10 `commit_interval` of `state` must be longer than 0ms\n"},
      {With("state: { changelog: maybe }\n"),
       "E0604 2:21 `changelog` of `state` must be true or false, not `maybe`\n"},
      {With("alerts: { format: esc }\n"),
       "E0604 2:19 `format` of `alerts` must be `cloudevents`, `ocsf` or `ecs`, not `esc` (did you "
       "mean `ecs`?)\n"},
      {With("kafka: [a]\n"), "E0602 2:8 `kafka` must be a mapping of librdkafka properties\n"},
      {With("tables: { t: { key: a } }\n"),
       "E0603 2:14 table `t` has no `file` (tables: { accounts: { file: accounts.csv, key: account "
       "} })\n"},
      {With("tables: { t: { topic: a, key: b } }\n"),
       "E0901 2:16 `topic` of table `t` is not yet supported (remove it, or use a version that has "
       "it)\n"},
      {With("tables: { t: { file: a.txt, key: b } }\n"),
       "E0604 2:22 `file` of table `t` is neither .csv nor .jsonl\n"},
      {With("tables: { t: { file: a.csv, key: b, fields: { b: list(int) } } }\n"),
       "E0607 2:29 `key` of table `t` is a list (rows are looked up by one value)\n"},
      {With("tables: { t: { file: a.csv } }\n"),
       "E0603 2:14 table `t` has no `key` (the field by which rows are looked up)\n"},
      // YAML's own traps
      {"a: 'x\n", "E0004 1:4 the quoted text that begins here does not end (close it with `'`)\n"},
      {"a: &x 1\nstreams: {s: {}}\n", "E0005 1:4 the anchor `&x` is not allowed"},
      {With("streams: {}\n"),
       "E0007 2:1 the key `streams` is given twice in this mapping (remove one of the two)\n"},
      {With("---\na: 1\n"), "E0008 2:1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const ReadText read = Read(row.text);
    CHECK_FALSE(read.config.has_value());
    const bool whole = row.want.ends_with('\n');
    CHECK((whole ? read.Errors() == row.want : read.Errors().find(row.want) != std::string::npos));
    if (whole) CHECK(read.Errors() == row.want);
  }
}

TEST_CASE("secrets are not shown") {
  // The value came from the environment, and the line itself names a password.
  const ReadText read =
      Read(With("kafka: { sasl.password: hunter3, x: [\"${PASSWORD}\"] }\nthreads: ${PASSWORD}\n"));
  REQUIRE(read.diagnostics.size() == 2);
  for (const Diagnostic& d : read.diagnostics) {
    const std::string all = d.message + d.line_text + d.suggestion;
    CAPTURE(all);
    CHECK(all.find("hunter") == std::string::npos);
  }
  CHECK(read.diagnostics[0].line_text == "");
  CHECK(read.diagnostics[1].message ==
        "`threads` must be an integer from 1 to 1024, not `${PASSWORD}`");
}

TEST_CASE("hostile files are refused quickly") {
  CHECK_FALSE(Read(std::string(2u << 20, 'a')).config.has_value());
  CHECK_FALSE(Read(std::string(100'000, '[')).config.has_value());
  CHECK_FALSE(Read(std::string("a: \xFF\n")).config.has_value());
  CHECK_FALSE(Read("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n").config.has_value());
}

}  // namespace
}  // namespace shrike::config
