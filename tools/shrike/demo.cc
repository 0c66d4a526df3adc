// `shrike demo`: generated card traffic with fraud stories through the engine, and what it tells.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "nfa/program.h"
#include "tools/shrike/demo_folder.h"
#include "tools/shrike/demo_generator.h"
#include "tools/shrike/demo_run.h"
#include "tools/shrike/embedded_pack.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/files.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/rule_bundle.h"
#include "tools/shrike/terminal.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

constexpr std::int64_t kEventsPerTurn = 1000;  // between two looks at Ctrl-C and the output

struct DemoVerbOptions {
  DemoOptions generator;
  std::string folder = "shrike-demo";
  bool generate_only = false;
};

Color SeverityColor(std::string_view severity) {
  if (severity == "critical" || severity == "high") return Color::kRed;
  return severity == "medium" ? Color::kYellow : Color::kCyan;
}

int GenerateOnly(const Session& session, const DemoOptions& options) {
  DemoGenerator generator(options);
  std::string lines;
  bool more = true;
  while (more && session.out() && !session.interrupted()) {
    lines.clear();
    for (std::int64_t event = 0; event < kEventsPerTurn && more; ++event) {
      more = generator.Next(&lines);
      if (more) {
        lines.push_back('\n');
      }
    }
    session.out() << lines;
  }
  return session.interrupted() ? kExitInterrupted : kExitGood;
}

LoadedBundle LoadPack() {
  LoadedBundle bundle;
  for (const EmbeddedFile& file : CardFraudPack()) {
    TextFile text{std::string(file.path), std::string(file.text)};
    if (file.path.ends_with(kConfigName)) {
      bundle.bundle.config = std::move(text);
    } else {
      bundle.bundle.rules.push_back(std::move(text));
    }
  }
  bundle.loaded = LoadTexts(bundle.bundle.config, bundle.bundle.rules);
  return bundle;
}

// What the demo tells people.
class DemoReport {
 public:
  // Borrowed. program: of the rules that run.
  DemoReport(const Session& session, const nfa::Program& program, const DemoOptions& options)
      : session_(session),
        program_(program),
        options_(options),
        json_(session.common.format == "json"),
        color_(session.out_color()) {
    for (const nfa::RuleSpec& rule : program_.rules()) counts_[rule.id] = 0;
  }

  void Introduce(const DemoRun& run, const std::string& folder) const {
    if (json_) return;
    std::ostream& out = session_.out();
    out << Paint("Shrike finds patterns in streams of events.", Color::kBold, color_)
        << fmt::format(
               "\n\n"
               "This demo makes up a bank's card traffic: payments, refunds, logins of {} "
               "users, with stories\nof fraud hidden in it. {} JSON events (seed {}) go through a "
               "log in this process, and the engine\nmatches them against {} rules as it would on "
               "Kafka: transactions, checkpoints, all in the folder\n{}. Kill it and start it "
               "again: "
               "it goes on, and every alert is there once.\nEach line below is an alert: when, how "
               "severe, which rule, and what it found.\n\n",
               FormatCount(options_.users), FormatCount(options_.events), options_.seed,
               program_.rules().size(), EscapeTerminal(folder));
    if (run.events_before() > 0) {
      out << fmt::format("{} events were in the log already. The alerts of before come first.\n\n",
                         FormatCount(run.events_before()));
    }
  }

  // False: nobody reads any more.
  bool Alert(std::string_view text) {
    const nlohmann::json alert = nlohmann::json::parse(text);  // Our own encoder's.
    const nlohmann::json& data = alert.at("data");
    const auto rule = data.at("rule").at("id").get<std::string>();
    ++counts_[rule];
    if (json_) {
      session_.out() << text << '\n';
      return session_.out().good();
    }
    const auto severity = data.at("rule").at("severity").get<std::string>();
    const auto message = data.value("message", std::string());
    // 2024-01-01T00:03:12.345Z without the fraction.
    const auto time = alert.at("time").get<std::string>().substr(0, 19);
    session_.out() << Paint(time, Color::kDim, color_) << "  "
                   << Paint(fmt::format("{:<8}", severity), SeverityColor(severity), color_) << "  "
                   << Paint(fmt::format("{:<24}", EscapeTerminal(rule)), Color::kBold, color_)
                   << "  " << EscapeTerminal(message) << '\n';
    return session_.out().good();
  }

