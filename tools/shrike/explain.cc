// `shrike explain`: the automaton of a rule, or what a diagnostic code means.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <vector>

#include "base/suggest.h"
#include "config/codes.h"
#include "rules/codes.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/explain_graph.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/terminal.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

struct ExplainOptions {
  std::string subject;
  bool dot = false;
  bool json = false;
};

// E0203, w0301
bool IsCode(const std::string& text) {
  return text.size() == 5 && (std::toupper(text[0]) == 'E' || std::toupper(text[0]) == 'W') &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

const CodeInfo* FindAnyCode(std::string code) {
  code[0] = static_cast<char>(std::toupper(code[0]));
  for (const CodeInfo& info : config::ConfigCodes()) {
    if (info.code == code) {
      return &info;
    }
  }
  return rules::FindCode(code);
}

int ExplainCode(const Session& session, const std::string& code) {
  const CodeInfo* info = FindAnyCode(code);
  if (info == nullptr) {
    return session.Report({ErrorCode::kUsage, "there is no code " + code});
  }
  session.out() << Paint(std::string(info->code) + ": " + std::string(info->title), Color::kBold,
                         session.out_color())
                << "\n\n"
                << info->explanation << '\n'
                << std::flush;
  return kExitGood;
}

int Explain(const Session& session, const ExplainOptions& options) {
  if (IsCode(options.subject)) {
    return ExplainCode(session, options.subject);
  }
  const auto loaded = LoadOrReport(session);
  if (!loaded) {
    return loaded.error();
  }
  // Rules in mode off are explained too: nothing is run here.
  const auto program =
      nfa::Program::Build(loaded->checked.spec, loaded->config->catalog, loaded->config->limits);
  if (!program) {
    return session.Report(program.error());
  }
  const std::vector<nfa::RuleSpec>& rules = (*program)->rules();
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const nfa::RuleSpec& each) {
    return each.id == options.subject;
  });
  if (rule == rules.end()) {
    std::vector<std::string_view> ids;
    for (const nfa::RuleSpec& each : rules) {
      ids.push_back(each.id);
    }
    const std::string suggestion = DidYouMean(options.subject, ids);
    return session.Report({ErrorCode::kUsage, "there is no rule `" + options.subject + "`" +
                                                  (suggestion.empty() ? "" : "; " + suggestion)});
  }
  ExplainedRule explained =
      ExplainRule(**program, loaded->config->catalog, static_cast<int>(rule - rules.begin()));
  explained.state = StateOf(loaded->checked.spec, static_cast<std::size_t>(rule - rules.begin()),
                            loaded->config->catalog, loaded->config->limits);
  std::string text;
  if (options.dot) {
    AppendExplainDot(explained, &text);
  } else if (options.json || session.common.format == "json") {
    AppendExplainJson(explained, &text);
  } else {
    AppendExplainText(explained, session.out_color(), &text);
  }
  session.out() << text << std::flush;
  return kExitGood;
}

}  // namespace

void AddExplain(CLI::App* root, Session* session) {
  CLI::App* verb = root->add_subcommand(
      "explain", "Show the automaton that a rule compiles to, or what a code such as E0203 means");
  verb->footer(
      "\nA state is the place right after an event was bound. An edge shows the link, its bounds, "
      "what\n"
      "it asks of a loop's count, and in brackets the predicate that lets an event pass; "
      "predicates\n"
      "are tests of one event alone, numbered over all rules loaded, and shared between them. What "
      "a key's\n"
      "state holds at most is shown last: runs and windows.\n\n"
      "Examples:\n"
      "  shrike explain card-testing rules/\n"
      "  shrike explain card-testing rules/ --dot | dot -Tsvg > card-testing.svg\n"
      "  shrike explain E0203");
  auto options = std::make_shared<ExplainOptions>();
  verb->add_option("RULE", options->subject, "A rule's id, or a diagnostic code")
      ->type_name("")
      ->required();
  AddPaths(verb, session);
  auto* dot = verb->add_flag("--dot", options->dot, "As a Graphviz graph");
  verb->add_flag("--json", options->json, "As JSON")->excludes(dot);
  AddCommonOptions({"human", "json"}, verb, session);
  verb->callback([session, options] {
    session->run = [session, options] { return Explain(*session, *options); };
  });
}

}  // namespace shrike::tools
