#include "rules/set_scope.h"

#include <algorithm>

#include "rules/function_table.h"
#include "rules/name_cycles.h"
#include "rules/types.h"

namespace shrike::rules {

SetScope::SetScope(const Inputs& inputs)
    : catalog_(inputs.catalog),
      limits_(inputs.limits),
      spec_(inputs.spec),
      windows_(inputs.spec),
      reporter_(inputs.reporter),
      derived_names_(inputs.catalog.streams.size()),
      stream_names_good_(inputs.catalog.streams.size()) {
  int next_type = 0;
  for (const StreamSchema& stream : catalog_.streams) {
    const int index = static_cast<int>(fields_.size());
    stream_index_.emplace(stream.name, index);
    Fields& fields = fields_.emplace_back();
    for (const FieldSchema& field : stream.fields) fields.emplace(field.name, field.type);
    if (!stream.type_field.empty()) fields.emplace(stream.type_field, kStringType);
    std::unordered_set<std::string_view>& segments = first_segments_.emplace_back();
    for (const auto& [name, type] : fields) segments.insert(name.substr(0, name.find('.')));
    event_type_begin_.push_back(next_type);
    for (std::size_t i = 0; i < stream.event_types.size(); ++i) {
      event_types_[stream.event_types[i]].push_back({index, static_cast<int>(i)});
    }
    next_type += static_cast<int>(stream.event_types.size());
  }
  for (const RuleFile* file : inputs.files) AddFile(*file);
  FindNameCycles();
}

void SetScope::AddFile(const RuleFile& file) {
  for (const ListNode& list : file.lists) {
    SharedName shared{.file = &file, .name = &list.name};
    shared.list = &list;
    Add(shared, list.name.text);
  }
  for (const MacroNode& macro : file.macros) {
    SharedName shared{.file = &file, .name = &macro.name};
    shared.macro = &macro;
    if (!macro.parameters.empty() && IsFunctionName(macro.macro)) {
      reporter_->Report("E0206", shared.place(),
                        "macro " + Quoted(macro.macro) + " has the name of a function");
    }
    Add(shared, macro.macro);
  }
  for (const FeatureNode& feature : file.features) {
    SharedName shared{.file = &file, .name = &feature.name};
    shared.feature = &feature;
    Add(shared, feature.name.text);
  }
}

void SetScope::Add(const SharedName& shared, std::string_view name) {
  const auto [found, added] = shared_.emplace(name, shared);
  if (added) {
    order_.push_back(&found->second);
    return;
  }
  const SharedName& first = found->second;
  reporter_->Report("E0207", shared.place(),
                    std::string(shared.KindText()) + " " + Quoted(name) + " has the name of a " +
                        first.KindText() + " at " + PlaceText(first.place()),
                    "lists, macros and features share their names over all files of the set");
}

void SetScope::FindNameCycles() {
  std::vector<NamedBody> bodies;
  std::vector<SharedName*> names;
  for (const SharedName* shared : order_) {
    if (shared->list) continue;
    const MacroNode* macro = shared->macro;
    const std::string& name = macro ? macro->macro : shared->name->text;
    bodies.push_back({name, macro ? &macro->parameters : nullptr, shared->Body().expr.get()});
    names.push_back(&shared_.at(name));
  }
  for (const NameCycle& cycle : FindCycles(bodies)) {
    std::string way;
    for (const int member : cycle.members) {
      const auto index = static_cast<std::size_t>(member);
      way += Quoted(bodies[index].name) + " -> ";
      names[index]->cyclic = true;
    }
    const auto first = static_cast<std::size_t>(cycle.members.front());
    const SharedName& shared = *names[first];
    reporter_->Report(
        "E0211", ScalarSource{shared.file, &shared.Body().source}.At(cycle.use),
        std::string(shared.KindText()) + " uses itself: " + way + Quoted(bodies[first].name));
  }
}

int SetScope::StreamIndex(std::string_view name) const {
  const auto found = stream_index_.find(name);
  return found == stream_index_.end() ? -1 : found->second;
}

bool SetScope::BeginsField(int stream, std::string_view name) const {
  const auto index = static_cast<std::size_t>(stream);
  return fields_[index].contains(name) || first_segments_[index].contains(name);
}

void SetScope::AppendFieldNames(int stream, std::vector<std::string_view>* names) const {
  const StreamSchema& schema = catalog_.streams[static_cast<std::size_t>(stream)];
  for (const FieldSchema& field : schema.fields) names->push_back(field.name);
  if (!schema.type_field.empty()) names->push_back(schema.type_field);
  const std::vector<std::string_view>& derived = derived_names_[static_cast<std::size_t>(stream)];
  names->insert(names->end(), derived.begin(), derived.end());
}

const std::vector<EventTypeRef>& SetScope::EventTypes(std::string_view name) const {
  static const std::vector<EventTypeRef> kNone;
  const auto found = event_types_.find(name);
  return found == event_types_.end() ? kNone : found->second;
}

int SetScope::EventTypeId(EventTypeRef type) const {
  return event_type_begin_[static_cast<std::size_t>(type.stream)] + type.type_index;
}

int SetScope::EventTypeCount(int stream) const {
  return static_cast<int>(catalog_.streams[static_cast<std::size_t>(stream)].event_types.size());
}

const SharedName* SetScope::Find(std::string_view name) const {
  const auto found = shared_.find(name);
  return found == shared_.end() ? nullptr : &found->second;
}

std::optional<int> SetScope::FindColumn(std::string_view name, Type type) const {
  const auto found = columns_.find(FormatType(type) + ' ' + std::string(name));
  return found == columns_.end() ? std::nullopt : std::optional(found->second);
}

void SetScope::AddField(int stream, std::string_view name, Type type) {
  const auto index = static_cast<std::size_t>(stream);
  fields_[index].emplace(name, type);
  first_segments_[index].insert(name.substr(0, name.find('.')));
  derived_names_[index].push_back(name);
}

void SetScope::ClearColumns() {
  spec_->layout = RowLayout();
  columns_.clear();
}

int SetScope::TableIndex(std::string_view name) const {
  for (std::size_t i = 0; i < tables().size(); ++i) {
    if (tables()[i]->schema().name == name) return static_cast<int>(i);
  }
  return -1;
}

std::vector<std::string_view> SetScope::TableNames() const {
  std::vector<std::string_view> names;
  for (const auto& table : tables()) names.push_back(table->schema().name);
  return names;
}

const ListFile* SetScope::FindListFile(const ListNode& list) const {
  const auto found = list_files_.find(&list);
  return found == list_files_.end() ? nullptr : found->second.get();
}

void SetScope::AddListFile(const ListNode& list, std::unique_ptr<const ListFile> file) {
  list_files_.emplace(&list, std::move(file));
}

int SetScope::Column(std::string_view name, Type type) {
  std::string identity = FormatType(type) + ' ' + std::string(name);
  const auto found = columns_.find(identity);
  if (found != columns_.end()) return found->second;
  const int column = spec_->layout.Intern(std::string(name), type);
  columns_.emplace(std::move(identity), column);
  return column;
}

std::shared_ptr<const CheckedFeature> SetScope::FindFeature(const FeatureNode* feature,
                                                            const std::vector<int>& order) const {
  const auto found = features_.find({feature, order});
  return found == features_.end() ? nullptr : found->second;
}

void SetScope::AddFeature(const FeatureNode* feature, const std::vector<int>& order,
                          std::shared_ptr<const CheckedFeature> checked) {
  features_.emplace(std::pair(feature, order), std::move(checked));
}

bool SetScope::CheckStreamNames(int stream) {
  std::optional<bool>& good = stream_names_good_[static_cast<std::size_t>(stream)];
  if (good) return *good;
  good = true;
  std::vector<std::string_view> names{"ts"};
  AppendFieldNames(stream, &names);
  for (const std::string_view name : names) {
    const SharedName* shared = Find(name);
    if (!shared) continue;
    good = false;
    reporter_->Report("E0206", shared->place(),
                      std::string(shared->KindText()) + " " + Quoted(name) +
                          " has the name of a field of stream " +
                          Quoted(catalog_.streams[static_cast<std::size_t>(stream)].name));
  }
  return *good;
}

}  // namespace shrike::rules
