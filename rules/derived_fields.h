// DerivedFields: the fields that streams compute for each event (language.md, section 2; `derive:` of a stream).
//
// Their expressions stand in the configuration and are read here, because they are written in the rule language. They
// look at one event: declared fields, derived ones that stand before them, constants and tables.
// Tested by: tests/rules/derived_fields_test.cc.  Next: rules/set_scope.h.
#ifndef SHRIKE_RULES_DERIVED_FIELDS_H_
#define SHRIKE_RULES_DERIVED_FIELDS_H_

#include <vector>

#include "nfa/rule_spec.h"
#include "rules/report.h"
#include "rules/rule_file.h"
#include "rules/set_scope.h"

namespace shrike::rules {

class DerivedFields {
 public:
  // config: the configuration's file, for places; nullptr: none is known. All borrowed.
  DerivedFields(const SourceFile* config, SetScope* set, Reporter* reporter);

  // Finds the types and tells them to the set's scope. Before any rule is looked at: columns so far are forgotten.
  // Mistakes are reported; a field with one has no type, and rules that use it are silent about it.
  void Declare();

  // Appends those that rules use, or that these use, in the order in which they are computed. After all rules.
  void Fill(std::vector<nfa::DeriveSpec>* derives);

 private:
  struct Field {
    int stream;
    std::string_view name;
    ExprNode value;  // expr is null if it did not parse
    Type type;
  };

  std::optional<nfa::Expr> Check(const Field& field);

  SourceFile no_config_;  // for messages about a configuration without text
  const SourceFile* config_;
  SetScope* set_;
  Reporter* reporter_;
  std::vector<Field> fields_;  // by stream, then in the order of declaration
};

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_DERIVED_FIELDS_H_
