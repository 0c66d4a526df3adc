// The canonical text of patterns and expressions.
#include "rules/printer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "rules/ast_equal.h"
#include "rules/lexer.h"
#include "rules/parser.h"
#include "tests/rules/random_ast.h"

namespace shrike::rules {
namespace {

struct Row {
  std::string_view text, printed;
};

TEST_CASE("expressions in canonical form") {
  const Row rows[] = {
      {"a+b*c", "a + b * c"},
      {"( a or b )and not(c)", "(a or b) and not (c)"},
      {"f( a ,b)", "f(a, b)"},
      {"a [ 0 ] . b", "a[0].b"},
      {"- - a", "--a"},
      {"a-(-b)", "a - (-b)"},
      {"x  not   in[1,2 , 3]", "x not in [1, 2, 3]"},
      {"x is  not null", "x is not null"},
      {"x not between 1 and 2", "x not between 1 and 2"},
      {"count( txn over 24h where a==1 by b excluding  current )",
       "count(txn over 24h by b where a == 1 excluding current)"},
      {"new([f,g] over last 1_0 events)", "new([f, g] over last 10 events)"},
      {"sum(x over tumbling 60s by(a,b))", "sum(x over tumbling 60s by (a, b))"},
      {"sum(x over session 5m by (a))", "sum(x over session 5m by a)"},
      {"a ?? b", "a ?? b"},
      {"1_000.50", "1_000.50"},
      {"'a\"b' + \"\\u00e4\\u202e\\n\"", "'a\"b' + \"\u00E4\\u202e\\n\""},
      {"x matches /a\\/b/i", "x matches /a\\/b/i"},
      {"`odd` . `by`", "`odd`.`by`"},
      {"a.from", "a.from"},
      {"TRUE_x==true", "TRUE_x == true"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = ParseExpression(row.text);
    REQUIRE(parsed.value != nullptr);
    CHECK(PrintExpression(*parsed.value) == row.printed);
  }
}

TEST_CASE("patterns in canonical form") {
  const Row rows[] = {
      {"from s a:A", "from s\na: A\n"},
      {"from s by(k),t by ( a.b ) a:A then within 60s b : B",
       "from s by k, t by a.b\na: A\nthen within 60s b: B\n"},
      {"from s by (a,b) A within 90m where x unless B after match skip to first a",
       "from s by (a, b)\nA\nunless B\nwhere x\nwithin 90m\nafter match skip to first a\n"},
      {"from s A by k[x] {2 , 3}consecutive greedy until[y]",
       "from s\nA by k [x]{2,3} consecutive greedy until [y]\n"},
      {"from s (a:A then b:B)+ next every: C", ""},
      {"from s (a:A then b:B)+ next not(C or D) then all(E,F[x])",
       "from s\n(a: A then b: B)+\nnext not (C or D)\nthen all(E, F[x])\n"},
      {"from s c:(A or b:B){3} then every within 1h D{3,}? ", ""},
      {"from s c:(A or b:B){3} then every within 1h x.D{3,} then not E then F*",
       "from s\nc: (A or b: B){3}\nthen every within 1h x.D{3,}\nthen not E\nthen F*\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = ParsePattern(row.text);
    CHECK((parsed.value != nullptr) == !row.printed.empty());
    if (parsed.value) CHECK(PrintPattern(*parsed.value) == row.printed);
  }
}

TEST_CASE("long lines break behind and, or, commas") {
  const Row rows[] = {
      {"from s a: A[aaaaaaaaaa == 1 and bbbbbbbbbb == 2 and cccccccc == 3]{25}",
       "from s\n"
       "a: A[aaaaaaaaaa == 1 and\n"
       "     bbbbbbbbbb == 2 and\n"
       "     cccccccc == 3]{25}\n"},
      {"from s a: A[aaaaaaaaaaaaaaaa == 1 or bbbbbbbbbbb == 2 and ccccccc == 3]",
       "from s\n"
       "a: A[aaaaaaaaaaaaaaaa == 1 or\n"
       "     bbbbbbbbbbb == 2 and ccccccc == 3]\n"},
      {"from s all(aaaaaaaa[x == 1], bbbbbbbbbb[y == 2], ccccccc)",
       "from s\n"
       "all(aaaaaaaa[x == 1],\n"
       "    bbbbbbbbbb[y == 2],\n"
       "    ccccccc)\n"},
      {"from s A then not (aaaaaaaa[x == 1] or bbbbbbbbbb[y == 2])",
       "from s\n"
       "A\n"
       "then not (aaaaaaaa[x == 1] or\n"
       "          bbbbbbbbbb[y == 2])\n"},
      {"from s (a: aaaaaaaaaa[x == 1] then b: bbbbbbbbbb[y == 2]){2,}",
       "from s\n"
       "(a: aaaaaaaaaa[x == 1]\n"
       " then b: bbbbbbbbbb[y == 2]){2,}\n"},
      {"from s A where aaaaaaaaaaaaaaaaaaa == 1 and bbbbbbbbbbbbbbbbbbbb == 2",
       "from s\n"
       "A\n"
       "where aaaaaaaaaaaaaaaaaaa == 1 and\n"
       "      bbbbbbbbbbbbbbbbbbbb == 2\n"},
      {"from s A+ until [aaaaaaaaaaaaaaaaaaa == 1 and bbbbbbbbbbbbbbb == 2]",
       "from s\n"
       "A+ until [aaaaaaaaaaaaaaaaaaa == 1 and\n"
       "          bbbbbbbbbbbbbbb == 2]\n"},
      // The limit counts characters, not bytes: 40 of them fit.
      {"from s A[x == \"\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4"
       "\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\" and yyyyyy]",
       "from s\nA[x == \"\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4"
       "\u00E4\u00E4\u00E4\u00E4\u00E4\u00E4\" and yyyyyy]\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = ParsePattern(row.text);
    REQUIRE(parsed.value != nullptr);
    CHECK(PrintPattern(*parsed.value, 40) == row.printed);
  }
}

TEST_CASE("comments stay at their elements") {
  const Row rows[] = {
      {"# head\n\nfrom s   # streams\n# about a\na: A    #a\n  # about b\nthen b:B # b\n# end\n",
       "# head\nfrom s  # streams\n# about a\na: A  #a\n# about b\nthen b: B  # b\n# end\n"},
      {"from s a: A[x # one\n and y # two\n] # three\n",
       "from s\na: A[x and  # one\n     y]  # two\n# three\n"},
      {"from s a: A[x and # one\n # on y\n y]",
       "from s\na: A[x and  # one\n     # on y\n     y]\n"},
      {"from s A within 5m # w\nunless B # u\n# on where\nwhere x # x\n",
       "from s\nA\nunless B  # u\n# on where\nwhere x  # x\nwithin 5m  # w\n"},
      {"from s (A # a\n then B # b\n)+ # plus\n", "from s\n(A  # a\n then B)+  # b\n# plus\n"},
      {"from s all(A, # a\n B)", "from s\nall(A,  # a\n    B)\n"},
      {"from s A where f(a, # deep\n b) and c", "from s\nA\nwhere f(a, b) and  # deep\n      c\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = ParsePattern(row.text);
    REQUIRE(parsed.value != nullptr);
    const std::string printed = PrintPattern(*parsed.value);
    CHECK(printed == row.printed);
    const auto again = ParsePattern(printed);
    REQUIRE(again.value != nullptr);
    CHECK(PrintPattern(*again.value) == printed);
  }
}

TEST_CASE("random expressions print to text with the same tree") {
  const std::uint64_t seed = RandomSeed();
  CAPTURE(seed);
  RandomAst random(seed);
  for (int i = 0; i < 1500; ++i) {
    const ExprPtr expr = random.NextExpression();
    const std::string text = PrintExpression(*expr);
    CAPTURE(text);
    const auto parsed = ParseExpression(text);
    CAPTURE((parsed.error ? parsed.error->message : ""));
    REQUIRE(parsed.value != nullptr);
    REQUIRE(SameExpr(*expr, *parsed.value));
    REQUIRE(PrintExpression(*parsed.value) == text);
    const auto lines = ParseExpression(PrintExpressionLines(*expr, {}, 30));
    REQUIRE(lines.value != nullptr);
    REQUIRE(SameExpr(*expr, *lines.value));
  }
}

// The tokens of `text` with random blanks, line breaks and comments between. Returns how many comments.
std::string Mangle(std::string_view text, RandomAst* random, std::size_t* comment_count) {
  std::string mangled;
  const Tokens lexed = Lex(text);
  std::uint32_t last_end = 0;
  for (const Token& token : lexed.tokens) {
    const bool blank = token.span.begin > last_end;
    if (random->Chance(6)) {
      const bool own_line = random->Chance(50);
      mangled += own_line ? "\n  # own " : "  # behind ";
      mangled += std::to_string(++*comment_count) + "\n";
    } else if (random->Chance(15)) {
      mangled += "\n   ";
    } else if (blank) {
      mangled += random->Chance(20) ? "  " : " ";
    }
    mangled += text.substr(token.span.begin, token.span.end - token.span.begin);
    last_end = token.span.end;
  }
  return mangled;
}

TEST_CASE("random patterns, however they are laid out, print to one text with the same tree") {
  const std::uint64_t seed = RandomSeed();
  CAPTURE(seed);
  RandomAst random(seed);
  for (int i = 0; i < 400; ++i) {
    const Pattern pattern = random.NextPattern();
    const std::size_t width = 30 + random.Pick(100);
    const std::string text = PrintPattern(pattern, width);
    CAPTURE(text);
    const auto parsed = ParsePattern(text);
    CAPTURE((parsed.error ? parsed.error->message : ""));
    REQUIRE(parsed.value != nullptr);
    REQUIRE(SamePattern(pattern, *parsed.value));
    REQUIRE(PrintPattern(*parsed.value, width) == text);

    std::size_t comment_count = 0;
    const std::string mangled = Mangle(text, &random, &comment_count);
    CAPTURE(mangled);
    const auto other = ParsePattern(mangled);
    REQUIRE(other.value != nullptr);
    REQUIRE(SamePattern(pattern, *other.value));
    REQUIRE(other.value->comments.size() == comment_count);
    const std::string printed = PrintPattern(*other.value, width);
    if (comment_count == 0) REQUIRE(printed == text);
    CAPTURE(printed);
    const auto again = ParsePattern(printed);
    REQUIRE(again.value != nullptr);
    REQUIRE(SamePattern(pattern, *again.value));
    REQUIRE(SameComments(other.value->comments, again.value->comments));
    REQUIRE(PrintPattern(*again.value, width) == printed);
  }
}

TEST_CASE("trees that differ are told apart") {
  const std::string_view texts[] = {"from s A",
                                    "from t A",
                                    "from s by k A",
                                    "from s by (k, l) A",
                                    "from s B",
                                    "from s a: A",
                                    "from s x.A",
                                    "from s A by k",
                                    "from s A[x]",
                                    "from s A[y]",
                                    "from s A[`x`]",
                                    "from s A[x.y]",
                                    "from s A[x == 1]",
                                    "from s A[x != 1]",
                                    "from s A[x in y]",
                                    "from s A[x not in y]",
                                    "from s A[\"x\"]",
                                    "from s A['x']",
                                    "from s A[/x/]",
                                    "from s A[/x/i]",
                                    "from s A[true]",
                                    "from s A[false]",
                                    "from s A[1h]",
                                    "from s A[2h]",
                                    "from s A[f(x over 1h)]",
                                    "from s A[f(x over 2h)]",
                                    "from s A[f(x over tumbling 1h)]",
                                    "from s A[f(x over 1h by y)]",
                                    "from s A[f(x over 1h where y)]",
                                    "from s A[f(x over 1h excluding current)]",
                                    "from s A[(x)]",
                                    "from s A{2}",
                                    "from s A{2,}",
                                    "from s A{2,2}",
                                    "from s A+",
                                    "from s A*",
                                    "from s A+ greedy",
                                    "from s A+ consecutive",
                                    "from s A+ until [x]",
                                    "from s A then B",
                                    "from s A next B",
                                    "from s A then every B",
                                    "from s A then within 1h B",
                                    "from s A then not B",
                                    "from s A then not (B or C)",
                                    "from s (A)",
                                    "from s (A or B)",
                                    "from s c: (A or B)",
                                    "from s all(A, B)",
                                    "from s A unless B",
                                    "from s A where x",
                                    "from s A within 1h",
                                    "from s A after match skip none",
                                    "from s A after match skip to first a",
                                    "from s A after match skip to first b"};
  for (const std::string_view a : texts) {
    for (const std::string_view b : texts) {
      CAPTURE(a);
      CAPTURE(b);
      CHECK(SamePattern(*ParsePattern(a).value, *ParsePattern(b).value) == (a == b));
    }
  }
  CHECK(SamePattern(*ParsePattern("from s A within 60s").value,
                    *ParsePattern("from s # x\n A within 1m").value));
}

}  // namespace
}  // namespace shrike::rules
