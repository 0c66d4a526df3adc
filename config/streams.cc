#include "config/streams.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/suggest.h"

namespace shrike::config {
namespace {

std::string Quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

// Segments between points, none of them empty.
bool IsPath(std::string_view path) {
  return !path.empty() && !path.starts_with('.') && !path.ends_with('.') &&
         path.find("..") == std::string_view::npos;
}

std::string SuggestType(std::string_view text) {
  if (text.starts_with("decimal(") || text.starts_with("list(decimal(")) {
    return "decimal(s) has " + std::to_string(kDecimalScaleFieldMax) + " places at most";
  }
  const std::vector<std::string_view> names = {"bool",      "int",         "float",    "decimal",
                                               "string",    "timestamp",   "duration", "ip",
                                               "list(int)", "list(string)"};
  const std::string nearest = DidYouMean(text, names);
  return !nearest.empty() ? nearest
                          : "types are bool int float decimal(s) string timestamp duration ip, and "
                            "lists of them: list(string)";
}

// name: type
std::optional<FieldSchema> ReadField(const Source& source, const YamlNode& key,
                                     const YamlNode& value, const std::string& owner) {
  const std::string what = "the type of field " + Quoted(key.text) + " of " + owner;
  if (!IsPath(key.text)) {
    source.Report("E0606", key.span,
                  "the field name " + Quoted(key.text) + " of " + owner + " has an empty part");
    return std::nullopt;
  }
  if (value.kind == YamlNode::Kind::kMap) {
    source.Report("E0602", value.span, what + " must be one value, but is a mapping",
                  "a nested field is declared by its path: \"" + key.text + ".name\": string");
    return std::nullopt;
  }
  const std::optional<Scalar> text = ReadScalar(source, value, what);
  if (!text) {
    return std::nullopt;
  }
  const std::optional<Type> type = ParseType(text->text);
  if (!type) {
    source.Report("E0604", text->span, what + " is no type: " + Quoted(text->shown),
                  SuggestType(text->shown));
    return std::nullopt;
  }
  return FieldSchema{key.text, *type};
}

// A field cannot be a value and an object at once: `device` and `device.os`.
void CheckPrefixes(const Source& source, const YamlNode& fields, const std::string& owner) {
  std::map<std::string_view, bool> names;
  for (const YamlNode& key : fields.keys) {
    names.emplace(key.text, true);
  }
  for (const YamlNode& key : fields.keys) {
    const std::string_view path = key.text;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos;
         dot = path.find('.', dot + 1)) {
      if (names.contains(path.substr(0, dot))) {
        source.Report("E0606", key.span,
                      "field " + Quoted(path) + " of " + owner + " lies inside field " +
                          Quoted(path.substr(0, dot)) + ", which is declared as one value",
                      "declare only one of the two");
      }
    }
  }
}

std::vector<FieldSchema> ReadFields(const Source& source, const YamlNode* node,
                                    const std::string& owner) {
  std::vector<FieldSchema> fields;
  if (node == nullptr) {
    return fields;
  }
  if (node->kind != YamlNode::Kind::kMap) {
    source.Report("E0602", node->span, "`fields` of " + owner + " must be a mapping",
                  "fields: { amount: decimal, card: string }");
    return fields;
  }
  for (std::size_t i = 0; i < node->keys.size() && i < node->values.size(); ++i) {
    if (std::optional<FieldSchema> field =
            ReadField(source, node->keys[i], node->values[i], owner)) {
      fields.push_back(*std::move(field));
    }
  }
  CheckPrefixes(source, *node, owner);
  return fields;
}

// Texts of a list, each once and not empty.
std::vector<std::string> ReadNames(MapReader* map, std::string_view key) {
  std::vector<std::string> names;
  for (Scalar& scalar : map->GetList(key)) {
    if (scalar.text.empty()) {
      map->source().Report("E0604", scalar.span, map->NameOf(key) + " must not be empty");
    } else if (std::find(names.begin(), names.end(), scalar.text) != names.end()) {
      map->source().Report("E0606", scalar.span,
                           map->NameOf(key) + " names " + Quoted(scalar.shown) + " twice");
    } else {
      names.push_back(std::move(scalar.text));
    }
  }
  return names;
}

class StreamReader {
 public:
  StreamReader(const Source& source, const YamlNode& key, const YamlNode& value)
      : map_(source, &value, "stream " + Quoted(key.text)) {
    stream_.name = key.text;
  }

