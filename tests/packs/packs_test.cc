// The shipped rule packs: they check without a warning, their tests pass, there are enough of them, and the rules find
// what they are for.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "rules/rule_file.h"
#include "tests/skip.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shrike_call.h"

namespace shrike {
namespace {

namespace fs = std::filesystem;
using testing::CallShrike;
using testing::ScratchFolder;

fs::path PackPath(const std::string& pack) {
  return fs::path(SHRIKE_SOURCE_DIR) / "rules" / "packs" / pack;
}

struct Pack {
  const char* name;
  std::size_t rules_min;
  std::ptrdiff_t alerting_tests_min;  // of each rule
};
constexpr Pack kPacks[] = {
    {"card-fraud", 8, 2}, {"card-transactions", 4, 2}, {"card-spending", 4, 1},
    {"endpoint", 5, 1},   {"network", 5, 1},           {"cloud", 5, 1},
    {"iot", 4, 1},        {"recommendations", 4, 1},   {"etl", 4, 1}};

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The rule files of a pack, read.
std::vector<rules::RuleFile> ReadPack(const std::string& pack) {
  std::vector<rules::RuleFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(PackPath(pack))) {
    if (entry.path().extension() != ".yaml" || entry.path().filename() == "shrike.yaml") continue;
    std::vector<Diagnostic> diagnostics;
    files.push_back(
        rules::ReadRuleFile(entry.path().string(), ReadText(entry.path()), &diagnostics));
    REQUIRE_MESSAGE(diagnostics.empty(), entry.path().string());
  }
  return files;
}

using AlertList = std::vector<nlohmann::json>;

// The `data` of the alerts of a replay of `events` through the pack.
AlertList Replay(const std::string& pack, const std::string& stream, const fs::path& events) {
  const auto call = CallShrike({"replay", "-c", (PackPath(pack) / "shrike.yaml").string(),
                                "--stream", stream, "--file", events.string()});
  REQUIRE_MESSAGE(call.code == 0, call.err);
  AlertList alerts;
  std::istringstream lines(call.out);
  for (std::string line; std::getline(lines, line);) {
    alerts.push_back(nlohmann::json::parse(line)["data"]);
  }
  return alerts;
}

TEST_CASE("the packs check without a warning, are in canonical form, and their tests pass") {
  for (const Pack& pack : kPacks) {
    CAPTURE(pack.name);
    const std::string path = PackPath(pack.name).string();
    const auto check = CallShrike({"check", "--strict", path});
    CHECK_MESSAGE(check.code == 0, check.out << check.err);
    const auto format = CallShrike({"fmt", "--check", path});
    CHECK_MESSAGE(format.code == 0, format.out << format.err);
    const auto test = CallShrike({"test", path});
    CHECK_MESSAGE(test.code == 0, test.out << test.err);
  }
}

TEST_CASE(
    "every rule of the packs says what it is and has tests that alert and one that does not") {
  std::set<std::string> ids;
  for (const Pack& pack : kPacks) {
    std::size_t rule_count = 0;
    for (const rules::RuleFile& file : ReadPack(pack.name)) {
      rule_count += file.rules.size();
      for (const rules::RuleNode& rule : file.rules) {
        REQUIRE(rule.id);
        CAPTURE(rule.id->text);
        CHECK(rule.title);
        CHECK(rule.severity);
        CHECK(rule.message);
        CHECK(!rule.tags.empty());
        CHECK(!rule.alert_fields.empty());
        const auto silent = std::count_if(rule.tests.begin(), rule.tests.end(),
                                          [](const auto& test) { return test.alerts.empty(); });
        CHECK(silent >= 1);
        CHECK(std::ssize(rule.tests) - silent >= pack.alerting_tests_min);
        CHECK(ids.insert(rule.id->text).second);  // Packs can be loaded together.
      }
    }
    CAPTURE(pack.name);
    CHECK(rule_count >= pack.rules_min);
  }
}

// One planted story: the lines of its events.
struct Story {
  std::set<std::int64_t> offsets;
  std::int64_t first_ts = 0;
};

// Stories of the generator's lines by kind and whose they are; and the time of the last event.
std::map<std::pair<std::string, std::string>, Story> FindStories(const std::string& lines,
                                                                 std::int64_t* last_ts) {
  std::map<std::pair<std::string, std::string>, Story> stories;
  std::istringstream input(lines);
  std::int64_t offset = 0;
  for (std::string line; std::getline(input, line); ++offset) {
    const auto event = nlohmann::json::parse(line);
    *last_ts = std::max(*last_ts, event["ts"].get<std::int64_t>());
    if (!event.contains("story")) continue;
    const std::string kind = event["story"];
    Story& story = stories[{kind, event[kind == "bin_attack" ? "merchant" : "user"]}];
    if (story.offsets.empty()) story.first_ts = event["ts"];
    story.offsets.insert(offset);
  }
  return stories;
}

TEST_CASE("card-fraud catches every story of the generator, and little else") {
  const std::map<std::string, std::string> kRuleOfStory = {
      {"card_testing", "card-testing"},
      {"account_takeover", "account-takeover"},
      {"impossible_travel", "impossible-travel"},
      {"velocity", "payment-velocity"},
      {"missing_verification", "large-payment-not-verified"},
      {"cash_out", "gambling-then-cash"},
      {"refund_abuse", "refunds-exceed-purchase"},
      {"bin_attack", "bin-attack"}};
  constexpr std::int64_t kStoryMsMax = 3'600'000;  // no story takes longer

  const ScratchFolder folder;
  const auto generated =
      CallShrike({"demo", "--generate-only", "--events", "60000", "--seed", "3"});
  REQUIRE(generated.code == 0);
  const fs::path events = folder.Write("events.jsonl", generated.out);
  const AlertList alerts = Replay("card-fraud", "payments", events);

  // Lines of events by the rule whose alert shows them.
  std::map<std::string, std::set<std::int64_t>> shown;
  for (const auto& alert : alerts) {
    for (const auto& step : alert["steps"]) {
      for (const auto& event : step["events"]) {
        shown[alert["rule"]["id"]].insert(event["offset"].get<std::int64_t>());
      }
    }
  }
  std::int64_t last_ts = 0;
  std::set<std::string> kinds;
  std::set<std::int64_t> story_offsets;
  for (const auto& [name, story] : FindStories(generated.out, &last_ts)) {
    story_offsets.insert(story.offsets.begin(), story.offsets.end());
    if (story.first_ts + kStoryMsMax > last_ts) continue;  // cut off by the end of the events
    kinds.insert(name.first);
    const std::set<std::int64_t>& of_rule = shown[kRuleOfStory.at(name.first)];
    const bool caught = std::any_of(story.offsets.begin(), story.offsets.end(),
                                    [&](std::int64_t offset) { return of_rule.contains(offset); });
    CHECK_MESSAGE(caught, name.first << " of " << name.second);
  }
  CHECK(kinds.size() == kRuleOfStory.size());

  std::int64_t false_alarms = 0;
  for (const auto& alert : alerts) {
    bool planted = false;
    for (const auto& step : alert["steps"]) {
      for (const auto& event : step["events"]) {
        planted = planted || story_offsets.contains(event["offset"].get<std::int64_t>());
      }
    }
    false_alarms += planted ? 0 : 1;
  }
  CHECK(false_alarms <= 5);
}

// A customer who pays 10 a day; on the 20th to the 24th day 50 instead (scenario 3); and one payment of 300 of another
// customer (scenario 1).
std::string LabelledPayments() {
  std::string lines;
  const auto add = [&lines](int day, const std::string& customer, int amount, int scenario) {
    nlohmann::json line;
    line["ts"] = 1'522'540'800'000 + day * std::int64_t{86'400'000};
    line["tx_id"] = day;
    line["customer"] = customer;
    line["terminal"] = "T1";
    line["amount"] = amount;
    line["label_fraud"] = scenario > 0 ? 1 : 0;
    line["label_scenario"] = scenario;
    lines += line.dump() + "\n";
  };
  for (int day = 0; day < 30; ++day) {
    const bool stolen = day >= 20 && day < 25;
    add(day, "C1", stolen ? 50 : 10, stolen ? 3 : 0);
    if (day == 7) add(day, "C2", 300, 1);
    if (day == 9) add(day, "C2", 230, 0);
  }
  return lines;
}

TEST_CASE("bench/detection_quality.py counts what the rules flag") {
  const ScratchFolder folder;
  const fs::path data = folder.Write("card-transactions-x.jsonl", LabelledPayments());
  const std::string command =
      "python3 '" SHRIKE_SOURCE_DIR "/bench/detection_quality.py' --shrike '" +
      std::string(SHRIKE_BINARY) + "' --data '" + data.parent_path().string() + "' 2>&1";
  FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), size);
  }
  CHECK_MESSAGE(pclose(pipe) == 0, output);
  // Flagged, precision; precision and recall of scenario 1, then of scenario 3.
  const std::string wants[] = {
      "32 payments, 6 of them fraud: 1 of scenario 1, 5 of scenario 3",
      "payment-above-220               2    50.0 %     50.0 %   100.0 %      0.0 %     0.0 %",
      "after-a-spike                   4   100.0 %      0.0 %     0.0 %    100.0 %    80.0 %"};
  for (const std::string& want : wants) {
    CHECK_MESSAGE(output.find(want) != std::string::npos, output);
  }
}

TEST_CASE("every rule of card-transactions alerts on the real data") {
  const char* const folder = std::getenv("SHRIKE_DATA");
  if (folder == nullptr)
    SKIP_TEST("SHRIKE_DATA names no folder with card-transactions-*.jsonl.zst");
  const fs::path events = fs::path(folder) / "card-transactions-2018-04.jsonl.zst";
  if (!fs::exists(events)) SKIP_TEST("no file " << events.string());
  std::map<std::string, int> counts;
  for (const auto& alert : Replay("card-transactions", "transactions", events)) {
    ++counts[alert["rule"]["id"]];
  }
  for (const rules::RuleFile& file : ReadPack("card-transactions")) {
    for (const rules::RuleNode& rule : file.rules) {
      CAPTURE(rule.id->text);
      CHECK(counts[rule.id->text] >= 50);
      CHECK(counts[rule.id->text] <= 5000);
    }
  }
}

}  // namespace
}  // namespace shrike
