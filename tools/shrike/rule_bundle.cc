#include "tools/shrike/rule_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

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
