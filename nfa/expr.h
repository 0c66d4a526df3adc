// Expr: a resolved, typed expression. The checker (rules/) makes it, the Program compiles it, the oracle walks it.
//
// Plain data. Macros are expanded, names are resolved to columns and binding names, both sides of an operator have
// types that go together. Meaning: language.md, section 4. Depth is bounded by kNestingMax times the depth of the
// macros used, and by kExpressionNodesMax in all.
#ifndef SHRIKE_NFA_EXPR_H_
#define SHRIKE_NFA_EXPR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "base/value.h"

namespace shrike::nfa {

enum class Op : std::uint8_t {
  kConstant,  // constant
  kField,     // column of the current event
  kKey,  // part `index` of the rule key; only in alert texts, alert fields and the pattern's `where`
  kBoundField,  // column of an event bound to `name`: select, index
  kAggregate,   // aggregate over all events bound to `name`; column, but for kCount
  kNot,         // args[0]
  kAnd,
  kOr,  // args: 2 or more
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,  // args: 2
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,    // args: 2, left to right
  kNegate,    // args[0]
  kCoalesce,  // args: 2 or more (`??` and coalesce)
  kIsNull,    // args[0]
  kIn,        // args[0] in args[1]; args[1] is a list (or a cidr list of strings, for an ip)
  kLike,
  kILike,  // args[0] like args[1] (a constant string, or a list of them)
  kMatches,  // args[0] matches args[1] (a constant RE2 text; (?i) already in front), or a list of them
  kList,     // args: the items of a list that is not constant
  kCall,     // function(args)
  // RuleSetSpec::windows[index] as the current event reads it. args: the current event's values of the window's `by`
  // columns, then, for kZscore, kNew and kSeen, its values of the window's `values`.
  kWindow,
  kRisk,  // risk(key): the score of the rule key (language.md, 4.13), a float
  kLookup,  // field `column` of the row of RuleSetSpec::tables[index] whose key is args[0]; null if none
};

enum class Select : std::uint8_t { kFirst, kLast, kIndex };

enum class Aggregate : std::uint8_t { kCount, kSum, kAvg, kMin, kMax, kStddev, kDistinct, kValues };

// language.md, 4.10. `if` and `coalesce` are here and an Op respectively. Arguments and results (checked):
//   abs, floor, ceil, round take a number; abs(x) and round(x, n) keep its type (abs takes a duration too), floor, ceil
//   and round(x) give an int; sqrt, log, geo_km(4 numbers) give a float; least, greatest, if give the common type.
//   length(string or list), hour, weekday, hash(scalar), levenshtein give an int; contains, starts_with, ends_with and
//   cidr(ip, constant address/length) a bool; lower, upper, concat(strings), date (YYYY-MM-DD) a string; split(s,
//   separator) a list of strings. hour, weekday, date take a timestamp and perhaps a constant zone name.
// The arguments of kCoalesce, kList, kLeast, kGreatest and kIf may have other types than the result: convert them.
enum class Function : std::uint8_t {
  kAbs,
  kRound,
  kFloor,
  kCeil,
  kSqrt,
  kLog,
  kLeast,
  kGreatest,
  kLower,
  kUpper,
  kLength,
  kContains,
  kStartsWith,
  kEndsWith,
  kSplit,
  kConcat,
  kCidr,
  kGeoKm,
  kHour,
  kWeekday,
  kDate,
  kHash,
  kLevenshtein,
  kIf,
};

inline constexpr int kTimeColumn = -1;  // the event's time, `ts`

// A literal that owns its bytes. For kList, `items`; every item has the list's element type or is null.
struct Constant {
  Kind kind = Kind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;  // int, timestamp, duration
  double number = 0;         // float
  Decimal decimal;
  std::string text;  // string
  IpBytes ip{};
  std::vector<Constant> items;
};

struct Expr {
  Op op = Op::kConstant;
  Type type;          // of the result; kNull: the literal null
  Constant constant;  // kConstant
  int column =
      0;  // kField, kBoundField, kAggregate: RowLayout index or kTimeColumn; kLookup: of the table
  int name =
      -1;  // kBoundField, kAggregate: index in RuleSpec::names. kBoundField with -1 (and kLast): the
  // last bound event of the run, whatever its step; only in alerts and the pattern's `where`
  Select select = Select::kLast;
  std::int64_t index = 0;  // Select::kIndex, kKey, kWindow, kLookup: from 0
  Aggregate aggregate = Aggregate::kCount;
  Function function = Function::kAbs;
  std::vector<Expr> args;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_EXPR_H_
