#include "tests/oracle/evaluator.h"

#include <algorithm>

#include "base/check.h"
#include "tests/oracle/functions.h"
#include "tests/oracle/window_reader.h"

namespace shrike::oracle {
namespace {

using nfa::Expr;
using nfa::Op;

bool IsTrue(const Datum& datum) { return datum.kind == Kind::kBool && datum.boolean; }

// An exact number in the kind that the checker gave the whole: int -> float or decimal, decimal -> float.
Datum Converted(const Datum& datum, Kind kind) {
  if (kind == Kind::kFloat && IsNumber(datum)) return MakeFloat(ToDouble(datum));
  if (kind == Kind::kDecimal && datum.kind == Kind::kInt) return MakeDecimal(ToDecimal(datum));
  return datum;
}

// The events bound to a name (-1: to any), in order.
std::vector<const Event*> EventsOf(int name, const Scope& scope) {
  std::vector<const Event*> events;
  for (const Binding& binding : *scope.bound) {
    bool named = name < 0;
    if (!named) {
      const std::vector<int>& steps = scope.rule->names[static_cast<std::size_t>(name)].steps;
      named = std::find(steps.begin(), steps.end(), binding.step) != steps.end();
    }
    if (named) events.push_back(&scope.history->events[binding.event]);
  }
  return events;
}

Datum BoundField(const Expr& expr, const Scope& scope) {
  const std::vector<const Event*> events = EventsOf(expr.name, scope);
  std::int64_t index = expr.index;
  if (expr.select == nfa::Select::kFirst) index = 0;
  if (expr.select == nfa::Select::kLast) index = static_cast<std::int64_t>(events.size()) - 1;
  if (index < 0 || index >= static_cast<std::int64_t>(events.size())) return {};
  return ColumnOf(*events[static_cast<std::size_t>(index)], expr.column);
}

Datum AggregateOf(const Expr& expr, const Scope& scope) {
  const std::vector<const Event*> events = EventsOf(expr.name, scope);
  if (expr.aggregate == nfa::Aggregate::kCount) {
    return MakeInteger(Kind::kInt, static_cast<std::int64_t>(events.size()));
  }
  std::vector<Datum> values;
  for (const Event* event : events) {
    const Datum value = ColumnOf(*event, expr.column);
    if (!value.is_null()) values.push_back(value);
  }
  return Aggregated(expr.aggregate, values, expr.type.kind);
}

// 4.1: three-valued. `decisive` is the operand that decides at once: false for `and`, true for `or`.
Datum Logic(const Expr& expr, const Scope& scope, bool decisive) {
  bool unknown = false;
  for (const Expr& arg : expr.args) {
    const Datum value = Evaluate(arg, scope);
    if (value.is_null()) {
      unknown = true;
    } else if (value.boolean == decisive) {
      return MakeBool(decisive);
    }
  }
  return unknown ? Datum() : MakeBool(!decisive);
}

Datum Comparison(const Expr& expr, const Scope& scope) {
  const Datum a = Evaluate(expr.args[0], scope);
  const Datum b = Evaluate(expr.args[1], scope);
  if (a.is_null() || b.is_null()) return {};
  const int order = Compare(a, b);
  switch (expr.op) {
    case Op::kEqual:
      return MakeBool(order == 0);
    case Op::kNotEqual:
      return MakeBool(order != 0);
    case Op::kLess:
      return MakeBool(order < 0);
    case Op::kLessEqual:
      return MakeBool(order <= 0);
    case Op::kGreater:
      return MakeBool(order > 0);
    default:
      return MakeBool(order >= 0);
  }
}

// One value against one item of the right side: equal, in the block, like the pattern. Null: unknown.
Datum Fits(Op op, const Datum& value, const Datum& item) {
  if (value.is_null() || item.is_null()) return {};
  if (op == Op::kLike || op == Op::kILike)
    return MakeBool(Like(value.text, item.text, op == Op::kILike));
  if (op == Op::kMatches) return MakeBool(Matches(value.text, item.text));
  if (value.kind == Kind::kIp && item.kind == Kind::kString)
    return MakeBool(InCidr(value.ip, item.text));
  return MakeBool(Compare(value, item) == 0);
}

// 4.9: some element of a list at the left with some item of a list at the right; SQL's null rules.
Datum Membership(const Expr& expr, const Scope& scope) {
  const Datum left = Evaluate(expr.args[0], scope);
  const Datum right = Evaluate(expr.args[1], scope);
  if (left.is_null() || right.is_null()) return {};
  const std::vector<Datum> lefts = left.kind == Kind::kList ? left.items : std::vector<Datum>{left};
  const std::vector<Datum> rights =
      right.kind == Kind::kList ? right.items : std::vector<Datum>{right};
  bool unknown = false;
  for (const Datum& value : lefts) {
    for (const Datum& item : rights) {
      const Datum fits = Fits(expr.op, value, item);
      if (IsTrue(fits)) return fits;
      unknown = unknown || fits.is_null();
    }
  }
  return unknown ? Datum() : MakeBool(false);
}

Datum ArithmeticOf(const Expr& expr, const Scope& scope) {
  const Datum a = Evaluate(expr.args[0], scope);
  const Datum b = Evaluate(expr.args[1], scope);
  return Arithmetic(expr.op, a, b, expr.type.kind);
}

Datum Negated(const Datum& value) {
  if (value.is_null()) return {};
  if (value.kind == Kind::kFloat) return MakeFloat(-value.number);
  if (value.kind == Kind::kDecimal)
    return MakeDecimal(SubtractDecimal({0, value.decimal.scale}, value.decimal));
  return MakeInteger(value.kind, -Int128{value.integer});
}

Datum Coalesced(const Expr& expr, const Scope& scope) {
  for (const Expr& arg : expr.args) {
    const Datum value = Evaluate(arg, scope);
    if (!value.is_null()) return Converted(value, expr.type.kind);
  }
  return {};
}

Datum ListOf(const Expr& expr, const Scope& scope) {
  Datum list;
  list.kind = Kind::kList;
  for (const Expr& arg : expr.args)
    list.items.push_back(Converted(Evaluate(arg, scope), expr.type.element));
  return list;
}

Datum CallOf(const Expr& expr, const Scope& scope) {
  std::vector<Datum> args;
  bool has_null = false;
  for (const Expr& arg : expr.args) {
    args.push_back(Evaluate(arg, scope));
    has_null = has_null || args.back().is_null();
  }
  if (has_null && expr.function != nfa::Function::kIf) return {};
  return Converted(CallFunction(expr.function, args), expr.type.kind);
}

Datum WindowOf(const Expr& expr, const Scope& scope) {
  const nfa::WindowSpec& window = scope.history->set->windows[static_cast<std::size_t>(expr.index)];
  WindowReading reading{.history = scope.history,
                        .key = scope.key,
                        .moment = scope.moment,
                        .current = scope.current,
                        .group = {},
                        .own = {}};
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    std::vector<Datum>& values = i < window.by.size() ? reading.group : reading.own;
    values.push_back(Evaluate(expr.args[i], scope));
  }
  return ReadWindow(window, reading);
}

Datum LookupOf(const Expr& expr, const Scope& scope) {
  const Table& table = *scope.history->set->tables[static_cast<std::size_t>(expr.index)];
  const Datum key = Converted(Evaluate(expr.args[0], scope), table.schema().key.type.kind);
  std::vector<std::vector<Value>> lists;
  const Value* row = table.Find(ToValue(key, &lists));
  return row == nullptr ? Datum() : FromValue(row[expr.column]);
}

}  // namespace

