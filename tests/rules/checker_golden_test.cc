// The checker over golden tables: tests/rules/golden/check_*.txt hold rule texts and what is said of them.
//
// A block begins with a line `=== kind`: `condition` (one line each, of txn[..] over payments by card), `value` (one
// line each, an alert field), `pattern` or `file` (the whole block). Lines that begin with `| ` are the answer:
// diagnostics, or what the text became. SHRIKE_BLESS=1 rewrites the answers.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "rules/codes.h"
#include "tests/rules/check_fixture.h"
#include "tests/rules/spec_dump.h"

namespace shrike::testing {
namespace {

namespace fs = std::filesystem;

struct Block {
  std::string kind;
  std::vector<std::string> lines;  // without answers
};

std::vector<Block> ReadBlocks(const std::string& text) {
  std::vector<Block> blocks;
  std::istringstream in(text);
  std::string line;
  while (std::getline(in, line)) {
    if (line.starts_with("=== ")) {
      blocks.push_back({line.substr(4), {}});
    } else if (!line.starts_with("| ") && line != "|" && !blocks.empty()) {
      blocks.back().lines.push_back(line);
    }
  }
  return blocks;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Answer(const std::string& lines) {
  std::string answer;
  std::istringstream in(lines);
  std::string line;
  while (std::getline(in, line)) answer += "| " + line + "\n";
  return answer;
}

constexpr const char* kValuePattern =
    "from payments by card\na: txn then b: payout then c: txn{2}\nwithin 1d";

std::string TextOf(const std::string& kind, const std::string& body) {
  if (kind == "condition") return ConditionText(body);
  if (kind == "pattern") return RuleText(body);
  if (kind == "value") {
    return RuleText(kValuePattern, "    alert:\n      fields:\n        x: " + body + "\n");
  }
  return body;
}

// What a clean rule became; for a single expression only that.
std::string Result(const std::string& kind, const CheckedText& checked) {
  std::string text;
  for (const nfa::RuleSpec& rule : checked.set.spec.rules) {
    const RowLayout& layout = checked.set.spec.layout;
    if (kind == "condition") {
      text += ExprText(*rule.steps[0].condition, rule, layout) + "\n";
    } else if (kind == "value") {
      text += ExprText(rule.alert.fields[0].value, rule, layout) + "\n";
    } else {
      text += SpecText(rule, layout);
    }
  }
  return text + WindowsText(checked.set.spec) + DerivesText(checked.set.spec);
}

class Golden {
 public:
  std::string Run(const std::vector<Block>& blocks) {
    std::string text;
    for (const Block& block : blocks) {
      text += "=== " + block.kind + "\n";
      const bool single = block.kind == "condition" || block.kind == "value";
      std::string body;
      for (const std::string& line : block.lines) {
        text += line + "\n";
        body += line + "\n";
        if (single) text += AnswerTo(block.kind, line);
      }
      while (body.ends_with("\n")) body.pop_back();
      if (!single) text += AnswerTo(block.kind, body);
    }
    return text;
  }

  const std::set<std::string>& codes() const { return codes_; }

 private:
  std::string AnswerTo(const std::string& kind, const std::string& body) {
    const CheckedText checked = CheckText(TextOf(kind, body));
    for (const Diagnostic& diagnostic : checked.diagnostics) codes_.insert(diagnostic.code);
    return Answer(Lines(checked.diagnostics) + Result(kind, checked));
  }

  std::set<std::string> codes_;
};

std::set<std::string>& CodesSeen() {
  static std::set<std::string> codes;
  return codes;
}

void CheckGolden(const std::string& name) {
  const fs::path path = fs::path(SHRIKE_SOURCE_DIR) / "tests/rules/golden" / name;
  const std::string want = ReadFile(path);
  REQUIRE_FALSE(want.empty());
  Golden golden;
  const std::string got = golden.Run(ReadBlocks(want));
  CodesSeen().insert(golden.codes().begin(), golden.codes().end());
  if (std::getenv("SHRIKE_BLESS") != nullptr) {
    std::ofstream(path, std::ios::binary) << got;
    return;
  }
  std::istringstream want_lines(want);
  std::istringstream got_lines(got);
  std::string want_line;
  std::string got_line;
  std::string input;
  while (std::getline(got_lines, got_line)) {
    std::getline(want_lines, want_line);
    if (!got_line.starts_with("|")) input = got_line;
    INFO(name << ": " << input);
    REQUIRE(got_line == want_line);
  }
  CHECK(got == want);
}

}  // namespace

TEST_CASE("expressions") { CheckGolden("check_expressions.txt"); }
TEST_CASE("patterns") { CheckGolden("check_patterns.txt"); }
TEST_CASE("files") { CheckGolden("check_files.txt"); }
TEST_CASE("lists, tables, derived fields, outputs") { CheckGolden("check_shared.txt"); }
TEST_CASE("windows and features") { CheckGolden("check_windows.txt"); }

TEST_CASE("every code of the checker is seen in a golden table") {
  for (const char* name : {"check_expressions.txt", "check_patterns.txt", "check_files.txt",
                           "check_windows.txt", "check_shared.txt"}) {
    CheckGolden(name);
  }
  for (const rules::CodeInfo& info : rules::CheckCodes()) {
    // These need texts too long for a table; E0414 is said when the program is built.
    const std::set<std::string_view> elsewhere{"E0214", "E0215", "E0401", "E0414"};
    INFO(info.code);
    CHECK((CodesSeen().contains(std::string(info.code)) || elsewhere.contains(info.code)));
  }
}

}  // namespace shrike::testing
