// `shrike replay`, end to end.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/skip.h"
#include "tests/tools/cli_fixture.h"

namespace shrike::tools {
namespace {

using testing::CliResult;
using testing::Contains;
using testing::kConfig;
using testing::kRules;
using testing::RunShrike;
using testing::TempFolder;
using testing::TxnLine;

// What must not change when lines of equal meaning stand elsewhere.
std::string WithoutIdsAndOffsets(std::string alerts) {
  for (const std::string name : {"\"id\":\"", "\"offset\":"}) {
    for (std::size_t at = alerts.find(name); at != std::string::npos;
         at = alerts.find(name, at + 1)) {
      const std::size_t begin = at + name.size();
      // The rule's own id is no hash.
      const std::size_t end = alerts.find_first_not_of("0123456789abcdef", begin);
      alerts.erase(begin, end - begin);
    }
  }
  return alerts;
}

class Fixture {
 public:
  Fixture() {
    folder.Write("shrike.yaml", kConfig);
    folder.Write("rules/a.yaml", kRules);
  }
  CliResult Replay(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"replay", "-c", folder.path("shrike.yaml")});
    return RunShrike(arguments);
  }
  TempFolder folder;
};

TEST_CASE("a whole replay, byte by byte") {
  const Fixture fixture;
  const std::string file = fixture.folder.Write(
      "txn.jsonl", TxnLine(1'000, "c1", "150") + TxnLine(2'000, "c2", "150") +
                       TxnLine(5'000, "c1", "99") + TxnLine(61'000, "c1", "100.5"));
  const CliResult result = fixture.Replay({"--file", file, "--format", "json"});
  CHECK(result.code == 0);
  CHECK(
      result.out ==
      R"({"specversion":"1.0","id":"491affb617d8fface1b1d44bb32c82a5","source":"/shrike/test","type":"shrike.alert.v1",)"
      R"("subject":"c1","time":"1970-01-01T00:01:01.000Z","datacontenttype":"application/json",)"
      R"("data":{"rule":{"id":"card-pair","version":1,"title":"Two large payments",)"
      R"("severity":"high"},"kind":"match","key":{"card":"c1"},)"
      R"("message":"Card c1: 150, then 100.5","fields":{"total":250.5},)"
      R"("window":{"first":1000,"last":61000},)"
      R"("completed_by":{"topic":"txn.jsonl","partition":0,"offset":3},"steps":[)"
      R"({"name":"a","count":1,"events":[{"topic":"txn.jsonl","partition":0,"offset":0,)"
      R"("ts":1000,"fields":{"card":"c1","amount":150}}],"truncated":0},)"
      R"({"name":"b","count":1,"events":[{"topic":"txn.jsonl","partition":0,"offset":3,)"
      R"("ts":61000,"fields":{"card":"c1","amount":100.5}}],"truncated":0}]}})"
      "\n");
  CHECK(result.err.starts_with(
      R"({"events":4,"late":0,"dead_letter":0,"skipped":0,"alerts":1,"shadow_alerts":0,)"
      R"("suppressed":0,"learning":0,"emitted":0,"seconds":)"));
  CHECK(Contains(result.err, R"("peak_rss_bytes":)"));
}

