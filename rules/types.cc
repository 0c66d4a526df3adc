#include "rules/types.h"

#include <algorithm>

namespace shrike::rules {
namespace {

using nfa::Op;

// Of numbers and nulls; both are numbers, or one is null.
std::optional<Type> NumberArithmetic(Op op, Type a, Type b) {
  if (IsNull(a)) a = b;
  if (IsNull(b)) b = a;
  if (a.kind == Kind::kFloat || b.kind == Kind::kFloat) return kFloatType;
  const bool decimal = a.kind == Kind::kDecimal || b.kind == Kind::kDecimal;
  if (op == Op::kDivide) return decimal ? DecimalType(kDecimalScaleFieldMax) : kFloatType;
  if (!decimal) return kIntType;
  const int scale = op == Op::kMultiply ? std::min(a.scale + b.scale, kDecimalScaleMax)
                                        : std::max<int>(a.scale, b.scale);
  return DecimalType(scale);
}

struct TimeRule {
  Op op;
  Kind left;
  Kind right;  // kFloat: any number
  Type result;
};

constexpr TimeRule kTimeRules[] = {
    {Op::kAdd, Kind::kDuration, Kind::kDuration, kDurationType},
    {Op::kAdd, Kind::kTimestamp, Kind::kDuration, kTimestampType},
    {Op::kAdd, Kind::kDuration, Kind::kTimestamp, kTimestampType},
    {Op::kSubtract, Kind::kDuration, Kind::kDuration, kDurationType},
    {Op::kSubtract, Kind::kTimestamp, Kind::kTimestamp, kDurationType},
    {Op::kSubtract, Kind::kTimestamp, Kind::kDuration, kTimestampType},
    {Op::kMultiply, Kind::kDuration, Kind::kFloat, kDurationType},
    {Op::kMultiply, Kind::kFloat, Kind::kDuration, kDurationType},
    {Op::kDivide, Kind::kDuration, Kind::kDuration, kFloatType},
    {Op::kDivide, Kind::kDuration, Kind::kFloat, kDurationType},
};

// With a timestamp or a duration on at least one side.
std::optional<Type> TimeArithmetic(Op op, Type a, Type b) {
  const Kind left = IsNumber(a) ? Kind::kFloat : a.kind;
  const Kind right = IsNumber(b) ? Kind::kFloat : b.kind;
  for (const TimeRule& rule : kTimeRules) {
    if (rule.op == op && rule.left == left && rule.right == right) return rule.result;
  }
  return std::nullopt;
}

bool IsTimeOrLength(Type type) {
  return type.kind == Kind::kTimestamp || type.kind == Kind::kDuration;
}

}  // namespace

std::string WithArticle(Type type) {
  const bool vowel = type.kind == Kind::kInt || type.kind == Kind::kIp;
  return (vowel ? "an " : "a ") + FormatType(type);
}

bool IsOrdered(Type type) { return type.kind != Kind::kBool && !IsList(type); }

bool AreComparable(Type a, Type b) {
  if (IsList(a) || IsList(b)) return false;
  if (IsNull(a) || IsNull(b)) return true;
  return a.kind == b.kind || (IsNumber(a) && IsNumber(b));
}

std::optional<Type> CommonType(Type a, Type b) {
  if (IsNull(a)) return b;
  if (IsNull(b) || a == b) return a;
  if (IsList(a) && IsList(b)) {
    const std::optional<Type> element = CommonType(ElementType(a), ElementType(b));
    return element ? std::optional(ListType(*element)) : std::nullopt;
  }
  if (!IsNumber(a) || !IsNumber(b)) return std::nullopt;
  if (a.kind == Kind::kFloat || b.kind == Kind::kFloat) return kFloatType;
  return DecimalType(std::max(a.scale, b.scale));
}

std::optional<Type> ArithmeticType(Op op, Type a, Type b) {
  if (IsNull(a) && IsNull(b)) return kNullType;
  if (IsTimeOrLength(a) || IsTimeOrLength(b)) {
    // `null + 1h`: whatever the null stands for, the result is null; take the other side's type.
    if (IsNull(a)) return b;
    if (IsNull(b)) return a;
    return TimeArithmetic(op, a, b);
  }
  const bool numbers = (IsNumber(a) || IsNull(a)) && (IsNumber(b) || IsNull(b));
  return numbers ? NumberArithmetic(op, a, b) : std::nullopt;
}

std::optional<Type> AggregateType(nfa::Aggregate aggregate, Type value) {
  using nfa::Aggregate;
  const bool length = value.kind == Kind::kDuration;
  switch (aggregate) {
    case Aggregate::kCount:
      return kIntType;
    case Aggregate::kDistinct:
      return IsList(value) ? std::nullopt : std::optional(kIntType);
    case Aggregate::kValues:
      return IsList(value) ? std::nullopt : std::optional(ListType(value));
    case Aggregate::kMin:
    case Aggregate::kMax:
      return IsOrdered(value) ? std::optional(value) : std::nullopt;
    case Aggregate::kSum:
      return IsNumber(value) || length ? std::optional(value) : std::nullopt;
    case Aggregate::kAvg:
      if (value.kind == Kind::kDecimal) return DecimalType(kDecimalScaleFieldMax);
      if (length) return kDurationType;
      return IsNumber(value) ? std::optional(kFloatType) : std::nullopt;
    case Aggregate::kStddev:
      return IsNumber(value) ? std::optional(kFloatType) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace shrike::rules
