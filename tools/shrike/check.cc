// `shrike check`: parse, type-check, lint.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "nfa/graph.h"
#include "rules/render.h"
#include "tools/shrike/diagnostic_counts.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/loader.h"
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

int Check(const Session& session, bool strict) {
  auto loaded = Load(session.common);
  if (!loaded) {
    return session.Report(loaded.error());
  }
  BuildGraphs(&*loaded);
  std::string text;
  if (session.common.format == "json") {
    text = rules::RenderJson(loaded->diagnostics);
  } else if (session.common.format == "sarif") {
    text = rules::RenderSarif(loaded->diagnostics);
  } else {
    for (const Diagnostic& diagnostic : loaded->diagnostics) {
      text += rules::RenderHuman({diagnostic}, session.out_color()) + "\n";
    }
    text += Summary(*loaded, session.out_color());
  }
  session.out() << text << std::flush;
  return loaded->exit_code(strict);
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
      "Examples:\n"
      "  shrike check rules/\n"
      "  shrike check --strict --format sarif rules/ > findings.sarif");
  AddPaths(verb, session);
  AddCommonOptions({"human", "json", "sarif"}, verb, session);
  auto strict = std::make_shared<bool>(false);
  verb->add_flag("--strict", *strict, "Warnings are findings too: exit code 1");
  verb->callback(
      [session, strict] { session->run = [session, strict] { return Check(*session, *strict); }; });
}

}  // namespace shrike::tools
