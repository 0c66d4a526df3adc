#include "tests/oracle/event_table.h"

#include "base/check.h"

namespace shrike::oracle {
namespace {

Datum FieldOf(const RawEvent& raw, const StreamSchema& stream, const Column& column) {
  if (column.name == stream.type_field) {
    return MakeString(stream.event_types[static_cast<std::size_t>(raw.type_index)]);
  }
  const int index = stream.FieldIndex(column.name);
  const bool declared =
      index >= 0 && stream.fields[static_cast<std::size_t>(index)].type == column.type;
  for (const auto& [name, value] : raw.fields) {
    if (declared && name == column.name) return value;
  }
  return {};
}

}  // namespace

EventTable::EventTable(const Catalog& catalog, const RowLayout& layout,
                       const std::vector<RawEvent>& raw) {
  std::vector<std::int64_t> offsets(catalog.streams.size(), 0);
  for (const RawEvent& one : raw) {
    const StreamSchema& stream = catalog.streams[static_cast<std::size_t>(one.stream)];
    std::vector<Value> row;
    for (const Column& column : layout.columns) row.push_back(Own(FieldOf(one, stream, column)));
    rows_.push_back(std::move(row));
    Event event;
    event.ts = one.ts;
    event.position = {.topic = one.stream, .partition = 0};
    event.position.offset = offsets[static_cast<std::size_t>(one.stream)]++;
    event.stream = one.stream;
    event.event_type = catalog.EventTypeId(one.stream, one.type_index);
    event.row = rows_.back().data();
    SHRIKE_CHECK(events_.empty() || events_.back().order() < event.order());
    events_.push_back(event);
  }
}

Value EventTable::Own(const Datum& datum) {
  switch (datum.kind) {
    case Kind::kNull:
      return Value::Null();
    case Kind::kBool:
      return Value::Bool(datum.boolean);
    case Kind::kInt:
      return Value::Int(datum.integer);
    case Kind::kTimestamp:
      return Value::Timestamp(datum.integer);
    case Kind::kDuration:
      return Value::Duration(datum.integer);
    case Kind::kFloat:
      return Value::Float(datum.number);
    case Kind::kDecimal:
      return Value::Dec(datum.decimal);
    case Kind::kIp:
      return Value::Ip(datum.ip);
    case Kind::kString:
      texts_.push_back(datum.text);
      return Value::String(texts_.back());
    case Kind::kList:
      break;
  }
  std::vector<Value> items;
  for (const Datum& item : datum.items) items.push_back(Own(item));
  lists_.push_back(std::move(items));
  return Value::List(lists_.back().data(), lists_.back().size());
}

std::string ToJson(const RawEvent& event, const Catalog& catalog) {
  const StreamSchema& stream = catalog.streams[static_cast<std::size_t>(event.stream)];
  std::string json = "{\"ts\":" + std::to_string(event.ts);
  if (!stream.type_field.empty()) {
    json += ",\"" + stream.type_field + "\":\"" +
            stream.event_types[static_cast<std::size_t>(event.type_index)] + "\"";
  }
  for (const auto& [name, value] : event.fields) {
    json += ",\"" + name + "\":";
    if (value.kind == Kind::kString) {
      AppendJsonString(value.text, &json);
    } else {
      json += ToText(value);
    }
  }
  return json + "}";
}

}  // namespace shrike::oracle
