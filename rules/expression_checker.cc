#include "rules/expression_checker.h"

#include <algorithm>
#include <utility>

#include "rules/literals.h"
#include "rules/types.h"

namespace shrike::rules {
namespace {

using nfa::Op;

// Restores a member at the end of a block.
template <typename T>
class Restore {
 public:
  Restore(T* variable, T value) : variable_(variable), saved_(*variable) { *variable = value; }
  ~Restore() { *variable_ = saved_; }
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;

 private:
  T* variable_;
  T saved_;
};

Op OpOf(Operator op) {
  switch (op) {
    case Operator::kAdd:
      return Op::kAdd;
    case Operator::kSubtract:
      return Op::kSubtract;
    case Operator::kMultiply:
      return Op::kMultiply;
    case Operator::kDivide:
      return Op::kDivide;
    case Operator::kModulo:
      return Op::kModulo;
    case Operator::kEqual:
      return Op::kEqual;
    case Operator::kNotEqual:
      return Op::kNotEqual;
    case Operator::kLess:
      return Op::kLess;
    case Operator::kLessEqual:
      return Op::kLessEqual;
    case Operator::kGreater:
      return Op::kGreater;
    case Operator::kGreaterEqual:
      return Op::kGreaterEqual;
    case Operator::kIn:
      return Op::kIn;
    case Operator::kLike:
      return Op::kLike;
    case Operator::kILike:
      return Op::kILike;
    case Operator::kMatches:
      return Op::kMatches;
  }
  return Op::kEqual;
}

const char* OpText(Op op) {
  switch (op) {
    case Op::kAdd:
      return "+";
    case Op::kSubtract:
      return "-";
    case Op::kMultiply:
      return "*";
    case Op::kDivide:
      return "/";
    case Op::kModulo:
      return "%";
    case Op::kEqual:
      return "==";
    case Op::kNotEqual:
      return "!=";
    case Op::kLess:
      return "<";
    case Op::kLessEqual:
      return "<=";
    case Op::kGreater:
      return ">";
    default:
      return ">=";
  }
}

void SetConstant(TypedConstant constant, nfa::Expr* expr) {
  expr->op = Op::kConstant;
  expr->type = constant.type;
  expr->constant = std::move(constant.constant);
}

// What to write in place of a literal of the wrong type.
std::string MixHint(Type left, Type right) {
  const bool length = left.kind == Kind::kDuration || right.kind == Kind::kDuration;
  if (length && (IsNumber(left) || IsNumber(right))) return "write a length of time as `5s`";
  const bool text = left.kind == Kind::kString || right.kind == Kind::kString;
  if (text && (IsNumber(left) || IsNumber(right))) {
    return "a number has no quotes, and a string has them";
  }
  if (IsList(left) || IsList(right)) return "ask with `in`, `like` or `matches`";
  if (left.kind == Kind::kTimestamp || right.kind == Kind::kTimestamp) {
    return "write a time as \"2024-01-31T12:00:00Z\"";
  }
  return "";
}

}  // namespace

std::size_t NodeCount(const nfa::Expr& expr) {
  std::size_t count = 1;
  for (const nfa::Expr& arg : expr.args) count += NodeCount(arg);
  return count;
}

nfa::Expr Converted(nfa::Expr expr, Type type) {
  if (expr.type == type) return expr;
  // What `??` takes is turned into its type (nfa/expr.h).
  nfa::Expr null;
  null.type = type;
  nfa::Expr result;
  result.op = Op::kCoalesce;
  result.type = type;
  result.args.push_back(std::move(expr));
  result.args.push_back(std::move(null));
  return result;
}

ExpressionChecker::ExpressionChecker(RuleScope* scope)
    : scope_(scope), reporter_(scope->reporter()) {}

std::optional<nfa::Expr> ExpressionChecker::Condition(ScalarSource source, const Expr& expr,
                                                      const ExprSite& site) {
  const int errors = reporter_->error_count();
  plain_condition_ = HasPlainPart(expr);
  Checked checked = Run(source, expr, site);
  RequireBool(&checked, "a condition");
  if (checked.bad || reporter_->error_count() != errors) return std::nullopt;
  return std::move(checked.expr);
}

std::optional<nfa::Expr> ExpressionChecker::Value(ScalarSource source, const Expr& expr,
                                                  const ExprSite& site) {
  const int errors = reporter_->error_count();
  plain_condition_ = false;
  Checked checked = Run(source, expr, site);
  if (checked.bad || reporter_->error_count() != errors) return std::nullopt;
  return std::move(checked.expr);
}

ExpressionChecker::Checked ExpressionChecker::Run(ScalarSource source, const Expr& expr,
                                                  const ExprSite& site) {
  const Frame frame{source, nullptr, nullptr, nullptr};
  const Restore site_guard(&site_, &site);
  const Restore<const Frame*> frame_guard(&frame_, &frame);
  Checked checked = Check(expr);
  Settle(&checked);
  frames_.clear();
  return checked;
}

ExpressionChecker::Checked ExpressionChecker::Make(const Expr& expr, Op op, Type type) const {
  Checked checked;
  checked.expr.op = op;
  checked.expr.type = type;
  checked.place = At(expr.span);
  return checked;
}

ExpressionChecker::Checked ExpressionChecker::Bad(const Expr& expr) const {
  Checked checked = Make(expr, Op::kConstant, kNullType);
  checked.bad = true;
  return checked;
}

bool ExpressionChecker::TakeNodes(std::size_t count, const Place& place) {
  nodes_ += count;
  if (nodes_ <= kExpressionNodesMax) return true;
  if (!nodes_reported_) {
    nodes_reported_ = true;
    Report("E0214", place,
           "the rule's expressions have more than " + std::to_string(kExpressionNodesMax) +
               " parts when their macros are expanded");
  }
  return false;
}

ExpressionChecker::Checked ExpressionChecker::Check(const Expr& expr) {
  if (!TakeNodes(1, At(expr.span))) return Bad(expr);
  // A chain of n operands becomes a tree n deep.
  const int levels = static_cast<int>(std::max<std::size_t>(expr.operands.size(), 1));
  const bool chain = expr.kind == ExprKind::kSum || expr.kind == ExprKind::kProduct;
  const Restore<int> guard(&depth_, depth_ + (chain ? levels : 1));
  if (depth_ > kExpressionDepthMax) {
    if (!depth_reported_) {
      Report("E0215", At(expr.span),
             "the expression is nested deeper than " + std::to_string(kExpressionDepthMax) +
                 " when its macros are expanded");
    }
    depth_reported_ = true;
    return Bad(expr);
  }
  return CheckKind(expr);
}

ExpressionChecker::Checked ExpressionChecker::CheckIn(const Frame& frame, const Expr& expr) {
  const Restore<const Frame*> guard(&frame_, &frame);
  return Check(expr);
}

ExpressionChecker::Checked ExpressionChecker::CheckKind(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNull: {
      Checked checked = Make(expr, Op::kConstant, kNullType);
      checked.literal = Literal::kNull;
      return checked;
    }
    case ExprKind::kBool: {
      Checked checked = Make(expr, Op::kConstant, kBoolType);
      SetConstant(BoolConstant(expr.boolean), &checked.expr);
      return checked;
    }
    case ExprKind::kNumber:
      return CheckNumber(expr);
    case ExprKind::kString: {
      Checked checked = Make(expr, Op::kConstant, kStringType);
      SetConstant(*StringConstant(expr.text, kStringType), &checked.expr);
      checked.literal = Literal::kString;
      return checked;
    }
    case ExprKind::kDuration: {
      Checked checked = Make(expr, Op::kConstant, kDurationType);
      SetConstant(DurationConstant(expr.duration), &checked.expr);
      return checked;
    }
    case ExprKind::kRegex:
      Report("E0307", At(expr.span), "a regular expression can only stand right of `matches`");
      return Bad(expr);
    case ExprKind::kName:
    case ExprKind::kMember:
    case ExprKind::kIndex:
      return CheckName(expr);
    case ExprKind::kList:
      return CheckListLiteral(expr);
    case ExprKind::kCall:
      return CheckCall(expr);
    case ExprKind::kNegate:
      return CheckNegate(expr);
    case ExprKind::kNot:
      return CheckNot(expr);
    case ExprKind::kProduct:
    case ExprKind::kSum:
      return CheckChain(expr);
    case ExprKind::kCoalesce:
      return CheckCoalesce(expr);
    case ExprKind::kCompare:
      return CheckCompare(expr);
    case ExprKind::kMatch:
      return CheckMatch(expr);
    case ExprKind::kBetween:
      return CheckBetween(expr);
    case ExprKind::kIsNull:
      return CheckIsNull(expr);
    case ExprKind::kAnd:
      return CheckLogic(expr, Op::kAnd);
    case ExprKind::kOr:
      return CheckLogic(expr, Op::kOr);
    case ExprKind::kParen:
      return Check(*expr.operands[0]);
  }
  return Bad(expr);
}

