// PatternChecker: syntax tree of a pattern -> elements, steps and names of a nfa::RuleSpec.
//
// Two walks over the sequence: the first numbers the steps and declares the names, so that the second can tell a later
// step from an unknown one when it checks conditions. What a pattern as a whole must be (deadlines, NOTs, loops) is
// checked in rules/pattern_meaning.h. Tested by: tests/rules/checker_golden_test.cc.
#ifndef SHRIKE_RULES_PATTERN_CHECKER_H_
#define SHRIKE_RULES_PATTERN_CHECKER_H_

#include <string>
#include <unordered_map>
#include <vector>

#include "rules/ast.h"
#include "rules/expression_checker.h"
#include "rules/report.h"
#include "rules/rule_scope.h"

namespace shrike::rules {

class PatternChecker {
 public:
  // All borrowed. source: the scalar that the pattern was parsed from.
  struct Inputs {
    ScalarSource source;
    const Pattern& pattern;
    RuleScope* scope;
    ExpressionChecker* expressions;
    Reporter* reporter;
  };
  explicit PatternChecker(const Inputs& inputs) : in_(inputs) {}

  // Fills sources, steps, names and elements of the scope's rule. False: there are too many steps, and no more can be
  // checked. Mistakes are reported.
  bool Declare();
  // Then conditions, unless, where, within and skip. What the rule's windows leave out (its exceptions) must be known.
  void Check();

 private:
  void Report(std::string_view code, Span span, std::string message, std::string suggestion = "") {
    in_.reporter->Report(code, in_.source.At(span), std::move(message), std::move(suggestion));
  }

  // First walk.
  std::vector<nfa::ElementSpec> DeclareSequence(const Sequence& sequence);
  nfa::ElementSpec DeclareElement(const Element& element);
  int DeclareStep(const Step& step, bool positive);
  void DeclareName(const Name& name, NamedSteps named);
  bool ResolveType(const Step& step, nfa::StepSpec* spec, EventScope* events);
  bool ResolveQualified(const Step& step, nfa::StepSpec* spec, EventScope* events);
  bool ResolveUnqualified(const Step& step, nfa::StepSpec* spec, EventScope* events);
  void ReportUnknownType(const Step& step, nfa::StepSpec* spec, EventScope* events);
  void SetAllTypes(nfa::StepSpec* spec, EventScope* events) const;
  void AddTypes(int stream, nfa::StepSpec* spec) const;
  std::vector<std::string_view> TypeNames() const;
  void SetLabel(const Step& step, bool positive, nfa::StepSpec* spec);
  void SetBound();
  void MentionKeys();

  // Second walk.
  void CheckSequence(const Sequence& sequence, std::vector<nfa::ElementSpec>* specs);
  void CheckStep(const Step& step, int index);
  void CheckStepKeys(const Step& step, int index);
  void CheckEmptyStep(const Step& step, int index);
  void CheckEmptyChoice(const Element& element, const nfa::ElementSpec& spec);
  void CheckUntil(const Element& element, nfa::ElementSpec* spec);
  void CheckClauses();
  void CheckSkip();

  Inputs in_;
  bool too_many_steps_ = false;
  std::unordered_map<std::string, int> label_counts_;  // unnamed positive steps of each type
  std::vector<Type> step_key_types_;                   // of the first step with `by`
  bool has_step_keys_ = false;
};

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_PATTERN_CHECKER_H_
