#include "rules/function_table.h"

#include <algorithm>
#include <utility>

namespace shrike::rules {
namespace {

using nfa::Aggregate;
using nfa::Function;

const std::vector<FunctionRule>& Functions() {
  using enum Parameter;
  static const std::vector<FunctionRule> kFunctions = {
      {"abs", Function::kAbs, {kNumberOrDuration}, 1, false, ResultRule::kFirst},
      {"round", Function::kRound, {kNumber, kInt}, 1, false, ResultRule::kIntOrFirst},
      {"floor", Function::kFloor, {kNumber}, 1, false, ResultRule::kInt},
      {"ceil", Function::kCeil, {kNumber}, 1, false, ResultRule::kInt},
      {"sqrt", Function::kSqrt, {kNumber}, 1, false, ResultRule::kFloat},
      {"log", Function::kLog, {kNumber}, 1, false, ResultRule::kFloat},
      {"lower", Function::kLower, {kString}, 1, false, ResultRule::kString},
      {"upper", Function::kUpper, {kString}, 1, false, ResultRule::kString},
      {"length", Function::kLength, {kStringOrList}, 1, false, ResultRule::kInt},
      {"contains", Function::kContains, {kString, kString}, 2, false, ResultRule::kBool},
      {"starts_with", Function::kStartsWith, {kString, kString}, 2, false, ResultRule::kBool},
      {"ends_with", Function::kEndsWith, {kString, kString}, 2, false, ResultRule::kBool},
      {"split", Function::kSplit, {kString, kString}, 2, false, ResultRule::kStrings},
      {"concat", Function::kConcat, {kString}, 1, true, ResultRule::kString},
      {"cidr", Function::kCidr, {kIp, kNetwork}, 2, false, ResultRule::kBool},
      {"geo_km",
       Function::kGeoKm,
       {kNumber, kNumber, kNumber, kNumber},
       4,
       false,
       ResultRule::kFloat},
      {"hour", Function::kHour, {kTimestamp, kZone}, 1, false, ResultRule::kInt},
      {"weekday", Function::kWeekday, {kTimestamp, kZone}, 1, false, ResultRule::kInt},
      {"date", Function::kDate, {kTimestamp, kZone}, 1, false, ResultRule::kString},
      {"hash", Function::kHash, {kScalar}, 1, false, ResultRule::kInt},
      {"levenshtein", Function::kLevenshtein, {kString, kString}, 2, false, ResultRule::kInt},
  };
  return kFunctions;
}

constexpr std::pair<std::string_view, WindowFunction> kWindowFunctions[] = {
    {"count", WindowFunction::kCount},       {"sum", WindowFunction::kSum},
    {"avg", WindowFunction::kAvg},           {"min", WindowFunction::kMin},
    {"max", WindowFunction::kMax},           {"stddev", WindowFunction::kStddev},
    {"distinct", WindowFunction::kDistinct}, {"first", WindowFunction::kFirst},
    {"last", WindowFunction::kLast},         {"rate", WindowFunction::kRate},
    {"zscore", WindowFunction::kZscore},     {"new", WindowFunction::kNew},
    {"seen", WindowFunction::kSeen},
};

constexpr std::pair<std::string_view, Aggregate> kStepAggregates[] = {
    {"count", Aggregate::kCount},       {"sum", Aggregate::kSum},
    {"avg", Aggregate::kAvg},           {"min", Aggregate::kMin},
    {"max", Aggregate::kMax},           {"stddev", Aggregate::kStddev},
    {"distinct", Aggregate::kDistinct}, {"values", Aggregate::kValues},
};

constexpr std::string_view kNames[] = {
    "abs",      "round",       "floor",    "ceil",   "sqrt",     "log",         "least",
    "greatest", "lower",       "upper",    "length", "contains", "starts_with", "ends_with",
    "split",    "concat",      "cidr",     "geo_km", "hour",     "weekday",     "date",
    "hash",     "levenshtein", "coalesce", "if",     "risk",     "lookup",      "count",
    "sum",      "avg",         "min",      "max",    "stddev",   "distinct",    "values",
    "first",    "last",        "rate",     "zscore", "new",      "seen",
};

}  // namespace

const FunctionRule* FindFunction(std::string_view name) {
  const auto found = std::find_if(Functions().begin(), Functions().end(),
                                  [&](const FunctionRule& rule) { return rule.name == name; });
  return found == Functions().end() ? nullptr : &*found;
}

std::optional<WindowFunction> FindWindowFunction(std::string_view name) {
  for (const auto& [text, function] : kWindowFunctions) {
    if (text == name) return function;
  }
  return std::nullopt;
}

std::optional<Aggregate> FindStepAggregate(std::string_view name) {
  for (const auto& [text, aggregate] : kStepAggregates) {
    if (text == name) return aggregate;
  }
  return std::nullopt;
}

bool IsFunctionName(std::string_view name) {
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::span<const std::string_view> FunctionNames() { return kNames; }

}  // namespace shrike::rules
