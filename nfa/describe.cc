// Tested by: tests/nfa/program_test.cc.
#include "nfa/describe.h"

#include <array>

#include "base/check.h"
#include "base/time.h"
#include "base/value.h"

namespace shrike::nfa {
namespace {

constexpr std::array<const char*, 24> kFunctionNames = {
    "abs",   "round",  "floor",  "ceil",     "sqrt",        "log",       "least",       "greatest",
    "lower", "upper",  "length", "contains", "starts_with", "ends_with", "split",       "concat",
    "cidr",  "geo_km", "hour",   "weekday",  "date",        "hash",      "levenshtein", "if"};
constexpr std::array<const char*, 8> kAggregateNames = {"count", "sum",    "avg",      "min",
                                                        "max",   "stddev", "distinct", "values"};

// How tightly an operator binds; what binds less gets parentheses inside what binds more.
enum Level {
  kLevelOr,
  kLevelAnd,
  kLevelNot,
  kLevelCompare,
  kLevelCoalesce,
  kLevelSum,
  kLevelProduct,
  kLevelUnary,
  kLevelAtom
};

class Describer {
 public:
  Describer(const RowLayout& layout, const std::vector<BindingName>& names)
      : layout_(layout), names_(names) {}

  std::string Text(const Expr& e, int outer) {
    const int level = LevelOf(e.op);
    std::string text = Inner(e, level);
    return level < outer ? "(" + text + ")" : text;
  }

 private:
  static int LevelOf(Op op) {
    switch (op) {
      case Op::kOr:
        return kLevelOr;
      case Op::kAnd:
        return kLevelAnd;
      case Op::kNot:
        return kLevelNot;
      case Op::kEqual:
      case Op::kNotEqual:
      case Op::kLess:
      case Op::kLessEqual:
      case Op::kGreater:
      case Op::kGreaterEqual:
      case Op::kIn:
      case Op::kLike:
      case Op::kILike:
      case Op::kMatches:
      case Op::kIsNull:
        return kLevelCompare;
      case Op::kCoalesce:
        return kLevelCoalesce;
      case Op::kAdd:
      case Op::kSubtract:
        return kLevelSum;
      case Op::kMultiply:
      case Op::kDivide:
      case Op::kModulo:
        return kLevelProduct;
      case Op::kNegate:
        return kLevelUnary;
      default:
        return kLevelAtom;
    }
  }

  static const char* Sign(Op op) {
    switch (op) {
      case Op::kOr:
        return " or ";
      case Op::kAnd:
        return " and ";
      case Op::kEqual:
        return " == ";
      case Op::kNotEqual:
        return " != ";
      case Op::kLess:
        return " < ";
      case Op::kLessEqual:
        return " <= ";
      case Op::kGreater:
        return " > ";
      case Op::kGreaterEqual:
        return " >= ";
      case Op::kIn:
        return " in ";
      case Op::kLike:
        return " like ";
      case Op::kILike:
        return " ilike ";
      case Op::kMatches:
        return " matches ";
      case Op::kCoalesce:
        return " ?? ";
      case Op::kAdd:
        return " + ";
      case Op::kSubtract:
        return " - ";
      case Op::kMultiply:
        return " * ";
      case Op::kDivide:
        return " / ";
      case Op::kModulo:
        return " % ";
      default:
        SHRIKE_CHECK(false);
    }
  }

  std::string Inner(const Expr& e, int level) {
    switch (e.op) {
      case Op::kConstant:
        return ConstantText(e.constant);
      case Op::kField:
        return ColumnText(e.column);
      case Op::kKey:
        return "key[" + std::to_string(e.index) + "]";
      case Op::kBoundField:
        return BoundText(e);
      case Op::kAggregate: {
        const std::string column =
            e.aggregate == Aggregate::kCount ? "" : "." + ColumnText(e.column);
        return std::string(kAggregateNames[static_cast<std::size_t>(e.aggregate)]) + "(" +
               NameText(e.name) + column + ")";
      }
      case Op::kNot:
        return "not " + Text(e.args[0], level);
      case Op::kNegate:
        return "-" + Text(e.args[0], level);
      case Op::kIsNull:
        return Text(e.args[0], kLevelCoalesce) + " is null";
      case Op::kList:
        return "[" + Joined(e.args, ", ", kLevelOr) + "]";
      case Op::kCall:
        return std::string(kFunctionNames[static_cast<std::size_t>(e.function)]) + "(" +
               Joined(e.args, ", ", kLevelOr) + ")";
      case Op::kWindow:
        return "window[" + std::to_string(e.index) + "](" + Joined(e.args, ", ", kLevelOr) + ")";
      case Op::kRisk:
        return "risk(key)";
      case Op::kLookup:
        return "lookup[" + std::to_string(e.index) + "](" + Joined(e.args, ", ", kLevelOr) + ")." +
               std::to_string(e.column);
      default:
        return Joined(e.args, Sign(e.op), level + 1);
    }
  }

  std::string Joined(const std::vector<Expr>& args, const char* separator, int level) {
    std::string out;
    for (std::size_t i = 0; i < args.size(); ++i) {
      if (i > 0) out += separator;
      out += Text(args[i], level);
    }
    return out;
  }

  std::string BoundText(const Expr& e) {
    const std::string column = "." + ColumnText(e.column);
    switch (e.select) {
      case Select::kFirst:
        return "first(" + NameText(e.name) + ")" + column;
      case Select::kIndex:
        return NameText(e.name) + "[" + std::to_string(e.index) + "]" + column;
      case Select::kLast:
        break;
    }
    return NameText(e.name) + column;
  }

  std::string NameText(int name) const {
    if (name < 0) return "last";
    const auto i = static_cast<std::size_t>(name);
    return i < names_.size() ? names_[i].text : "#" + std::to_string(name);
  }

  std::string ColumnText(int column) const {
    return column == kTimeColumn ? "ts" : layout_.columns[static_cast<std::size_t>(column)].name;
  }

  static std::string ConstantText(const Constant& c) {
    switch (c.kind) {
      case Kind::kNull:
        return "null";
      case Kind::kBool:
        return c.boolean ? "true" : "false";
      case Kind::kInt:
        return std::to_string(c.integer);
      case Kind::kDecimal:
        return FormatDecimal(c.decimal);
      case Kind::kTimestamp:
        return "\"" + FormatRfc3339(c.integer) + "\"";
      case Kind::kDuration:
        return c.integer < 0 ? std::to_string(c.integer) + "ms" : FormatDuration(c.integer);
      case Kind::kIp:
        return "\"" + FormatIp(c.ip) + "\"";
      case Kind::kFloat: {
        std::string out;
        AppendDouble(c.number, &out);
        return out;
      }
      case Kind::kString: {
        std::string out;
        AppendJsonString(c.text, &out);
        return out;
      }
      case Kind::kList:
        break;
    }
    std::string out = "[";
    for (std::size_t i = 0; i < c.items.size(); ++i)
      out += (i > 0 ? ", " : "") + ConstantText(c.items[i]);
    return out + "]";
  }

  const RowLayout& layout_;
  const std::vector<BindingName>& names_;
};

}  // namespace

std::string DescribeExpr(const Expr& expr, const RowLayout& layout,
                         const std::vector<BindingName>& names) {
  return Describer(layout, names).Text(expr, kLevelOr);
}

}  // namespace shrike::nfa
