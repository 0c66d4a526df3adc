#include "tools/shrike/diagnostic_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/utf8.h"
#include "base/value.h"
#include "rules/codes.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

// Characters of a source line that are shown, and how many of them before the span.
constexpr std::size_t kLineShownMax = 120;
constexpr std::size_t kLineBeforeMax = 60;

std::string_view SeverityText(const Diagnostic& diagnostic) {
  return diagnostic.severity == DiagnosticSeverity::kError ? "error" : "warning";
}

// One entry a Unicode character, escaped for the terminal; a tab is one blank, as in columns.
std::vector<std::string> Characters(std::string_view line) {
  std::vector<std::string> characters;
  while (!line.empty()) {
    const std::size_t size = DecodeUtf8(line).size;
    const std::string_view bytes = line.substr(0, size);
    characters.push_back(bytes == "\t" ? " " : EscapeTerminal(bytes));
    line.remove_prefix(size);
  }
  return characters;
}

struct Excerpt {
  std::string line;
  std::string blanks;  // as wide as what stands before the span
  std::string carets;
};

// The part of the line around the span [column, end_column).
Excerpt CutLine(const Diagnostic& diagnostic) {
  const std::vector<std::string> characters = Characters(diagnostic.line_text);
  const std::size_t begin =
      std::min(static_cast<std::size_t>(std::max(diagnostic.column - 1, 0)), characters.size());
  const bool one_line = diagnostic.end_line == diagnostic.line;
  const std::size_t end =
      one_line ? std::clamp(static_cast<std::size_t>(std::max(diagnostic.end_column - 1, 0)), begin,
                            characters.size())
               : characters.size();
  const std::size_t first =
      characters.size() <= kLineShownMax || begin < kLineBeforeMax ? 0 : begin - kLineBeforeMax;
  const std::size_t last = std::min(characters.size(), first + kLineShownMax);
  Excerpt excerpt;
  if (first > 0) {
    excerpt.line = "...";
    excerpt.blanks = "   ";
  }
  for (std::size_t index = first; index < last; ++index) {
    const std::string& text = characters[index];
    excerpt.line += text;
    const std::size_t width = CountCodePoints(text);
    if (index < begin) {
      excerpt.blanks.append(width, ' ');
    } else if (index < end) {
      excerpt.carets.append(width, '^');
    }
  }
  if (last < characters.size()) {
    excerpt.line += "...";
  }
  if (excerpt.carets.empty()) {
    excerpt.carets = "^";
  }
  return excerpt;
}

void AppendPlace(const Diagnostic& diagnostic, bool color, std::string* out) {
  std::string place = EscapeTerminal(diagnostic.file);
  if (diagnostic.line > 0) {
    place += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  }
  std::string context;
  if (!diagnostic.rule.empty()) {
    context = "rule " + diagnostic.rule;
  }
  if (!diagnostic.step.empty()) {
    context += (context.empty() ? "step " : ", step ") + diagnostic.step;
  }
  *out += fmt::format("  {} {}", Paint("-->", Color::kBlue, color), place);
  if (!context.empty()) {
    *out += fmt::format("  ({})", EscapeTerminal(context));
  }
  *out += '\n';
}

void AppendMember(std::string_view name, std::string_view text, std::string* out) {
  AppendJsonString(name, out);
  *out += ':';
  AppendJsonString(text, out);
}

void AppendOptional(std::string_view name, std::string_view text, std::string* out) {
  *out += ',';
  if (text.empty()) {
    AppendJsonString(name, out);
    *out += ":null";
  } else {
    AppendMember(name, text, out);
  }
}

}  // namespace

void AppendHuman(const Diagnostic& diagnostic, bool color, std::string* out) {
  const bool error = diagnostic.severity == DiagnosticSeverity::kError;
  *out += Paint(fmt::format("{}[{}]", SeverityText(diagnostic), diagnostic.code),
                error ? Color::kRed : Color::kYellow, color);
  *out += ": " + Paint(EscapeTerminal(diagnostic.message), Color::kBold, color) + "\n";
  AppendPlace(diagnostic, color, out);
  const std::string bar = Paint("|", Color::kBlue, color);
  const std::string suggestion = EscapeTerminal(diagnostic.suggestion);
  if (diagnostic.line > 0) {
    const Excerpt excerpt = CutLine(diagnostic);
    *out += fmt::format("   {} {}\n", bar, excerpt.line);
    *out += fmt::format("   {} {}{}", bar, excerpt.blanks,
                        Paint(excerpt.carets, error ? Color::kRed : Color::kYellow, color));
    *out += suggestion.empty() ? "\n" : " " + suggestion + "\n";
  } else if (!suggestion.empty()) {
    *out += fmt::format("   {} {}\n", bar, suggestion);
  }
  *out += '\n';
}

