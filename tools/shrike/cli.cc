#include "tools/shrike/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <string_view>

#include "base/suggest.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/terminal.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

constexpr std::string_view kVerbs[] = {"check",  "test", "fmt", "explain",
                                       "replay", "demo", "run", "state"};
constexpr std::string_view kVerbsToCome[] = {"tap", "top",    "savepoint", "rules",
                                             "new", "schema", "import"};

struct OptionToCome {
  std::string_view verb, option;
};
constexpr OptionToCome kOptionsToCome[] = {
    {"test", "--coverage"}, {"test", "--mutate"}, {"explain", "--svg"},     {"replay", "--topic"},
    {"replay", "--from"},   {"replay", "--to"},   {"replay", "--baseline"}, {"replay", "--label"}};

constexpr std::string_view kDescription =
    "Shrike: complex event processing for fraud and security.\n"
    "Rules in YAML, with a pattern language, over streams of events.\n";

constexpr std::string_view kFooter =
    "\nExit codes: 0 good, 1 findings (rule errors, failed tests, a difference), 2 usage,\n"
    "3 a file cannot be read or written, 4 state corrupt, 70 internal, 78 configuration.\n"
    "Start with `shrike demo`; `shrike VERB --help` explains a verb.";

// Help within 100 columns: CLI11 does not break lines itself.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(kColumn); }

  std::string make_option_desc(const CLI::Option* option) const override {
    return Wrap(option->get_description());
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    // Without the "..." and "REQUIRED" that CLI11 adds: the descriptions say it.
    return option->get_type_name().empty() ? "" : " " + option->get_type_name();
  }
  std::string make_subcommand(const CLI::App* verb) const override {
    std::ostringstream out;
    CLI::detail::format_help(out, verb->get_name(), Wrap(verb->get_description()), kColumn);
    return out.str();
  }

 private:
  static constexpr std::size_t kColumn = 30;
  static constexpr std::size_t kLine = 68;

  static std::string Wrap(const std::string& text) {
    std::string out;
    std::size_t used = 0;
    std::istringstream words(text);
    for (std::string word; words >> word; used += word.size()) {
      if (used > 0 && used + 1 + word.size() > kLine) {
        out += '\n';
        used = 0;
      } else if (used > 0) {
        out += ' ';
        ++used;
      }
      out += word;
    }
    return out;
  }
};

// What the arguments ask for that later versions have, or empty.
std::string AsksForMore(const std::vector<std::string_view>& arguments) {
  if (arguments.empty()) {
    return "";
  }
  const std::string_view verb = arguments[0];
  if (std::find(std::begin(kVerbsToCome), std::end(kVerbsToCome), verb) != std::end(kVerbsToCome)) {
    return "`" + std::string(verb) + "`";
  }
  for (const OptionToCome& to_come : kOptionsToCome) {
    for (const std::string_view argument : arguments) {
      if (verb == to_come.verb && argument.substr(0, argument.find('=')) == to_come.option) {
        return "`" + std::string(verb) + " " + std::string(to_come.option) + "`";
      }
    }
  }
  return "";
}

int UsageError(const Session& session, const std::string& message) {
  session.err() << "shrike: " << EscapeTerminalLines(message) << "\n";
  return kExitUsage;
}

// A first word that is no verb.
std::string UnknownVerb(const std::vector<std::string_view>& arguments) {
  if (arguments.empty() || arguments[0].starts_with("-") ||
      std::find(std::begin(kVerbs), std::end(kVerbs), arguments[0]) != std::end(kVerbs)) {
    return "";
  }
  const std::vector<std::string_view> verbs(std::begin(kVerbs), std::end(kVerbs));
  const std::string suggestion = DidYouMean(arguments[0], verbs);
  return "unknown verb `" + std::string(arguments[0]) + "`" +
         (suggestion.empty() ? "; `shrike --help` lists them" : "; " + suggestion);
}

int Parse(int argc, const char* const* argv, CLI::App* root, Session* session) {
  try {
    root->parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    // The help of the verb that was chosen, else of all.
    const auto verbs = root->get_subcommands();
    session->out() << (verbs.empty() ? root->help() : verbs.front()->help("shrike"));
    session->out().flush();
    return kExitGood;
  } catch (const CLI::CallForVersion&) {
    session->out() << "shrike " << SHRIKE_VERSION << '\n' << std::flush;
    return kExitGood;
  } catch (const CLI::ParseError& error) {
    const auto verbs = root->get_subcommands();
    const std::string verb = verbs.empty() ? "" : verbs.front()->get_name() + " ";
    return UsageError(*session, std::string(error.what()) + "\nTry `shrike " + verb + "--help`.");
  }
  return -1;
}

int Run(int argc, const char* const* argv, Session* session) {
  const std::vector<std::string_view> arguments(argv + std::min(argc, 1), argv + argc);
  if (const std::string more = AsksForMore(arguments); !more.empty()) {
    return UsageError(*session, more + " is not yet supported by this version");
  }
  if (const std::string message = UnknownVerb(arguments); !message.empty()) {
    return UsageError(*session, message);
  }
  CLI::App root{std::string(kDescription), "shrike"};
  root.formatter(std::make_shared<HelpFormatter>());
  root.footer(std::string(kFooter));
  root.require_subcommand(1);
  root.set_version_flag("--version", SHRIKE_VERSION, "Print the version");
  AddCheck(&root, session);
  AddTest(&root, session);
  AddFmt(&root, session);
  AddExplain(&root, session);
  AddReplay(&root, session);
  AddDemo(&root, session);
  AddRun(&root, session);
  AddState(&root, session);
  if (arguments.empty()) {
    session->err() << root.help();
    return kExitUsage;
  }
  const int parsed = Parse(argc, argv, &root, session);
  if (parsed >= 0) {
    return parsed;
  }
  const int code = session->run();
  session->out().flush();
  // A reader that went away (`| head`) wants no message.
  return session->out() ? code : kExitIo;
}

}  // namespace

void AddCommonOptions(const std::vector<std::string>& formats, CLI::App* verb, Session* session) {
  CommonOptions& common = session->common;
  verb->add_option(
          "-c,--config", common.config,
          "Configuration. Default: the nearest shrike.yaml in the folder of the first PATH "
          "or above it, else in the current folder")
      ->type_name("FILE");
  std::string names;
  for (const std::string& name : formats) {
    names += (names.empty() ? "" : "|") + name;
  }
  verb->add_option("--format", common.format,
                   "How results are written (default " + formats[0] + ")")
      ->type_name(names)
      ->check(CLI::IsMember(formats).description(""));
  verb->add_option("--color", common.color,
                   "Colours: auto (on a terminal, unless NO_COLOR is set), always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""));
}

void AddPaths(CLI::App* verb, Session* session) {
  verb->add_option(
          "PATH", session->common.paths,
          "Rule files, or folders with *.yaml. Default: `rules.paths` of the configuration")
      ->type_name("");
}

int Session::Report(const Error& error) const {
  err() << Paint("error", Color::kRed, err_color()) << ": " << EscapeTerminalLines(error.message)
        << '\n'
        << std::flush;
  return ExitCode(error.code);
}

int Main(int argc, const char* const* argv, const Streams& streams) {
  Session session;
  session.streams = streams;
  try {
    return Run(argc, argv, &session);
  } catch (const std::bad_alloc&) {
    session.err() << "shrike: out of memory\n" << std::flush;
  } catch (const std::exception& error) {
    session.err() << "shrike: internal error: " << EscapeTerminal(error.what()) << '\n'
                  << std::flush;
  }
  return kExitInternal;
}

}  // namespace shrike::tools
