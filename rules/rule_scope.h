// RuleScope: the names of one rule: the streams of `from`, steps and choices; and which fields its expressions name.
//
// Tested by: tests/rules/checker_golden_test.cc.  Next: rules/expression_checker.h.
#ifndef SHRIKE_RULES_RULE_SCOPE_H_
#define SHRIKE_RULES_RULE_SCOPE_H_

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nfa/rule_spec.h"
#include "rules/set_scope.h"

namespace shrike::rules {

// A field as the events of some streams have it.
struct FieldRef {
  int column = 0;
  Type type;
};

enum class FieldFault : std::uint8_t { kUnknown, kTwoTypes };

struct FieldLookup {
  std::optional<FieldRef> field;
  FieldFault fault = FieldFault::kUnknown;  // if there is no field
};

// The events that an expression may look at, and how messages call them.
struct EventScope {
  std::vector<int> streams;  // ascending
  std::string text;          // event type `txn`
  bool open = false;  // some of the streams are not known: that a field is unknown says nothing
};

// One step of the pattern, alternatives, NOTs and `unless` included. Parallel to RuleSpec::steps.
struct StepFacts {
  EventScope events;
  bool positive = true;  // may be bound: no NOT, not `unless`
};

// The name of a step or choice.
struct NamedSteps {
  int index = -1;      // in RuleSpec::names; -1: a step of a NOT or of `unless`
  int first_step = 0;  // RuleSpec::steps it stands for: [first_step, last_step]
  int last_step = 0;
  bool choice = false;
  EventScope events;
};

class RuleScope {
 public:
  // spec: being built by the owner; its sources must be set before fields are asked for.
  // All borrowed.
  RuleScope(SetScope* set, nfa::RuleSpec* spec, Reporter* reporter)
      : set_(set), spec_(spec), reporter_(reporter) {}

  SetScope& set() const { return *set_; }
  nfa::RuleSpec& spec() const { return *spec_; }
  Reporter* reporter() const { return reporter_; }

  EventScope from;   // streams of `from`
  EventScope bound;  // streams of the steps that may be bound: what the last bound event may be of
  std::vector<StepFacts> steps;
  // Key field names of each source; key_names[sources][key parts].
  std::vector<std::vector<std::string>> key_names;
  std::vector<Type> key_types;

  // A list, macro or feature as the rule knows it, or nullptr.
  const SharedName* Find(std::string_view name) const;
  // Those of the set, in order of declaration, for suggestions.
  const std::vector<const SharedName*>& shared_names() const;
  // An override's list stands for the one of that name.
  void ReplaceList(const SourceFile& file, const ListNode& list);
  // Knows no lists, macros and features: the configuration has none.
  void HideSharedNames() { shared_names_hidden_ = true; }

  // Whether the name is new; if not, it stays what it was.
  bool AddName(const std::string& text, NamedSteps named);
  const NamedSteps* FindName(std::string_view text) const;
  // In order of the pattern, for suggestions.
  const std::vector<std::string>& names() const { return name_order_; }

  // The field in those of the streams that have it. `ts` is the event's time whatever is declared.
  FieldLookup FindField(const std::vector<int>& streams, std::string_view name) const;
  // Reads a part of the key: index in key_types, or -1. Names of the first source come first; another source's counts
  // if the field is that part of the key wherever it is declared.
  int KeyIndex(std::string_view name) const;

  // An expression names the column of the step's events: its alerts show it. Kept in order, each once.
  void Mention(int step, std::string_view field, int column);
  void MentionAll(std::string_view field, int column);  // of every positive step

 private:
  SetScope* set_;
  nfa::RuleSpec* spec_;
  Reporter* reporter_;
  std::unordered_map<std::string, NamedSteps> names_;
  std::vector<std::string> name_order_;
  std::unordered_map<std::string_view, SharedName> replaced_lists_;
  bool shared_names_hidden_ = false;
};

// "event type `txn`", "stream `a`", "streams `a`, `b`".
std::string StreamsText(const Catalog& catalog, const std::vector<int>& streams);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_RULE_SCOPE_H_
