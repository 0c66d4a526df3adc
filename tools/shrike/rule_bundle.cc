#include "tools/shrike/rule_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "config/config.h"
#include "engine/task.h"
#include "tools/shrike/files.h"

namespace shrike::tools {
namespace {

constexpr std::uint32_t kVersion = 1;

void AddFiles(const std::vector<TextFile>& files, ByteWriter* bytes) {
  bytes->Add(static_cast<std::uint32_t>(files.size()));
  for (const TextFile& file : files) {
    bytes->AddText(file.path);
    bytes->AddText(file.text);
  }
}

std::vector<TextFile> GetFiles(ByteReader* bytes) {
  std::vector<TextFile> files;
  const auto count = bytes->Get<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && bytes->ok(); ++i) {
    TextFile file;
    file.path = bytes->GetText();
    file.text = bytes->GetText();
    files.push_back(std::move(file));
  }
  return files;
}

// The configuration without the sections that no rule depends on: they differ between instances, and `kafka` holds
// secrets. The text as it is, if what is left does not mean the same.
std::string TextOfStreams(const TextFile& config, const config::EngineConfig& whole) {
  constexpr std::string_view kLeftOut[] = {"kafka", "alerts", "state", "http", "threads"};
  std::string text;
  bool left_out = false;
  std::string_view rest = config.text;
  while (!rest.empty()) {
    const std::size_t size = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const std::string_view line = rest.substr(0, size);
    rest.remove_prefix(size);
    if (std::string_view(" \t\r\n#").find(line.front()) == std::string_view::npos) {
      const std::string_view key = line.substr(0, line.find_first_of(": \t\r\n"));
      left_out = std::find(std::begin(kLeftOut), std::end(kLeftOut), key) != std::end(kLeftOut);
    }
    if (!left_out) text += line;
  }
  std::vector<Diagnostic> ignored;
  const auto read = config::ReadConfig(config.path, text, config::Resolver(), &ignored);
  const bool same =
      read && ignored.empty() &&
      engine::StreamFingerprint(read->catalog) == engine::StreamFingerprint(whole.catalog);
  return same ? text : config.text;
}

// The bundle as it is stored: the same on every machine that has the same files.
void Normalize(const config::EngineConfig& whole, RuleBundle* bundle) {
  bundle->config.text = TextOfStreams(bundle->config, whole);
  const std::string folder = RelativeTo(bundle->config.path, "");
  bundle->config.path = "shrike.yaml";
  for (std::vector<TextFile>* files : {&bundle->rules, &bundle->others}) {
    for (TextFile& file : *files)
      if (file.path.starts_with(folder)) file.path.erase(0, folder.size());
  }
}

}  // namespace

Result<LoadedBundle> LoadBundle(const CommonOptions& options) {
  LoadedBundle result;
  SHRIKE_TRY(LoadedTexts texts, ReadTexts(options));
  result.bundle.config = std::move(texts.config);
  result.bundle.rules = std::move(texts.rules);
  std::map<std::string, std::string> others;
  const FileReader reader = [&](const std::string& path,
                                std::size_t bytes_max) -> Result<std::string> {
    SHRIKE_TRY(std::string text, ReadFile(path, bytes_max));
    others[path] = text;
    return text;
  };
  result.loaded = LoadTexts(result.bundle.config, result.bundle.rules, reader);
  for (auto& [path, text] : others) result.bundle.others.push_back({path, std::move(text)});
  if (result.loaded.config) Normalize(*result.loaded.config, &result.bundle);
  return result;
}

std::string WriteBundle(const RuleBundle& bundle) {
  std::string out;
  ByteWriter bytes(&out);
  bytes.Add(kVersion);
  AddFiles({bundle.config}, &bytes);
  AddFiles(bundle.rules, &bytes);
  AddFiles(bundle.others, &bytes);
  return out;
}

Result<RuleBundle> ReadBundle(const std::string& text) {
  ByteReader bytes(text);
  const auto version = bytes.Get<std::uint32_t>();
  RuleBundle bundle;
  const std::vector<TextFile> config = GetFiles(&bytes);
  bundle.rules = GetFiles(&bytes);
  bundle.others = GetFiles(&bytes);
  if (!bytes.ok() || !bytes.at_end() || version != kVersion || config.size() != 1)
    return Fail(ErrorCode::kCorrupt, "the stored text of the rules is damaged");
  bundle.config = config.front();
  return bundle;
}

Result<std::shared_ptr<const engine::RuleSet>> MakeRuleSet(const LoadedBundle& bundle) {
  engine::RuleSet rules;
  rules.text = WriteBundle(bundle.bundle);
  rules.hash = HexPrefix(Sha256(rules.text), 16);
  SHRIKE_TRY(rules.program, BuildProgram(bundle.loaded));
  return std::make_shared<const engine::RuleSet>(std::move(rules));
}

Result<std::shared_ptr<const engine::RuleSet>> CompileBundle(const std::string& text) {
  LoadedBundle bundle;
  SHRIKE_TRY(bundle.bundle, ReadBundle(text));
  const FileReader reader = [&](const std::string& path, std::size_t) -> Result<std::string> {
    const std::vector<TextFile>& files = bundle.bundle.others;
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const TextFile& file) { return file.path == path; });
    if (found == files.end()) return Fail(ErrorCode::kIo, "the stored rules lack the file " + path);
    return found->text;
  };
  bundle.loaded = LoadTexts(bundle.bundle.config, bundle.bundle.rules, reader);
  if (bundle.loaded.config_errors + bundle.loaded.rule_errors > 0) {
    const auto error = std::find_if(
        bundle.loaded.diagnostics.begin(), bundle.loaded.diagnostics.end(),
        [](const Diagnostic& each) { return each.severity == DiagnosticSeverity::kError; });
    return Fail(ErrorCode::kRule,
                fmt::format("this version refuses the rules that the state was written under: {} "
                            "({}). Start the version that wrote it once more, stop it gracefully, "
                            "then change the rules",
                            error->message, error->file));
  }
  return MakeRuleSet(bundle);
}

}  // namespace shrike::tools
