// The YAML guard, the tree, and where the bytes of scalars stand in the file.
#include "base/yaml_tree.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"

namespace shrike {
namespace {

struct Read {
  std::optional<YamlNode> root;
  std::vector<Diagnostic> diagnostics;
};

Read ReadText(std::string_view content) {
  Read read;
  read.root = ReadYaml("f.yaml", content, &read.diagnostics);
  return read;
}

std::string Repeat(std::string_view part, std::size_t count) {
  std::string text;
  text.reserve(part.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

struct RefusedRow {
  std::string_view name;
  std::string content;
  std::string_view code;
  int line;
  int column;
};

TEST_CASE("what the guard refuses, and where") {
  const std::vector<RefusedRow> rows = {
      {"alias", "a: &x 1\nb: *x\n", "E0005", 1, 4},
      {"anchor of a mapping", "a: &x\n  b: 1\n", "E0005", 1, 4},
      {"unknown alias", "a: 1\nb: *x\n", "E0005", 2, 4},
      {"alias in a list", "a: [1, *x]\n", "E0005", 1, 8},
      {"tag", "a: !x 1\n", "E0006", 1, 4},
      {"tag of a list", "a: !!seq [1]\n", "E0006", 1, 4},
      {"key twice", "a: 1\nb: 2\na: 3\n", "E0007", 3, 1},
      {"key twice in flow", "x: {a: 1, a: 2}\n", "E0007", 1, 11},
      {"two documents", "a: 1\n---\nb: 2\n", "E0008", 2, 1},
      {"document after its end", "a: 1\n...\nb: 2\n", "E0008", 3, 1},
      {"invalid UTF-8", "a: ok\nb: \xC3\x28\n", "E0002", 2, 4},
      {"overlong UTF-8", "a: \xC0\x80\n", "E0002", 1, 4},
      {"surrogate in UTF-8", "a: \xED\xA0\x80\n", "E0002", 1, 4},
      {"escape that is no UTF-8", "a: \"x\\_\"\n", "E0002", 1, 4},
      {"control character", "a: x\x01y\n", "E0003", 1, 5},
      {"null byte", std::string("a: x\0y\n", 7), "E0003", 1, 5},
      {"escape character", "a: \x1B[31m\n", "E0003", 1, 4},
      {"lone carriage return", "a: x\rb: y\n", "E0003", 1, 5},
      {"direction override", "a: \u00E4\u202Ex\n", "E0003", 1, 5},
      {"direction isolate", "a: \u2066x\n", "E0003", 1, 4},
      {"C1 control", "a: \u0085x\n", "E0003", 1, 4},
      {"line separator", "a: \u2028x\n", "E0003", 1, 4},
      {"mark in the middle", "a: \uFEFFx\n", "E0003", 1, 4},
      {"list as key", "? [a]\n: 1\n", "E0020", 1, 3},
      {"unterminated double quote", "a: 1\nb: \"x\nc: 2\nd: 3\n", "E0004", 2, 4},
      {"unterminated single quote", "a: 'x'\nb: 'it\nc: 'y\n", "E0004", 3, 5},
      {"tab in the indentation", "a:\n\tb: 1\n", "E0004", 2, 1},
      {"bracket not closed", "a: [1, 2\nb: 3\n", "E0004", 2, 2},
      {"two values", "a: b: c\n", "E0004", 1, 5},
      {"deep flow", "a: " + Repeat("[", 70) + Repeat("]", 70) + "\n", "E0009", 1, 67},
  };
  for (const RefusedRow& row : rows) {
    CAPTURE(row.name);
    const Read read = ReadText(row.content);
    REQUIRE(!read.diagnostics.empty());
    const Diagnostic& first = read.diagnostics.front();
    CHECK(first.code == row.code);
    CHECK(first.line == row.line);
    CHECK(first.column == row.column);
    CHECK(first.file == "f.yaml");
    CHECK(!first.message.empty());
  }
}

TEST_CASE("several bad characters are named, a file over the limit is not read") {
  CHECK(ReadText("a: \x01\nb: \x02\n").diagnostics.size() == 2);
  CHECK(ReadText(Repeat("\x01", 100)).diagnostics.size() == 20);
  const Read large = ReadText(Repeat("# abcdef\n", kRuleFileBytesMax / 9 + 1));
  REQUIRE(large.diagnostics.size() == 1);
  CHECK(large.diagnostics[0].code == "E0001");
  CHECK(large.diagnostics[0].line == 0);
}

TEST_CASE("bombs are refused") {
  // A quarter of what is allowed: with sanitizers the whole takes seconds.
  const std::size_t size = kRuleFileBytesMax / 4;
  for (const std::string_view part :
       {"[", "{",  "- ",  "? ",  "a: ",  "&a ", "*a ",   "!a ", "\"",    "' ", "|",
        ">", "[{", "[\n", "{\n", "? - ", "-\n", "a:\n ", "%",   "{a: [", ", ", ": "}) {
    CAPTURE(part);
    const Read read = ReadText("a: " + Repeat(part, size / part.size()));
    CHECK(!read.diagnostics.empty());
    for (const Diagnostic& diagnostic : read.diagnostics) {
      CHECK(diagnostic.message.size() + diagnostic.suggestion.size() < 400);
      CHECK(diagnostic.line_text.size() <= 2000);
    }
  }
  std::string laughs = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + "]\n";
  }
  CHECK(ReadText(laughs).diagnostics.size() >= 40);
}

TEST_CASE("mistakes are counted up to a limit") {
  const Read read = ReadText(Repeat("a: 1\n", 5000));
  CHECK(read.diagnostics.size() == kDiagnosticsPerFileMax);
}

TEST_CASE("of a long line the piece around the place is kept") {
  const std::string content =
      "\u00E4: " + Repeat("\u00E4", 3000) + "X" + Repeat("\u00F6", 3000) + "\n";
  const auto place = static_cast<std::uint32_t>(content.find('X'));
  Diagnostic diagnostic;
  SetPlace(content, {place, place + 1}, &diagnostic);
  CHECK(diagnostic.column == 3004);
  CHECK(diagnostic.line_text.size() <= 2000);
  const std::string_view before =
      std::string_view(diagnostic.line_text).substr(0, diagnostic.line_text.find('X'));
  CHECK(static_cast<int>(before.size() / 2) + diagnostic.line_text_column == diagnostic.column);
  CHECK(InBackticks("abc") == "`abc`");
  CHECK(InBackticks(Repeat("\u00E4", 31)) == "`" + Repeat("\u00E4", 30) + "..`");
  CHECK(InBackticks("x" + Repeat("\u00E4", 31)) == "`x" + Repeat("\u00E4", 29) + "..`");
}

TEST_CASE("good files have a tree and no diagnostics") {
  for (const std::string_view content :
       {"", "\n", "# only a comment\n", "---\na: 1\n", "a: 1\n...\n",
        "\xEF\xBB\xBF"
        "a: 1\n",
        "a: 1\r\nb: [1, 2]\r\n", "a: \u00E4\u00F6 \U0001F600 \u200D\n", "a: 'x # y'\n",
        "a:\tb\n"}) {
    CAPTURE(content);
    const Read read = ReadText(content);
    CHECK(read.root.has_value());
    CHECK(read.diagnostics.empty());
  }
}

struct NodeRow {
  std::string_view content;
  std::string_view text;  // of the value of `k`
  YamlNode::Style style;
  YamlNode::Kind kind;
  std::string_view raw;  // what its span covers
};

TEST_CASE("nodes know their style and their bytes") {
  using Style = YamlNode::Style;
  using Kind = YamlNode::Kind;
  const NodeRow rows[] = {
      {"k: abc\n", "abc", Style::kPlain, Kind::kScalar, "abc"},
      {"k: a b  # c\n", "a b", Style::kPlain, Kind::kScalar, "a b"},
      {"k: a\n  b\n\n  c\n", "a b\nc", Style::kPlain, Kind::kScalar, "a\n  b\n\n  c"},
      {"k: 'it''s'\n", "it's", Style::kSingleQuoted, Kind::kScalar, "'it''s'"},
      {"k: \"a\\n\\u00e4\\\"\"\n", "a\n\u00E4\"", Style::kDoubleQuoted, Kind::kScalar,
       "\"a\\n\\u00e4\\\"\""},
      {"k: |\n  a\n   b\n", "a\n b\n", Style::kLiteral, Kind::kScalar, "|\n  a\n   b"},
      {"k: |- # c\n  a\n\n  b\n\n", "a\n\nb", Style::kLiteral, Kind::kScalar, "|- # c\n  a\n\n  b"},
      {"k: >\n  a\n  b\n\n  c\n", "a b\nc\n", Style::kFolded, Kind::kScalar, ">\n  a\n  b\n\n  c"},
      {"k: |2\n    a\n", "  a\n", Style::kLiteral, Kind::kScalar, "|2\n    a"},
      {"\xEF\xBB\xBFk: abc\n", "abc", Style::kPlain, Kind::kScalar, "abc"},
      {"k: null\n", "null", Style::kPlain, Kind::kNull, "null"},
      {"k: ~\n", "~", Style::kPlain, Kind::kNull, "~"},
      {"k:\nnull: 3\n", "", Style::kPlain, Kind::kNull, ":"},
      {"k: {a: 1, b: [2]}  # x\n", "", Style::kFlow, Kind::kMap, "{a: 1, b: [2]}"},
      {"k: [1, [2, 3], # ] \n  ]\n", "", Style::kFlow, Kind::kSequence, "[1, [2, 3], # ] \n  ]"},
      {"k:\n  - a\n  - b\nl: 1\n", "", Style::kBlock, Kind::kSequence, "- a\n  - b"},
      {"k: []\n", "", Style::kFlow, Kind::kSequence, "[]"},
  };
  for (const NodeRow& row : rows) {
    CAPTURE(row.content);
    const Read read = ReadText(row.content);
    REQUIRE(read.root.has_value());
    CHECK(read.diagnostics.empty());
    const YamlNode* node = read.root->Find("k");
    REQUIRE(node != nullptr);
    CHECK(node->text == row.text);
    CHECK(node->style == row.style);
    CHECK(node->kind == row.kind);
    CHECK(row.content.substr(node->span.begin, node->span.end - node->span.begin) == row.raw);
  }
}

// Every byte of the text stands at an equal byte of the file, or comes from an escape or a line break there.
void CheckSource(std::string_view content, const YamlNode& node) {
  bool exact = false;
  const SourceText source = MapSource(content, node, &exact);
  CAPTURE(content);
  CAPTURE(node.text);
  REQUIRE(exact);
  REQUIRE(source.text == node.text);
  CHECK(source.file.begin == node.span.begin);
  CHECK(source.file.end == node.span.end);
  std::uint32_t last = source.file.begin;
  for (std::uint32_t i = 0; i < source.text.size(); ++i) {
    const std::uint32_t place = source.FileOffset(i);
    REQUIRE(place <= content.size());
    REQUIRE(place >= last);
    last = place;
    const char here = place < content.size() ? content[place] : '\n';
    const char shown = source.text[i];
    const bool fold =
        (shown == ' ' || shown == '\n') && (here == '\n' || here == '\r' || here == ' ');
    const bool escape = here == '\\' && node.style == YamlNode::Style::kDoubleQuoted;
    REQUIRE((here == shown || fold || escape));
  }
}

TEST_CASE("each byte of a scalar is found in the file") {
  struct Row {
    std::string_view content;
    std::string_view part;  // of the decoded text
    int line, column;       // where it stands
  };
  const Row rows[] = {
      {"k: |\n  a\n  bcd e\n", "cd", 2 + 1, 4},
      {"k: |\n\n\n  a\n  bcd e\n", "cd", 5, 4},
      {"k: |+\n  \u00E4\u00F6 x\n\n", "x", 2, 6},
      {"k: |\r\n  a\r\n  bcd e\r\n", "cd", 3, 4},
      {"k: >\n  aa\n  bb\n\n\n  cc\n   dd\n  ee\n", "bb", 3, 3},
      {"k: >\n  aa\n  bb\n\n\n  cc\n   dd\n  ee\n", "dd", 7, 4},
      {"k: >\n  aa\n  bb\n\n\n  cc\n   dd\n  ee\n", "ee", 8, 3},
      {"k: >-\r\n  aa\r\n  bb\r\n", "bb", 3, 3},
      {"k: |1\n   a\n bcd\n", "cd", 3, 3},
      {"k: 'aa''bb'\n", "bb", 1, 9},
      {"k: 'aa\n\n  bb'\n", "bb", 3, 3},
      {"k: \"a\\tb\\u00e4 cc\"\n", "cc", 1, 16},
      {"k: \"aa\\\n   bb\"\n", "bb", 2, 4},
      {"k: \"aa  \n   bb\"\n", "bb", 2, 4},
      {"k: aa\n  bb\n\n  cc\n", "cc", 4, 3},
      {"k: [ {l: aa   bb} ]\n", "bb", 1, 15},
      {"\xEF\xBB\xBFk: |\n  aa\n  bb\n", "bb", 3, 3},
  };
  for (const Row& row : rows) {
    CAPTURE(row.content);
    const Read read = ReadText(row.content);
    REQUIRE(read.root.has_value());
    const YamlNode* node = &read.root->values.at(0);
    while (node->kind != YamlNode::Kind::kScalar) node = &node->values.at(0);
    CheckSource(row.content, *node);
    const SourceText source = MapSource(row.content, *node);
    const auto begin = static_cast<std::uint32_t>(source.text.find(row.part));
    const auto end = begin + static_cast<std::uint32_t>(row.part.size());
    Diagnostic place;
    SetPlace(row.content, source.FileSpanOf(begin, end), &place);
    CHECK(place.line == row.line);
    CHECK(place.column == row.column);
    CHECK(place.end_line == row.line);
    CHECK(place.end_column == row.column + static_cast<int>(row.part.size()));
  }
}

std::uint64_t Seed() {
  const char* text = std::getenv("SHRIKE_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 20240101;
}

// One random scalar of a random style, as the value of `k` at a random depth. Not always YAML.
class RandomScalar {
 public:
  explicit RandomScalar(std::uint64_t seed) : random_(seed) {}

  std::string Next() {
    const std::string line_break = Pick(4) == 0 ? "\r\n" : "\n";
    const std::string_view outer = Pick(2) == 0 ? "" : "o:\n  - ";
    const std::string indent(outer.empty() ? 1 + Pick(4) : 5 + Pick(3), ' ');
    std::string text(outer);
    text += "k: ";
    const std::size_t style = Pick(5);
    const std::size_t lines = 1 + Pick(5);
    if (style < 2) {
      text += style == 0 ? "|" : ">";
      text += std::string_view("+-   ").substr(Pick(5), 1);
      if (text.back() == ' ') text.pop_back();
      for (std::size_t i = 0; i < lines; ++i) text += line_break + BlockLine(indent);
      text += line_break;
    } else {
      const std::string quote = style == 2 ? "'" : style == 3 ? "\"" : "";
      text += quote + Words(style);
      for (std::size_t i = 1; i < lines; ++i) {
        for (std::size_t blank = Pick(8); blank == 0; blank = Pick(2)) text += line_break;
        text += line_break + indent + Words(style);
      }
      text += quote + line_break;
    }
    return text + std::string(outer.empty() ? "" : "    ") + "l: end" + line_break;
  }

 private:
  std::size_t Pick(std::size_t count) { return random_() % count; }

  std::string BlockLine(const std::string& indent) {
    if (Pick(4) == 0) return std::string(Pick(4), ' ');
    return indent + std::string(Pick(6) == 0 ? Pick(4) : 0, ' ') + Words(0);
  }

  std::string Words(std::size_t style) {
    static constexpr std::string_view kWords[] = {
        "a", "bc", "\u00E4", "\u6F22\u5B57", "\U0001F600", "d(e)", "x == 1", "-", "."};
    std::string text = "w";
    for (std::size_t i = Pick(5); i > 0; --i) {
      text += std::string(1 + (Pick(5) == 0 ? 1 : 0), ' ');
      text += kWords[Pick(std::size(kWords))];
      if (style == 2 && Pick(4) == 0) text += "''";
      if (style == 3 && Pick(3) == 0) text += Escape();
    }
    if (Pick(8) == 0) text += ' ';
    return text;
  }

  std::string_view Escape() {
    static constexpr std::string_view kEscapes[] = {"\\n",     "\\t",   "\\\"",        "\\\\",
                                                    "\\u00e4", "\\x41", "\\U0001F600", "\\e",
                                                    "\\0",     "\\ ",   "\\_"};
    return kEscapes[Pick(std::size(kEscapes))];
  }

  std::mt19937_64 random_;
};

TEST_CASE("each byte of random scalars is found in the file") {
  const std::uint64_t seed = Seed();
  CAPTURE(seed);
  RandomScalar scalars(seed);
  int good_count = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string content = scalars.Next();
    const Read read = ReadText(content);
    if (!read.root || !read.diagnostics.empty()) continue;
    const YamlNode* node = &*read.root;
    while (node->Find("k") == nullptr) node = &node->values.at(0);
    const YamlNode* scalar = node->Find("k");
    if (scalar->kind != YamlNode::Kind::kScalar) continue;
    ++good_count;
    CheckSource(content, *scalar);
    const YamlNode* behind = node->Find("l");
    REQUIRE(behind != nullptr);
    CHECK(content.substr(behind->span.begin, 3) == "end");
  }
  CHECK(good_count > 1000);
}

}  // namespace
}  // namespace shrike
