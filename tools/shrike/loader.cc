#include "tools/shrike/loader.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "tools/shrike/diagnostic_output.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/files.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

constexpr std::size_t kSecretBytesMax = 64 * 1024;

config::Resolver MakeResolver() {
  config::Resolver resolver;
  resolver.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  resolver.file = [](const std::string& path) { return ReadFile(path, kSecretBytesMax); };
  return resolver;
}

int CountErrors(const std::vector<Diagnostic>& diagnostics) { return Count(diagnostics).errors; }

}  // namespace

int Loaded::exit_code(bool strict) const {
  if (config_errors > 0) {
    return kExitConfig;
  }
  return rule_errors > 0 || (strict && warnings > 0) ? kExitFindings : kExitGood;
}

Result<Loaded> Load(const CommonOptions& options) {
  Loaded loaded;
  loaded.config_path = options.config;
  if (loaded.config_path.empty()) {
    SHRIKE_TRY(loaded.config_path, FindConfig(options.paths));
  }
  SHRIKE_TRY(const std::string config_text, ReadFile(loaded.config_path, kRuleFileBytesMax));
  loaded.config =
      config::ReadConfig(loaded.config_path, config_text, MakeResolver(), &loaded.diagnostics);
  loaded.config_errors = CountErrors(loaded.diagnostics);

  std::vector<std::string> paths = options.paths;
  if (paths.empty() && loaded.config) {
    for (const std::string& path : loaded.config->rules.paths) {
      paths.push_back(RelativeTo(loaded.config_path, path));
    }
    if (paths.empty()) {
      return Fail(ErrorCode::kUsage,
                  "no PATH given, and " + loaded.config_path + " has no `rules.paths`");
    }
  }
  if (!paths.empty()) {
    SHRIKE_TRY(const std::vector<std::string> names, CollectRuleFiles(paths));
    for (const std::string& name : names) {
      SHRIKE_TRY(std::string text, ReadFile(name, kRuleFileBytesMax));
      loaded.files.push_back(std::make_unique<rules::RuleFile>(
          rules::ReadRuleFile(name, std::move(text), &loaded.diagnostics)));
    }
  }
  if (loaded.config) {
    std::vector<const rules::RuleFile*> files;
    for (const auto& file : loaded.files) {
      files.push_back(file.get());
    }
    loaded.checked = rules::CheckRules(files, loaded.config->catalog, loaded.config->limits,
                                       &loaded.diagnostics);
  }
  SortDiagnostics(&loaded.diagnostics);
  const DiagnosticCounts counts = Count(loaded.diagnostics);
  loaded.rule_errors = counts.errors - loaded.config_errors;
  loaded.warnings = counts.warnings;
  return loaded;
}

void PrintDiagnostics(const Session& session, const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    AppendHuman(diagnostic, session.err_color(), &text);
  }
  session.err() << text;
}

tl::expected<Loaded, int> LoadOrReport(const Session& session) {
  auto loaded = Load(session.common);
  if (!loaded) {
    return tl::unexpected<int>(session.Report(loaded.error()));
  }
  if (loaded->config_errors + loaded->rule_errors == 0) {
    return std::move(*loaded);
  }
  std::erase_if(loaded->diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.severity != DiagnosticSeverity::kError;
  });
  PrintDiagnostics(session, loaded->diagnostics);
  session.err() << FormatErrors(Count(loaded->diagnostics).errors) << '\n' << std::flush;
  return tl::unexpected<int>(loaded->exit_code(false));
}

Result<std::shared_ptr<const nfa::Program>> BuildProgram(const Loaded& loaded) {
  nfa::RuleSetSpec spec = loaded.checked.spec;
  std::erase_if(spec.rules,
                [](const nfa::RuleSpec& rule) { return rule.mode == nfa::RuleMode::kOff; });
  return nfa::Program::Build(std::move(spec), loaded.config->catalog, loaded.config->limits);
}

Result<std::shared_ptr<const nfa::Program>> BuildRuleProgram(const Loaded& loaded,
                                                             std::size_t rule) {
  nfa::RuleSetSpec spec;
  spec.layout = loaded.checked.spec.layout;
  spec.rules = {loaded.checked.spec.rules[rule]};
  return nfa::Program::Build(std::move(spec), loaded.config->catalog, loaded.config->limits);
}

}  // namespace shrike::tools
