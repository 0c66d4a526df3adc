// The functions and aggregates of the language by name (language.md, 4.3, 4.5, 4.10).
//
// Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_FUNCTION_TABLE_H_
#define SHRIKE_RULES_FUNCTION_TABLE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "nfa/expr.h"
#include "nfa/window_spec.h"

namespace shrike::rules {

// What a parameter takes.
enum class Parameter : std::uint8_t {
  kNumber,
  kNumberOrDuration,
  kInt,
  kString,
  kStringOrList,
  kTimestamp,
  kIp,
  kScalar,   // anything but a list
  kZone,     // a constant time zone name
  kNetwork,  // a constant address/length
};

enum class ResultRule : std::uint8_t {
  kBool,
  kInt,
  kFloat,
  kString,
  kStrings,     // list(string)
  kFirst,       // the type of the first argument
  kIntOrFirst,  // round: an int of one argument, else the type of the first
};

// A function whose arguments have types of their own. The last parameter may be optional or repeated.
struct FunctionRule {
  std::string_view name;
  nfa::Function function;
  std::vector<Parameter> parameters;
  std::size_t required;   // the parameters behind are optional
  bool repeated = false;  // the last one any number of times
  ResultRule result;
};

// nullptr: no such function. least, greatest, coalesce, if, lookup and risk have rules of their own and are not here.
const FunctionRule* FindFunction(std::string_view name);

using WindowFunction = nfa::WindowFunction;

std::optional<WindowFunction> FindWindowFunction(std::string_view name);
// Over the events bound to a step.
std::optional<nfa::Aggregate> FindStepAggregate(std::string_view name);

// Any name that a call may have without being a macro.
bool IsFunctionName(std::string_view name);
// All of them, for suggestions.
std::span<const std::string_view> FunctionNames();

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_FUNCTION_TABLE_H_
