// Patterns as the generator makes them and the shrinker cuts them: a tree of texts that prints as a rule file.
//
// Nothing is resolved: conditions are text. Whether a tree is a rule decides the checker.
#ifndef SHRIKE_TESTS_ORACLE_PATTERN_TEXT_H_
#define SHRIKE_TESTS_ORACLE_PATTERN_TEXT_H_

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace shrike::oracle {

struct StepText {
  std::string name;  // or empty
  std::string type;
  std::string by;         // "u", "(u, n)" or empty
  std::string condition;  // or empty
};

struct QuantifierText {
  std::string count;       // "{2}", "{1,}", "{0,3}", "+", "*", "?"
  std::string contiguity;  // "consecutive", "combinations" or empty
  bool greedy = false;
  std::string until;  // condition, or empty
};

struct ElementText {
  enum class Kind { kStep, kGroup, kChoice, kAll, kNot };
  Kind kind = Kind::kStep;
  std::string link;    // "then", "then every", "next"; not used for the first of a sequence
  std::string within;  // bound of the link, or empty
  std::string name;    // of a choice, or empty
  std::vector<StepText> steps;
  std::vector<ElementText> group;
  std::optional<QuantifierText> quantifier;
};

struct FeatureText {
  std::string name;
  std::string from;
  std::string value;
};

// A field that a stream of the configuration computes.
struct DeriveText {
  std::string stream;
  std::string name;
  std::string expression;
};

struct PatternText {
  std::vector<DeriveText> derives;  // of the configuration; in the order in which they are computed
  std::vector<FeatureText> features;  // at the top of the file
  std::string from;
  std::vector<ElementText> elements;
  std::optional<StepText> unless;
  std::string where;  // or empty, as the next two
  std::string within;
  std::string skip;  // "none", "past last", "to first a"
  std::vector<std::string> exceptions;
  std::vector<std::string> fields;                                // expressions: f0, f1..
  std::vector<std::pair<std::string, std::string>> named_fields;  // name, expression: behind those
  std::string more;     // further keys of the rule, a line each
  std::string message;  // or empty
  bool timeout_alerts = false;
  std::set<std::string> constructs;  // what the makers have used of AllWindowConstructs()..
};

// As they would stand in a configuration; empty without any.
std::string ConfigurationText(const std::vector<DeriveText>& derives);
// One rule, as an entry of `rules:`.
std::string RuleEntry(const PatternText& pattern, const std::string& id);
// A whole rule file: the pattern as rule `r`, the others as r1, r2..
std::string RuleFileText(const PatternText& pattern, const std::vector<PatternText>& others = {});

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_PATTERN_TEXT_H_
