// RuleSpec: one checked rule, the input of a Program (nfa/program.h) and of the oracle (tests/oracle).
//
// Plain data: the pattern as a tree of elements with every name resolved, and what the rule's alerts look like.
// Meaning: language.md, section 5. The checker guarantees what the comments say "checked" of.
#ifndef SHRIKE_NFA_RULE_SPEC_H_
#define SHRIKE_NFA_RULE_SPEC_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/limits.h"
#include "base/schema.h"
#include "base/table.h"
#include "base/time.h"
#include "nfa/expr.h"
#include "nfa/source_spec.h"
#include "nfa/window_spec.h"

namespace shrike::nfa {

enum class LinkKind : std::uint8_t { kThen, kThenEvery, kNext };
enum class Contiguity : std::uint8_t { kRelaxed, kConsecutive, kCombinations };
enum class SkipKind : std::uint8_t { kNone, kPastLast, kToNext, kToFirst, kToLast };
enum class Severity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };
enum class RuleMode : std::uint8_t { kLive, kShadow, kOff };

// A name by which expressions and `skip` reach bound events: a step's, or a choice's (which stands for all of its
// alternatives).
struct BindingName {
  std::string text;
  std::vector<int> steps;  // indices in RuleSpec::steps, ascending
};

// One step, alternative of a choice, element of an `all`, or step of a NOT or of `unless`; in pattern order.
struct StepSpec {
  std::string name;               // as written, or empty
  std::string label;              // in alerts: the name, else the type, from the second on "type#2"
  std::vector<int> event_types;   // Catalog::EventTypeId, ascending: those that fit
  std::vector<int> by;            // columns of the step's own key parts; empty: free
  std::optional<Expr> condition;  // of type bool
};

struct LinkSpec {
  LinkKind kind = LinkKind::kThen;
  std::optional<DurationMs> within;  // > 0
};

struct QuantifierSpec {
  std::int64_t min = 1;
  std::int64_t max = 1;  // -1: unbounded
  Contiguity contiguity = Contiguity::kRelaxed;
  bool greedy = false;
  std::optional<Expr> until;  // only if max is -1 (checked)
};

struct ElementSpec {
  enum class Kind : std::uint8_t { kStep, kGroup, kChoice, kAll, kNot };
  Kind kind = Kind::kStep;
  LinkSpec link;  // before it; the first of the whole pattern has none
  std::vector<int>
      steps;  // kStep: 1; kChoice, kAll: 2 or more; kNot: 1 or more: indices in RuleSpec::steps
  std::string choice_label;        // kChoice with a name: listed under it in alerts too
  std::vector<ElementSpec> group;  // kGroup: at least one, the first positive
  std::optional<QuantifierSpec> quantifier;
};

// A part of a message: literal text, or the value of an expression.
struct MessagePart {
  std::string text;
  std::optional<Expr> value;
};

struct AlertField {
  std::string name;
  Expr value;
};

struct SuppressSpec {
  // A part of the suppression key.
  struct Part {
    bool is_field = false;
    int index = 0;  // of the rule key's parts, or of AlertSpec::fields
  };
  DurationMs length = 0;
  std::vector<Part> by;  // the rule key's parts, if the rule does not say
};

// What an alert of the rule shows (interfaces.md, "Alert"). It stands here because rules/ may not include alerts/.
struct AlertSpec {
  std::string title;
  Severity severity = Severity::kMedium;
  std::optional<int> score;
  std::vector<std::string> tags;
  std::vector<MessagePart> message;
  std::vector<AlertField> fields;
  std::vector<std::string> redact;  // field names
  std::optional<SuppressSpec> suppress;
  std::vector<std::string> key_names;  // the key fields' names, in the order of `by`
  // For each step, the columns whose values its events show: the key fields and those the rule names, in the order
  // of first mention. step_fields[steps].
  std::vector<std::vector<int>> step_fields;
};

// `emit`: the rule's matches become events of a derived stream (language.md, section 6).
struct EmitSpec {
  int stream = 0;
  int event_type = 0;  // Catalog::EventTypeId
  // A column of the derived event and the alert field that gives it, of the same type; all fields of the stream that
  // some expression uses. Other columns are null.
  struct Field {
    int column = 0;
    int field = 0;  // AlertSpec::fields
  };
  std::vector<Field> fields;
  DurationMs every =
      0;  // 0: an event for each match; else the last match of each aligned interval, at its end
};

// A field that a stream computes for itself before any rule sees the event (language.md, section 2).
struct DeriveSpec {
  int stream = 0;
  int column = 0;
  Expr value;  // over the event alone: fields, derived ones that stand before, constants, tables
};

struct RuleSpec {
  std::string id;
  std::int64_t version = 1;
  RuleMode mode = RuleMode::kLive;
  std::vector<SourceSpec> sources;  // distinct streams
  std::vector<StepSpec> steps;
  std::vector<BindingName> names;
  std::vector<ElementSpec> elements;  // the sequence
  std::optional<int> unless;          // index in steps
  std::optional<Expr> where;
  std::optional<DurationMs> within;  // > 0
  SkipKind skip = SkipKind::kPastLast;
  int skip_name = -1;            // kToFirst, kToLast: index in names
  std::vector<Expr> exceptions;  // an event for which one is true is not seen
  bool timeout_alerts = false;   // on_timeout: alert
  std::optional<DurationMs>
      learn;  // > 0: its alerts are withheld for so long after its swap (5.16)
  std::optional<EmitSpec> emit;
  AlertSpec alert;
};

// A whole rule set, in the order of rule ids by bytes; what its rules share; the columns its expressions use.
struct RuleSetSpec {
  std::vector<RuleSpec> rules;
  RowLayout layout;
  std::vector<WindowSpec> windows;  // a window that another one's expressions name stands before it
  std::vector<DeriveSpec> derives;  // in the order in which they are computed
  std::vector<std::shared_ptr<const Table>> tables;
  DurationMs risk_half_life = 86'400'000;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_RULE_SPEC_H_
