// Rules that exist: the conformance cases and the ported rules check clean.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "config/config.h"
#include "nfa/program.h"
#include "tests/rules/check_fixture.h"
#include "tests/skip.h"

namespace shrike::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCasesConfig =
    "streams: {s: {topic: s, format: json, time: {field: ts, unit: ms, out_of_order: 0ms}, "
    "type: {field: type, types: [A, B, C, D]}, fields: {type: string, v: int, id: int}}}\n"
    "limits: {open_runs_per_key: 100000, bound_events: 100000}\n";

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

config::EngineConfig ConfigOf(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const config::Resolver resolver{[](const std::string&) { return std::optional<std::string>(); },
                                  [](const std::string&) { return Result<std::string>(""); }};
  std::optional<config::EngineConfig> config =
      config::ReadConfig("shrike.yaml", text, resolver, &diagnostics);
  REQUIRE_MESSAGE(config.has_value(), Lines(diagnostics));
  return std::move(*config);
}

std::vector<Diagnostic> Errors(const std::vector<Diagnostic>& diagnostics) {
  std::vector<Diagnostic> errors;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == DiagnosticSeverity::kError) errors.push_back(diagnostic);
  }
  return errors;
}

// Every rule of the file checks clean and compiles.
void CheckCases(const fs::path& path, int count_min = 90) {
  if (!fs::exists(path)) SKIP_TEST("no cases at " << path.string());
  std::ifstream file(path);
  std::string line;
  int count = 0;
  while (std::getline(file, line)) {
    const nlohmann::json json = nlohmann::json::parse(line);
    const config::EngineConfig config = ConfigOf(json.value("config", kCasesConfig));
    const std::string rule = json.at("rule");
    const CheckedText checked = CheckTexts({rule}, config.catalog, config.limits);
    INFO(rule);
    CHECK(Lines(Errors(checked.diagnostics)) == "");
    CHECK(checked.set.spec.rules.size() == 1);
    CHECK(checked.set.origin.size() == 1);
    ++count;
  }
  CHECK(count >= count_min);
}

// One stream of a ported file: name, event types (empty: one), fields as `name: type, ..`.
struct PortedStream {
  const char* name;
  const char* types;
  const char* fields;
};

struct PortedFile {
  const char* name;
  int rules;
  std::vector<PortedStream> streams;
};

const std::vector<PortedFile>& PortedFiles() {
  static const std::vector<PortedFile> kFiles = {
      {"elastic.yaml",
       14,
       {{"auth", "authentication",
         "host.id: string, source.ip: ip, user.name: string, host.os.type: string, "
         "event.action: string, event.outcome: string, event.type: string"},
        {"okta", "",
         "actor.id: string, target.id: string, event_type: string, factor: string, reason: string, "
         "outcome.result: string, outcome.reason: string"},
        {"endpoint", "alert, process, library, registry, network, dns, file",
         "host.id: string, host.os.type: string, event.type: string, event.action: string, "
         "process.entity_id: string, process.parent.entity_id: string, process.name: string, "
         "process.parent.name: string, process.args: list(string), process.command_line: string, "
         "process.executable: string, process.env_vars: list(string), network.direction: string, "
         "destination.ip: ip, source.ip: ip, source.port: int, destination.port: int, "
         "user.name: string"},
        {"auditd", "process, file",
         "host.id: string, host.os.type: string, user.id: string, user.effective.id: string, "
         "process.pid: int, process.parent.pid: int, syscall: string, a0: string, a2: string, "
         "event.action: string, file.path: string"},
        {"flows", "flow",
         "destination.ip: ip, source.ip: ip, network.packets: int, destination.port: int"},
        {"cloudtrail", "", "access_key_id: string, event.outcome: string, source.ip: ip"}}},
      {"fraud.yaml",
       15,
       {{"payments", "txn",
         "card: string, merchant: string, bin: string, amount: decimal, status: string, mcc: int"},
        {"logins", "login", "user: string, success: bool, lat: float, lon: float, device: string"},
        {"profile", "password_change, email_change, phone_change, verified_call", "user: string"},
        {"payouts", "payout", "user: string, amount: decimal"},
        {"transfers", "incoming, cash_withdrawal, outgoing",
         "account: string, sender: string, payee: string, payee_name: string, amount: decimal"},
        {"cash", "deposit", "customer: string, amount: decimal, branch: string"},
        {"orders", "refund, purchase, chargeback",
         "customer: string, amount: decimal, device: string"},
        {"cards", "limit_increase, txn", "account: string, amount: decimal"}}},
      {"misc.yaml",
       8,
       {{"sensors", "heartbeat, reading, door",
         "device: string, fridge: string, temp: float, state: string"},
        {"flows", "flow", "src_ip: string, dst_ip: string, gap: float"},
        {"shop", "purchase, view", "customer: string, category: string"},
        {"ingest", "", "record_id: string, hash: string"},
        {"steps", "extract, validate, load, failed", "job: string, ok: bool"}}},
      {"sigma_yaral.yaml",
       7,
       {{"windows", "",
         "TargetUserName: string, SourceIp: ip, SubjectUserName: string, EventID: int, "
         "ObjectName: string"},
        {"cloudtrail", "",
         "source_ip: ip, event_name: string, action: string, user_id: string, target_user: string"},
        {"graph", "request", "user_id: string, method: string, status: int, path: string"},
        {"auth", "login", "user: string, country: string"},
        {"vpn", "vpn_session", "user: string, country: string"}}},
  };
  return kFiles;
}

