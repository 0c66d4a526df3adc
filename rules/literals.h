// Literals: text to a typed nfa::Constant. A literal has no type of its own; it takes that of its neighbour
// (language.md, 4.8).
//
// Pure functions. Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_LITERALS_H_
#define SHRIKE_RULES_LITERALS_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"
#include "nfa/expr.h"

namespace shrike::rules {

struct TypedConstant {
  nfa::Constant constant;
  Type type;  // for a decimal: with the places of the literal itself
};

// The number next to something of type `type`: an int next to a float is a float, next to a decimal a decimal; one
// with a point next to an int stays a float. type not a number: the literal's own type, int or float.
// text: digits, perhaps with `-`, `_` and a point. nullopt: too large, or more than kDecimalScaleMax places.
std::optional<TypedConstant> NumberConstant(std::string_view text, Type type);

// A string literal next to a timestamp or an ip is one; else it stays a string. nullopt: it does not parse.
std::optional<TypedConstant> StringConstant(std::string_view text, Type type);

// An item of a list of the rule file, read as `type`: also bool, int and the other kinds that are unquoted in YAML.
// nullopt: it is none.
std::optional<TypedConstant> ListItemConstant(std::string_view text, Type type);

TypedConstant NullConstant(Type type);
TypedConstant BoolConstant(bool value);
TypedConstant DurationConstant(DurationMs value);

// "10.0.0.0/8", "fe80::/10", or an address alone -> address/length; nullopt if it is none.
std::optional<std::string> NormalCidr(std::string_view text);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_LITERALS_H_
