#include "tools/shrike/loader.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "rules/render.h"
#include "rules/window_table.h"
#include "tools/shrike/diagnostic_counts.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/files.h"
#include "tools/shrike/table_file.h"
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

// The file of a list, relative to the one that names it.
rules::ListFileSource ListFiles(const FileReader& reader) {
  return [&reader](const std::string& rule_file, const std::string& path,
                   std::size_t bytes_max) -> Result<rules::SourceFile> {
    rules::SourceFile file{RelativeTo(rule_file, path), ""};
    SHRIKE_TRY(file.content, reader(file.path, bytes_max));
    return file;
  };
}

// The tables that the configuration declares; what cannot be read is empty, and reported in the configuration.
std::vector<std::shared_ptr<const Table>> ReadTables(const rules::SourceFile& config,
                                                     const config::EngineConfig& read,
                                                     const FileReader& reader,
                                                     std::vector<Diagnostic>* diagnostics) {
  std::vector<std::shared_ptr<const Table>> tables;
  for (const config::TableConfig& table : read.tables) {
    rules::SourceFile file{RelativeTo(config.path, table.file), ""};
    auto text = reader(file.path, kTableBytesMax);
    std::string fault = text ? "" : text.error().message;
    if (text && text->size() > kTableBytesMax) {
      fault = fmt::format("the file {} is larger than {} bytes", file.path, kTableBytesMax);
    }
    if (!fault.empty()) {
      diagnostics->push_back(
          rules::MakeDiagnostic("E0609", config, table.file_span, fault,
                                "the path is relative to the folder of the configuration"));
      tables.push_back(std::make_shared<Table>(TableSchema{table.name, table.key, table.fields}));
      continue;
    }
    file.content = std::move(*text);
    tables.push_back(ReadTableFile(table, file, diagnostics));
  }
  return tables;
}

// Checks rules, derived fields and tables. Mistakes in what is not a rule file are the configuration's.
void CheckAll(const rules::SourceFile& config, const std::vector<const rules::RuleFile*>& files,
              const FileReader& reader, Loaded* loaded) {
  const std::size_t before = loaded->diagnostics.size();
  auto tables = ReadTables(config, *loaded->config, reader, &loaded->diagnostics);
  const std::size_t after_tables = loaded->diagnostics.size();
  loaded->checked = rules::CheckRules({.files = files,
                                       .catalog = loaded->config->catalog,
                                       .limits = loaded->config->limits,
                                       .config = &config,
                                       .tables = std::move(tables),
                                       .risk_half_life = loaded->config->risk_half_life,
                                       .read_list = ListFiles(reader)},
                                      &loaded->diagnostics);
  loaded->config_errors += static_cast<int>(after_tables - before);
  for (std::size_t i = after_tables; i < loaded->diagnostics.size(); ++i) {
    const Diagnostic& diagnostic = loaded->diagnostics[i];
    const bool error = diagnostic.severity == DiagnosticSeverity::kError;
    loaded->config_errors += error && diagnostic.file == config.path ? 1 : 0;
  }
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

Result<LoadedTexts> ReadTexts(const CommonOptions& options) {
  LoadedTexts texts;
  SHRIKE_TRY(texts.config, ReadConfigFile(options));
  const TextFile& config = texts.config;
  std::vector<std::string> paths = options.paths;
  if (paths.empty()) {
    SHRIKE_TRY(paths, PathsOf(config));
  }
  std::vector<TextFile>& files = texts.rules;
  if (!paths.empty()) {
    SHRIKE_TRY(const std::vector<std::string> names, CollectRuleFiles(paths));
    for (const std::string& name : names) {
      SHRIKE_TRY(std::string text, ReadFile(name, kRuleFileBytesMax));
      files.push_back({name, std::move(text)});
    }
  }
  return texts;
}

Result<Loaded> Load(const CommonOptions& options) {
  SHRIKE_TRY(LoadedTexts texts, ReadTexts(options));
  return LoadTexts(texts.config, std::move(texts.rules));
}

Loaded LoadTexts(const TextFile& config, std::vector<TextFile> rule_files,
                 const FileReader& reader) {
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
    CheckAll({config.path, config.text}, files, reader, &loaded);
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

tl::expected<LoadedConfig, int> LoadConfigOrReport(const Session& session) {
  const auto file = ReadConfigFile(session.common);
  if (!file) {
    return tl::unexpected<int>(session.Report(file.error()));
  }
  std::vector<Diagnostic> diagnostics;
  auto config = config::ReadConfig(file->path, file->text, MakeResolver(), &diagnostics);
  if (!config) {
    PrintErrors(session, diagnostics);
    session.err() << FormatErrors(Count(diagnostics).errors) << '\n' << std::flush;
    return tl::unexpected<int>(kExitConfig);
  }
  return LoadedConfig{file->path, std::move(*config)};
}

Result<std::shared_ptr<const nfa::Program>> BuildProgram(const Loaded& loaded) {
  nfa::RuleSetSpec spec = loaded.checked.spec;
  std::erase_if(spec.rules,
                [](const nfa::RuleSpec& rule) { return rule.mode == nfa::RuleMode::kOff; });
  rules::KeepUsedWindows(&spec);
  return nfa::Program::Build(std::move(spec), loaded.config->catalog, loaded.config->limits);
}

Result<std::shared_ptr<const nfa::Program>> BuildRuleProgram(const Loaded& loaded,
                                                             std::size_t rule) {
  return nfa::Program::Build(rules::RuleAlone(loaded.checked.spec, rule), loaded.config->catalog,
                             loaded.config->limits);
}

}  // namespace shrike::tools