TEST_CASE("out, late and dead-letter files") {
  const Fixture fixture;
  const std::string file = fixture.folder.Write(
      "txn.jsonl", TxnLine(10'000, "c1", "150") + "{\"a\":\"x\":4}\n" + TxnLine(1'000, "c1", "7") +
                       "\n" + TxnLine(11'000, "c1", "200"));
  const std::string out = fixture.folder.path("alerts.jsonl");
  const std::string late = fixture.folder.path("late.jsonl");
  const std::string dead = fixture.folder.path("dead.jsonl");
  const CliResult result =
      fixture.Replay({"--file", file, "--out", out, "--late", late, "--dead-letter", dead});
  CHECK(result.code == 0);
  CHECK(result.out.empty());
  CHECK(Contains(TempFolder::Read(out), R"("message":"Card c1: 150, then 200")"));
  CHECK(TempFolder::Read(late) ==
        R"({"topic":"txn.jsonl","partition":0,"offset":2,"line":3,"ts":1000,"reason":"late",)"
        R"("bytes":"eyJ0cyI6MTAwMCwiY2FyZCI6ImMxIiwiYW1vdW50Ijo3fQ=="})"
        "\n");
  CHECK(TempFolder::Read(dead) ==
        R"({"topic":"txn.jsonl","partition":0,"offset":1,"line":2,"ts":null,"reason":"malformed",)"
        R"("bytes":"eyJhIjoieCI6NH0="})"
        "\n");
  CHECK(Contains(result.err, "2 events in "));
  CHECK(Contains(result.err, "1 alerts, 1 late, 1 dead letters (malformed 1), 0 skipped"));

  // Without files they are shown.
  const CliResult shown = fixture.Replay({"--file", file});
  CHECK(Contains(shown.err, "dead letter: txn.jsonl line 2: malformed: {\"a\":\"x\":4}\n"));
  CHECK(Contains(shown.err, "late event: txn.jsonl line 3: 1970-01-01T00:00:01.000Z: {\"ts\""));
}

TEST_CASE("at most twenty bad records are shown") {
  const Fixture fixture;
  std::string lines;
  for (int line = 0; line < 100; ++line) {
    lines += "\x1b[2J not JSON\n";
  }
  const CliResult result = fixture.Replay({"--file", fixture.folder.Write("x.jsonl", lines)});
  CHECK(result.code == 0);
  std::size_t shown = 0;
  for (std::size_t at = result.err.find("dead letter:"); at != std::string::npos;
       at = result.err.find("dead letter:", at + 1)) {
    ++shown;
  }
  CHECK(shown == 20);
  CHECK(Contains(result.err, "\\u{1b}[2J not JSON"));
  CHECK_FALSE(Contains(result.err, "\x1b"));
  CHECK(Contains(result.err, "100 dead letters"));
}

TEST_CASE("lines shuffled within out_of_order give the same alerts but for ids and offsets") {
  const Fixture fixture;
  std::vector<std::string> lines;
  for (int second = 0; second < 400; ++second) {
    // Two cards a second; every line has a time of its own.
    lines.push_back(TxnLine(second * 1000, "c" + std::to_string(second % 7), "150"));
    lines.push_back(TxnLine(second * 1000 + 400, "c" + std::to_string(second % 5), "101.5"));
  }
  const auto write = [&](const std::string& name) {
    std::string text;
    for (const std::string& line : lines) {
      text += line;
    }
    return fixture.folder.Write(name, text);
  };
  const std::string sorted = write("sorted/txn.jsonl");
  const CliResult first = fixture.Replay({"--file", sorted});
  CHECK(fixture.Replay({"--file", sorted}).out == first.out);
  CHECK(std::count(first.out.begin(), first.out.end(), '\n') > 100);
  for (std::size_t pair = 0; pair + 1 < lines.size(); pair += 2) {
    std::swap(lines[pair], lines[pair + 1]);
  }
  const CliResult shuffled = fixture.Replay({"--file", write("shuffled/txn.jsonl")});
  CHECK(shuffled.out != first.out);
  CHECK(WithoutIdsAndOffsets(shuffled.out) == WithoutIdsAndOffsets(first.out));
}

TEST_CASE("streams, files and what goes with what") {
  const Fixture fixture;
  fixture.folder.Write("two.yaml", std::string(kConfig) + "");
  const std::string config = fixture.folder.Write(
      "two/shrike.yaml",
      "streams:\n"
      "  txn:\n    time: { field: ts }\n    topic: txn\n"
      "    fields: { card: string, amount: decimal }\n"
      "  login:\n    time: { field: ts }\n    topic: login\n    fields: { card: string }\n");
  const std::string rules = fixture.folder.Write(
      "two/rules.yaml",
      "rules:\n  - id: login-then-pay\n    version: 1\n    pattern: |\n"
      "      from txn, login by card\n      a: login then b: txn\n      within 1h\n");
  const std::string txn = fixture.folder.Write("two/txn.jsonl", TxnLine(2'000, "c1", "5"));
  const std::string login =
      fixture.folder.Write("two/login.jsonl", "{\"ts\":1000,\"card\":\"c1\"}\n");
  const std::vector<std::string> base = {"replay", "-c", config, "--rules", rules};
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return RunShrike(more);
  };
  const CliResult both =
      run({"--stream", "txn", "--file", txn, "--stream", "login", "--file", login});
  CHECK(both.code == 0);
  CHECK(std::count(both.out.begin(), both.out.end(), '\n') == 1);
  CHECK(run({"--stream", "login", "--file", login, "--stream", "txn", "--file", txn}).out ==
        both.out);
  // Several files after one --file; two of one name are partitions of one topic.
  const std::string more = fixture.folder.Write("two/more/txn.jsonl", TxnLine(3'000, "c2", "5"));
  const CliResult several =
      run({"--stream", "login", "--file", login, "--stream", "txn", "--file", txn, more});
  CHECK(several.out == both.out);
  CHECK(Contains(several.err, "3 events"));

  const CliResult none = run({"--file", txn});
  CHECK(none.code == 2);
  CHECK(Contains(none.err, "--stream NAME"));
  const CliResult misspelt = run({"--stream", "logim", "--file", txn});
  CHECK(misspelt.code == 2);
  CHECK(Contains(misspelt.err, "did you mean `login`?"));
  CHECK(run({"--stream", "txn", "--file", "-", "-"}).code == 2);
  CHECK(run({"--stream", "txn", "--file", txn, "--threads", "2"}).code == 2);
  CHECK(run({"--stream", "txn", "--file", txn, "--at-end", "soon"}).code == 2);
  CHECK(run({"--stream", "txn", "--file", txn, "--out", "/no/such/folder/x"}).code == 3);
}

TEST_CASE("what happens at the end of the input") {
  const Fixture fixture;
  const std::string rules = fixture.folder.Write("absence/a.yaml",
                                                 "rules:\n  - id: silence\n    version: 1\n"
                                                 "    pattern: |\n      from txn by card\n"
                                                 "      a: txn\n      then not txn\n"
                                                 "      within 10s\n");
  const std::string file =
      fixture.folder.Write("txn.jsonl", TxnLine(1'000, "c1", "1") + TxnLine(5'000, "c2", "1"));
  struct Row {
    std::string at_end;
    int alerts;
  };
  for (const Row& row : {Row{"flush", 2}, Row{"hold", 0}, Row{"10999", 0}, Row{"11000", 1},
                         Row{"1970-01-01T00:00:15Z", 2}, Row{"0", 0}}) {
    CAPTURE(row.at_end);
    const CliResult result =
        fixture.Replay({"--rules", rules, "--file", file, "--at-end", row.at_end});
    CHECK(result.code == 0);
    CHECK(std::count(result.out.begin(), result.out.end(), '\n') == row.alerts);
  }
}

TEST_CASE("beside derived streams the only one from outside needs no name") {
  const Fixture fixture;
  std::string config = kConfig;
  config.insert(config.find("rules:"), "  pairs: { derived: true, fields: { card: string } }\n");
  fixture.folder.Write("shrike.yaml", config);
  const std::string file =
      fixture.folder.Write("txn.jsonl", TxnLine(1'000, "c1", "150") + TxnLine(2'000, "c1", "150"));
  const CliResult result = fixture.Replay({"--file", file});
  CHECK(result.code == 0);
  CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1);
}

TEST_CASE("rules with errors are not replayed") {
  const Fixture fixture;
  fixture.folder.Write("rules/bad.yaml", "rules:\n  - id: x\n");
  const std::string file = fixture.folder.Write("txn.jsonl", TxnLine(1'000, "c1", "1"));
  const CliResult result = fixture.Replay({"--file", file});
  CHECK(result.code == 1);
  CHECK(result.out.empty());
  CHECK(Contains(result.err, "error["));
}

TEST_CASE("the shared card transactions") {
  const std::string file =
      std::string(SHRIKE_SOURCE_DIR) + "/../shared/data/card-transactions-2018-04.jsonl.zst";
  if (!std::filesystem::exists(file)) {
    SKIP_TEST("no shared data at " << file);
  }
  const TempFolder folder;
  folder.Write("shrike.yaml",
               "streams:\n  txn:\n    time: { field: ts }\n    topic: txn\n"
               "    fields: { customer: string, amount: decimal }\n");
  const std::string rules = folder.Write(
      "a.yaml",
      "rules:\n  - id: two-large\n    version: 1\n    pattern: |\n      from txn by customer\n"
      "      a: txn[amount > 220] then b: txn[amount > 220]\n      within 1h\n");
  const std::vector<std::string> arguments = {
      "replay", "-c", folder.path("shrike.yaml"), "--rules", rules, "--file", file};
  const CliResult first = RunShrike(arguments);
  CHECK(first.code == 0);
  CHECK(std::count(first.out.begin(), first.out.end(), '\n') == 15);
  CHECK(RunShrike(arguments).out == first.out);
}

}  // namespace
}  // namespace shrike::tools
