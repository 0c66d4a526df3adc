// The EBNF at the top of rules/parser.h: closed, and each of its productions has texts that parse.
#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "rules/parser.h"

namespace shrike::rules {
namespace {

struct Production {
  std::set<std::string> uses;       // other productions
  std::set<std::string> terminals;  // in quotes
};

// Reads the lines `//   name = ... ;` of the header's first comment.
std::map<std::string, Production> ReadGrammar() {
  std::ifstream file(std::string(SHRIKE_SOURCE_DIR) + "/rules/parser.h");
  std::string grammar;
  std::string line;
  while (std::getline(file, line) && line.starts_with("//")) {
    if (line.starts_with("//   ")) grammar += line.substr(5) + "\n";
  }
  std::map<std::string, Production> productions;
  std::string current;
  std::size_t pos = 0;
  while (pos < grammar.size()) {
    const char c = grammar[pos];
    if (grammar.compare(pos, 2, "(*") == 0) {
      pos = grammar.find("*)", pos) + 2;
    } else if (c == '"') {
      const std::size_t end = grammar.find('"', pos + 1);
      productions[current].terminals.insert(grammar.substr(pos + 1, end - pos - 1));
      pos = end + 1;
    } else if (c >= 'a' && c <= 'z') {
      std::size_t end = pos;
      while (end < grammar.size() && grammar[end] >= 'a' && grammar[end] <= 'z') ++end;
      const std::string word = grammar.substr(pos, end - pos);
      if (current.empty()) {
        current = word;
        productions[current];
      } else {
        productions[current].uses.insert(word);
      }
      pos = end;
    } else {
      if (c == ';') current.clear();
      ++pos;
    }
  }
  return productions;
}

struct Example {
  std::string_view production;
  std::string_view text;  // in place of the production
};

const Example kExamples[] = {
    {"pattern", "from s A"},
    {"pattern", "from s, t by k A then B unless C where x within 5m after match skip none"},
    {"source", "s"},
    {"source", "s by k"},
    {"stream", "`a b`"},
    {"keys", "by a"},
    {"keys", "by a.b"},
    {"keys", "by (a)"},
    {"keys", "by (a, b.c)"},
    {"clause", "unless x: B[y]"},
    {"clause", "where x > 1"},
    {"clause", "within 1h30m"},
    {"clause", "after match skip past last"},
    {"sequence", "A"},
    {"sequence", "A then B next not C then D"},
    {"link", "then"},
    {"link", "then every"},
    {"link", "next within 5s"},
    {"positive", "A{2}"},
    {"positive", "(A then B)+"},
    {"positive", "x: (A or B)?"},
    {"positive", "all(A, B)"},
    {"negative", "not A"},
    {"negative", "not (A[x] or B or C)"},
    {"step", "A"},
    {"step", "a: A"},
    {"bare", "s.A by k [x]"},
    {"group", "(A)"},
    {"group", "(A then (B next C))"},
    {"choice", "(A or B or c: C)"},
    {"choice", "n: (A or B)"},
    {"all", "all(A, b: B, C[x])"},
    {"quantifier", "{3}"},
    {"quantifier", "{3,}"},
    {"quantifier", "{3,5} consecutive"},
    {"quantifier", "+ combinations"},
    {"quantifier", "* greedy until [x]"},
    {"quantifier", "?"},
    {"skip", "none"},
    {"skip", "past last"},
    {"skip", "to next"},
    {"skip", "to first a"},
    {"skip", "to last a"},
    {"type", "A"},
    {"type", "event"},
    {"type", "s.next"},
    {"expression", "a or b or c"},
    {"conj", "a and b"},
    {"neg", "not not a"},
    {"comparison", "a"},
    {"comparison", "a == b"},
    {"comparison", "a not in b"},
    {"comparison", "a not between b and c"},
    {"comparison", "a is not null"},
    {"compare", "=="},
    {"compare", "!="},
    {"compare", "<"},
    {"compare", "<="},
    {"compare", ">"},
    {"compare", ">="},
    {"match", "in"},
    {"match", "like"},
    {"match", "ilike"},
    {"match", "matches"},
    {"coal", "a ?? b"},
    {"sum", "a + b - c"},
    {"prod", "a * b / c % d"},
    {"unary", "- -a"},
    {"postfix", "a.b[0].null"},
    {"atom", "a"},
    {"atom", "1"},
    {"atom", "\"x\""},
    {"atom", "1h"},
    {"atom", "/x/"},
    {"atom", "true"},
    {"atom", "false"},
    {"atom", "null"},
    {"atom", "[1]"},
    {"atom", "(a)"},
    {"atom", "f(a)"},
    {"list", "[]"},
    {"list", "[a, b]"},
    {"call", "f()"},
    {"call", "f(a, b)"},
    {"call", "f(a over 1h)"},
    {"aggregate", "over 1h"},
    {"aggregate", "a over 1h by b where c excluding current"},
    {"window", "1h"},
    {"window", "tumbling 1h"},
    {"window", "session 1h"},
    {"window", "last 5 events"},
    {"path", "a.b.from"},
    {"label", "probe"},
    {"label", "`every`"},
    {"name", "card_1"},
    {"name", "`a-b c`"},
    {"name", "notified"},
    {"word", "within"},
    {"number", "1_000.5"},
    {"integer", "9223372036854775807"},
    {"string", "'a\\'"},
    {"string", "\"\\\"\\\\\\n\\t\\r\\u0041\""},
    {"duration", "1w2d3h4m5s6ms"},
    {"regex", "/a\\/b/i"},
};

// Texts that hold `@` where the production may stand; the others stand in the table above.
struct Frame {
  std::vector<std::string_view> productions;
  std::string_view pattern;
};

const Frame kFrames[] = {
    {{"pattern"}, "@"},
    {{"source", "stream"}, "from @ A"},
    {{"keys"}, "from s @ A"},
    {{"clause"}, "from s A @"},
    {{"sequence", "positive", "step", "bare", "group", "choice", "all", "type"}, "from s @"},
    {{"link"}, "from s A @ B"},
    {{"negative"}, "from s A then @ then C"},
    {{"quantifier"}, "from s A@"},
    {{"skip"}, "from s A after match skip @"},
    {{"expression", "conj", "neg", "comparison"}, "from s A where @"},
    {{"coal", "sum", "prod", "unary", "postfix", "atom", "list", "call", "number", "string",
      "regex"},
     "from s A where x == @"},
    {{"compare", "match"}, "from s A where a @ b"},
    {{"aggregate"}, "from s A where f(@)"},
    {{"window"}, "from s A where f(over @)"},
    {{"path"}, "from s by @ A"},
    {{"label"}, "from s @: A"},
    {{"name"}, "from s A where @ == 1"},
    {{"word"}, "from s A where a.@ == 1"},
    {{"integer"}, "from s A{@}"},
    {{"duration"}, "from s A within @"},
};

TEST_CASE("the grammar in the header is closed") {
  const auto productions = ReadGrammar();
  CHECK(productions.size() > 30);
  std::set<std::string> used;
  for (const auto& [name, production] : productions) {
    for (const std::string& use : production.uses) {
      CAPTURE(name);
      CAPTURE(use);
      CHECK(productions.count(use) == 1);
      used.insert(use);
    }
  }
  for (const auto& [name, production] : productions) {
    CAPTURE(name);
    CHECK((name == "pattern" || used.count(name) == 1));
  }
}

TEST_CASE("every production has an example that parses, alone and in its place") {
  const auto productions = ReadGrammar();
  std::set<std::string> shown;
  for (const Example& example : kExamples) {
    CAPTURE(example.production);
    CAPTURE(example.text);
    CHECK(productions.count(std::string(example.production)) == 1);
    shown.insert(std::string(example.production));
    const Frame* frame = nullptr;
    for (const Frame& candidate : kFrames) {
      for (const std::string_view name : candidate.productions) {
        if (name == example.production) frame = &candidate;
      }
    }
    REQUIRE(frame != nullptr);
    std::string text(frame->pattern);
    text.replace(text.find('@'), 1, example.text);
    CAPTURE(text);
    const auto parsed = ParsePattern(text);
    CAPTURE((parsed.error ? parsed.error->message : ""));
    CHECK(parsed.value != nullptr);
  }
  for (const auto& [name, production] : productions) {
    CAPTURE(name);
    CHECK(shown.count(name) == 1);
  }
}

TEST_CASE("every word and sign of the grammar occurs in an example") {
  std::string all;
  for (const Example& example : kExamples) all += std::string(example.text) + " ";
  for (const auto& [name, production] : ReadGrammar()) {
    for (const std::string& terminal : production.terminals) {
      CAPTURE(name);
      CAPTURE(terminal);
      CHECK(all.find(terminal) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace shrike::rules