  void Summarize(const DemoRun& run, double seconds) const {
    if (json_) return;
    std::ostream& out = session_.out();
    out << '\n' << Paint("Stories hidden in the traffic", Color::kBold, color_) << '\n';
    for (int story = 1; story < kDemoStoryCount; ++story) {
      const auto kind = static_cast<DemoStory>(story);
      out << fmt::format("  {:<22} {:>6}   {}\n", DemoStoryName(kind),
                         run.generator().stories()[static_cast<std::size_t>(story)],
                         DemoStoryDescription(kind));
    }
    out << '\n' << Paint("Alerts by rule", Color::kBold, color_) << '\n';
    std::size_t width = 0;
    std::int64_t total = 0;
    for (const nfa::RuleSpec& spec : program_.rules()) width = std::max(width, spec.id.size());
    for (const nfa::RuleSpec& spec : program_.rules()) {
      const std::int64_t count = counts_.at(spec.id);
      out << fmt::format("  {:<{}} {:>6}   {}\n", EscapeTerminal(spec.id), width, count,
                         EscapeTerminal(spec.alert.title));
      total += count;
    }
    const std::int64_t events = run.events() - run.events_before();
    const double rate = seconds > 0 ? static_cast<double>(events) / seconds : 0;
    out << fmt::format(
        "\n{} events in {:.2f} s ({} a second, making them up included), {} alerts, {} late, {} "
        "dead letters.\n",
        FormatCount(events), seconds, FormatCount(static_cast<std::int64_t>(rate)),
        FormatCount(total), FormatCount(run.late()), FormatCount(run.dead_letters()));
    if (run.finished()) {
      out << "The rules are in rules/packs/card-fraud. Next:\n"
             "  shrike test rules/packs/card-fraud\n"
             "  shrike explain card-testing rules/packs/card-fraud\n";
    } else {
      out << "Stopped. The same command goes on.\n";
    }
    out << std::flush;
  }

 private:
  const Session& session_;
  const nfa::Program& program_;
  DemoOptions options_;
  bool json_;
  bool color_;
  std::map<std::string, std::int64_t> counts_;  // by rule
};

// The rules of the options; the built-in ones if they name none. Mistakes are shown.
tl::expected<LoadedBundle, int> LoadDemoRules(const Session& session) {
  LoadedBundle bundle;
  if (session.common.config.empty() && session.common.paths.empty()) {
    bundle = LoadPack();
  } else {
    auto own = LoadBundle(session.common);
    if (!own) return tl::unexpected<int>(session.Report(own.error()));
    bundle = std::move(*own);
  }
  if (const int code = ReportErrors(session, bundle.loaded); code != kExitGood)
    return tl::unexpected<int>(code);
  return bundle;
}

int Demo(const Session& session, const DemoVerbOptions& options) {
  if (options.generate_only) return GenerateOnly(session, options.generator);
  const auto bundle = LoadDemoRules(session);
  if (!bundle) return bundle.error();
  const auto rules = MakeRuleSet(*bundle);
  if (!rules) return session.Report(rules.error());
  auto folder = DemoFolder::Open(options.folder, options.generator);
  if (!folder) return session.Report(folder.error());
  auto run =
      DemoRun::Open({&*bundle->loaded.config, *rules, options.generator}, std::move(*folder));
  if (!run) return session.Report(run.error());
  DemoReport report(session, *(*rules)->program, options.generator);
  report.Introduce(**run, options.folder);
  const auto start = std::chrono::steady_clock::now();
  const auto done = (*run)->Run([&](std::string_view alert) { return report.Alert(alert); },
                                [&] { return session.interrupted(); });
  if (!done) return session.Report(done.error());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.Summarize(**run, seconds);
  return session.interrupted() ? kExitInterrupted : kExitGood;
}

}  // namespace

void AddDemo(CLI::App* root, Session* session) {
  CLI::App* verb = root->add_subcommand(
      "demo", "Make up card traffic with fraud stories and show the alerts as they come");
  verb->footer(
      "\nNeeds nothing: the rule pack card-fraud is built in, and a log in the process takes "
      "Kafka's\n"
      "place. Events, alerts and state stand in a folder; killed and started again it goes on "
      "there,\n"
      "finished it begins anew. With PATH or -c your own rules run over the same events; their\n"
      "stream must be called `payments`. The same seed gives the same events.\n\n"
      "Examples:\n"
      "  shrike demo\n"
      "  shrike demo --events 2000000 --seed 7\n"
      "  shrike demo --generate-only > events.jsonl");
  auto options = std::make_shared<DemoVerbOptions>();
  verb->add_option("--events", options->generator.events, "How many events (default 200000)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000'000}).description(""));
  verb->add_option("--seed", options->generator.seed, "Other numbers, other traffic (default 1)")
      ->type_name("S");
  verb->add_option("--folder", options->folder, "Where it keeps its log (default ./shrike-demo)")
      ->type_name("DIR");
  verb->add_flag("--generate-only", options->generate_only,
                 "Write the events as JSON lines to stdout, and do nothing else");
  AddPaths(verb, session);
  AddCommonOptions({"human", "json"}, verb, session);
  verb->callback([session, options] {
    session->run = [session, options] { return Demo(*session, *options); };
  });
}

}  // namespace shrike::tools