  StreamSchema Read();

 private:
  void Report(std::string_view code, FileSpan span, std::string message,
              std::string suggestion = "") const {
    map_.source().Report(code, span, std::move(message), std::move(suggestion));
  }
  void ReadTime();
  void ReadType();
  void CheckTimeField(FileSpan span);
  void ReadKeys();
  void ReadDerive();
  bool IsFreeName(const YamlNode& key) const;
  void ReadRedact();
  std::vector<std::string_view> DeclaredNames();

  MapReader map_;
  StreamSchema stream_;
};

StreamSchema StreamReader::Read() {
  stream_.topics = ReadNames(&map_, "topic");
  const bool has_topic = !stream_.topics.empty();
  if (!has_topic) {
    stream_.topics = {stream_.name};
  }
  const std::optional<Scalar> format = map_.GetScalar("format");
  if (format && format->text == "avro") {
    Report("E0901", format->span, map_.NameOf("format") + ": avro is not yet supported");
  } else if (format && format->text != "json") {
    Report("E0604", format->span,
           map_.NameOf("format") + " must be `json`, not " + Quoted(format->shown));
  }
  map_.RefuseNotYet("registry");
  stream_.fields = ReadFields(map_.source(), map_.Find("fields"), map_.what());
  ReadTime();
  ReadType();
  ReadKeys();
  ReadDerive();
  ReadRedact();
  stream_.derived = map_.GetBool("derived").value_or(false);
  if (stream_.derived && !has_topic) stream_.topics.clear();
  map_.CheckKeys();
  return std::move(stream_);
}

void StreamReader::ReadTime() {
  MapReader time(map_.source(), map_.Find("time"), map_.NameOf("time"));
  const std::optional<Scalar> field = time.GetScalar("field");
  if (const std::optional<int> unit = time.GetChoice("unit", {"ms", "s", "us", "ns", "rfc3339"})) {
    constexpr std::array kUnits = {TimeUnit::kMs, TimeUnit::kSeconds, TimeUnit::kMicros,
                                   TimeUnit::kNanos, TimeUnit::kRfc3339};
    stream_.time_unit = kUnits[static_cast<std::size_t>(*unit)];
  }
  if (const std::optional<int> late = time.GetChoice("late", {"topic", "drop", "stop"})) {
    constexpr std::array kPolicies = {LatePolicy::kTopic, LatePolicy::kDrop, LatePolicy::kStop};
    stream_.late = kPolicies[static_cast<std::size_t>(*late)];
  }
  stream_.out_of_order = time.GetDuration("out_of_order").value_or(stream_.out_of_order);
  stream_.idle = time.GetDuration("idle").value_or(stream_.idle);
  stream_.max_future = time.GetDuration("max_future").value_or(stream_.max_future);
  time.CheckKeys();
  if (!field) {
    return;
  }
  if (!IsPath(field->text)) {
    Report("E0604", field->span,
           time.NameOf("field") + " is no field name: " + Quoted(field->shown));
    return;
  }
  stream_.time_field = field->text;
  CheckTimeField(field->span);
}

// A declared time field must have a type that its unit fits.
void StreamReader::CheckTimeField(FileSpan span) {
  const int index = stream_.FieldIndex(stream_.time_field);
  if (index < 0) {
    return;
  }
  const Type type = stream_.fields[static_cast<std::size_t>(index)].type;
  const bool text = stream_.time_unit == TimeUnit::kRfc3339;
  const bool number =
      type.kind == Kind::kInt || type.kind == Kind::kFloat || type.kind == Kind::kDecimal;
  if (type.kind == Kind::kTimestamp || (text ? type.kind == Kind::kString : number)) {
    return;
  }
  Report("E0607", span,
         "the time field " + Quoted(stream_.time_field) + " of " + map_.what() +
             " is declared as " + FormatType(type) + ", which does not fit its unit",
         "declare it as timestamp, or leave it out of `fields`");
}

void StreamReader::ReadType() {
  const YamlNode* const node = map_.Find("type");
  stream_.event_types = {stream_.name};
  if (node == nullptr) {
    return;
  }
  MapReader type(map_.source(), node, map_.NameOf("type"));
  const std::optional<Scalar> field = type.GetScalar("field");
  std::vector<std::string> types = ReadNames(&type, "types");
  type.CheckKeys();
  if (node->kind != YamlNode::Kind::kMap) {
    return;
  }
  if (node->Find("field") == nullptr) {
    type.ReportMissing("field", "type: { field: kind, types: [a, b] }");
  }
  if (node->Find("types") == nullptr) {
    type.ReportMissing("types", "type: { field: kind, types: [a, b] }");
  }
  if (!types.empty()) {
    stream_.event_types = std::move(types);
  }
  if (!field) {
    return;
  }
  if (!IsPath(field->text)) {
    Report("E0604", field->span,
           type.NameOf("field") + " is no field name: " + Quoted(field->shown));
    return;
  }
  stream_.type_field = field->text;
  const int index = stream_.FieldIndex(stream_.type_field);
  if (index < 0) {
    stream_.fields.push_back({stream_.type_field, {Kind::kString}});
  } else if (stream_.fields[static_cast<std::size_t>(index)].type.kind != Kind::kString) {
    Report(
        "E0607", field->span,
        "the type field " + Quoted(stream_.type_field) + " of " + map_.what() + " must be a string",
        "declare it as string, or leave it out of `fields`");
  }
}

// Also the fields whose types are wrong: they were declared, and have a message already.
std::vector<std::string_view> StreamReader::DeclaredNames() {
  std::vector<std::string_view> names;
  names.reserve(stream_.fields.size());
  for (const FieldSchema& field : stream_.fields) {
    names.push_back(field.name);
  }
  if (const YamlNode* const fields = map_.Find("fields")) {
    for (const YamlNode& key : fields->keys) {
      names.push_back(key.text);
    }
  }
  return names;
}

void StreamReader::ReadKeys() {
  const std::vector<std::string_view> names = DeclaredNames();
  for (Scalar& key : map_.GetList("partitioned_by")) {
    if (std::find(names.begin(), names.end(), key.text) == names.end()) {
      Report("E0608", key.span,
             map_.NameOf("partitioned_by") +
                 " names a field that is not declared: " + Quoted(key.shown),
             DidYouMean(key.shown, names));
      continue;
    }
    stream_.partitioned_by.push_back(std::move(key.text));
  }
}

// Whether a field may be called so that the record does not have. Reports why not.
bool StreamReader::IsFreeName(const YamlNode& key) const {
  if (!IsPath(key.text) || key.text == "ts") {
    Report("E0606", key.span, Quoted(key.text) + " cannot be the name of a derived field");
    return false;
  }
  const auto clashes = [&key](std::string_view name) {
    return name == key.text || name.starts_with(key.text + ".") ||
           std::string_view(key.text).starts_with(std::string(name) + ".");
  };
  for (const FieldSchema& field : stream_.fields) {
    if (!clashes(field.name)) {
      continue;
    }
    Report("E0606", key.span,
           "the derived field " + Quoted(key.text) + " of " + map_.what() +
               " has the name of the declared field " + Quoted(field.name));
    return false;
  }
  return std::none_of(stream_.derive.begin(), stream_.derive.end(),
                      [&](const DerivedField& other) { return clashes(other.name); });
}

// What the expressions mean is looked at with the rules.
void StreamReader::ReadDerive() {
  const YamlNode* const node = map_.Find("derive");
  if (node == nullptr) {
    return;
  }
  if (node->kind != YamlNode::Kind::kMap) {
    Report("E0602", node->span, map_.NameOf("derive") + " must be a mapping",
           "derive: { big: amount > 1000 }");
    return;
  }
  for (std::size_t i = 0; i < node->keys.size() && i < node->values.size(); ++i) {
    const YamlNode& key = node->keys[i];
    const std::optional<Scalar> expression =
        ReadScalar(map_.source(), node->values[i], "the derived field " + Quoted(key.text));
    if (expression && IsFreeName(key)) {
      stream_.derive.push_back({key.text, expression->text});
    }
  }
}

void StreamReader::ReadRedact() {
  std::vector<std::string_view> names = DeclaredNames();
  for (const DerivedField& field : stream_.derive) {
    names.push_back(field.name);
  }
  for (Scalar& field : map_.GetList("redact")) {
    if (std::find(names.begin(), names.end(), field.text) == names.end()) {
      Report("E0608", field.span,
             map_.NameOf("redact") + " names a field that is not declared: " + Quoted(field.shown),
             DidYouMean(field.shown, names));
      continue;
    }
    stream_.redact.push_back(std::move(field.text));
  }
}

// The key is a string if `fields` does not say what it is.
void ReadTableKey(MapReader* map, TableConfig* table) {
  table->key = {map->GetText("key").value_or(""), {Kind::kString}};
  const auto declared =
      std::find_if(table->fields.begin(), table->fields.end(),
                   [&](const FieldSchema& field) { return field.name == table->key.name; });
  if (declared == table->fields.end()) {
    return;
  }
  table->key.type = declared->type;
  table->fields.erase(declared);
  if (table->key.type.kind == Kind::kList) {
    map->source().Report("E0607", map->KeySpan("key"), map->NameOf("key") + " is a list",
                         "rows are looked up by one value");
  }
}

TableConfig ReadTable(const Source& source, const YamlNode& key, const YamlNode& value) {
  MapReader map(source, &value, "table " + Quoted(key.text));
  TableConfig table;
  table.name = key.text;
  const std::optional<Scalar> file = map.GetScalar("file");
  if (file) {
    table.file = file->text;
    table.file_span = file->span;
  }
  map.RefuseNotYet("topic");
  table.fields = ReadFields(source, map.Find("fields"), map.what());
  ReadTableKey(&map, &table);
  map.CheckKeys();
  if (value.Find("file") == nullptr && value.Find("topic") == nullptr) {
    map.ReportMissing("file", "tables: { accounts: { file: accounts.csv, key: account } }");
  }
  if (file && !table.is_jsonl() && !table.file.ends_with(".csv")) {
    source.Report("E0604", file->span, map.NameOf("file") + " is neither .csv nor .jsonl");
  }
  if (value.Find("key") == nullptr) {
    map.ReportMissing("key", "the field by which rows are looked up");
  }
  return table;
}

// Calls read(key, value) for the members of a mapping of named things.
template <typename Read>
void ForEachMember(const Source& source, const YamlNode* node, std::string_view name, Read read) {
  if (node == nullptr) {
    return;
  }
  if (node->kind != YamlNode::Kind::kMap) {
    source.Report("E0602", node->span, Quoted(name) + " must be a mapping from name to settings");
    return;
  }
  for (std::size_t i = 0; i < node->keys.size() && i < node->values.size(); ++i) {
    if (node->keys[i].text.empty()) {
      source.Report("E0606", node->keys[i].span, "a name in " + Quoted(name) + " is empty");
      continue;
    }
    read(node->keys[i], node->values[i]);
  }
}

}  // namespace

Catalog ReadStreams(const Source& source, const YamlNode* node) {
  Catalog catalog;
  std::map<std::string, std::string> stream_of_topic;
  ForEachMember(source, node, "streams", [&](const YamlNode& key, const YamlNode& value) {
    StreamSchema stream = StreamReader(source, key, value).Read();
    for (const std::string& topic : stream.topics) {
      const auto [other, added] = stream_of_topic.emplace(topic, stream.name);
      if (!added) {
        source.Report("E0606", key.span,
                      "topic " + Quoted(topic) + " of stream " + Quoted(stream.name) +
                          " belongs to stream " + Quoted(other->second) + " already",
                      "one stream may have several event types: `type:`");
      }
    }
    catalog.streams.push_back(std::move(stream));
  });
  return catalog;
}

std::vector<TableConfig> ReadTables(const Source& source, const YamlNode* node) {
  std::vector<TableConfig> tables;
  ForEachMember(source, node, "tables", [&](const YamlNode& key, const YamlNode& value) {
    tables.push_back(ReadTable(source, key, value));
  });
  return tables;
}

}  // namespace shrike::config
