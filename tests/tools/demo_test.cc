#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "tests/tools/cli_fixture.h"
#include "tools/shrike/cli.h"

namespace shrike::tools {
namespace {

using testing::CliResult;
using testing::Contains;
using testing::RunShrike;
using testing::TempFolder;

std::vector<std::string> DemoCall(const std::string& folder) {
  return {"demo", "--events", "20000", "--format", "json", "--folder", folder};
}

// What of alerts does not depend on where the events were read: rule, kind, key, time, message.
std::vector<std::string> Told(const std::string& lines) {
  std::vector<std::string> told;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    const nlohmann::json alert = nlohmann::json::parse(line);
    const nlohmann::json& data = alert.at("data");
    told.push_back(data.at("rule").at("id").get<std::string>() + " " +
                   data.at("kind").get<std::string>() + " " + data.at("key").dump() + " " +
                   alert.at("time").get<std::string>() + " " + data.at("message").dump());
  }
  return told;
}

// Kills the process when so many lines were written.
class DeadlyBuffer : public std::streambuf {
 public:
  explicit DeadlyBuffer(int lines) : lines_(lines) {}

 protected:
  int_type overflow(int_type c) override {
    if (c == '\n' && --lines_ == 0) ::raise(SIGKILL);
    return c;
  }

 private:
  int lines_;
};

// The demo in a process of its own, which dies when it has shown `lines` alerts. True: it did.
bool DieAfter(int lines, const std::string& folder) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::vector<const char*> argv = {"shrike"};
    const std::vector<std::string> arguments = DemoCall(folder);
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    DeadlyBuffer buffer(lines);
    std::ostream out(&buffer);
    std::ostringstream err;
    Streams streams;
    streams.out = &out;
    streams.err = &err;
    Main(static_cast<int>(argv.size()), argv.data(), streams);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

TEST_CASE("the demo needs no file, tells the same story each time, and that of a replay") {
  const TempFolder folder;
  const CliResult first = RunShrike(DemoCall(folder.path("demo")));
  CHECK(first.code == 0);
  CHECK(Contains(first.out, R"("rule":{"id":"card-testing")"));
  CHECK(RunShrike(DemoCall(folder.path("demo"))).out == first.out);

  const CliResult events = RunShrike({"demo", "--events", "20000", "--generate-only"});
  CHECK(std::count(events.out.begin(), events.out.end(), '\n') == 20'000);
  const std::string pack = std::string(SHRIKE_SOURCE_DIR) + "/rules/packs/card-fraud";
  const std::string replayed = folder.path("alerts.jsonl");
  const std::string input = folder.Write("events.jsonl", events.out);
  CHECK(RunShrike({"replay", "--rules", pack, "--file", input, "--out", replayed}).code == 0);
  CHECK(Told(TempFolder::Read(replayed)) == Told(first.out));
  CHECK(Told(first.out).size() > 10);
}

TEST_CASE("the demo goes on where it was killed, and every alert is there once") {
  const TempFolder folder;
  const CliResult whole = RunShrike(DemoCall(folder.path("whole")));
  const std::string demo = folder.path("demo");
  for (const int lines : {1, 4, 4, 9}) CHECK(DieAfter(lines, demo));
  const CliResult rest = RunShrike(DemoCall(demo));
  CHECK(rest.code == 0);
  CHECK(rest.out == whole.out);
}

TEST_CASE("the demo explains itself, and touches no folder of others") {
  const TempFolder folder;
  const std::string demo = folder.path("demo");
  const CliResult human =
      RunShrike({"demo", "--events", "3000", "--color", "always", "--folder", demo});
  CHECK(human.code == 0);
  CHECK(Contains(human.out, "\x1b[1mAlerts by rule\x1b[0m"));
  CHECK(Contains(human.out, "3,000 events in "));

  CHECK(DieAfter(1, demo));
  const CliResult other = RunShrike({"demo", "--events", "5", "--folder", demo});
  CHECK(other.code == 2);
  CHECK(Contains(other.err, "run `shrike demo --events 20000 --seed 1` to go on with it"));

  folder.Write("mine/notes.txt", "x");
  const CliResult mine = RunShrike({"demo", "--folder", folder.path("mine")});
  CHECK(mine.code == 2);
  CHECK(Contains(mine.err, "is not empty, and no folder of a demo"));
}

}  // namespace
}  // namespace shrike::tools