std::string ConfigText(const PortedFile& file) {
  std::string text = "streams:\n";
  for (const PortedStream& stream : file.streams) {
    text += "  " + std::string(stream.name) + ": {topic: " + stream.name + ", format: json, " +
            "time: {field: ts, unit: ms}";
    if (*stream.types != '\0')
      text += ", type: {field: kind, types: [" + std::string(stream.types) + "]}";
    text += ", fields: {";
    // Dotted names and lists need quotes in a YAML flow mapping.
    std::istringstream fields{std::string(stream.fields)};
    std::string field;
    while (std::getline(fields, field, ',')) {
      const std::size_t colon = field.find(':');
      const std::size_t begin = field.find_first_not_of(' ');
      text +=
          "\"" + field.substr(begin, colon - begin) + "\": \"" + field.substr(colon + 2) + "\", ";
    }
    text += "}}\n";
  }
  return text;
}

}  // namespace

TEST_CASE("ported rules check clean") {
  const fs::path folder = fs::path(SHRIKE_SOURCE_DIR) / "../shared/ported";
  if (!fs::exists(folder)) SKIP_TEST("no ported rules at " << folder.string());
  int rules = 0;
  for (const PortedFile& file : PortedFiles()) {
    const config::EngineConfig config = ConfigOf(ConfigText(file));
    // fraud.yaml uses a list that it leaves to its reader.
    const std::string lists = "lists: { sanctioned: [a name] }\n";
    const CheckedText checked = CheckTexts({ReadText(folder / file.name), lists}, config.catalog);
    INFO(std::string(file.name));
    CHECK(Lines(Errors(checked.diagnostics)) == "");
    CHECK(checked.set.spec.rules.size() == static_cast<std::size_t>(file.rules));
    CHECK(checked.files[0]->rules.size() == static_cast<std::size_t>(file.rules));
    rules += file.rules;
  }
  CHECK(rules == 44);
}

TEST_CASE("conformance cases check clean") {
  CheckCases(fs::path(SHRIKE_SOURCE_DIR) / "tests/conformance/cases.jsonl");
}

TEST_CASE("conformance constructs check clean") {
  CheckCases(fs::path(SHRIKE_SOURCE_DIR) / "tests/conformance/constructs.jsonl");
}

TEST_CASE("conformance windows check clean") {
  CheckCases(fs::path(SHRIKE_SOURCE_DIR) / "../shared/conformance/windows.jsonl", 80);
}

}  // namespace shrike::testing
