#include "tests/support/decoder_fixture.h"

#include <utility>

namespace shrike::ingest {

Catalog MakeCatalog() {
  StreamSchema stream;
  stream.name = "s";
  stream.event_types = {"s"};
  stream.time_field = "ts";
  constexpr std::pair<std::string_view, std::string_view> kFields[] = {
      {"b", "bool"},      {"i", "int"},
      {"f", "float"},     {"d", "decimal(2)"},
      {"s", "string"},    {"t", "timestamp"},
      {"u", "duration"},  {"ip", "ip"},
      {"l", "list(int)"}, {"m", "list(decimal(1))"},
      {"a.b.c", "int"},   {"a.s", "string"},
  };
  for (const auto& [name, type] : kFields) {
    stream.fields.push_back({std::string(name), *ParseType(type)});
  }
  return {{stream}};
}

RowLayout FullLayout(const Catalog& catalog) {
  RowLayout layout;
  for (const FieldSchema& field : catalog.streams[0].fields) layout.Intern(field.name, field.type);
  return layout;
}

DecoderFixture::DecoderFixture(const Catalog& catalog, const RowLayout& layout)
    : catalog_(catalog),
      layout_(layout),
      decoder_(catalog_, 0, layout_),
      record_(pool_.Acquire()) {}

std::string DecoderFixture::Verdict(std::string_view bytes, std::optional<TimestampMs> timestamp) {
  const Decoded decoded = decoder_.Decode({{}, timestamp, bytes}, record_.get());
  if (decoded.outcome == DecodeOutcome::kEvent) return "event";
  if (decoded.outcome == DecodeOutcome::kSkipped) return "skipped";
  std::string verdict(DeadLetterReasonName(decoded.reason));
  if (decoded.field >= 0) {
    verdict += " " + catalog_.streams[0].fields[static_cast<std::size_t>(decoded.field)].name;
  }
  return verdict;
}

std::string DecoderFixture::Row() const {
  std::string text;
  for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
    if (record_->row[i].is_null()) continue;
    text += (text.empty() ? "" : " ") + layout_.columns[i].name + "=";
    AppendJson(record_->row[i], &text);
  }
  return text;
}

}  // namespace shrike::ingest
