#include "rules/abstract_truth.h"

#include <algorithm>
#include <optional>

namespace shrike::rules {
namespace {

using nfa::Expr;
using nfa::Op;

// What an expression can be. For bools all three flags count; for other types `may_be_true` and `may_be_false` both
// mean "not null", and `number` is the value if it is one known integer.
struct Truth {
  bool may_be_true = true;
  bool may_be_false = true;
  bool may_be_null = true;
  std::optional<std::int64_t> number;
};

constexpr Truth Null() { return {false, false, true, {}}; }

Truth Known(bool value) { return {value, !value, false, {}}; }

bool IsNullOnly(const Truth& truth) { return !truth.may_be_true && !truth.may_be_false; }

class Evaluator {
 public:
  explicit Evaluator(const std::vector<int>& empty_names) : empty_names_(empty_names) {}

  Truth Evaluate(const Expr& expr) const {
    switch (expr.op) {
      case Op::kConstant:
        return OfConstant(expr);
      case Op::kBoundField:
        return IsEmpty(expr.name) ? Null() : Truth{};
      case Op::kAggregate:
        return OfAggregate(expr);
      case Op::kNot:
        return Negated(Evaluate(expr.args[0]));
      case Op::kAnd:
        return Conjunction(expr);
      case Op::kOr:
        return Disjunction(expr);
      case Op::kIsNull:
        return OfIsNull(Evaluate(expr.args[0]));
      case Op::kCoalesce:
        return OfCoalesce(expr);
      case Op::kCall:
        return OfCall(expr);
      case Op::kEqual:
      case Op::kNotEqual:
      case Op::kLess:
      case Op::kLessEqual:
      case Op::kGreater:
      case Op::kGreaterEqual:
        return OfComparison(expr);
      case Op::kAdd:
      case Op::kSubtract:
      case Op::kMultiply:
      case Op::kDivide:
      case Op::kModulo:
      case Op::kNegate:
      case Op::kLike:
      case Op::kILike:
      case Op::kMatches:
        return Strict(expr);
      case Op::kIn:
        return IsNullOnly(Evaluate(expr.args[0])) ? NullOrFalse() : Truth{};
      case Op::kField:
      case Op::kKey:
      case Op::kList:
      case Op::kWindow:
      case Op::kRisk:
      case Op::kLookup:
        return {};
    }
    return {};
  }

 private:
  bool IsEmpty(int name) const {
    return std::find(empty_names_.begin(), empty_names_.end(), name) != empty_names_.end();
  }

  // null in [..]: unknown, but of an empty list false.
  static Truth NullOrFalse() { return {false, true, true, {}}; }

  static Truth OfConstant(const Expr& expr) {
    if (expr.constant.kind == Kind::kNull) return Null();
    if (expr.constant.kind == Kind::kBool) return Known(expr.constant.boolean);
    Truth truth{true, true, false, {}};
    if (expr.constant.kind == Kind::kInt) truth.number = expr.constant.integer;
    return truth;
  }

  Truth OfAggregate(const Expr& expr) const {
    if (!IsEmpty(expr.name)) return {};
    const bool zero = expr.aggregate == nfa::Aggregate::kCount ||
                      expr.aggregate == nfa::Aggregate::kSum ||
                      expr.aggregate == nfa::Aggregate::kDistinct;
    return zero ? Truth{true, true, false, 0} : Null();
  }

  static Truth Negated(const Truth& truth) {
    return {truth.may_be_false, truth.may_be_true, truth.may_be_null, {}};
  }

  Truth Conjunction(const Expr& expr) const {
    Truth all = Known(true);
    for (const Expr& arg : expr.args) {
      const Truth truth = Evaluate(arg);
      const bool may_be_null = (all.may_be_null && (truth.may_be_null || truth.may_be_true)) ||
                               (truth.may_be_null && all.may_be_true);
      all = {all.may_be_true && truth.may_be_true,
             all.may_be_false || truth.may_be_false,
             may_be_null,
             {}};
    }
    return all;
  }

  Truth Disjunction(const Expr& expr) const {
    Truth none = Known(false);
    for (const Expr& arg : expr.args) {
      const Truth truth = Evaluate(arg);
      const bool may_be_null = (none.may_be_null && (truth.may_be_null || truth.may_be_false)) ||
                               (truth.may_be_null && none.may_be_false);
      none = {none.may_be_true || truth.may_be_true,
              none.may_be_false && truth.may_be_false,
              may_be_null,
              {}};
    }
    return none;
  }

  static Truth OfIsNull(const Truth& truth) {
    return {truth.may_be_null, truth.may_be_true || truth.may_be_false, false, {}};
  }

  // The first that is not null.
  Truth OfCoalesce(const Expr& expr) const {
    Truth result = Null();
    for (const Expr& arg : expr.args) {
      const Truth truth = Evaluate(arg);
      const bool first = IsNullOnly(result);
      result = {result.may_be_true || truth.may_be_true, result.may_be_false || truth.may_be_false,
                truth.may_be_null, first ? truth.number : std::nullopt};
      if (!truth.may_be_null) break;
    }
    return result;
  }

  Truth OfCall(const Expr& expr) const {
    if (expr.function != nfa::Function::kIf) return Strict(expr);
    const Truth condition = Evaluate(expr.args[0]);
    const Truth yes = Evaluate(expr.args[1]);
    const Truth no = Evaluate(expr.args[2]);
    const bool may_be_no = condition.may_be_false || condition.may_be_null;
    if (!condition.may_be_true) return no;
    if (!may_be_no) return yes;
    return {yes.may_be_true || no.may_be_true,
            yes.may_be_false || no.may_be_false,
            yes.may_be_null || no.may_be_null,
            {}};
  }

  // Null if an argument is, else anything.
  Truth Strict(const Expr& expr) const {
    const bool null = std::any_of(expr.args.begin(), expr.args.end(),
                                  [&](const Expr& arg) { return IsNullOnly(Evaluate(arg)); });
    return null ? Null() : Truth{};
  }

  Truth OfComparison(const Expr& expr) const {
    const Truth left = Evaluate(expr.args[0]);
    const Truth right = Evaluate(expr.args[1]);
    if (IsNullOnly(left) || IsNullOnly(right)) return Null();
    if (!left.number || !right.number) return {};
    Truth truth = Known(Holds(expr.op, *left.number, *right.number));
    truth.may_be_null = left.may_be_null || right.may_be_null;
    return truth;
  }

  static bool Holds(Op op, std::int64_t a, std::int64_t b) {
    switch (op) {
      case Op::kEqual:
        return a == b;
      case Op::kNotEqual:
        return a != b;
      case Op::kLess:
        return a < b;
      case Op::kLessEqual:
        return a <= b;
      case Op::kGreater:
        return a > b;
      default:
        return a >= b;
    }
  }

  const std::vector<int>& empty_names_;
};

}  // namespace

bool CanHold(const nfa::Expr& condition, const std::vector<int>& empty_names) {
  return Evaluator(empty_names).Evaluate(condition).may_be_true;
}

bool NamesAny(const nfa::Expr& expr, const std::vector<int>& names) {
  const bool reads = expr.op == Op::kBoundField || expr.op == Op::kAggregate;
  if (reads && std::find(names.begin(), names.end(), expr.name) != names.end()) return true;
  return std::any_of(expr.args.begin(), expr.args.end(),
                     [&](const nfa::Expr& arg) { return NamesAny(arg, names); });
}

}  // namespace shrike::rules
