#include "tools/shrike/loader.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "rules/render.h"
#include "tools/shrike/diagnostic_counts.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/files.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

constexpr std::size_t kSecretBytesMax = std::size_t{64} * 1024;

config::Resolver MakeResolver() {
  config::Resolver resolver;
  resolver.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  resolver.file = [](const std::string& path) { return ReadFile(path, kSecretBytesMax); };
  return resolver;
}

Result<std::vector<std::string>> PathsOf(const TextFile& config) {
  std::vector<Diagnostic> ignored;
  const auto read = config::ReadConfig(config.path, config.text, MakeResolver(), &ignored);
  std::vector<std::string> paths;
  if (!read) {
    return paths;
  }
  for (const std::string& path : read->rules.paths) {
    paths.push_back(RelativeTo(config.path, path));
  }
  if (paths.empty()) {
    return Fail(ErrorCode::kUsage, "no PATH given, and " + config.path + " has no `rules.paths`");
  }
  return paths;
}

Result<TextFile> ReadConfigFile(const CommonOptions& options) {
  TextFile config{options.config, ""};
  if (config.path.empty()) {
    SHRIKE_TRY(config.path, FindConfig(options.paths));
  }
  SHRIKE_TRY(config.text, ReadFile(config.path, kRuleFileBytesMax));
  return config;
}

}  // namespace

Result<std::vector<std::string>> ConfiguredPaths(const CommonOptions& options) {
  SHRIKE_TRY(const TextFile config, ReadConfigFile(options));
  return PathsOf(config);
}

int Loaded::exit_code(bool strict) const {
  if (config_errors > 0) {
    return kExitConfig;
  }
  return rule_errors > 0 || (strict && warnings > 0) ? kExitFindings : kExitGood;
}

Result<Loaded> Load(const CommonOptions& options) {
  SHRIKE_TRY(const TextFile config, ReadConfigFile(options));
  std::vector<std::string> paths = options.paths;
  if (paths.empty()) {
    SHRIKE_TRY(paths, PathsOf(config));
  }
  std::vector<TextFile> files;
  if (!paths.empty()) {
    SHRIKE_TRY(const std::vector<std::string> names, CollectRuleFiles(paths));
    for (const std::string& name : names) {
      SHRIKE_TRY(std::string text, ReadFile(name, kRuleFileBytesMax));
      files.push_back({name, std::move(text)});
    }
  }
  return LoadTexts(config, std::move(files));
}

Loaded LoadTexts(const TextFile& config, std::vector<TextFile> rule_files) {
  Loaded loaded;
  loaded.config_path = config.path;
  loaded.config = config::ReadConfig(config.path, config.text, MakeResolver(), &loaded.diagnostics);
  loaded.config_errors = Count(loaded.diagnostics).errors;
  std::vector<const rules::RuleFile*> files;
  for (TextFile& file : rule_files) {
    loaded.files.push_back(std::make_unique<rules::RuleFile>(
        rules::ReadRuleFile(std::move(file.path), std::move(file.text), &loaded.diagnostics)));
    files.push_back(loaded.files.back().get());
  }
  if (loaded.config) {
    loaded.checked = rules::CheckRules(files, loaded.config->catalog, loaded.config->limits,
                                       &loaded.diagnostics);
  }
  SortDiagnostics(&loaded.diagnostics);
  const DiagnosticCounts counts = Count(loaded.diagnostics);
  loaded.rule_errors = counts.errors - loaded.config_errors;
  loaded.warnings = counts.warnings;
  return loaded;
}

void PrintErrors(const Session& session, const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == DiagnosticSeverity::kError) {
      text += rules::RenderHuman({diagnostic}, session.err_color()) + "\n";
    }
  }
  session.err() << text;
}

int ReportErrors(const Session& session, const Loaded& loaded) {
  if (loaded.config_errors + loaded.rule_errors == 0) {
    return kExitGood;
  }
  PrintErrors(session, loaded.diagnostics);
  session.err() << FormatErrors(loaded.config_errors + loaded.rule_errors) << '\n' << std::flush;
  return loaded.exit_code(false);
}

tl::expected<Loaded, int> LoadOrReport(const Session& session) {
  auto loaded = Load(session.common);
  if (!loaded) {
    return tl::unexpected<int>(session.Report(loaded.error()));
  }
  if (const int code = ReportErrors(session, *loaded); code != kExitGood) {
    return tl::unexpected<int>(code);
  }
  return std::move(*loaded);
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