void AppendDiagnosticsJson(const std::vector<Diagnostic>& diagnostics, std::string* out) {
  *out += '[';
  for (const Diagnostic& diagnostic : diagnostics) {
    *out += &diagnostic == diagnostics.data() ? "\n{" : ",\n{";
    AppendMember("code", diagnostic.code, out);
    *out += ',';
    AppendMember("severity", SeverityText(diagnostic), out);
    *out += ',';
    AppendMember("message", diagnostic.message, out);
    *out += ',';
    AppendMember("file", diagnostic.file, out);
    *out += fmt::format(R"(,"line":{},"column":{},"end_line":{},"end_column":{})", diagnostic.line,
                        diagnostic.column, diagnostic.end_line, diagnostic.end_column);
    AppendOptional("rule", diagnostic.rule, out);
    AppendOptional("step", diagnostic.step, out);
    AppendOptional("suggestion", diagnostic.suggestion, out);
    *out += '}';
  }
  *out += diagnostics.empty() ? "]\n" : "\n]\n";
}

void AppendSarif(const std::vector<Diagnostic>& diagnostics, std::string* out) {
  *out += R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0",)";
  *out += R"("runs":[{"tool":{"driver":{"name":"shrike",)";
  AppendMember("version", SHRIKE_VERSION, out);
  *out += R"(,"rules":[)";
  std::map<std::string_view, bool> codes;  // A code is listed once.
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!codes.emplace(diagnostic.code, true).second) {
      continue;
    }
    *out += codes.size() == 1 ? "{" : ",{";
    AppendMember("id", diagnostic.code, out);
    if (const rules::CodeInfo* info = rules::FindCode(diagnostic.code)) {
      *out += R"(,"shortDescription":{)";
      AppendMember("text", info->title, out);
      *out += R"(},"fullDescription":{)";
      AppendMember("text", info->explanation, out);
      *out += '}';
    }
    *out += '}';
  }
  *out += R"(]}},"columnKind":"unicodeCodePoints","results":[)";
  for (const Diagnostic& diagnostic : diagnostics) {
    *out += &diagnostic == diagnostics.data() ? "\n{" : ",\n{";
    AppendMember("ruleId", diagnostic.code, out);
    *out += ',';
    AppendMember("level", SeverityText(diagnostic), out);
    *out += R"(,"message":{)";
    AppendMember("text",
                 diagnostic.suggestion.empty() ? diagnostic.message
                                               : diagnostic.message + "; " + diagnostic.suggestion,
                 out);
    *out += R"(},"locations":[{"physicalLocation":{"artifactLocation":{)";
    AppendMember("uri", diagnostic.file, out);
    *out += '}';
    if (diagnostic.line > 0) {
      *out += fmt::format(
          R"(,"region":{{"startLine":{},"startColumn":{},"endLine":{},"endColumn":{}}})",
          diagnostic.line, diagnostic.column, diagnostic.end_line, diagnostic.end_column);
    }
    *out += "}}]}";
  }
  *out += "\n]}]}\n";
}

DiagnosticCounts Count(const std::vector<Diagnostic>& diagnostics) {
  DiagnosticCounts counts;
  for (const Diagnostic& diagnostic : diagnostics) {
    ++(diagnostic.severity == DiagnosticSeverity::kError ? counts.errors : counts.warnings);
  }
  return counts;
}

std::string FormatErrors(int count) {
  return fmt::format("{} {}", count, count == 1 ? "error" : "errors");
}

std::string FormatWarnings(int count) {
  return fmt::format("{} {}", count, count == 1 ? "warning" : "warnings");
}

}  // namespace shrike::tools
