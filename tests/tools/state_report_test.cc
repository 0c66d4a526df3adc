#include "tools/shrike/state_report.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "tests/support/scratch_folder.h"
#include "tests/support/shrike_call.h"
#include "tools/shrike/loader.h"

namespace shrike::tools {
namespace {

constexpr const char* kConfig =
    "streams:\n"
    "  payments:\n"
    "    type: { field: type, types: [txn, payout] }\n"
    "    fields: { card: string, amount: decimal, status: string, mcc: int, ip: ip, ok: bool }\n";

// One rule over payments by card. more: further lines of it, indented by four.
Loaded LoadPattern(std::string pattern, const std::string& more = "") {
  for (std::size_t at = 0; (at = pattern.find('\n', at)) != std::string::npos; ++at) {
    pattern.insert(at + 1, "      ");
  }
  Loaded loaded = LoadTexts({"shrike.yaml", kConfig},
                            {{"rules.yaml",
                              "rules:\n  - id: a-rule\n    version: 1\n    pattern: |\n      from "
                              "payments by card\n      " +
                                  pattern + "\n" + more}});
  INFO(pattern);
  REQUIRE(loaded.checked.spec.rules.size() == 1);
  return loaded;
}

RuleState State(const Loaded& loaded) {
  return StateOf(loaded.checked.spec, 0, loaded.config->catalog, loaded.config->limits);
}

std::string StateText(const std::string& pattern, const std::string& more = "") {
  std::string text;
  AppendStateText(State(LoadPattern(pattern, more)), &text);
  return text;
}

struct Row {
  std::string pattern;
  std::string_view want;
};

}  // namespace

TEST_CASE("check --state shows it, as JSON beside the diagnostics") {
  const testing::ScratchFolder scratch;
  scratch.Write("shrike.yaml", kConfig);
  const std::string path = scratch
                               .Write("rules.yaml",
                                      "rules:\n  - id: a-rule\n    version: 1\n    pattern: |\n"
                                      "      from payments by card\n      txn[amount > 1]\n")
                               .string();
  const auto text = testing::CallShrike({"check", "--state", path});
  CHECK(text.code == 0);
  CHECK(text.out ==
        "a-rule\n  runs: none: a match is one event\n1 file, 1 good rule: 0 errors, 0 warnings\n");
  const auto json = testing::CallShrike({"check", "--state", "--format", "json", path});
  CHECK(json.code == 0);
  const nlohmann::json read = nlohmann::json::parse(json.out);
  CHECK(read.at("diagnostics").empty());
  REQUIRE(read.at("state").size() == 1);
  CHECK(read.at("state")[0].at("rule") == "a-rule");
}

TEST_CASE("what bounds runs") {
  const Row rows[] = {
      {"txn", "  runs: none: a match is one event\n"},
      {"a: txn then b: payout within 1h",
       "  runs: up to 64 first events per run key, each for less than 1h, binding up to 2 "
       "events\n"},
      {"a: txn then within 5m b: payout{2,} then within 1h c: txn",
       "  runs: up to 64 first events per run key, each waits less than 1h for its next event, "
       "binding up to 256 events\n"},
      {"a: txn{3} then (b: txn or c: payout){2,4} within 1h",
       "  runs: up to 64 first events per run key, each for less than 1h, binding up to 7 "
       "events\n"},
      {"all(a: txn, b: payout, c: payout) then not txn within 1h",
       "  runs: up to 64 first events per run key, each for less than 1h, binding up to 3 "
       "events\n"},
  };
  for (const Row& row : rows) {
    INFO(row.pattern);
    CHECK(StateText(row.pattern) == row.want);
  }
  CHECK(StateText("a: txn then b: payout", "    unbounded: accept\n") ==
        "  runs: up to 64 first events per run key, for ever, binding up to 2 events\n");
}

TEST_CASE("loops that can grow exponentially") {
  const Row rows[] = {
      {"a: txn then b: txn{2,} combinations then c: payout within 1h",
       "the loop over `b` takes or leaves every event that fits"},
      {"(a: txn then b: txn+){2,} then c: payout within 1h",
       "the loop over `b` stands inside the loop over `a` to `b`"},
      {"(a: txn then every b: txn){2,} then c: payout within 1h",
       "`then every` before `b` stands inside the loop over `a` to `b`"},
      {"(a: txn then b: txn?){2,} then c: payout within 1h", ""},
      {"a: txn+ then every c: payout within 1h", ""},
  };
  for (const Row& row : rows) {
    INFO(row.pattern);
    const std::string text = StateText(row.pattern);
    const std::size_t at = text.find("  exponential: ");
    CHECK((at != std::string::npos) == !row.want.empty());
    CHECK(text.find(row.want) != std::string::npos);
  }
}

TEST_CASE("what windows hold") {
  const Row rows[] = {
      {"count(over 1h) > 1",
       "  window[0]: count(over 1h) of payments.txn by card\n"
       "    holds each event of 1h at 4 B, at most 100,000: 400 kB at most\n"},
      {"sum(amount over tumbling 1d) > 1",
       "  window[0]: sum(amount over tumbling 1d) of payments.txn by card\n"
       "    holds sums only: 48 B at most\n"},
      {"avg(amount over last 5 events where ok excluding current) > 1",
       "  window[0]: avg(amount over last 5 events where ok excluding current) of payments.txn by "
       "card\n    holds 5 events at 8 B: 88 B at most\n"},
      {"new([ip, status] over 30d by mcc)",
       "  window[0]: new([ip, status] over 30d by mcc) of payments.txn by card\n"
       "    holds up to 1,000 values, up to 1,000 groups: 152 kB at most\n"},
      {"distinct(status over session 1h) > 1",
       "  window[0]: distinct(status over session 1h) of payments.txn by card\n"
       "    holds up to 1,000 values: 76 kB at most\n"},
  };
  for (const Row& row : rows) {
    INFO(row.pattern);
    CHECK(StateText("txn[" + row.pattern + "]") ==
          "  runs: none: a match is one event\n" + std::string(row.want));
  }
}

TEST_CASE("the same as JSON") {
  std::string text;
  AppendStateJson(State(LoadPattern("a: txn then b: txn{2,} combinations then within 1h "
                                    "payout[count(over last 3 events) > 1]\nwithin 1d")),
                  &text);
  CHECK(text ==
        R"({"rule":"a-rule","runs":{"wait":"within","wait_ms":86400000,"first_events_max":64,)"
        R"("bound_events_max":256},"exponential_loops":["the loop over `b` takes or leaves every )"
        R"(event that fits: n of them make 2^n runs"],"windows":[{"text":"count(over last 3 )"
        R"(events) of payments.payout by card","window":0,"events_max":3,"values_max":0,)"
        R"("bytes_max":60}]})");
}

}  // namespace shrike::tools
