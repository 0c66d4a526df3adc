// fmt of whole rule files. Golden pairs: tests/rules/golden/NAME.in.yaml and NAME.out.yaml; SHRIKE_BLESS=1 writes the
// latter.
#include "rules/format.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml_tree.h"
#include "rules/ast_equal.h"
#include "rules/parser.h"
#include "rules/printer.h"
#include "rules/rule_file.h"
#include "tests/rules/random_ast.h"
#include "tests/skip.h"

namespace shrike::rules {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string Format(std::string_view content) {
  std::vector<Diagnostic> diagnostics;
  return FormatRuleFile("f.yaml", content, &diagnostics);
}

// What fmt must keep in any file: its trees, its comments, and its own result.
void CheckKept(const std::string& before, const std::string& after) {
  std::vector<Diagnostic> old_mistakes;
  std::vector<Diagnostic> new_mistakes;
  const RuleFile old_file = ReadRuleFile("f.yaml", before, &old_mistakes);
  const RuleFile new_file = ReadRuleFile("f.yaml", after, &new_mistakes);
  REQUIRE(old_mistakes.size() == new_mistakes.size());
  for (std::size_t i = 0; i < old_mistakes.size(); ++i) {
    CHECK(old_mistakes[i].code == new_mistakes[i].code);
  }
  REQUIRE(old_file.rules.size() == new_file.rules.size());
  for (std::size_t i = 0; i < old_file.rules.size(); ++i) {
    const auto& old_pattern = old_file.rules[i].pattern;
    const auto& new_pattern = new_file.rules[i].pattern;
    REQUIRE(old_pattern.has_value() == new_pattern.has_value());
    if (!old_pattern || !old_pattern->pattern) continue;
    REQUIRE(new_pattern->pattern != nullptr);
    CHECK(SamePattern(*old_pattern->pattern, *new_pattern->pattern));
    CHECK(SameComments(old_pattern->pattern->comments, new_pattern->pattern->comments));
  }
  CHECK(Format(after) == after);
}

TEST_CASE("golden pairs") {
  const fs::path folder = fs::path(SHRIKE_SOURCE_DIR) / "tests/rules/golden";
  int count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".in.yaml")) continue;
    CAPTURE(name);
    ++count;
    const std::string before = ReadFile(entry.path());
    const std::string after = Format(before);
    fs::path golden = entry.path();
    golden.replace_filename(name.substr(0, name.size() - 8) + ".out.yaml");
    if (std::getenv("SHRIKE_BLESS") != nullptr) {
      std::ofstream(golden, std::ios::binary) << after;
    }
    CHECK(after == ReadFile(golden));
    CheckKept(before, after);
  }
  CHECK(count >= 6);
}

TEST_CASE("the ported rules keep their meaning") {
  const fs::path folder = fs::path(SHRIKE_SOURCE_DIR).parent_path() / "shared/ported";
  if (!fs::exists(folder)) SKIP_TEST("no ported rules at " << folder);
  int patterns = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    CAPTURE(entry.path());
    const std::string before = ReadFile(entry.path());
    const std::string after = Format(before);
    std::vector<Diagnostic> diagnostics;
    patterns += static_cast<int>(ReadRuleFile("f.yaml", after, &diagnostics).rules.size());
    CHECK(diagnostics.empty());
    CheckKept(before, after);
  }
  CHECK(patterns >= 40);
}

struct Row {
  std::string_view before, after;  // the value of the macro `m`, with what stands before it
};

