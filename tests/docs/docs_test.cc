// The documentation keeps its word: commands of the pages run and print what the pages show, examples of rules check
// and pass their tests, every diagnostic code is listed.
//
// Convention: a block marked `sh` is run, in the order of the pages and in one folder, which looks like a clone after
// a release build; a `text` block right behind it is what it prints, stdout and stderr, with `...` for anything within
// a line. A block marked `yaml` of language.md is a rule file with tests; the one marked `yaml shrike.yaml` its
// configuration, and `csv NAME` and `txt NAME` are files beside that. Other blocks are not looked at.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/codes.h"
#include "rules/codes.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/shrike_call.h"

namespace shrike {
namespace {

namespace fs = std::filesystem;
using testing::CallShrike;
using testing::ScratchFolder;

// A fenced block of a page.
struct Block {
  std::string info;  // what stands behind the opening fence
  std::string text;
  int line = 0;  // of the opening fence, from 1
  bool follows_directly =
      false;  // nothing but the fence lies between the block before and this one
};

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Block> ReadBlocks(const fs::path& path) {
  std::vector<Block> blocks;
  std::istringstream page(ReadText(path));
  bool inside = false;
  int number = 0;
  int closed_at = -1;
  for (std::string line; std::getline(page, line);) {
    ++number;
    if (!line.starts_with("```")) {
      if (inside) blocks.back().text += line + "\n";
      continue;
    }
    inside = !inside;
    if (inside) {
      blocks.push_back({line.substr(3), "", number, number == closed_at + 1});
    } else {
      closed_at = number;
    }
  }
  CHECK_MESSAGE(!inside, path.string() << ": a block has no end");
  return blocks;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  return lines;
}

// Whether the line is what the page shows; `...` there stands for any text.
bool LineFits(std::string_view shown, std::string_view line) {
  std::size_t dots = shown.find("...");
  if (dots == std::string_view::npos) return shown == line;
  if (line.substr(0, dots) != shown.substr(0, dots)) return false;
  line.remove_prefix(dots);
  shown.remove_prefix(dots + 3);
  while ((dots = shown.find("...")) != std::string_view::npos) {
    const std::size_t found = line.find(shown.substr(0, dots));
    if (found == std::string_view::npos) return false;
    line.remove_prefix(found + dots);
    shown.remove_prefix(dots + 3);
  }
  return line.ends_with(shown);
}

TEST_CASE("three dots stand for anything within a line") {
  struct Row {
    std::string_view shown, line;
    bool fits;
  };
  constexpr std::array kRows = {Row{"", "", true},
                                Row{"a", "a", true},
                                Row{"a", "ab", false},
                                Row{"...", "", true},
                                Row{"a...", "abc", true},
                                Row{"a...c", "abc", true},
                                Row{"a...c", "abcd", false},
                                Row{"...b...", "abc", true},
                                Row{"a...b...c", "axbyc", true},
                                Row{"a...b...c", "axc", false}};
  for (const Row& row : kRows) {
    CAPTURE(row.shown);
    CAPTURE(row.line);
    CHECK(LineFits(row.shown, row.line) == row.fits);
  }
}

void CheckOutput(const std::string& shown, const std::string& printed) {
  const std::vector<std::string> want = Lines(shown);
  std::vector<std::string> got = Lines(printed);
  // A slow machine sees a line of progress every ten seconds.
  std::erase_if(got,
                [](const std::string& line) { return line.find("  ETA ") != std::string::npos; });
  CAPTURE(printed);
  CHECK(want.size() == got.size());
  for (std::size_t i = 0; i < std::min(want.size(), got.size()); ++i) {
    CHECK_MESSAGE(LineFits(want[i], got[i]), "want: " << want[i] << "\ngot:  " << got[i]);
  }
}

struct ShellResult {
  int code = -1;
  std::string output;  // stdout and stderr
};

ShellResult RunShell(const fs::path& folder, const fs::path& script) {
  const std::string command =
      "cd '" + folder.string() + "' && bash -euo pipefail '" + script.string() + "' 2>&1";
  ShellResult result;
  FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    result.output.append(buffer.data(), size);
  }
  const int status = pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

// What a clone looks like after tools/build, with the binary under test in the place of the release one.
void MakeClone(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(SHRIKE_SOURCE_DIR)) {
    const fs::path name = entry.path().filename();
    if (name != "build" && name != ".git") fs::create_symlink(entry.path(), folder / name);
  }
  fs::create_directories(folder / "build" / "release");
  fs::create_symlink(SHRIKE_BINARY, folder / "build" / "release" / "shrike");
}

TEST_CASE("the commands of the pages run and print what the pages show") {
  const ScratchFolder scratch;
  const fs::path clone = scratch.path() / "clone";
  fs::create_directories(clone);
  MakeClone(clone);
  int run_count = 0;
  for (const char* page : {"README.md", "docs/alerts.md", "docs/replay.md"}) {
    const std::vector<Block> blocks = ReadBlocks(fs::path(SHRIKE_SOURCE_DIR) / page);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i].info != "sh") continue;
      CAPTURE(page);
      CAPTURE(blocks[i].line);
      const ShellResult result = RunShell(clone, scratch.Write("block.sh", blocks[i].text));
      ++run_count;
      CHECK_MESSAGE(result.code == 0, result.output);
      const bool shown =
          i + 1 < blocks.size() && blocks[i + 1].info == "text" && blocks[i + 1].follows_directly;
      CheckOutput(shown ? blocks[i + 1].text : "", result.output);
    }
  }
  CHECK(run_count >= 10);
}

