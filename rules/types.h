// Types of expressions: which go together, and what an operator makes of them (language.md, 4.1 and 4.8).
//
// Pure functions of types. Kind::kNull is the type of the literal null: it goes with every type.
// Tested by: tests/rules/checker_golden_test.cc.  Next: rules/expression_checker.h.
#ifndef SHRIKE_RULES_TYPES_H_
#define SHRIKE_RULES_TYPES_H_

#include <optional>
#include <string>

#include "base/value.h"
#include "nfa/expr.h"

namespace shrike::rules {

inline constexpr Type kNullType{};
inline constexpr Type kBoolType{Kind::kBool, 0, Kind::kNull};
inline constexpr Type kIntType{Kind::kInt, 0, Kind::kNull};
inline constexpr Type kFloatType{Kind::kFloat, 0, Kind::kNull};
inline constexpr Type kStringType{Kind::kString, 0, Kind::kNull};
inline constexpr Type kTimestampType{Kind::kTimestamp, 0, Kind::kNull};
inline constexpr Type kDurationType{Kind::kDuration, 0, Kind::kNull};
inline constexpr Type kIpType{Kind::kIp, 0, Kind::kNull};

constexpr Type DecimalType(int scale) {
  return {Kind::kDecimal, static_cast<std::uint8_t>(scale), Kind::kNull};
}

// list(element); element: no list.
constexpr Type ListType(Type element) { return {Kind::kList, element.scale, element.kind}; }
// The type of a list's elements; list: of kind kList.
constexpr Type ElementType(Type list) { return {list.element, list.scale, Kind::kNull}; }

constexpr bool IsNumber(Type type) {
  return type.kind == Kind::kInt || type.kind == Kind::kFloat || type.kind == Kind::kDecimal;
}
constexpr bool IsList(Type type) { return type.kind == Kind::kList; }
constexpr bool IsNull(Type type) { return type.kind == Kind::kNull; }

// "an int", "a list(string)".
std::string WithArticle(Type type);

// Whether values of the type have an order: < <= > >=, between, min, max, least, greatest.
bool IsOrdered(Type type);

// Whether == and != may stand between them (lists: never).
bool AreComparable(Type a, Type b);

// The type that both can be turned into without losing what the language keeps: int goes into decimal and float,
// decimal into float, a decimal into one of more places.
std::optional<Type> CommonType(Type a, Type b);

// Of `a op b`; op: kAdd to kModulo. nullopt: the operator is not defined for them.
std::optional<Type> ArithmeticType(nfa::Op op, Type a, Type b);

// Of an aggregate over values of the type; kCount ignores it. nullopt: not defined for it.
std::optional<Type> AggregateType(nfa::Aggregate aggregate, Type value);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_TYPES_H_
