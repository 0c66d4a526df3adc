// `shrike run` on a real broker: the binary itself, killed at every edge of a commit.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/broker.h"
#include "tests/support/scratch_folder.h"

namespace shrike::testing {
namespace {

constexpr int kPartitions = 2;
constexpr auto kLook = std::chrono::milliseconds(20);

// One process of `shrike run`; its end kills it.
class Process {
 public:
  Process(const std::string& config, const std::string& log, const std::string& fail_point) {
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ > 0) return;
    if (!fail_point.empty()) setenv("SHRIKE_FAIL_POINT", fail_point.c_str(), 1);
    if (freopen(log.c_str(), "a", stderr) == nullptr) _exit(1);
    execl(SHRIKE_BINARY, "shrike", "run", "-c", config.c_str(), "--instance", "one", nullptr);
    _exit(1);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (Ended()) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, &status_, 0);
  }

  bool Ended() {
    ended_ = ended_ || waitpid(pid_, &status_, WNOHANG) == pid_;
    return ended_;
  }
  void Ask() const { kill(pid_, SIGTERM); }
  bool WasKilled() const { return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL; }
  int exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

// An application of its own: topics, configuration, and numbered payments; those above 100 must alert.
class Application {
 public:
  explicit Application(const Broker& broker, const std::string& state = "")
      : broker_(broker),
        name_(broker.NewName("run")),
        topic_(broker.NewTopic("payments", kPartitions)),
        alerts_(broker.NewTopic("alerts", 1)) {
    folder_.Write("shrike.yaml", fmt::format(R"(
application: {0}
kafka: {{ bootstrap.servers: "{1}", session.timeout.ms: "6000" }}
streams:
  payments:
    topic: {2}
    time: {{ field: ts, unit: ms, out_of_order: 5ms }}
    partitioned_by: card
    fields: {{ card: string, amount: int, n: int }}
rules: {{ paths: [rules.yaml] }}
alerts: {{ topic: {4}, shadow: {0}-shadow, late: {0}-late, dead_letter: {0}-dead }}
state: {{ commit_interval: 20ms, checkpoint_interval: 60ms{3} }}
threads: 1
)",
                                             name_, broker.bootstrap(), topic_, state, alerts_));
    SetLimit(100);
  }

  void SetLimit(int limit) {
    folder_.Write("rules.yaml", fmt::format(R"(
rules:
  - id: large
    version: 1
    pattern: |
      from payments by card
      payments[amount > {}]
    alert: {{ message: "{{card}} {{n}}" }}
)",
                                            limit));
  }

  // The next payments of every partition.
  void Pay(int count) {
    for (int partition = 0; partition < kPartitions; ++partition) {
      std::vector<std::string> values;
      for (int i = 0; i < count; ++i) {
        const int n = next_++;
        const int amount = n % 3 == 0 ? 150 : 50;
        if (amount > 100) expected_.insert(fmt::format("c{} {}", partition, n));
        values.push_back(fmt::format(R"({{"ts":{},"card":"c{}","amount":{},"n":{}}})",
                                     1'700'000'000'000 + 10 * n, partition, amount, n));
      }
      broker_.Write(topic_, partition, values);
    }
  }
  // Time goes on, so that nothing is held back.
  void Close() {
    for (int partition = 0; partition < kPartitions; ++partition) {
      broker_.Write(topic_, partition,
                    {fmt::format(R"({{"ts":{},"card":"end","amount":1,"n":0}})",
                                 1'700'000'000'000 + 10 * next_ + 1000)});
    }
  }

  std::string config() const { return (folder_.path() / "shrike.yaml").string(); }
  std::string log() const { return (folder_.path() / "log").string(); }
  std::string said() const {
    std::ostringstream text;
    text << std::ifstream(log()).rdbuf();
    return text.str();
  }
  const std::string& name() const { return name_; }
  const ScratchFolder& folder() const { return folder_; }

  // message -> how often it is to be seen.
  std::map<std::string, int> Alerts() const {
    std::map<std::string, int> alerts;
    for (const TopicRecord& record : broker_.ReadNow(alerts_, 1)) {
      const std::string& json = *record.value;
      const std::size_t begin = json.find("\"message\":\"") + 11;
      ++alerts[json.substr(begin, json.find('"', begin) - begin)];
    }
    return alerts;
  }
  bool AllThere() const { return Alerts().size() >= expected_.size(); }
  void CheckAlerts() const {
    const auto alerts = Alerts();
    CHECK(alerts.size() == expected_.size());
    for (const auto& [message, count] : alerts) {
      CHECK(count == 1);
      CHECK(expected_.contains(message));
    }
  }

 private:
  const Broker& broker_;
  ScratchFolder folder_;
  std::string name_, topic_, alerts_;
  int next_ = 1;
  std::set<std::string> expected_;
};