Datum ColumnOf(const Event& event, int column) {
  if (column == nfa::kTimeColumn) return MakeInteger(Kind::kTimestamp, event.ts);
  return FromValue(event.row[column]);
}

Datum Evaluate(const Expr& expr, const Scope& scope) {
  switch (expr.op) {
    case Op::kConstant:
      return FromConstant(expr.constant);
    case Op::kField:
      return ColumnOf(scope.history->events[scope.current], expr.column);
    case Op::kKey:
      return (*scope.key)[static_cast<std::size_t>(expr.index)];
    case Op::kBoundField:
      return BoundField(expr, scope);
    case Op::kAggregate:
      return AggregateOf(expr, scope);
    case Op::kNot: {
      const Datum value = Evaluate(expr.args[0], scope);
      return value.is_null() ? value : MakeBool(!value.boolean);
    }
    case Op::kAnd:
      return Logic(expr, scope, false);
    case Op::kOr:
      return Logic(expr, scope, true);
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual:
      return Comparison(expr, scope);
    case Op::kAdd:
    case Op::kSubtract:
    case Op::kMultiply:
    case Op::kDivide:
    case Op::kModulo:
      return ArithmeticOf(expr, scope);
    case Op::kNegate:
      return Negated(Evaluate(expr.args[0], scope));
    case Op::kCoalesce:
      return Coalesced(expr, scope);
    case Op::kIsNull:
      return MakeBool(Evaluate(expr.args[0], scope).is_null());
    case Op::kIn:
    case Op::kLike:
    case Op::kILike:
    case Op::kMatches:
      return Membership(expr, scope);
    case Op::kList:
      return ListOf(expr, scope);
    case Op::kCall:
      return CallOf(expr, scope);
    case Op::kWindow:
      return WindowOf(expr, scope);
    case Op::kRisk:
      return RiskOf(*scope.history, scope.rule->alert.key_names, *scope.key, scope.moment);
    case Op::kLookup:
      return LookupOf(expr, scope);
  }
  SHRIKE_CHECK(!"unknown operator");
  return {};
}

bool Holds(const Expr& expr, const Scope& scope) { return IsTrue(Evaluate(expr, scope)); }

}  // namespace shrike::oracle