TEST_CASE("expressions keep the style of their scalar") {
  const Row rows[] = {
      {"m: a==1", "m: a == 1"},
      {"m:   a==1   # why", "m:   a == 1   # why"},
      {"m: 'a==\"it''s\"'", "m: 'a == \"it''s\"'"},
      {"m: \"a==\\\"x\\\"\"", "m: \"a == \\\"x\\\"\""},
      {"m: \"a==\\\"\\u00e4\\\"\"", "m: \"a == \\\"\u00E4\\\"\""},
      {"m: a  ==\n    1", "m: a == 1"},
      {"\"m\": f( a )", "\"m\": f(a)"},
      {"m: |\n    a==1 and\n      b", "m: |\n    a == 1 and b"},
      {"m: |-\n    a==1   # why\n    and b\n", "m: |-\n    a == 1 and  # why\n    b\n"},
      {"m: >\n    a==1\n    and b\n\n", "m: >\n    a == 1 and b\n\n"},
      {"m: >\n    a==1  # x\n\n    and b\n", "m: >\n    a==1  # x\n\n    and b\n"},
      {"m: |2\n    a==1\n", "m: |2\n    a == 1\n"},
      {"m: 'a==1  # x'", "m: 'a==1  # x'"},
      // `x ? y : z` is not ours; what does not parse stays.
      {"m: a  ==", "m: a  =="},
      {"m: \"f( '\\t' )\"", "m: \"f('\\t')\""},
  };
  for (const Row& row : rows) {
    const std::string before = "macros:\n  " + std::string(row.before) + "\n";
    CAPTURE(before);
    const std::string after = Format(before);
    CHECK(after == "macros:\n  " + std::string(row.after) + "\n");
    CheckKept(before, after);
  }
}

TEST_CASE("a plain text that would read as something else stays as it is") {
  // In a flow mapping a list needs quotes; canonical blanks would be cut at.
  const std::string_view contents[] = {
      "macros: {a: x==1, b: 'f(y,z)', c: \"[1,2]\"}\n",
      "macros: {a: -x, b: '-x'}\n",
      "macros:\n  a: x ==1 # c\n  b: x\n",
  };
  const std::string_view results[] = {
      "macros: {a: x == 1, b: 'f(y, z)', c: \"[1, 2]\"}\n",
      "macros: {a: -x, b: '-x'}\n",
      "macros:\n  a: x == 1 # c\n  b: x\n",
  };
  for (std::size_t i = 0; i < std::size(contents); ++i) CHECK(Format(contents[i]) == results[i]);
}

TEST_CASE("a file that cannot be read is returned as it is") {
  for (const std::string_view content :
       {"", "a: [1\n", "rules: {a: 1, a: 2}\n", "text\n", "- a\n", "rules:\n  - id: &x a\n",
        "macros:\n  a: x==1\n---\nb: 1\n", "\xFF"}) {
    CAPTURE(content);
    CHECK(Format(content) == content);
  }
}

// A rule file with one random pattern, laid out at random.
std::string RandomFile(RandomAst* random) {
  std::string text = PrintPattern(random->NextPattern(), 30 + random->Pick(100));
  const std::string line_break = random->Chance(20) ? "\r\n" : "\n";
  const std::string indent(5 + random->Pick(6), ' ');
  static constexpr std::string_view kHeaders[] = {"|", ">", "|-", ">-", "|+", "|  # block"};
  std::string content = "# top" + line_break + "rules:" + line_break + "  - id: r" + line_break +
                        "    version:   1" + line_break + "    pattern: ";
  content += kHeaders[random->Pick(std::size(kHeaders))];
  content += line_break;
  if (random->Chance(20)) content += line_break;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    content += indent + text.substr(0, end);
    if (random->Chance(10)) content += "  ";
    if (random->Chance(10)) content += "  # note";
    content += line_break;
    if (random->Chance(10)) content += line_break;
    text.erase(0, end + 1);
  }
  return content + "    title:  'as  it is'" + line_break;
}

TEST_CASE("random files keep their meaning and all that is not a pattern") {
  const std::uint64_t seed = RandomSeed();
  CAPTURE(seed);
  RandomAst random(seed);
  int changed = 0;
  for (int i = 0; i < 120; ++i) {
    const std::string before = RandomFile(&random);
    CAPTURE(before);
    const std::string after = Format(before);
    CAPTURE(after);
    changed += before != after ? 1 : 0;
    CheckKept(before, after);
    const std::size_t head = before.find("pattern: ");
    CHECK(after.substr(0, head) == before.substr(0, head));
    const std::string_view tail = std::string_view(before).substr(before.rfind("    title:"));
    CHECK(after.ends_with(tail));
  }
  CHECK(changed > 30);
}

}  // namespace
}  // namespace shrike::rules
