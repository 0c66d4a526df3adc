// Redaction: which parts of a rule's alerts may tell a field that must not leave the engine in clear.
//
// AlertSpec::redact names such fields. Hidden with them are derived fields that are computed from them, fields of
// emitted events that are, alert fields of the same name, and every expression over them (aggregates and windows too),
// but for those that only count: count, distinct, new, seen. When in doubt a part is hidden. Hidden parts show as
// kRedacted; null stays null.
// Tested by: tests/alerts/redaction_test.cc.
#ifndef SHRIKE_ALERTS_REDACTION_H_
#define SHRIKE_ALERTS_REDACTION_H_

#include <string>
#include <string_view>
#include <vector>

#include "nfa/program.h"
#include "nfa/rule_spec.h"

namespace shrike::alerts {

inline constexpr std::string_view kRedacted = "[redacted]";

// Of one rule. Borrows both.
class Redaction {
 public:
  // rule: one of program.rules().
  Redaction(const nfa::Program& program, const nfa::RuleSpec& rule);

  bool Column(int column) const;  // of the layout, or kTimeColumn
  // Whether the expression's value may tell a redacted field.
  bool Expression(const nfa::Expr& root) const;

  std::vector<bool> Key() const;      // [parts of the rule key]
  std::vector<bool> Fields() const;   // [AlertSpec::fields]
  std::vector<bool> Message() const;  // [AlertSpec::message parts that have a value]

 private:
  bool Name(const std::string& name) const;
  bool Reads(int stream) const;
  // What `other`, which emits a stream that the rule reads, hides of it.
  void AddEmitted(const nfa::RuleSpec& other);
  bool Tells(const nfa::Expr& expr) const;
  // What the expression's value is made of: pushed on `open`.
  void PushParts(const nfa::Expr& expr, std::vector<const nfa::Expr*>* open) const;

  const nfa::Program& program_;
  const nfa::RuleSpec& rule_;
  std::vector<bool> columns_;  // columns_[columns of the layout]; empty: nothing is redacted
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_REDACTION_H_
