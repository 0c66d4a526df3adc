// What becomes of alerts on their way out, end to end: suppression, learn, redact, modes.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/cli_fixture.h"

namespace shrike::tools {
namespace {

using testing::CliResult;
using testing::Contains;
using testing::kConfig;
using testing::RunShrike;
using testing::TempFolder;
using testing::TxnLine;

// A rule that alerts on each payment, with `more` keys.
std::string EachPayment(const std::string& more) {
  return "rules:\n  - id: each\n    version: 1\n    pattern: |\n      from txn by card\n      a: "
         "txn\n"
         "    alert: { message: \"{card} paid {a.amount}\", fields: { amount: a.amount }" +
         more;
}

class Fixture {
 public:
  explicit Fixture(const std::string& rules) {
    folder.Write("shrike.yaml", kConfig);
    folder.Write("rules/a.yaml", rules);
  }
  CliResult Call(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin() + 1, {"-c", folder.path("shrike.yaml")});
    return RunShrike(arguments);
  }
  CliResult Replay(const std::string& lines, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"replay", "--rules", folder.path("rules"), "--file",
                                          folder.Write("txn.jsonl", lines)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Call(arguments);
  }
  TempFolder folder;
};

// "match c1 @1000", "summary c1 @61000 2 in 2000..3000".
std::vector<std::string> Short(const std::string& lines) {
  std::vector<std::string> alerts;
  std::istringstream input(lines);
  for (std::string line; std::getline(input, line);) {
    const auto data = nlohmann::json::parse(line)["data"];
    std::string text = data["kind"].get<std::string>() + " " +
                       data["key"]["card"].get<std::string>() + " " +
                       data["message"].get<std::string>();
    if (data.contains("suppressed")) {
      text += " " + data["suppressed"].dump() + " " + data["completed_by"].dump();
    }
    alerts.push_back(text);
  }
  return alerts;
}

const std::string kPayments = TxnLine(1'000, "c1", "5") + TxnLine(2'000, "c1", "6") +
                              TxnLine(3'000, "c1", "7") + TxnLine(3'000, "c2", "8") +
                              TxnLine(61'000, "c1", "9");

TEST_CASE("replay gives the first alert, then a summary, then the next first one") {
  const Fixture fixture(EachPayment(" }\n    suppress: { for: 1m, by: [card] }\n"));
  const CliResult result = fixture.Replay(kPayments);
  CHECK(result.code == 0);
  CHECK(
      Short(result.out) ==
      std::vector<std::string>{
          "match c1 c1 paid 5", "match c2 c2 paid 8",
          R"(summary c1 2 more: c1 paid 5 {"count":2,"first":2000,"last":3000} {"deadline":61000})",
          "match c1 c1 paid 9"});
  CHECK(Contains(result.err, ": 4 alerts, 0 late, 0 dead letters, 0 skipped, 2 suppressed; peak"));
  // The window is still open where the log ends.
  const CliResult held = fixture.Replay(TxnLine(1'000, "c1", "5") + TxnLine(2'000, "c1", "6"),
                                        {"--at-end", "hold", "--format", "json"});
  CHECK(Short(held.out).size() == 1);
  CHECK(Contains(held.err, R"("alerts":1,"shadow_alerts":0,"suppressed":1,"learning":0)"));
}

TEST_CASE("learn withholds, from the first event of the log on") {
  const Fixture fixture(EachPayment(" }\n    learn: 2s\n    suppress: { for: 1m }\n"));
  const CliResult result = fixture.Replay(kPayments);
  CHECK(
      Short(result.out) ==
      std::vector<std::string>{
          "match c1 c1 paid 7", "match c2 c2 paid 8",
          R"(summary c1 1 more: c1 paid 7 {"count":1,"first":61000,"last":61000} {"deadline":63000})"});
  CHECK(Contains(result.err, ", 2 while learning"));
}

TEST_CASE("alerts of shadow rules are kept apart, those of rules in mode off do not come") {
  const Fixture fixture(
      EachPayment(" }\n    mode: shadow\n    suppress: { for: 1m }\n") +
      "  - id: quiet\n    version: 1\n    mode: off\n    pattern: |\n      from txn by card\n"
      "      txn\n");
  const std::string shadow = fixture.folder.path("shadow.jsonl");
  const CliResult result = fixture.Replay(kPayments, {"--shadow", shadow});
  CHECK(result.out.empty());
  CHECK(Short(TempFolder::Read(shadow)).size() == 4);
  CHECK(Contains(result.err,
                 ": 0 alerts, 0 late, 0 dead letters, 0 skipped, 4 shadow alerts, "
                 "2 suppressed;"));
  const CliResult counted = fixture.Replay(kPayments);
  CHECK(counted.out.empty());
  CHECK(Contains(counted.err, "4 shadow alerts"));
}

TEST_CASE("a redacted field leaves in no part of an alert, suppressed or not") {
  const std::string redact = ", redact: [card] }\n    suppress: { for: 1m, by: [card, amount] }\n";
  const Fixture fixture(EachPayment(redact));
  const CliResult result = fixture.Replay(TxnLine(1'000, "4111111111111111", "5") +
                                          TxnLine(2'000, "4111111111111111", "5"));
  CHECK(result.code == 0);
  CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 2);
  CHECK_FALSE(Contains(result.out, "4111"));
  CHECK(Contains(result.out, R"("subject":"[redacted]")"));
  CHECK(Contains(result.out, R"("message":"1 more: [redacted] paid 5")"));
}

TEST_CASE("tests see alerts as they go out: summaries, redacted fields") {
  const std::string test =
      "    tests:\n      - name: two\n        events:\n"
      "          - { txn: { card: c1, amount: 5 } }\n"
      "          - { txn: { card: c1, amount: 6 }, after: 1s }\n"
      "        alerts:\n"
      "          - { key: \"[redacted]\", fields: { amount: 5 } }\n"
      "          - { kind: summary, key: \"[redacted]\", message: \"1 more: [redacted] paid 5\" "
      "}\n";
  const Fixture fixture(EachPayment(", redact: [card] }\n    suppress: { for: 1m }\n" + test));
  const CliResult good = fixture.Call({"test", fixture.folder.path("rules")});
  CHECK_MESSAGE(good.code == 0, good.out << good.err);
  const Fixture other(EachPayment(", redact: [card] }\n" + test));
  const CliResult bad = other.Call({"test", other.folder.path("rules")});
  CHECK(bad.code == 1);
  CHECK(Contains(bad.out, "alert 2: kind: expected summary, got match"));
}

}  // namespace
}  // namespace shrike::tools