ExpressionChecker::Checked ExpressionChecker::CheckNumber(const Expr& expr) {
  Checked checked = Make(expr, Op::kConstant, kIntType);
  checked.literal = Literal::kNumber;
  checked.number = expr.text;
  std::optional<TypedConstant> constant = NumberConstant(expr.text, kNullType);
  if (constant) {
    SetConstant(std::move(*constant), &checked.expr);
  } else {
    checked.too_large = true;
  }
  return checked;
}

ExpressionChecker::Checked ExpressionChecker::CheckNegate(const Expr& expr) {
  Checked operand = Check(*expr.operands[0]);
  if (operand.bad) return Bad(expr);
  if (operand.literal == Literal::kNumber) {
    const bool negative = operand.number.starts_with('-');
    operand.number = negative ? operand.number.substr(1) : "-" + operand.number;
    std::optional<TypedConstant> constant = NumberConstant(operand.number, kNullType);
    operand.too_large = !constant.has_value();
    if (constant) SetConstant(std::move(*constant), &operand.expr);
    operand.place = At(expr.span);
    return operand;
  }
  Settle(&operand);
  const Type type = operand.type();
  if (!IsNumber(type) && !IsNull(type) && type.kind != Kind::kDuration) {
    Report("E0302", At(expr.span), "`-` cannot stand before " + WithArticle(type));
    return Bad(expr);
  }
  Checked result = Make(expr, Op::kNegate, type);
  result.expr.args.push_back(std::move(operand.expr));
  return result;
}

