// `shrike check`: parse, type-check, lint.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "nfa/graph.h"
#include "rules/render.h"
#include "tools/shrike/diagnostic_counts.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/state_report.h"
#include "tools/shrike/terminal.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

std::string Summary(const Loaded& loaded, bool color) {
  std::string text =
      fmt::format("{} {}, {} {}: ", loaded.files.size(),
                  loaded.files.size() == 1 ? "file" : "files", loaded.checked.spec.rules.size(),
                  loaded.checked.spec.rules.size() == 1 ? "good rule" : "good rules");
  const int errors = loaded.config_errors + loaded.rule_errors;
  text += Paint(FormatErrors(errors), errors > 0 ? Color::kRed : Color::kGreen, color);
  text += ", " + Paint(FormatWarnings(loaded.warnings),
                       loaded.warnings > 0 ? Color::kYellow : Color::kGreen, color);
  if (!loaded.config) {
    text += "; the configuration has errors, so names and types in rules were not looked at";
  }
  return text + "\n";
}

// A pattern can be too large for the automaton though its text is well: building it tells.
void BuildGraphs(Loaded* loaded) {
  for (std::size_t rule = 0; rule < loaded->checked.spec.rules.size(); ++rule) {
    const auto graph = nfa::BuildGraph(loaded->checked.spec.rules[rule]);
    if (graph) {
      continue;
    }
    const rules::CheckedRuleSet::Origin& origin = loaded->checked.origin[rule];
    Diagnostic diagnostic = rules::MakeDiagnostic(
        "E0414", *origin.file,
        origin.rule->pattern ? origin.rule->pattern->source.file : origin.rule->span,
        graph.error().message);
    diagnostic.rule = loaded->checked.spec.rules[rule].id;
    loaded->diagnostics.push_back(std::move(diagnostic));
    ++loaded->rule_errors;
  }
  SortDiagnostics(&loaded->diagnostics);
}

struct CheckOptions {
  bool strict = false;
  bool state = false;
};

std::vector<RuleState> States(const Loaded& loaded) {
  std::vector<RuleState> states;
  for (std::size_t rule = 0; rule < loaded.checked.spec.rules.size(); ++rule) {
    states.push_back(
        StateOf(loaded.checked.spec, rule, loaded.config->catalog, loaded.config->limits));
  }
  return states;
}

// With --state an object of both, without the array of diagnostics.
std::string JsonText(const Loaded& loaded, const CheckOptions& options) {
  std::string text = rules::RenderJson(loaded.diagnostics);
  if (!options.state) {
    return text;
  }
  text.insert(0, "{\"diagnostics\":");
  text += ",\"state\":[";
  const std::vector<RuleState> states = States(loaded);
  for (const RuleState& state : states) {
    text += &state == states.data() ? "\n" : ",\n";
    AppendStateJson(state, &text);
  }
  return text + "]}\n";
}

std::string HumanText(const Loaded& loaded, const CheckOptions& options, bool color) {
  std::string text;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    text += rules::RenderHuman({diagnostic}, color) + "\n";
  }
  for (const RuleState& state : options.state ? States(loaded) : std::vector<RuleState>()) {
    text += Paint(EscapeTerminal(state.rule), Color::kBold, color) + "\n";
    AppendStateText(state, &text);
  }
  return text + Summary(loaded, color);
}

int Check(const Session& session, const CheckOptions& options) {
  auto loaded = Load(session.common);
  if (!loaded) {
    return session.Report(loaded.error());
  }
  BuildGraphs(&*loaded);
  std::string text;
  if (session.common.format == "json") {
    text = JsonText(*loaded, options);
  } else if (session.common.format == "sarif") {
    text = rules::RenderSarif(loaded->diagnostics);
  } else {
    text = HumanText(*loaded, options, session.out_color());
  }
  session.out() << text << std::flush;
  return loaded->exit_code(options.strict);
}

}  // namespace

void AddCheck(CLI::App* root, Session* session) {
  CLI::App* verb = root->add_subcommand("check",
                                        "Find the mistakes in rule files: syntax, names, "
                                        "types, and what is legal but hardly meant");
  verb->footer(
      "\nEvery mistake of the configuration and of all files is shown in one run, with file, line\n"
      "and column, the exact place underlined, and a suggestion where there is one. `shrike "
      "explain\n"
      "E0203` tells more about a code. Exit codes: 0 no errors, 1 errors in rules (with --strict\n"
      "warnings too), 78 errors in the configuration.\n\n"
      "With --state each rule's state per key is shown too: how long runs wait and how many events "
      "they\n"
      "bind, which loops can grow exponentially, and what each window holds at most.\n\n"
      "Examples:\n"
      "  shrike check rules/\n"
      "  shrike check --state rules/\n"
      "  shrike check --strict --format sarif rules/ > findings.sarif");
  AddPaths(verb, session);
  AddCommonOptions({"human", "json", "sarif"}, verb, session);
  auto options = std::make_shared<CheckOptions>();
  verb->add_flag("--strict", options->strict, "Warnings are findings too: exit code 1");
  verb->add_flag("--state", options->state, "What bounds each rule's state per key");
  verb->callback([session, options] {
    session->run = [session, options] { return Check(*session, *options); };
  });
}

}  // namespace shrike::tools
