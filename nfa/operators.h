// The language's operators on Values (language.md, 4.1, 4.8, 4.9). Pure; null in is null out but where said.
// Tested by: tests/nfa/operators_test.cc.
#ifndef SHRIKE_NFA_OPERATORS_H_
#define SHRIKE_NFA_OPERATORS_H_

#include <optional>

#include "base/value.h"
#include "nfa/expr.h"

namespace shrike::nfa {

// The exact order of two non-null values of types that go together (numbers of any kinds, else equal kinds):
// -1, 0, 1. nullopt: a NaN.
std::optional<int> Order(const Value& a, const Value& b);

// ==, !=, <, <=, >, >=: a bool, or null if a side is null.
Value Compare(Op op, const Value& a, const Value& b);

// + - * / %: exact on int and decimal; overflow, division by zero and NaN are null.
Value Arithmetic(Op op, const Value& a, const Value& b);
Value Negate(const Value& a);

// The value as type.kind, for the common type of `??`, if, lists and the like. Null stays null; a number that does
// not fit is null.
Value Convert(const Value& value, Type type);

double ToDouble(const Value& number);

// num / den * 2^exponent as the nearest double, half to even. den > 0.
double RoundQuotient(Int128 num, UInt128 den, int exponent);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_OPERATORS_H_
