// The syntax tree of a pattern or an expression, exactly as written (language.md, section 3).
//
// Nothing is resolved here: names are text, macros are calls, `between` is `between`. The printer writes this tree
// back; the checker turns it into nfa/rule_spec.h. Chains of one precedence (`a or b or c`, `1 + 2 - 3`) are one node
// with many operands, so the depth of a tree is bounded by kNestingMax and recursion over it is safe.
#ifndef SHRIKE_RULES_AST_H_
#define SHRIKE_RULES_AST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "nfa/window_spec.h"

namespace shrike::rules {

// Bytes [begin, end) of the scalar's text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Comment {
  Span span;              // from `#` to the end of the line, without the newline
  std::string text;       // with its `#`
  bool own_line = false;  // nothing but blanks stands before it on its line
};

struct Name {
  std::string text;     // without backticks
  bool quoted = false;  // was written in backticks
  Span span;
};

// name {"." word}
struct Path {
  std::vector<Name> parts;
  Span span;
};

struct Expr;
struct Sequence;
// unique_ptr that may be null where the grammar says optional.
using ExprPtr = std::unique_ptr<Expr>;

enum class ExprKind : std::uint8_t {
  kNull,
  kBool,      // boolean
  kNumber,    // text: as written, with its `_` and point: checkers remove the `_`
  kString,    // text: the decoded value; raw: written in '...'
  kDuration,  // duration, text as written
  kRegex,     // text: between the slashes; ignore_case
  kName,      // text (a bare name), quoted
  kList,      // operands
  kCall,      // text: function or macro; operands: arguments; or aggregate
  kMember,    // operands[0] "." text
  kIndex,     // operands[0] "[" operands[1] "]"
  kNegate,    // "-" operands[0]
  kNot,       // "not" operands[0]
  kProduct,   // operands[0] {operators[i] operands[i + 1]}: * / %
  kSum,       // the same: + -
  kCoalesce,  // operands: a ?? b ?? c
  kCompare,   // operands[0] operators[0] operands[1]
  kMatch,     // operands[0] ["not"] operators[0] (in like ilike matches) operands[1]
  kBetween,   // operands[0] ["not"] between operands[1] and operands[2]
  kIsNull,    // operands[0] is ["not"] null
  kAnd,       // operands
  kOr,        // operands
  kParen,     // "(" operands[0] ")"
};

enum class Operator : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kLike,
  kILike,
  kMatches,
};

using WindowKind = nfa::WindowKind;

struct Keys {
  std::vector<Path> paths;
  Span span;
};

// [expression] "over" window {...}; the expression is the call's only operand, if there.
struct Window {
  WindowKind kind = WindowKind::kSliding;
  DurationMs length = 0;    // not for kLastEvents
  std::string length_text;  // as written; empty: the printer writes the shortest form
  std::int64_t events = 0;  // kLastEvents
  std::optional<Keys> by;
  ExprPtr where;
  bool excluding_current = false;
  Span span;  // from `over`
};

struct Expr {
  ExprKind kind = ExprKind::kNull;
  Span span;
  std::string text;
  bool boolean = false;      // kBool's value
  bool negated = false;      // kMatch, kBetween, kIsNull: with "not"
  bool ignore_case = false;  // kRegex
  bool raw = false;          // kString
  bool quoted = false;       // kName, kMember: in backticks
  DurationMs duration = 0;
  Span name_span;  // kCall: the name; kMember: the word after the dot
  std::vector<Operator> operators;
  std::vector<Span> operator_spans;
  std::vector<ExprPtr> operands;
  std::unique_ptr<Window> window;  // kCall with `over`
};

enum class LinkKind : std::uint8_t { kThen, kThenEvery, kNext };

struct Link {
  LinkKind kind = LinkKind::kThen;
  std::optional<DurationMs> within;
  std::string within_text;  // as written; empty: the printer writes the shortest form
  Span span;                // with its `within`
};

// [name ":"] type [keys] ["[" expression "]"]
struct Step {
  std::optional<Name> name;
  std::optional<Name> stream;  // of `stream.type`
  Name type;
  std::optional<Keys> by;
  ExprPtr condition;
  Span span;
};

enum class Contiguity : std::uint8_t { kRelaxed, kConsecutive, kCombinations };

struct Quantifier {
  enum class Form : std::uint8_t { kExactly, kAtLeast, kBetween, kPlus, kStar, kOptional };
  Form form = Form::kExactly;
  std::int64_t min = 1;
  std::optional<std::int64_t> max;  // none: unbounded
  Contiguity contiguity = Contiguity::kRelaxed;
  bool greedy = false;
  ExprPtr until;
  Span span;
};

struct Element {
  enum class Kind : std::uint8_t { kStep, kGroup, kChoice, kAll, kNot };
  Kind kind = Kind::kStep;
  Link link;                 // before it; of a sequence's first element: unused
  std::optional<Name> name;  // kChoice only; a step's name is in steps[0]
  std::vector<Step> steps;   // kStep: 1; kChoice, kAll: alternatives, elements; kNot: 1 or more
  bool not_parenthesised = false;   // kNot: "(" step "or" .. ")"
  std::unique_ptr<Sequence> group;  // kGroup
  std::optional<Quantifier> quantifier;
  Span span;  // without its link
};

struct Sequence {
  std::vector<Element> elements;  // the first is positive
  Span span;
};

struct Source {
  Name stream;
  std::optional<Keys> by;
  Span span;
};

enum class SkipKind : std::uint8_t { kNone, kPastLast, kToNext, kToFirst, kToLast };

struct Skip {
  SkipKind kind = SkipKind::kPastLast;
  std::optional<Name> name;  // kToFirst, kToLast
  Span span;
};

struct Pattern {
  std::vector<Source> sources;
  Sequence sequence;
  std::optional<Step> unless;
  ExprPtr where;
  std::optional<DurationMs> within;
  std::string within_text;  // as written; empty: the printer writes the shortest form
  Span within_span;         // from `within` to the end of its duration
  Span where_span;          // the clause, from its keyword; so is unless_span
  Span unless_span;
  std::optional<Skip> skip;
  std::vector<Comment> comments;  // in text order, for the printer
};

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_AST_H_
