// `shrike replay`: files through the rules.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/suggest.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/replay_run.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

struct ReplayOptions {
  std::vector<std::string> streams;  // as parsed; `inputs` has their order among the files
  std::vector<std::string> files;
  struct Input {
    std::string stream;  // empty: no --stream before it
    std::string file;
  };
  std::vector<Input> inputs;
  ReplayOutputs outputs;
  int threads = 1;
  std::string at_end = "flush";
};

// Which stream each file belongs to: CLI11 keeps the values of each option, and the order of all arguments.
void Associate(const CLI::App& verb, const CLI::Option* stream, const CLI::Option* file,
               ReplayOptions* options) {
  std::size_t streams = 0;
  std::size_t files = 0;
  for (const CLI::Option* option : verb.parse_order()) {
    if (option == stream) {
      ++streams;
    } else if (option == file) {
      options->inputs.push_back(
          {streams == 0 ? "" : options->streams.at(streams - 1), options->files.at(files++)});
    }
  }
}

Result<engine::AtEnd> ParseAtEnd(const std::string& text) {
  if (text == "flush") {
    return engine::AtEnd{};
  }
  if (text == "hold") {
    return engine::AtEnd{engine::AtEnd::Kind::kHold, 0};
  }
  if (const auto time = ParseRfc3339(text)) {
    return engine::AtEnd{engine::AtEnd::Kind::kTime, *time};
  }
  TimestampMs time = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), time);
  if (end.ec == std::errc() && end.ptr == text.data() + text.size() && time >= kTimestampMsMin &&
      time <= kTimestampMsMax) {
    return engine::AtEnd{engine::AtEnd::Kind::kTime, time};
  }
  return Fail(ErrorCode::kUsage,
              "--at-end " + text + ": neither flush nor hold nor a time (ms or RFC 3339)");
}

std::string StreamNames(const Catalog& catalog) {
  std::string names;
  for (const StreamSchema& stream : catalog.streams) {
    names += (names.empty() ? "" : ", ") + stream.name;
  }
  return names;
}

Result<int> FindStream(const Catalog& catalog, const std::string& name) {
  if (name.empty()) {
    // Files hold what comes from outside.
    const auto outside = [](const StreamSchema& stream) { return !stream.derived; };
    const auto first = std::find_if(catalog.streams.begin(), catalog.streams.end(), outside);
    if (std::count_if(catalog.streams.begin(), catalog.streams.end(), outside) == 1) {
      return static_cast<int>(first - catalog.streams.begin());
    }
    return Fail(ErrorCode::kUsage,
                "the configuration has several streams: write --stream NAME "
                "before --file (" +
                    StreamNames(catalog) + ")");
  }
  const int stream = catalog.StreamIndex(name);
  if (stream >= 0) {
    return stream;
  }
  std::vector<std::string_view> names;
  for (const StreamSchema& each : catalog.streams) {
    names.push_back(each.name);
  }
  const std::string suggestion = DidYouMean(name, names);
  return Fail(ErrorCode::kUsage,
              "the configuration has no stream `" + name + "`; " +
                  (suggestion.empty() ? "it has " + StreamNames(catalog) : suggestion));
}

Result<std::vector<ReplayInput>> ResolveInputs(const ReplayOptions& options,
                                               const Catalog& catalog) {
  std::vector<ReplayInput> inputs;
  for (const ReplayOptions::Input& input : options.inputs) {
    SHRIKE_TRY(const int stream, FindStream(catalog, input.stream));
    inputs.push_back({stream, input.file});
  }
  const auto stdin_count = std::count(options.files.begin(), options.files.end(), "-");
  if (stdin_count > 1) {
    return Fail(ErrorCode::kUsage, "--file - (standard input) may be given only once");
  }
  return inputs;
}

int Replay(const Session& session, const ReplayOptions& options) {
  if (options.threads != 1) {
    return session.Report({ErrorCode::kUsage, "--threads other than 1 is not yet supported"});
  }
  const auto at_end = ParseAtEnd(options.at_end);
  if (!at_end) {
    return session.Report(at_end.error());
  }
  const auto loaded = LoadOrReport(session);
  if (!loaded) {
    return loaded.error();
  }
  const auto inputs = ResolveInputs(options, loaded->config->catalog);
  if (!inputs) {
    return session.Report(inputs.error());
  }
  ReplayRun run(session, *loaded);
  if (const auto opened = run.Open(*inputs, options.outputs); !opened) {
    return session.Report(opened.error());
  }
  if (const auto ran = run.Run(*at_end); !ran) {
    // A reader that went away (`| head`) wants no message.
    return session.out() ? session.Report(ran.error()) : kExitIo;
  }
  run.PrintSummary();
  return run.interrupted() ? kExitInterrupted : kExitGood;
}

}  // namespace

void AddReplay(CLI::App* root, Session* session) {
  CLI::App* verb =
      root->add_subcommand("replay", "Run files of past events through the rules, at full speed");
  verb->footer(
      "\nA file holds one JSON object a line, plain or compressed (.zst); - is standard input. "
      "Events\n"
      "are taken in event time, with the streams' `out_of_order`; files are merged. Alerts go to\n"
      "stdout, one line of JSON each, in order of completion; twice the same input gives the same\n"
      "bytes. Late events and dead letters are counted, and the first 20 shown. A summary closes "
      "on\n"
      "stderr. Exit codes: 0 done, 1 errors in rules, 3 a file cannot be read or written, 78 "
      "errors\n"
      "in the configuration, 130 interrupted.\n\n"
      "Examples:\n"
      "  shrike replay --rules rules/ --stream payments --file april.jsonl.zst may.jsonl.zst\n"
      "  zcat events.gz | shrike replay -c shrike.yaml --stream payments --file - --out "
      "alerts.jsonl");
  auto options = std::make_shared<ReplayOptions>();
  verb->add_option("--rules", session->common.paths,
                   "Rule files or folders. Default: `rules.paths` of the configuration")
      ->type_name("PATH");
  CLI::Option* stream =
      verb->add_option("--stream", options->streams,
                       "The stream that the --file options after it belong to. May be left out if "
                       "the configuration has one stream")
          ->type_name("NAME")
          ->allow_extra_args(false);
  CLI::Option* file = verb->add_option("--file", options->files, "Files of JSON lines, or -")
                          ->type_name("FILE")
                          ->required();
  verb->add_option("--out", options->outputs.alerts, "Write alerts to this file")
      ->type_name("FILE");
  verb->add_option(
          "--shadow", options->outputs.shadow,
          "Write the alerts of rules in mode shadow to this file; default: only count them")
      ->type_name("FILE");
  verb->add_option("--emitted", options->outputs.emitted,
                   "Write the events that rules emit to this file, one line of JSON each; default: "
                   "only count them")
      ->type_name("FILE");
  verb->add_option("--late", options->outputs.late,
                   "Write late events to this file, one line of JSON each")
      ->type_name("FILE");
  verb->add_option("--dead-letter", options->outputs.dead_letter,
                   "Write records that are no events to this file, with place and reason")
      ->type_name("FILE");
  verb->add_option("--threads", options->threads, "Threads (default 1, the only number so far)")
      ->type_name("N");
  verb->add_option("--at-end", options->at_end,
                   "After the last event: flush (default) lets every deadline fire, hold none, a "
                   "time (ms or RFC 3339) those up to it")
      ->type_name("flush|hold|TIME");
  AddCommonOptions({"human", "json"}, verb, session);
  verb->callback([=] {
    Associate(*verb, stream, file, options.get());
    session->run = [session, options] { return Replay(*session, *options); };
  });
}

}  // namespace shrike::tools