bool ExpressionChecker::RequireBool(Checked* operand, std::string_view what) {
  if (operand->bad) return false;
  if (operand->literal == Literal::kNull) Adapt(operand, kBoolType);
  if (operand->type().kind == Kind::kBool) return true;
  Report(
      "E0303", operand->place,
      std::string(what) + " must be true or false, this is of type " + FormatType(operand->type()));
  operand->bad = true;
  return false;
}

ExpressionChecker::Checked ExpressionChecker::CheckNot(const Expr& expr) {
  Checked operand = Check(*expr.operands[0]);
  RequireBool(&operand, "what stands behind `not`");
  Checked result = Make(expr, Op::kNot, kBoolType);
  result.bad = operand.bad;
  result.expr.args.push_back(std::move(operand.expr));
  return result;
}

ExpressionChecker::Checked ExpressionChecker::CheckLogic(const Expr& expr, Op op) {
  Checked result = Make(expr, op, kBoolType);
  const char* what = op == Op::kAnd ? "a side of `and`" : "a side of `or`";
  for (const ExprPtr& child : expr.operands) {
    Checked operand = Check(*child);
    RequireBool(&operand, what);
    result.bad |= operand.bad;
    result.expr.args.push_back(std::move(operand.expr));
  }
  return result;
}

void ExpressionChecker::Adapt(Checked* operand, Type type) {
  switch (operand->literal) {
    case Literal::kNone:
      return;
    case Literal::kNull:
      operand->expr.type = type;
      return;
    case Literal::kNumber: {
      if (!IsNumber(type)) return;
      std::optional<TypedConstant> constant = NumberConstant(operand->number, type);
      operand->too_large = !constant.has_value();
      if (constant) SetConstant(std::move(*constant), &operand->expr);
      return;
    }
    case Literal::kString: {
      if (type.kind != Kind::kTimestamp && type.kind != Kind::kIp) return;
      std::optional<TypedConstant> constant = StringConstant(operand->expr.constant.text, type);
      if (constant) {
        SetConstant(std::move(*constant), &operand->expr);
        operand->literal = Literal::kNone;
        return;
      }
      const bool time = type.kind == Kind::kTimestamp;
      Report("E0308", operand->place,
             time ? "this text is no time, but stands next to a timestamp"
                  : "this text is no address, but stands next to an ip",
             time ? "write it as \"2024-01-31T12:00:00Z\""
                  : "for a network write cidr(ip, \"10.0.0.0/8\")");
      operand->bad = true;
      return;
    }
  }
}