TEST_CASE("the examples of the language reference check without a warning and pass their tests") {
  const ScratchFolder scratch;
  int example_count = 0;
  for (const Block& block : ReadBlocks(fs::path(SHRIKE_SOURCE_DIR) / "docs" / "language.md")) {
    CAPTURE(block.line);
    const std::size_t blank = block.info.find(' ');
    if (blank != std::string::npos) {
      scratch.Write(block.info.substr(blank + 1), block.text);
    } else if (block.info == "yaml") {
      ++example_count;
      const std::string name = "example-" + std::to_string(block.line);
      scratch.Write(name + "/rules.yaml", block.text);
      const std::string folder = (scratch.path() / name).string();
      const auto check = CallShrike({"check", "--strict", folder});
      CHECK_MESSAGE(check.code == 0, check.out << check.err);
      const auto test = CallShrike({"test", folder});
      CHECK_MESSAGE(test.code == 0, test.out << test.err);
      CHECK_MESSAGE(!test.out.starts_with("0 tests"), test.out);
    }
  }
  CHECK(example_count >= 20);
}

std::string ErrorsPage() {
  std::string page =
      "# Diagnostic codes\n\n"
      "Every code that `check` and the other verbs can print. A code is stable. `shrike explain "
      "E0203` shows the same\n"
      "text. This page is written by a test: `SHRIKE_BLESS=1` makes `docs_tests` write it anew.\n\n"
      "E00xx file and YAML, E01xx syntax, E02xx names, E03xx types, E04xx meaning of patterns, "
      "E05xx facts about a\n"
      "rule, E06xx configuration, E09xx not yet supported, W03xx warnings.\n";
  std::vector<CodeInfo> codes = rules::AllCodes();
  const auto of_config = config::ConfigCodes();
  codes.insert(codes.end(), of_config.begin(), of_config.end());
  std::sort(codes.begin(), codes.end(),
            [](const CodeInfo& a, const CodeInfo& b) { return a.code < b.code; });
  for (const CodeInfo& code : codes) {
    page += "\n## " + std::string(code.code) + " " + std::string(code.title) + "\n\n" +
            std::string(code.explanation) + "\n";
  }
  return page;
}

TEST_CASE("errors.md lists every code") {
  const fs::path path = fs::path(SHRIKE_SOURCE_DIR) / "docs" / "errors.md";
  if (std::getenv("SHRIKE_BLESS") != nullptr) std::ofstream(path, std::ios::binary) << ErrorsPage();
  CHECK_MESSAGE(ReadText(path) == ErrorsPage(),
                "run docs_tests with SHRIKE_BLESS=1 and read the diff");
}

// The anchors of a page's headings, as code hosts make them: lower case, `-` for blanks, no punctuation.
std::set<std::string> Anchors(const std::string& page) {
  std::set<std::string> anchors;
  for (const std::string& line : Lines(page)) {
    if (!line.starts_with("#")) continue;
    std::string anchor;
    for (const char c : line.substr(std::min(line.find(' ') + 1, line.size()))) {
      if (c == ' ' || c == '-') anchor += '-';
      if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
        anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
    }
    anchors.insert(anchor);
  }
  return anchors;
}

// `[text](file#heading)`
TEST_CASE("links between the pages lead to files and headings that exist") {
  int link_count = 0;
  for (const char* page : {"README.md", "docs/alerts.md", "docs/replay.md", "docs/state.md",
                           "docs/run.md", "docs/language.md", "bench/README.md"}) {
    const fs::path path = fs::path(SHRIKE_SOURCE_DIR) / page;
    const std::string text = ReadText(path);
    for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
      const std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
      if (target.starts_with("http") || target.find_first_of(" \n") != std::string::npos) continue;
      ++link_count;
      CAPTURE(page);
      CAPTURE(target);
      const std::size_t hash = std::min(target.find('#'), target.size());
      const fs::path file = hash == 0 ? path : path.parent_path() / target.substr(0, hash);
      CHECK(fs::exists(file));
      if (hash < target.size()) CHECK(Anchors(ReadText(file)).contains(target.substr(hash + 1)));
    }
  }
  CHECK(link_count >= 20);
}

}  // namespace
}  // namespace shrike
