#include "rules/render.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "base/yaml_guard.h"
#include "rules/codes.h"

namespace shrike::rules {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kLineColumnsMax = 160;  // a longer line is cut
constexpr int kContextColumns = 60;   // shown before the caret then
constexpr std::string_view kCutMark = "..";

// ANSI colours, or nothing.
struct Palette {
  std::string_view severity, bold, frame, help, reset;
};
constexpr Palette kPlain = {"", "", "", "", ""};
constexpr Palette kErrorColors = {"\x1b[1;31m", "\x1b[1m", "\x1b[34m", "\x1b[32m", "\x1b[0m"};
constexpr Palette kWarningColors = {"\x1b[1;33m", "\x1b[1m", "\x1b[34m", "\x1b[32m", "\x1b[0m"};

std::string_view SeverityName(DiagnosticSeverity severity) {
  return severity == DiagnosticSeverity::kError ? "error" : "warning";
}

// One character as a terminal may show it.
std::string EscapedCharacter(std::string_view bytes, const CodePoint& point) {
  if (!point.valid) {
    std::string escaped;
    for (const char c : bytes) escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    return escaped;
  }
  const auto value = static_cast<std::uint32_t>(point.value);
  if (value == '\t' || value == '\n' || value == '\r' || IsForbiddenCharacter(point.value)) {
    return value < 0x100 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{:04x}", value);
  }
  return std::string(bytes);
}

// A line of a file and where the caret's first and last column stand once the line is escaped.
struct ShownLine {
  std::string text;
  int caret_begin = 0;  // columns, from 0
  int caret_end = 0;
};

// begin, end: columns of the line, from 0, in characters.
ShownLine ShowLine(std::string_view line, int begin, int end) {
  ShownLine shown;
  const auto columns = static_cast<int>(CountCodePoints(line));
  const int first = columns > kLineColumnsMax ? std::max(0, begin - kContextColumns) : 0;
  const int last = std::min(columns, first + kLineColumnsMax);
  int column = 0;
  int width = 0;
  const auto mark = [&] {
    if (column <= begin) shown.caret_begin = width;
    if (column <= end) shown.caret_end = width;
  };
  if (first > 0) {
    shown.text += kCutMark;
    width += static_cast<int>(kCutMark.size());
  }
  while (!line.empty()) {
    const CodePoint point = DecodeUtf8(line);
    if (column >= first && column < last) {
      mark();
      // A tab is one column, and so is its blank here.
      const std::string text =
          line.front() == '\t' ? " " : EscapedCharacter(line.substr(0, point.size), point);
      shown.text += text;
      width += text.size() == point.size ? 1 : static_cast<int>(text.size());
    }
    line.remove_prefix(point.size);
    ++column;
  }
  column = std::min(column, last);
  mark();
  if (last < columns) shown.text += kCutMark;
  shown.caret_end = std::max(shown.caret_end, shown.caret_begin + 1);
  return shown;
}

std::string RenderOne(const Diagnostic& diagnostic, bool color) {
  const bool error = diagnostic.severity == DiagnosticSeverity::kError;
  const Palette& palette = !color ? kPlain : error ? kErrorColors : kWarningColors;
  std::string out = fmt::format("{}{}[{}]{}{}: {}{}\n", palette.severity,
                                SeverityName(diagnostic.severity), diagnostic.code, palette.reset,
                                palette.bold, EscapeForTerminal(diagnostic.message), palette.reset);
  out +=
      fmt::format("{}  -->{} {}", palette.frame, palette.reset, EscapeForTerminal(diagnostic.file));
  if (diagnostic.line > 0) out += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  std::string where;
  if (!diagnostic.rule.empty()) where = "rule " + diagnostic.rule;
  if (!diagnostic.step.empty()) where += (where.empty() ? "step " : ", step ") + diagnostic.step;
  if (!where.empty()) out += fmt::format("  ({})", EscapeForTerminal(where));
  out += '\n';
  const std::string bar = fmt::format("{}   |{} ", palette.frame, palette.reset);
  const std::string help = EscapeForTerminal(diagnostic.suggestion);
  if (diagnostic.line == 0) {
    if (!help.empty()) out += fmt::format("{}{}{}{}\n", bar, palette.help, help, palette.reset);
    return out;
  }
  const int begin = diagnostic.column - diagnostic.line_text_column;
  const bool one_line = diagnostic.end_line == diagnostic.line;
  const auto line_columns = static_cast<int>(CountCodePoints(diagnostic.line_text));
  const int end = one_line ? diagnostic.end_column - diagnostic.line_text_column
                           : std::max(line_columns, begin + 1);
  const ShownLine line = ShowLine(diagnostic.line_text, begin, end);
  out += fmt::format("{}{}\n", bar, line.text);
  out += fmt::format("{}{:{}}{}{}{}", bar, "", line.caret_begin, palette.severity,
                     std::string(static_cast<std::size_t>(line.caret_end - line.caret_begin), '^'),
                     palette.reset);
  if (!help.empty()) out += fmt::format(" {}{}{}", palette.help, help, palette.reset);
  return out + '\n';
}

// Invalid UTF-8 becomes U+FFFD; other than ASCII is escaped.
std::string Dump(const Json& json) {
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

// A path as a URI reference (RFC 3986).
std::string UriOf(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

Json SarifResult(const Diagnostic& diagnostic, int rule_index) {
  std::string message = diagnostic.message;
  if (!diagnostic.suggestion.empty()) message += " (" + diagnostic.suggestion + ")";
  Json location = {{"artifactLocation", {{"uri", UriOf(diagnostic.file)}}}};
  if (diagnostic.line > 0) {
    location["region"] = {{"startLine", diagnostic.line},
                          {"startColumn", diagnostic.column},
                          {"endLine", diagnostic.end_line},
                          {"endColumn", diagnostic.end_column}};
  }
  Json result = {{"ruleId", diagnostic.code},
                 {"ruleIndex", rule_index},
                 {"level", SeverityName(diagnostic.severity)},
                 {"message", {{"text", message}}},
                 {"locations", Json::array({{{"physicalLocation", location}}})}};
  if (!diagnostic.rule.empty()) result["properties"]["rule"] = diagnostic.rule;
  if (!diagnostic.step.empty()) result["properties"]["step"] = diagnostic.step;
  return result;
}

}  // namespace

std::string EscapeForTerminal(std::string_view text, bool multi_line) {
  std::string escaped;
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    const bool kept = multi_line && (text.front() == '\n' || text.front() == '\t');
    if (kept) {
      escaped += text.front();
    } else {
      escaped += EscapedCharacter(text.substr(0, point.size), point);
    }
    text.remove_prefix(point.size);
  }
  return escaped;
}

std::string RenderHuman(const std::vector<Diagnostic>& diagnostics, bool color) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += RenderOne(diagnostic, color);
  return out;
}

