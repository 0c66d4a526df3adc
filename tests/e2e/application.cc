#include "tests/e2e/application.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/check.h"

namespace shrike::testing {
namespace {

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

}  // namespace

CommandResult RunCommand(const std::string& command) {
  CommandResult result;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  SHRIKE_CHECK(pipe != nullptr);
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) result.output += buffer.data();
  const int status = pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

void Wait() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

Application::Application(const Broker& broker, Options options)
    : broker_(broker),
      name_(broker.NewName("run")),
      topic_(broker.NewTopic("payments", kPartitions)),
      alerts_(broker.NewTopic("alerts", 1)),
      states_(options.state_path.empty() ? folder_.path().string() : options.state_path) {
  for (const char* instance : {"one", "two"}) Configure(instance, options);
  SetLimit(100);
}

void Application::Configure(const std::string& instance, const Options& options) const {
  folder_.Write(instance + ".yaml", fmt::format(R"(
application: {0}
kafka: {{ bootstrap.servers: "{1}", session.timeout.ms: "2000", heartbeat.interval.ms: "300"{2} }}
streams:
  payments:
    topic: {3}
    time: {{ field: ts, unit: ms, out_of_order: 5ms }}
    partitioned_by: card
    fields: {{ card: string, amount: int, n: int }}
rules: {{ paths: [rules.yaml] }}
alerts: {{ topic: {4}, shadow: {0}-shadow, late: {0}-late, dead_letter: {0}-dead }}
state: {{ path: {5}, commit_interval: 20ms, checkpoint_interval: 60ms{6} }}
threads: 1
)",
                                                name_, broker_.bootstrap(), options.kafka, topic_,
                                                alerts_, state_path(instance), options.state));
}

void Application::SetLimit(int limit) {
  folder_.Write("rules.yaml", fmt::format(R"(
rules:
  - id: large
    version: 1
    pattern: |
      from payments by card
      payments[amount > {}]
    alert: {{ message: "{{card}} {{n}}" }}
  - id: quiet
    version: 1
    pattern: |
      from payments by card
      a: payments[amount > 100]
      then within 100ms not payments[n % 5 == 0]
    alert: {{ message: "{{card}}: no fifth after {{a.n}}" }}
  - id: spends
    version: 1
    suppress: {{ for: 300ms, by: [card] }}
    pattern: |
      from payments by card
      payments[sum(payments.amount over 200ms) > 500]
    alert: {{ message: "{{card}} spends" }}
)",
                                          limit));
}

void Application::Edit(const std::string& instance, std::string_view from, std::string_view to) {
  std::string text = TextOf(config(instance));
  const std::size_t at = text.find(from);
  SHRIKE_CHECK(at != std::string::npos);
  folder_.Write(instance + ".yaml", text.replace(at, from.size(), to));
}

void Application::Pay(int count) {
  for (int partition = 0; partition < kPartitions; ++partition) {
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i) {
      const int n = next_++;
      values.push_back(fmt::format(R"({{"ts":{},"card":"c{}-{}","amount":{},"n":{}}})",
                                   1'700'000'000'000 + 10 * n, partition, n % 2,
                                   n % 3 == 0 ? 150 : 50, n));
    }
    broker_.Write(topic_, partition, values);
  }
}

void Application::Close() {
  next_ += 100;
  for (int partition = 0; partition < kPartitions; ++partition) {
    broker_.Write(topic_, partition,
                  {fmt::format(R"({{"ts":{},"card":"end-{}","amount":1,"n":0}})",
                               1'700'000'000'000 + 10 * next_, partition)});
  }
}

std::map<std::string, int> Application::Alerts() const {
  std::map<std::string, int> alerts;
  for (const TopicRecord& record : broker_.ReadNow(alerts_, 1)) ++alerts[*record.value];
  return alerts;
}

std::map<std::string, int> Application::Expected() const {
  // Files of one name are the partitions of one topic.
  std::string files;
  std::vector<std::string> lines(kPartitions);
  for (const TopicRecord& record : broker_.Read(topic_, kPartitions))
    lines[static_cast<std::size_t>(record.partition)] += *record.value + "\n";
  for (std::size_t partition = 0; partition < lines.size(); ++partition) {
    const std::string name = fmt::format("input/{}/{}", partition, topic_);
    files += " --file '" + folder_.Write(name, lines[partition]).string() + "'";
  }
  const std::string out = (folder_.path() / "expected").string();
  const CommandResult replay = RunCommand(fmt::format(
      "'{}' replay -c '{}'{} --out '{}' --at-end hold", SHRIKE_BINARY, config(), files, out));
  REQUIRE_MESSAGE(replay.code == 0, replay.output);
  std::map<std::string, int> alerts;
  std::ifstream file(out);
  for (std::string line; std::getline(file, line);) ++alerts[line];
  return alerts;
}

void Application::CheckAlerts() const {
  const std::map<std::string, int> expected = Expected();
  CHECK_FALSE(expected.empty());
  CHECK_MESSAGE(Await([&] { return Alerts().size() >= expected.size(); }, Wait), said());
  const std::map<std::string, int> alerts = Alerts();
  for (const auto& [line, count] : expected) {
    const auto found = alerts.find(line);
    CHECK_MESSAGE((found != alerts.end() && found->second == count), "lost or doubled: " << line);
  }
  for (const auto& [line, count] : alerts)
    CHECK_MESSAGE(expected.contains(line), "not expected: " << line);
}

std::string Application::config(const std::string& instance) const {
  return (folder_.path() / (instance + ".yaml")).string();
}
std::string Application::state_path(const std::string& instance) const {
  return states_ + "/state-" + instance;
}
std::string Application::log(const std::string& instance) const {
  return (folder_.path() / (instance + ".log")).string();
}
std::string Application::said(const std::string& instance) const { return TextOf(log(instance)); }

Process::Process(const Application& application, const std::string& instance,
                 const std::string& fail_point)
    : application_(application), instance_(instance), begin_(application.said(instance).size()) {
  pid_ = fork();
  REQUIRE(pid_ >= 0);
  if (pid_ > 0) return;
  if (!fail_point.empty()) setenv("SHRIKE_FAIL_POINT", fail_point.c_str(), 1);
  if (freopen(application.log(instance).c_str(), "a", stderr) == nullptr) _exit(1);
  execl(SHRIKE_BINARY, "shrike", "run", "-c", application.config(instance).c_str(), "--instance",
        instance.c_str(), nullptr);
  _exit(1);
}

Process::~Process() {
  if (Ended()) return;
  Signal(SIGKILL);
  waitpid(pid_, &status_, 0);
}

bool Process::Ended() {
  ended_ = ended_ || waitpid(pid_, &status_, WNOHANG) == pid_;
  return ended_;
}

bool Process::AwaitEnd() {
  return Await([this] { return Ended(); }, Wait);
}

bool Process::AwaitSaid(const std::string& text, int count) {
  const auto has = [&] { return CountOf(said(), text) >= count; };
  return Await([&] { return has() || Ended(); }, Wait) && has();
}

void Process::Signal(int number) const { kill(pid_, number); }

void Process::Stop() {
  Signal(SIGTERM);
  CHECK(AwaitEnd());
  CHECK_MESSAGE(exit_code() == 0, said());
}

bool Process::WasKilled() const { return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL; }
int Process::exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

}  // namespace shrike::testing