void ExpressionChecker::Settle(Checked* operand) {
  if (operand->bad || !operand->too_large) return;
  Report("E0309", operand->place,
         "the number " + operand->number + " is too large or has too many places here",
         "an int has 64 bits, a decimal at most 18 places");
  operand->bad = true;
}

void ExpressionChecker::Unify(Checked* left, Checked* right) {
  const bool left_literal = left->literal != Literal::kNone;
  const bool right_literal = right->literal != Literal::kNone;
  if (!left->bad && !right->bad) {
    if (left_literal && (!right_literal || left->literal == Literal::kNull)) {
      Adapt(left, right->type());
    } else if (right_literal && (!left_literal || right->literal == Literal::kNull)) {
      Adapt(right, left->type());
    }
  }
  Settle(left);
  Settle(right);
}

ExpressionChecker::Checked ExpressionChecker::Arithmetic(Op op, Checked left, Checked right,
                                                         const Place& place) {
  Unify(&left, &right);
  Checked result;
  result.place = place;
  result.expr.op = op;
  result.bad = left.bad || right.bad;
  if (result.bad) return result;
  const std::optional<Type> type = ArithmeticType(op, left.type(), right.type());
  if (!type) {
    Report("E0302", place,
           "`" + std::string(OpText(op)) + "` cannot stand between " + FormatType(left.type()) +
               " and " + FormatType(right.type()),
           MixHint(left.type(), right.type()));
    result.bad = true;
    return result;
  }
  result.expr.type = *type;
  result.expr.args.push_back(std::move(left.expr));
  result.expr.args.push_back(std::move(right.expr));
  return result;
}

ExpressionChecker::Checked ExpressionChecker::CheckChain(const Expr& expr) {
  Checked result = Check(*expr.operands[0]);
  for (std::size_t i = 1; i < expr.operands.size(); ++i) {
    const Span span{expr.operands[0]->span.begin, expr.operands[i]->span.end};
    result = Arithmetic(OpOf(expr.operators[i - 1]), std::move(result), Check(*expr.operands[i]),
                        At(span));
  }
  return result;
}

ExpressionChecker::Checked ExpressionChecker::Comparison(Op op, Checked left, Checked right,
                                                         const ComparisonText& at) {
  const bool with_null = left.literal == Literal::kNull || right.literal == Literal::kNull;
  Unify(&left, &right);
  Checked result;
  result.place = at.place;
  result.expr.op = op;
  result.expr.type = kBoolType;
  if (with_null) {
    Report("W0306", at.place, "a comparison with null is never true", "write `is null`");
  }
  if (left.bad || right.bad) {
    result.bad = true;
    return result;
  }
  const bool equality = op == Op::kEqual || op == Op::kNotEqual;
  const bool good = AreComparable(left.type(), right.type()) &&
                    (equality || (IsOrdered(left.type()) && IsOrdered(right.type())));
  if (!good) {
    Report(IsList(left.type()) || IsList(right.type()) ? "E0305" : "E0301", at.place,
           Quoted(at.text) + " cannot compare " + FormatType(left.type()) + " with " +
               FormatType(right.type()),
           MixHint(left.type(), right.type()));
    result.bad = true;
    return result;
  }
  result.expr.args.push_back(std::move(left.expr));
  result.expr.args.push_back(std::move(right.expr));
  return result;
}

ExpressionChecker::Checked ExpressionChecker::CheckCompare(const Expr& expr) {
  Checked left = Check(*expr.operands[0]);
  Checked right = Check(*expr.operands[1]);
  const Op op = OpOf(expr.operators[0]);
  return Comparison(op, std::move(left), std::move(right), {OpText(op), At(expr.span)});
}

