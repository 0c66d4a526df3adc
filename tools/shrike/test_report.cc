#include "tools/shrike/test_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/utf8.h"
#include "base/value.h"
#include "tools/shrike/diagnostic_counts.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

void AppendAlerts(std::string_view title, const std::vector<std::string>& alerts,
                  std::string* out) {
  *out += fmt::format("    {}{}\n", title, alerts.empty() ? " no alerts" : "");
  for (std::size_t index = 0; index < alerts.size(); ++index) {
    *out += fmt::format("      {}. {}\n", index + 1, EscapeTerminal(alerts[index]));
  }
}

void AppendJsonStrings(const std::vector<std::string>& texts, std::string* out) {
  *out += '[';
  for (const std::string& text : texts) {
    *out += &text == texts.data() ? "" : ",";
    AppendJsonString(text, out);
  }
  *out += ']';
}

// Text or an attribute of XML 1.0, which has no way to write most control characters.
std::string EscapeXml(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    const std::string_view bytes = text.substr(0, point.size);
    text.remove_prefix(point.size);
    switch (point.value) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        if (!point.valid || point.value < 0x20 || point.value == 0xfffe || point.value == 0xffff) {
          AppendUtf8(kReplacementCharacter, &out);
        } else {
          out += bytes;
        }
    }
  }
  return out;
}

void AppendJunitCase(const TestEntry& entry, std::string* out) {
  *out +=
      fmt::format(R"(    <testcase classname="{}" name="{}" file="{}" line="{}")",
                  EscapeXml(entry.rule), EscapeXml(entry.name), EscapeXml(entry.file), entry.line);
  if (entry.result.passed) {
    *out += "/>\n";
    return;
  }
  std::string details;
  AppendAlerts("expected:", entry.result.expected, &details);
  AppendAlerts("actual:", entry.result.actual, &details);
  *out += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                      EscapeXml(entry.result.problem), EscapeXml(details));
}

}  // namespace

std::size_t TestReport::failed() const {
  return static_cast<std::size_t>(std::count_if(
      entries.begin(), entries.end(), [](const TestEntry& entry) { return !entry.result.passed; }));
}

void AppendTestHuman(const TestReport& report, bool color, std::string* out) {
  for (const TestEntry& entry : report.entries) {
    if (entry.result.passed) {
      continue;
    }
    *out += fmt::format("{} {}: {}\n  {} {}:{}\n    {}\n", Paint("FAIL", Color::kRed, color),
                        EscapeTerminal(entry.rule), EscapeTerminal(entry.name),
                        Paint("-->", Color::kBlue, color), EscapeTerminal(entry.file), entry.line,
                        Paint(EscapeTerminal(entry.result.problem), Color::kBold, color));
    AppendAlerts("expected:", entry.result.expected, out);
    AppendAlerts("actual:", entry.result.actual, out);
    *out += '\n';
  }
  const std::size_t failed = report.failed();
  const std::string counts = fmt::format("{} {}, {} failed", report.entries.size(),
                                         report.entries.size() == 1 ? "test" : "tests", failed);
  *out += Paint(counts, failed > 0 ? Color::kRed : Color::kGreen, color);
  *out += fmt::format(" in {:.2f} s", report.seconds);
  if (!report.rules_without_tests.empty()) {
    *out += fmt::format("; {} without tests: {}", report.rules_without_tests.size(),
                        EscapeTerminal(report.rules_without_tests.front()));
    *out += report.rules_without_tests.size() > 1 ? ", .." : "";
  }
  if (report.rule_errors > 0) {
    *out += fmt::format("; {} in rules: not all were tested", FormatErrors(report.rule_errors));
  }
  *out += '\n';
}

void AppendTestJson(const TestReport& report, std::string* out) {
  *out += fmt::format(R"({{"tests":{},"failed":{},"rule_errors":{},"seconds":{:.3f},)",
                      report.entries.size(), report.failed(), report.rule_errors, report.seconds);
  *out += R"("rules_without_tests":)";
  AppendJsonStrings(report.rules_without_tests, out);
  *out += R"(,"results":[)";
  for (const TestEntry& entry : report.entries) {
    *out += &entry == report.entries.data() ? "\n" : ",\n";
    *out += R"({"file":)";
    AppendJsonString(entry.file, out);
    *out += fmt::format(R"(,"line":{},"rule":)", entry.line);
    AppendJsonString(entry.rule, out);
    *out += R"(,"name":)";
    AppendJsonString(entry.name, out);
    *out += fmt::format(R"(,"passed":{},"problem":)", entry.result.passed);
    if (entry.result.passed) {
      *out += "null";
    } else {
      AppendJsonString(entry.result.problem, out);
    }
    *out += R"(,"expected":)";
    AppendJsonStrings(entry.result.expected, out);
    *out += R"(,"actual":)";
    AppendJsonStrings(entry.result.actual, out);
    *out += '}';
  }
  *out += "\n]}\n";
}

void AppendJunit(const TestReport& report, std::string* out) {
  std::map<std::string, std::vector<const TestEntry*>> files;
  for (const TestEntry& entry : report.entries) {
    files[entry.file].push_back(&entry);
  }
  *out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  *out += fmt::format("<testsuites tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n",
                      report.entries.size(), report.failed(), report.seconds);
  for (const auto& [file, entries] : files) {
    const auto failed = std::count_if(entries.begin(), entries.end(),
                                      [](const TestEntry* entry) { return !entry->result.passed; });
    *out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", EscapeXml(file),
                        entries.size(), failed);
    for (const TestEntry* entry : entries) {
      AppendJunitCase(*entry, out);
    }
    *out += "  </testsuite>\n";
  }
  *out += "</testsuites>\n";
}

}  // namespace shrike::tools
