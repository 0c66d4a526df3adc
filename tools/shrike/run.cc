// `shrike run`: the engine, Kafka in, Kafka out.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rules/render.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/rule_bundle.h"
#include "tools/shrike/run_log.h"
#include "tools/shrike/run_setup.h"
#include "tools/shrike/run_thread.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

constexpr auto kLook = std::chrono::milliseconds(50);     // at signals and threads
constexpr auto kReport = std::chrono::seconds(10);        // on what was done
constexpr auto kWatch = std::chrono::milliseconds(1000);  // at rule, list and table files

struct RunVerbOptions {
  std::string instance;
};

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "local";
}

// The running engine: its threads, and the files that it watches.
class Engine {
 public:
  Engine(const Session& session, const RunSetup& setup, std::string instance, RunLog* log)
      : session_(session), setup_(setup), log_(*log) {
    for (int number = 0; number < setup_.config.threads; ++number) {
      threads_.push_back(std::make_unique<RunThread>(
          setup_,
          RunThread::Options{instance, number, [this](const std::string& line) { Log(line); }}));
    }
  }

  int Run() {
    Log(fmt::format("{} rules, {} topics of {} partitions, {} threads, state in {}",
                    setup_.rules->program->rules().size(), setup_.context.topics.size(),
                    setup_.context.partition_count, threads_.size(), setup_.state_path));
    for (auto& thread : threads_) thread->Start();
    auto watched = std::chrono::steady_clock::now();
    auto reported = watched;
    while (!session_.interrupted() && !AnyEnded()) {
      std::this_thread::sleep_for(kLook);
      const auto now = std::chrono::steady_clock::now();
      if (now - reported >= kReport) {
        reported = now;
        ReportWork();
      }
      if (!setup_.config.rules.watch || now - watched < kWatch) continue;
      watched = now;
      LookAtFiles();
    }
    for (auto& thread : threads_) thread->AskToStop();
    int code = kExitGood;
    for (auto& thread : threads_) {
      thread->Join();
      if (!thread->result() && code == kExitGood) code = session_.Report(thread->result().error());
    }
    ReportWork();
    Log(code == kExitGood ? "stopped: committed and checkpointed" : "stopped");
    return code;
  }

 private:
  bool AnyEnded() const {
    for (const auto& thread : threads_) {
      if (thread->ended()) return true;
    }
    return false;
  }

  // A line for each thread that has read something since the last time.
  void ReportWork() {
    reported_.resize(threads_.size());
    for (std::size_t number = 0; number < threads_.size(); ++number) {
      const RunStats& stats = threads_[number]->stats();
      if (stats.records() == reported_[number]) continue;
      reported_[number] = stats.records();
      Log(fmt::format("thread {}: {}", number, stats.Line()));
    }
  }

  // All or nothing: with a mistake in them the old rules, lists and tables stay.
  void LookAtFiles() {
    const auto bundle = LoadBundle(session_.common);
    if (!bundle) return Refuse(bundle.error().message);
    std::string text = WriteBundle(bundle->bundle);
    if (text == seen_) return;
    const bool first = seen_.empty();
    seen_ = std::move(text);
    if (first && seen_ == setup_.rules->text) return;
    if (bundle->loaded.config_errors + bundle->loaded.rule_errors > 0) {
      PrintErrors(session_, bundle->loaded.diagnostics);
      return Refuse("there are mistakes in them");
    }
    if (engine::StreamFingerprint(bundle->loaded.config->catalog) != setup_.context.fingerprint)
      return Refuse("the streams have changed; that needs a restart");
    const auto rules = MakeRuleSet(*bundle);
    if (!rules) return Refuse(rules.error().message);
    refused_.clear();
    Log(fmt::format("rules, lists or tables have changed: {} rules from now on",
                    (*rules)->program->rules().size()));
    for (auto& thread : threads_) thread->SetRules(*rules);
  }

  void Refuse(const std::string& reason) {
    if (reason == refused_) return;
    refused_ = reason;
    Log("the files have changed, the old rules stay: " + reason);
  }

  void Log(const std::string& line) { log_.Line(line); }

  const Session& session_;
  const RunSetup& setup_;
  RunLog& log_;
  std::vector<std::unique_ptr<RunThread>> threads_;
  std::string seen_;                    // the bundle's text at the last look
  std::vector<std::int64_t> reported_;  // [threads]: records at the last report
  std::string refused_;                 // why the files were refused
};

int Run(const Session& session, const RunVerbOptions& options) {
  auto setup = PrepareRun(session);
  if (!setup) return setup.error();
  RunLog log(&session.err(), [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  });
  setup->client.log = [&log](int level, std::string_view line) { log.ClientLine(level, line); };
  if (const auto topics = PrepareTopics(&*setup); !topics) return session.Report(topics.error());
  const std::string instance = options.instance.empty() ? HostName() : options.instance;
  return Engine(session, *setup, instance, &log).Run();
}

}  // namespace

void AddRun(CLI::App* root, Session* session) {
  CLI::App* verb = root->add_subcommand(
      "run", "The engine: events from Kafka, alerts to Kafka, each exactly once");
  verb->footer(
      "\nReads the topics of the configuration's streams and writes alerts, late events and dead\n"
      "letters to its `alerts` topics, in one transaction with the offsets. Missing output topics\n"
      "are created. State lies in `state.path`. Rule, list and table files are watched: a change\n"
      "without mistakes takes effect at once (`rules.watch`). Ctrl-C or SIGTERM stops it "
      "gracefully;\n"
      "after a kill the next start goes on where the last commit was.\n\n"
      "Example:\n"
      "  shrike run -c shrike.yaml");
  auto options = std::make_shared<RunVerbOptions>();
  verb->add_option("--instance", options->instance,
                   "Name of this process among those of the application, the same after a restart "
                   "(default: the host's name)")
      ->type_name("NAME");
  AddPaths(verb, session);
  AddCommonOptions({"human"}, verb, session);
  verb->callback([session, options] {
    session->run = [session, options] { return Run(*session, *options); };
  });
}

}  // namespace shrike::tools