ExpressionChecker::Checked ExpressionChecker::CheckBetween(const Expr& expr) {
  Checked value = Check(*expr.operands[0]);
  Checked low = Check(*expr.operands[1]);
  Checked high = Check(*expr.operands[2]);
  Checked result = Make(expr, Op::kAnd, kBoolType);
  // The value stands twice in the result.
  if (!value.bad && !TakeNodes(NodeCount(value.expr), value.place)) value.bad = true;
  const ComparisonText low_at{"between", low.place};
  const ComparisonText high_at{"between", high.place};
  Checked above = Comparison(Op::kGreaterEqual, value, std::move(low), low_at);
  Checked below = Comparison(Op::kLessEqual, std::move(value), std::move(high), high_at);
  result.bad = above.bad || below.bad;
  result.expr.args.push_back(std::move(above.expr));
  result.expr.args.push_back(std::move(below.expr));
  if (!expr.negated) return result;
  Checked negated = Make(expr, Op::kNot, kBoolType);
  negated.bad = result.bad;
  negated.expr.args.push_back(std::move(result.expr));
  return negated;
}

ExpressionChecker::Checked ExpressionChecker::CheckIsNull(const Expr& expr) {
  Checked operand = Check(*expr.operands[0]);
  Settle(&operand);
  Checked result = Make(expr, Op::kIsNull, kBoolType);
  result.bad = operand.bad;
  result.expr.args.push_back(std::move(operand.expr));
  if (!expr.negated) return result;
  Checked negated = Make(expr, Op::kNot, kBoolType);
  negated.bad = result.bad;
  negated.expr.args.push_back(std::move(result.expr));
  return negated;
}

// Widens the common type by one operand; false and reported if there is none.
bool ExpressionChecker::Join(Checked* operand, Type* common, const Place& place,
                             std::string_view what) {
  if (operand->bad) return true;
  if (operand->literal != Literal::kNull) Adapt(operand, *common);
  Settle(operand);
  if (operand->bad) return true;
  const std::optional<Type> next = CommonType(*common, operand->type());
  if (next) {
    *common = *next;
    return true;
  }
  Report("E0304", place,
         std::string(what) + " have no common type: " + FormatType(*common) + " and " +
             FormatType(operand->type()),
         MixHint(*common, operand->type()));
  return false;
}

std::optional<Type> ExpressionChecker::Unite(std::vector<Checked>* operands, const Place& place,
                                             std::string_view what) {
  Type common = kNullType;
  // First those with a type of their own, then the literals, which turn towards it.
  for (const bool literals : {false, true}) {
    for (Checked& operand : *operands) {
      if ((operand.literal != Literal::kNone) != literals) continue;
      if (!Join(&operand, &common, place, what)) return std::nullopt;
    }
  }
  bool good = true;
  for (Checked& operand : *operands) {
    // [1, 0.5]: only now is it known that the 1 is a float.
    if (!operand.bad) Adapt(&operand, common);
    Settle(&operand);
    good &= !operand.bad;
  }
  return good ? std::optional(common) : std::nullopt;
}

ExpressionChecker::Checked ExpressionChecker::CheckListLiteral(const Expr& expr) {
  std::vector<Checked> items;
  for (const ExprPtr& child : expr.operands) {
    items.push_back(Check(*child));
    if (!items.back().bad && IsList(items.back().type())) {
      Report("E0310", items.back().place, "lists do not hold lists");
      items.back().bad = true;
    }
  }
  const std::optional<Type> common = Unite(&items, At(expr.span), "the items of the list");
  if (!common) return Bad(expr);
  Checked result = Make(expr, Op::kConstant, ListType(*common));
  result.expr.constant.kind = Kind::kList;
  const bool constant = std::all_of(items.begin(), items.end(), [](const Checked& item) {
    return item.expr.op == Op::kConstant;
  });
  if (!constant) result.expr.op = Op::kList;
  for (Checked& item : items) {
    if (constant) {
      result.expr.constant.items.push_back(std::move(item.expr.constant));
    } else {
      result.expr.args.push_back(std::move(item.expr));
    }
  }
  return result;
}

ExpressionChecker::Checked ExpressionChecker::CheckCoalesce(const Expr& expr) {
  std::vector<Checked> operands;
  operands.reserve(expr.operands.size());
  for (const ExprPtr& child : expr.operands) operands.push_back(Check(*child));
  const std::optional<Type> common = Unite(&operands, At(expr.span), "the alternatives");
  if (!common) return Bad(expr);
  if (operands.size() == 1) return std::move(operands[0]);
  Checked result = Make(expr, Op::kCoalesce, *common);
  for (Checked& operand : operands) result.expr.args.push_back(std::move(operand.expr));
  return result;
}

}  // namespace shrike::rules
