// `shrike run` on a real broker: the binary itself, killed at every edge of a commit.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/e2e/application.h"
#include "tests/e2e/broker.h"

namespace shrike::testing {
namespace {

// Until everything is there, then gracefully.
void RunToEnd(Application* application) {
  application->Close();
  Process process(*application);
  application->CheckAlerts();
  process.Stop();
}

TEST_CASE("killed at every edge of a commit, run gives each alert once") {
  WITH_BROKER(broker);
  Application application(broker);
  for (const char* point : {"before-commit:2", "after-commit:3", "before-send:5",
                            "before-checkpoint:3", "after-checkpoint:2"}) {
    application.Pay(30);
    Process process(application, "one", point);
    CHECK_MESSAGE(Await([&] { return process.Ended(); },
                        [&] {
                          application.Pay(1);
                          Wait();
                        }),
                  point);
    CHECK_MESSAGE(process.WasKilled(), application.said());
  }
  RunToEnd(&application);
}

TEST_CASE("without its folder an instance goes on from the changelog") {
  WITH_BROKER(broker);
  Application application(broker, {.state = ", changelog: on"});
  application.Pay(30);
  for (int round = 0; round < 2; ++round) {
    Process process(application, "one", "after-checkpoint:6");
    CHECK(Await([&] { return process.Ended(); },
                [&] {
                  application.Pay(1);
                  Wait();
                }));
    std::filesystem::remove_all(application.state_path());
  }
  RunToEnd(&application);
}

TEST_CASE("changed rules take effect at once, and files with mistakes change nothing") {
  WITH_BROKER(broker);
  Application application(broker);
  application.Pay(3);
  Process process(application);
  CHECK(process.AwaitSaid("ready"));
  application.folder().Write("rules.yaml", "rules:\n  - id: broken\n");
  CHECK(process.AwaitSaid("the old rules stay"));
  application.SetLimit(99);  // The same payments are above it.
  CHECK(process.AwaitSaid("3 rules from now on"));
  application.Pay(30);
  application.Close();
  application.CheckAlerts();
}

TEST_CASE("an application without offsets begins where it is told to") {
  WITH_BROKER(broker);
  Application application(broker, {.kafka = ", auto.offset.reset: latest"});
  application.Pay(10);
  Process process(application);
  CHECK(process.AwaitSaid("first commit"));
  process.Stop();
  const CommandResult state =
      RunCommand("'" SHRIKE_BINARY "' state ls -c '" + application.config() + "'");
  CHECK_MESSAGE(state.output.find(": 10..10") != std::string::npos, state.output);
}

}  // namespace
}  // namespace shrike::testing
