// Text of a pattern or an expression -> syntax tree (rules/ast.h). The only Boost.Spirit unit is rules/parser.cc.
//
// The grammar (language.md, section 3), over the tokens of rules/lexer.h; tests/rules/grammar_test.cc reads it here:
//
//   pattern    = "from" source {"," source} sequence {clause} ;
//   source     = stream [keys] ;
//   stream     = name ;
//   keys       = "by" ( path | "(" path {"," path} ")" ) ;
//   clause     = "unless" step | "where" expression | "within" duration | "after" "match" "skip" skip ;
//   sequence   = positive { link ( positive | negative ) } ;
//   link       = ( "then" ["every"] | "next" ) ["within" duration] ;
//   positive   = ( step | group | choice ) [quantifier] | all ;
//   negative   = "not" ( bare | "(" bare "or" bare {"or" bare} ")" ) ;
//   step       = [label ":"] bare ;
//   bare       = type [keys] ["[" expression "]"] ;
//   group      = "(" sequence ")" ;
//   choice     = [label ":"] "(" step "or" step {"or" step} ")" ;
//   all        = "all" "(" step "," step {"," step} ")" ;
//   quantifier = ( "{" integer "}" | "{" integer "," "}" | "{" integer "," integer "}" | "+" | "*" | "?" )
//                ["consecutive" | "combinations"] ["greedy"] ["until" "[" expression "]"] ;
//   skip       = "none" | "past" "last" | "to" "next" | "to" "first" name | "to" "last" name ;
//   type       = name ["." word] ;
//   expression = conj {"or" conj} ;
//   conj       = neg {"and" neg} ;
//   neg        = "not" neg | comparison ;
//   comparison = coal [ compare coal | ["not"] match coal | ["not"] "between" coal "and" coal
//                     | "is" ["not"] "null" ] ;
//   compare    = "==" | "!=" | "<" | "<=" | ">" | ">=" ;
//   match      = "in" | "like" | "ilike" | "matches" ;
//   coal       = sum {"??" sum} ;
//   sum        = prod {("+" | "-") prod} ;
//   prod       = unary {("*" | "/" | "%") unary} ;
//   unary      = "-" unary | postfix ;
//   postfix    = atom { "." word | "[" expression "]" } ;
//   atom       = name | number | string | duration | regex | "true" | "false" | "null" | list
//              | "(" expression ")" | call ;
//   list       = "[" [expression {"," expression}] "]" ;
//   call       = name "(" [ aggregate | expression {"," expression} ] ")" ;
//   aggregate  = [expression] "over" window { keys | "where" expression | "excluding" "current" } ;
//   window     = duration | "tumbling" duration | "session" duration | "last" integer "events" ;
//   path       = name {"." word} ;
//   label      = (* a name, but none of: all every unless after excluding event *) ;
//   name       = (* letter {letter | digit | "_"}, not reserved; or any text in backticks *) ;
//   word       = (* a name or a reserved word *) ;
//   number     = (* digits with "_" between ["." digits] *) ;
//   integer    = (* a number without a point that fits 64 bits *) ;
//   string     = (* "..." with \" \\ \n \t \r \uXXXX, or '...' as it is *) ;
//   duration   = (* ( integer unit ){1,}, one token; units w d h m s ms, descending, each once *) ;
//   regex      = (* /.../ or /.../i, only where an operand may stand *) ;
//
// Each clause stands at most once, and so does each part behind a window. `#` begins a comment to the end of the line.
// Reserved: from by then next not or and in like ilike matches between is null true false over where within.
// Tested by: tests/rules/parser_test.cc, tests/rules/grammar_test.cc.  Next: rules/ast.h, rules/checker.h.
#ifndef SHRIKE_RULES_PARSER_H_
#define SHRIKE_RULES_PARSER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"

namespace shrike::rules {

// One syntax error; spans are bytes of the text given.
struct SyntaxError {
  std::string code;  // E01xx
  Span span;
  std::string message;     // expected `]` after the condition, found `within`
  std::string suggestion;  // or empty
};

// Exactly one of value and error is set.
template <typename T>
struct Parsed {
  T value{};
  std::optional<SyntaxError> error;
};

// All of them: at most one error, the one furthest in the text; depth is bounded by kNestingMax; never throw.
// Cost: linear, some 200 ns a token.
Parsed<std::unique_ptr<Pattern>> ParsePattern(std::string_view text);
Parsed<ExprPtr> ParseExpression(std::string_view text);
Parsed<std::vector<Source>> ParseSources(
    std::string_view text);  // of a feature's `from`, without the word

// The expression in text[begin, *end): it ends at the first `}` outside of strings, or at the end of the text. Spans
// are bytes of `text`. For text templates.
Parsed<ExprPtr> ParseBracedExpression(std::string_view text, std::uint32_t begin,
                                      std::uint32_t* end);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_PARSER_H_
