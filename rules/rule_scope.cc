#include "rules/rule_scope.h"

#include <algorithm>

#include "rules/types.h"

namespace shrike::rules {

bool RuleScope::AddName(const std::string& text, NamedSteps named) {
  const bool added = names_.emplace(text, std::move(named)).second;
  if (added) name_order_.push_back(text);
  return added;
}

const NamedSteps* RuleScope::FindName(std::string_view text) const {
  const auto found = names_.find(std::string(text));
  return found == names_.end() ? nullptr : &found->second;
}

const SharedName* RuleScope::Find(std::string_view name) const {
  if (shared_names_hidden_) return nullptr;
  const auto replaced = replaced_lists_.find(name);
  return replaced == replaced_lists_.end() ? set_->Find(name) : &replaced->second;
}

const std::vector<const SharedName*>& RuleScope::shared_names() const {
  static const std::vector<const SharedName*> kNone;
  return shared_names_hidden_ ? kNone : set_->shared_names();
}

void RuleScope::ReplaceList(const SourceFile& file, const ListNode& list) {
  SharedName shared{.file = &file, .name = &list.name};
  shared.list = &list;
  replaced_lists_.emplace(list.name.text, shared);
}

FieldLookup RuleScope::FindField(const std::vector<int>& streams, std::string_view name) const {
  if (name == "ts") return {FieldRef{nfa::kTimeColumn, kTimestampType}, {}};
  std::optional<Type> type;
  for (const int stream : streams) {
    const auto found = set_->fields(stream).find(name);
    if (found == set_->fields(stream).end()) continue;
    if (type && *type != found->second) return {std::nullopt, FieldFault::kTwoTypes};
    type = found->second;
  }
  if (!type) return {std::nullopt, FieldFault::kUnknown};
  return {FieldRef{set_->Column(name, *type), *type}, {}};
}

int RuleScope::KeyIndex(std::string_view name) const {
  for (const std::vector<std::string>& source : key_names) {
    const auto found = std::find(source.begin(), source.end(), name);
    if (found == source.end()) continue;
    const auto index = found - source.begin();
    bool same = true;
    for (std::size_t i = 0; i < key_names.size(); ++i) {
      const bool declared = set_->fields(spec_->sources[i].stream).contains(name);
      same &= !declared || key_names[i][static_cast<std::size_t>(index)] == name;
    }
    if (same || &source == &key_names.front()) return static_cast<int>(index);
  }
  return -1;
}

void RuleScope::Mention(int step, std::string_view field, int column) {
  if (column == nfa::kTimeColumn) return;
  const StepFacts& facts = steps[static_cast<std::size_t>(step)];
  if (!facts.positive) return;
  const bool declared =
      std::any_of(facts.events.streams.begin(), facts.events.streams.end(),
                  [&](int stream) { return set_->fields(stream).contains(field); });
  std::vector<int>& columns = spec_->alert.step_fields[static_cast<std::size_t>(step)];
  if (declared && std::find(columns.begin(), columns.end(), column) == columns.end()) {
    columns.push_back(column);
  }
}

void RuleScope::MentionAll(std::string_view field, int column) {
  for (std::size_t i = 0; i < steps.size(); ++i) Mention(static_cast<int>(i), field, column);
}

std::string StreamsText(const Catalog& catalog, const std::vector<int>& streams) {
  std::string text = streams.size() == 1 ? "stream " : "the streams ";
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (i > 0) text += ", ";
    text += Quoted(catalog.streams[static_cast<std::size_t>(streams[i])].name);
  }
  return text;
}

}  // namespace shrike::rules
