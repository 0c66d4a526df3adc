// SetScope: the names that all rules of a set share: streams with their fields and event types, lists, macros,
// features; and the columns of the event row.
//
// Tables made once per set, so that a rule costs what it names, not what the set holds.
// Tested by: tests/rules/checker_golden_test.cc.  Next: rules/rule_scope.h.
#ifndef SHRIKE_RULES_SET_SCOPE_H_
#define SHRIKE_RULES_SET_SCOPE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/event.h"
#include "base/limits.h"
#include "base/schema.h"
#include "nfa/rule_spec.h"
#include "rules/list_file.h"
#include "rules/report.h"
#include "rules/rule_file.h"
#include "rules/window_table.h"

namespace shrike::rules {

// A list, macro or feature; exactly one of the three nodes is set.
struct SharedName {
  const SourceFile* file = nullptr;
  const TextNode* name = nullptr;
  const ListNode* list = nullptr;
  const MacroNode* macro = nullptr;
  const FeatureNode* feature = nullptr;
  bool cyclic = false;  // reaches itself: was reported, its uses are silent

  const char* KindText() const { return list ? "list" : macro ? "macro" : "feature"; }
  Place place() const { return {file, name->span}; }
  // Of a macro or feature.
  const ExprNode& Body() const { return macro ? macro->body : feature->value; }
};

// A feature as its readers use it. Its value names windows, and its args fields of the reader's current event.
struct CheckedFeature {
  std::optional<nfa::Expr> value;                   // nullopt: it has a mistake, which was reported
  std::vector<nfa::SourceSpec> sources;             // with the key as the reader has it
  std::vector<std::vector<std::string>> key_names;  // [sources][key parts]
  std::vector<Type> key_types;
  int depth = 1;  // how deep features read each other here
};

struct EventTypeRef {
  int stream = 0;
  int type_index = 0;
};

class SetScope {
 public:
  using Fields = std::unordered_map<std::string_view, Type>;

  // Reports names that are declared twice and macros that reach themselves. All borrowed.
  struct Inputs {
    const std::vector<const RuleFile*>& files;
    const Catalog& catalog;
    const Limits& limits;
    nfa::RuleSetSpec* spec;  // its layout and windows are filled as rules name them; has the tables
    Reporter* reporter;
  };
  explicit SetScope(const Inputs& inputs);

  const Catalog& catalog() const { return catalog_; }
  const Limits& limits() const { return limits_; }

  int StreamIndex(std::string_view name) const;  // or -1
  // Declared fields and the type field, which is a string. Not `ts`.
  const Fields& fields(int stream) const { return fields_[static_cast<std::size_t>(stream)]; }
  // Whether it is a field of the stream, or what stands before the first dot of one.
  bool BeginsField(int stream, std::string_view name) const;
  // The stream's fields in the order of the configuration, for suggestions.
  void AppendFieldNames(int stream, std::vector<std::string_view>* names) const;
  // Event types of that name in all streams.
  const std::vector<EventTypeRef>& EventTypes(std::string_view name) const;
  int EventTypeId(EventTypeRef type) const;
  int EventTypeCount(int stream) const;

  // nullptr: no such list, macro or feature.
  const SharedName* Find(std::string_view name) const;
  // In order of declaration, for suggestions.
  const std::vector<const SharedName*>& shared_names() const { return order_; }

  // The row's column for a field, added if it is new.
  int Column(std::string_view name, Type type);
  const std::string& ColumnName(int column) const {
    return spec_->layout.columns[static_cast<std::size_t>(column)].name;
  }

  Type ColumnType(int column) const {
    return spec_->layout.columns[static_cast<std::size_t>(column)].type;
  }

  std::optional<int> FindColumn(std::string_view name, Type type) const;

  // A field that the stream computes. Before rules are looked at.
  void AddField(int stream, std::string_view name, Type type);
  // Forgets the columns so far.
  void ClearColumns();

  const std::vector<std::shared_ptr<const Table>>& tables() const { return spec_->tables; }
  int TableIndex(std::string_view name) const;  // or -1
  std::vector<std::string_view> TableNames() const;

  // The list's file as it was read; nullptr: it could not be.
  const ListFile* FindListFile(const ListNode& list) const;
  void AddListFile(const ListNode& list, std::unique_ptr<const ListFile> file);

  WindowTable& windows() { return windows_; }

  // A feature's value for readers whose key parts stand in `order`; nullptr: not checked yet.
  std::shared_ptr<const CheckedFeature> FindFeature(const FeatureNode* feature,
                                                    const std::vector<int>& order) const;
  void AddFeature(const FeatureNode* feature, const std::vector<int>& order,
                  std::shared_ptr<const CheckedFeature> checked);

  // Features that are being read, each for the one before it: ReadFeature calls itself no deeper than kNestingMax.
  int open_features = 0;

  // Reports, once per stream, every list, macro and feature that is named like a field of the stream. Returns whether
  // there is none.
  bool CheckStreamNames(int stream);

 private:
  void Add(const SharedName& shared, std::string_view name);
  void AddFile(const RuleFile& file);
  void FindNameCycles();

  const Catalog& catalog_;
  const Limits& limits_;
  nfa::RuleSetSpec* spec_;
  WindowTable windows_;
  Reporter* reporter_;
  std::unordered_map<std::string_view, int> stream_index_;
  std::unordered_map<std::string_view, std::vector<EventTypeRef>> event_types_;
  std::vector<int> event_type_begin_;  // event_type_begin_[streams]: id of the stream's first type
  std::vector<Fields> fields_;         // fields_[streams]
  std::vector<std::unordered_set<std::string_view>> first_segments_;  // [streams]: of the fields
  std::unordered_map<std::string_view, SharedName> shared_;
  std::vector<const SharedName*> order_;
  std::unordered_map<std::string, int> columns_;
  std::unordered_map<const ListNode*, std::unique_ptr<const ListFile>> list_files_;
  std::vector<std::vector<std::string_view>> derived_names_;  // [streams]
  std::map<std::pair<const FeatureNode*, std::vector<int>>, std::shared_ptr<const CheckedFeature>>
      features_;
  std::vector<std::optional<bool>> stream_names_good_;  // [streams]: of CheckStreamNames
};

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_SET_SCOPE_H_
