// `shrike demo`: generated card traffic with fraud stories, through decode, order, match and alerts.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "engine/pipeline.h"
#include "tools/shrike/demo_generator.h"
#include "tools/shrike/embedded_pack.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/files.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/terminal.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

constexpr std::int64_t kEventsPerTurn = 1000;  // between two looks at Ctrl-C and the output

struct DemoVerbOptions {
  DemoOptions generator;
  bool generate_only = false;
};

Color SeverityColor(nfa::Severity severity) {
  switch (severity) {
    case nfa::Severity::kCritical:
    case nfa::Severity::kHigh:
      return Color::kRed;
    case nfa::Severity::kMedium:
      return Color::kYellow;
    case nfa::Severity::kLow:
    case nfa::Severity::kInfo:
      return Color::kCyan;
  }
  return Color::kCyan;
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

Loaded LoadPack() {
  TextFile config;
  std::vector<TextFile> files;
  for (const EmbeddedFile& file : CardFraudPack()) {
    TextFile text{std::string(file.path), std::string(file.text)};
    if (file.path.ends_with(kConfigName)) {
      config = std::move(text);
    } else {
      files.push_back(std::move(text));
    }
  }
  return LoadTexts(config, std::move(files));
}

class DemoRun {
 public:
  // All borrowed. stream: of the configuration, the one that the generator's events are of.
  DemoRun(const Session& session, const Loaded& loaded, std::shared_ptr<const nfa::Program> program,
          int stream)
      : session_(session),
        program_(std::move(program)),
        encoder_(program_, {loaded.config->application, {"payments"}}),
        alert_counts_(program_->rules().size()),
        pipeline_(
            loaded.config->catalog, program_,
            {[this](const nfa::Outcomes& outcomes) { Take(outcomes); }, {}, {{"payments"}, {}}}) {
    partition_ = pipeline_.AddPartition({stream, 0, 0});
  }

  int Run(const DemoOptions& options) {
    DemoGenerator generator(options);
    json_ = session_.common.format == "json";
    color_ = session_.out_color();
    if (!json_) {
      PrintIntroduction(options);
    }
    const auto start = std::chrono::steady_clock::now();
    const auto fed = FeedAll(&generator);
    if (!fed) {
      return session_.Report(fed.error());
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!json_) {
      PrintSummary(generator, seconds);
    }
    return session_.interrupted() ? kExitInterrupted : kExitGood;
  }

 private:
  Result<void> FeedAll(DemoGenerator* generator) {
    std::string line;
    ingest::RawRecord record;
    while (generator->Next(&line)) {
      record.bytes = line;
      SHRIKE_TRY_VOID(pipeline_.Feed(partition_, record));
      line.clear();
      ++record.position.offset;
      if (record.position.offset % kEventsPerTurn == 0 &&
          (session_.interrupted() || !session_.out())) {
        return {};
      }
    }
    pipeline_.EndPartition(partition_);
    pipeline_.Finish({});
    return {};
  }

  void Take(const nfa::Outcomes& outcomes) {
    for (const nfa::Outcome& outcome : outcomes.items) {
      ++alert_counts_[static_cast<std::size_t>(outcome.rule)];
      text_.clear();
      if (json_) {
        encoder_.AppendAlert(outcomes, outcome, &text_);
        session_.out() << text_ << '\n';
        continue;
      }
      alerts::AppendMessage(*program_, outcomes, outcome, &text_);
      const nfa::RuleSpec& rule = program_->rules()[static_cast<std::size_t>(outcome.rule)];
      const std::string severity(alerts::SeverityName(rule.alert.severity));
      // 2024-01-01T00:03:12.345Z without the fraction.
      session_.out() << Paint(FormatRfc3339(outcome.time).substr(0, 19), Color::kDim, color_)
                     << "  "
                     << Paint(fmt::format("{:<8}", severity), SeverityColor(rule.alert.severity),
                              color_)
                     << "  " << Paint(fmt::format("{:<24}", rule.id), Color::kBold, color_) << "  "
                     << EscapeTerminal(text_) << '\n';
    }
  }

  void PrintIntroduction(const DemoOptions& options) {
    session_.out()
        << Paint("Shrike finds patterns in streams of events.", Color::kBold, color_)
        << fmt::format(
               "\n\n"
               "This demo makes up a bank's card traffic: payments, refunds, logins of {} "
               "users, with stories\nof fraud hidden in it. {} JSON events (seed {}) are "
               "decoded, put in order of their time, and\nmatched against {} rules. Each "
               "line below is an alert: when, how severe, which rule, and what it\nfound.\n\n",
               FormatCount(options.users), FormatCount(options.events), options.seed,
               program_->rules().size());
  }

  void PrintSummary(const DemoGenerator& generator, double seconds) {
    std::ostream& out = session_.out();
    out << '\n' << Paint("Stories hidden in the traffic", Color::kBold, color_) << '\n';
    for (int story = 1; story < kDemoStoryCount; ++story) {
      const auto kind = static_cast<DemoStory>(story);
      out << fmt::format("  {:<22} {:>6}   {}\n", DemoStoryName(kind),
                         generator.stories()[static_cast<std::size_t>(story)],
                         DemoStoryDescription(kind));
    }
    out << '\n' << Paint("Alerts by rule", Color::kBold, color_) << '\n';
    std::int64_t total = 0;
    std::size_t width = 0;
    for (const nfa::RuleSpec& spec : program_->rules()) {
      width = std::max(width, spec.id.size());
    }
    for (std::size_t rule = 0; rule < alert_counts_.size(); ++rule) {
      const nfa::RuleSpec& spec = program_->rules()[rule];
      out << fmt::format("  {:<{}} {:>6}   {}\n", EscapeTerminal(spec.id), width,
                         alert_counts_[rule], EscapeTerminal(spec.alert.title));
      total += alert_counts_[rule];
    }
    const engine::PipelineStats& stats = pipeline_.stats();
    const double rate = seconds > 0 ? static_cast<double>(stats.records) / seconds : 0;
    out << fmt::format(
        "\n{} events in {:.2f} s ({} a second, making them up included), {} alerts, {} late, {} "
        "dead "
        "letters.\n",
        FormatCount(stats.records), seconds, FormatCount(static_cast<std::int64_t>(rate)),
        FormatCount(total), FormatCount(stats.late), FormatCount(stats.dead_letters));
    out << "The rules are in rules/packs/card-fraud. Next:\n"
           "  shrike test rules/packs/card-fraud\n"
           "  shrike explain card-testing rules/packs/card-fraud\n"
        << std::flush;
  }

  const Session& session_;
  std::shared_ptr<const nfa::Program> program_;
  alerts::AlertEncoder encoder_;
  std::vector<std::int64_t> alert_counts_;  // alert_counts_[rules]
  bool json_ = false;
  bool color_ = false;
  int partition_ = 0;
  std::string text_;  // scratch
  engine::Pipeline pipeline_;
};

int Demo(const Session& session, const DemoVerbOptions& options) {
  if (options.generate_only) {
    return GenerateOnly(session, options.generator);
  }
  Loaded loaded;
  if (session.common.config.empty() && session.common.paths.empty()) {
    loaded = LoadPack();
    if (const int code = ReportErrors(session, loaded); code != kExitGood) {
      return code;
    }
  } else {
    auto own = LoadOrReport(session);
    if (!own) {
      return own.error();
    }
    loaded = std::move(*own);
  }
  const auto program = BuildProgram(loaded);
  if (!program) {
    return session.Report(program.error());
  }
  const int stream = loaded.config->catalog.StreamIndex("payments");
  if (stream < 0) {
    return session.Report(
        {ErrorCode::kConfig, loaded.config_path + ": the demo's events are of a stream `payments`, "
                                                  "which it does not declare"});
  }
  return DemoRun(session, loaded, *program, stream).Run(options.generator);
}

}  // namespace

void AddDemo(CLI::App* root, Session* session) {
  CLI::App* verb = root->add_subcommand(
      "demo", "Make up card traffic with fraud stories and show the alerts as they come");
  verb->footer(
      "\nNeeds nothing: the rule pack card-fraud is built in. With PATH or -c your own rules run "
      "over\n"
      "the same events; their stream must be called `payments`. The same seed gives the same "
      "events.\n\n"
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
  verb->add_flag("--generate-only", options->generate_only,
                 "Write the events as JSON lines to stdout, and do nothing else");
  AddPaths(verb, session);
  AddCommonOptions({"human", "json"}, verb, session);
  verb->callback([session, options] {
    session->run = [session, options] { return Demo(*session, *options); };
  });
}

}  // namespace shrike::tools
