// `shrike fmt`: rule files in canonical form.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/format.h"
#include "tools/shrike/exit_code.h"
#include "tools/shrike/files.h"
#include "tools/shrike/loader.h"
#include "tools/shrike/terminal.h"
#include "tools/shrike/verbs.h"

namespace shrike::tools {
namespace {

constexpr std::size_t kDiffLinesMax = 20;  // shown of one file

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What lies between the first and the last line that differ, as removed and added lines.
std::string Difference(std::string_view before, std::string_view after, bool color) {
  const std::vector<std::string_view> old_lines = SplitLines(before);
  const std::vector<std::string_view> new_lines = SplitLines(after);
  std::size_t first = 0;
  while (first < old_lines.size() && first < new_lines.size() &&
         old_lines[first] == new_lines[first]) {
    ++first;
  }
  std::size_t same_end = 0;
  while (same_end < old_lines.size() - first && same_end < new_lines.size() - first &&
         old_lines[old_lines.size() - 1 - same_end] == new_lines[new_lines.size() - 1 - same_end]) {
    ++same_end;
  }
  std::string text = Paint(fmt::format("@@ line {} @@", first + 1), Color::kCyan, color) + "\n";
  const auto append = [&](const std::vector<std::string_view>& lines, char sign, Color paint) {
    const std::size_t end = lines.size() - same_end;
    for (std::size_t line = first; line < std::min(end, first + kDiffLinesMax); ++line) {
      text += Paint(sign + EscapeTerminal(lines[line]), paint, color) + "\n";
    }
    if (end > first + kDiffLinesMax) {
      text += fmt::format("{} .. {} more lines\n", sign, end - first - kDiffLinesMax);
    }
  };
  append(old_lines, '-', Color::kRed);
  append(new_lines, '+', Color::kGreen);
  return text;
}

struct FormatCounts {
  int changed = 0;
  int unread = 0;
};

Result<void> FormatOne(const Session& session, const std::string& path, bool check_only,
                       FormatCounts* counts) {
  SHRIKE_TRY(const std::string before, ReadFile(path, kRuleFileBytesMax));
  std::vector<Diagnostic> diagnostics;
  const std::string after = rules::FormatRuleFile(path, before, &diagnostics);
  PrintErrors(session, diagnostics);
  counts->unread += std::any_of(diagnostics.begin(), diagnostics.end(), [](const auto& each) {
    return each.severity == DiagnosticSeverity::kError;
  });
  if (after == before) {
    return {};
  }
  ++counts->changed;
  session.out() << EscapeTerminal(path) << '\n';
  if (check_only) {
    session.out() << Difference(before, after, session.out_color());
    return {};
  }
  return ReplaceFile(path, after);
}

// Formatting needs the configuration only to find the rules when no PATH is given.
Result<std::vector<std::string>> FindRuleFiles(const CommonOptions& options) {
  if (!options.paths.empty()) {
    return CollectRuleFiles(options.paths);
  }
  SHRIKE_TRY(const std::vector<std::string> paths, ConfiguredPaths(options));
  if (paths.empty()) {
    return Fail(ErrorCode::kConfig, "the configuration has errors; `shrike check` shows them");
  }
  return CollectRuleFiles(paths);
}

int Format(const Session& session, bool check_only) {
  const auto files = FindRuleFiles(session.common);
  if (!files) {
    return session.Report(files.error());
  }
  FormatCounts counts;
  for (const std::string& file : *files) {
    if (const auto formatted = FormatOne(session, file, check_only, &counts); !formatted) {
      session.out().flush();
      return session.Report(formatted.error());
    }
  }
  session.out().flush();
  session.err() << fmt::format("{} {}, {} {}{}\n", files->size(),
                               files->size() == 1 ? "file" : "files", counts.changed,
                               check_only ? "not in canonical form" : "changed",
                               counts.unread > 0
                                   ? fmt::format(", {} with errors left as they are", counts.unread)
                                   : "")
                << std::flush;
  return counts.unread > 0 || (check_only && counts.changed > 0) ? kExitFindings : kExitGood;
}

}  // namespace

void AddFmt(CLI::App* root, Session* session) {
  CLI::App* verb =
      root->add_subcommand("fmt", "Write patterns and expressions of rule files in canonical form");
  verb->footer(
      "\nPatterns and expressions get canonical spacing and clause order, one step a line; "
      "comments\n"
      "stay, and all other YAML stays byte for byte. The names of changed files are printed.\n"
      "Exit codes: 0 done, 1 with --check if a file would change, or if a file has errors.\n\n"
      "Examples:\n"
      "  shrike fmt rules/\n"
      "  shrike fmt --check rules/");
  AddPaths(verb, session);
  AddCommonOptions({"human"}, verb, session);
  auto check = std::make_shared<bool>(false);
  verb->add_flag("--check", *check, "Change nothing; show what would change, exit code 1 if any");
  verb->callback(
      [session, check] { session->run = [session, check] { return Format(*session, *check); }; });
}

}  // namespace shrike::tools