void Wait() { std::this_thread::sleep_for(kLook); }

// Until everything is there, then gracefully.
void RunToEnd(Application* application) {
  application->Close();
  Process process(application->config(), application->log(), "");
  CHECK_MESSAGE(Await([&] { return process.Ended() || application->AllThere(); }, Wait),
                application->said());
  process.Ask();
  CHECK(Await([&] { return process.Ended(); }, Wait));
  CHECK_MESSAGE(process.exit_code() == 0, application->said());
}

TEST_CASE("killed at every edge of a commit, run gives each alert once") {
  WITH_BROKER(broker);
  Application application(broker);
  for (const char* point : {"before-commit:2", "after-commit:3", "before-send:5",
                            "before-checkpoint:3", "after-checkpoint:2"}) {
    application.Pay(30);
    Process process(application.config(), application.log(), point);
    CHECK_MESSAGE(Await([&] { return process.Ended(); },
                        [&] {
                          application.Pay(1);
                          Wait();
                        }),
                  point);
    CHECK_MESSAGE(process.WasKilled(), application.said());
  }
  RunToEnd(&application);
  application.CheckAlerts();
}

TEST_CASE("without its folder an instance goes on from the changelog") {
  WITH_BROKER(broker);
  Application application(broker, ", changelog: on");
  application.Pay(30);
  for (int round = 0; round < 2; ++round) {
    Process process(application.config(), application.log(), "after-checkpoint:6");
    CHECK(Await([&] { return process.Ended(); },
                [&] {
                  application.Pay(1);
                  Wait();
                }));
    std::filesystem::remove_all(application.folder().path() / "state");
  }
  RunToEnd(&application);
  application.CheckAlerts();
}

TEST_CASE("changed rules take effect at once, and files with mistakes change nothing") {
  WITH_BROKER(broker);
  Application application(broker);
  application.Pay(3);
  Process process(application.config(), application.log(), "");
  const auto says = [&](const std::string& text) {
    return Await([&] { return application.said().find(text) != std::string::npos; }, Wait);
  };
  CHECK(says("ready"));
  application.folder().Write("rules.yaml", "rules:\n  - id: broken\n");
  CHECK(says("the old rules stay"));
  application.SetLimit(99);  // The same payments are above it.
  CHECK(says("1 rules from now on"));
  application.Pay(30);
  application.Close();
  CHECK(Await([&] { return application.AllThere(); }, Wait));
  application.CheckAlerts();
}

TEST_CASE("what is missing is named, with an exit code") {
  WITH_BROKER(broker);
  struct Row {
    const char* replace;
    const char* by;
    int exit_code;
    const char* says;
  };
  const Row rows[] = {
      {"topic: ", "topic: not-there-", 78, "not-there-"},
      {"    partitioned_by: card\n", "", 78, "partitioned_by"},
      {"session.timeout.ms", "sesion.timeout.ms", 78, "session.timeout.ms"},
  };
  for (const Row& row : rows) {
    Application application(broker);
    std::ostringstream text;
    text << std::ifstream(application.config()).rdbuf();
    std::string config = text.str();
    config.replace(config.find(row.replace), std::string(row.replace).size(), row.by);
    application.folder().Write("shrike.yaml", config);
    Process process(application.config(), application.log(), "");
    CHECK(Await([&] { return process.Ended(); }, Wait));
    CHECK_MESSAGE(process.exit_code() == row.exit_code, application.said());
    CHECK_MESSAGE(application.said().find(row.says) != std::string::npos, application.said());
  }
}

}  // namespace
}  // namespace shrike::testing