std::string RenderJson(const std::vector<Diagnostic>& diagnostics) {
  Json array = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    array.push_back({{"code", diagnostic.code},
                     {"severity", SeverityName(diagnostic.severity)},
                     {"message", diagnostic.message},
                     {"file", diagnostic.file},
                     {"line", diagnostic.line},
                     {"column", diagnostic.column},
                     {"end_line", diagnostic.end_line},
                     {"end_column", diagnostic.end_column},
                     {"rule", diagnostic.rule},
                     {"step", diagnostic.step},
                     {"suggestion", diagnostic.suggestion}});
  }
  return Dump(array);
}

std::string RenderSarif(const std::vector<Diagnostic>& diagnostics) {
  std::map<std::string, int> rule_index;  // sorted, so that equal input gives equal output
  for (const Diagnostic& diagnostic : diagnostics) rule_index.emplace(diagnostic.code, 0);
  Json rules = Json::array();
  for (auto& [code, index] : rule_index) {
    index = static_cast<int>(rules.size());
    Json rule = {{"id", code}};
    if (const CodeInfo* info = FindCode(code)) {
      rule["shortDescription"] = {{"text", info->title}};
      rule["fullDescription"] = {{"text", info->explanation}};
    }
    rules.push_back(std::move(rule));
  }
  Json results = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    results.push_back(SarifResult(diagnostic, rule_index[diagnostic.code]));
  }
  const Json driver = {
      {"name", "shrike"}, {"version", SHRIKE_VERSION}, {"rules", std::move(rules)}};
  return Dump({{"$schema",
                "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                "sarif-schema-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", Json::array({{{"tool", {{"driver", driver}}},
                                      {"columnKind", "unicodeCodePoints"},
                                      {"results", std::move(results)}}})}});
}

}  // namespace shrike::rules
