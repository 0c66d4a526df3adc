#include "tests/nfa/program_fixture.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <sstream>

#include "tests/oracle/rule_text.h"

namespace shrike::nfa {

Catalog TestCatalog() {
  Catalog catalog;
  StreamSchema s;
  s.name = "s";
  s.topics = {"s"};
  s.event_types = {"A", "B", "C", "D", "X"};
  s.type_field = "type";
  s.fields = {{"v", {Kind::kInt, 0, Kind::kNull}},          {"k", {Kind::kString, 0, Kind::kNull}},
              {"u", {Kind::kString, 0, Kind::kNull}},       {"f", {Kind::kFloat, 0, Kind::kNull}},
              {"amount", {Kind::kDecimal, 2, Kind::kNull}}, {"l", {Kind::kList, 0, Kind::kString}},
              {"type", {Kind::kString, 0, Kind::kNull}}};
  s.time_field = "ts";
  catalog.streams.push_back(s);
  return catalog;
}

std::vector<oracle::RawEvent> ParseEvents(std::string_view text) {
  std::vector<oracle::RawEvent> events;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    oracle::RawEvent event;
    const std::size_t at = word.find('@');
    event.ts = std::stoll(word.substr(at + 1));
    event.type_index = word[0] == 'X' ? 4 : word[0] - 'A';
    std::istringstream split(word.substr(1, at - 1));
    std::vector<std::string> parts;
    for (std::string part; std::getline(split, part, ':');) parts.push_back(part);
    if (!parts.empty() && !parts[0].empty()) {
      event.fields.emplace_back(
          "v", oracle::MakeInteger(Kind::kInt, static_cast<std::int64_t>(std::stoll(parts[0]))));
    }
    if (parts.size() > 1 && !parts[1].empty())
      event.fields.emplace_back("k", oracle::MakeString(parts[1]));
    if (parts.size() > 2) event.fields.emplace_back("u", oracle::MakeString(parts[2]));
    events.push_back(std::move(event));
  }
  return events;
}

std::string RuleText(std::string_view id, std::string_view pattern, std::string_view extra) {
  std::string out =
      "  - id: " + std::string(id) + "\n    version: 1\n" + std::string(extra) + "    pattern: |\n";
  std::istringstream lines{std::string(pattern)};
  for (std::string line; std::getline(lines, line);) out += "      " + line + "\n";
  return out;
}

std::shared_ptr<const Program> BuildProgram(const std::string& rules_text, Limits limits) {
  const Catalog catalog = TestCatalog();
  oracle::CheckedText checked = oracle::CheckRuleText("rules:\n" + rules_text, catalog, limits);
  CAPTURE(rules_text);
  CAPTURE(checked.errors);
  REQUIRE(checked.errors.empty());
  Result<std::shared_ptr<const Program>> program =
      Program::Build(std::move(checked.spec), catalog, limits);
  REQUIRE(program.has_value());
  return *program;
}

}  // namespace shrike::nfa
