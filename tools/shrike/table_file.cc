#include "tools/shrike/table_file.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/csv.h"
#include "base/suggest.h"
#include "ingest/json_decoder.h"
#include "nfa/pool.h"
#include "rules/literals.h"

namespace shrike::tools {
namespace {

constexpr int kFaultsMax = 20;

std::string Quoted(std::string_view text) { return InBackticks(text); }

// nullopt: it is none. The text must outlive the value.
std::optional<Value> CellValue(const std::string& text, Type type) {
  if (type.kind == Kind::kString) {
    return Value::String(text);
  }
  const std::optional<rules::TypedConstant> read = rules::ListItemConstant(text, type);
  if (!read || read->type.kind != type.kind) {
    return std::nullopt;
  }
  if (type.kind != Kind::kDecimal) {
    return nfa::ScalarValue(read->constant);
  }
  const std::optional<Decimal> exact = RescaleExact(read->constant.decimal, type.scale);
  return exact ? std::optional(Value::Dec(*exact)) : std::nullopt;
}

class TableReader {
 public:
  TableReader(const config::TableConfig& config, const rules::SourceFile& file,
              std::vector<Diagnostic>* diagnostics)
      : table_(std::make_shared<Table>(TableSchema{config.name, config.key, config.fields})),
        file_(file),
        diagnostics_(diagnostics) {
    columns_.push_back(config.key);
    columns_.insert(columns_.end(), config.fields.begin(), config.fields.end());
  }

  void ReadCsv();
  void ReadJsonLines();
  std::shared_ptr<const Table> table() const { return table_; }

 private:
  bool full() const { return faults_ >= kFaultsMax; }
  void Report(FileSpan span, std::string message, std::string suggestion = "") {
    ++faults_;
    diagnostics_->push_back(
        rules::MakeDiagnostic("E0609", file_, span, std::move(message), std::move(suggestion)));
  }
  bool FindColumns(const std::vector<CsvCell>& header, std::vector<std::size_t>* indices);
  void AddCsvRow(const std::vector<CsvCell>& row, const std::vector<std::size_t>& indices);
  void AddRow(const Value& key, const std::vector<Value>& row, FileSpan place);

  std::shared_ptr<Table> table_;
  const rules::SourceFile& file_;
  std::vector<Diagnostic>* diagnostics_;
  std::vector<FieldSchema> columns_;  // the key, then the fields
  int faults_ = 0;
};

void TableReader::AddRow(const Value& key, const std::vector<Value>& row, FileSpan place) {
  if (key.is_null()) {
    Report(place, "the key " + Quoted(columns_[0].name) + " is null");
    return;
  }
  if (!table_->Add(key, row)) {
    std::string text;
    AppendText(key, &text);
    Report(place, "a second row has the key " + Quoted(text));
  }
}

bool TableReader::FindColumns(const std::vector<CsvCell>& header,
                              std::vector<std::size_t>* indices) {
  std::vector<std::string_view> names;
  names.reserve(header.size());
  for (const CsvCell& cell : header) {
    names.push_back(cell.text);
  }
  const FileSpan all{header.front().span.begin, header.back().span.end};
  for (const FieldSchema& column : columns_) {
    std::size_t index = 0;
    while (index < names.size() && names[index] != column.name) {
      ++index;
    }
    if (index == names.size()) {
      Report(all, "there is no column " + Quoted(column.name), DidYouMean(column.name, names));
    }
    if (column.type.kind == Kind::kList) {
      Report(all, "the field " + Quoted(column.name) + " is a list, which CSV cannot hold",
             "write the table as JSON lines: a .jsonl file");
    }
    indices->push_back(index);
  }
  return faults_ == 0;
}

void TableReader::AddCsvRow(const std::vector<CsvCell>& row,
                            const std::vector<std::size_t>& indices) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const CsvCell& cell = row[indices[i]];
    if (cell.text.empty() && !cell.quoted) {
      values.emplace_back();
      continue;
    }
    const std::optional<Value> value = CellValue(cell.text, columns_[i].type);
    if (!value) {
      Report(cell.span, Quoted(cell.text) + " is no " + FormatType(columns_[i].type) +
                            ", as which " + Quoted(columns_[i].name) + " is declared");
      return;
    }
    values.push_back(*value);
  }
  const Value key = values.front();
  values.erase(values.begin());
  AddRow(key, values, row[indices[0]].span);
}

void TableReader::ReadCsv() {
  CsvReader csv(file_.content);
  const std::optional<std::vector<CsvCell>> header = csv.Next();
  std::vector<std::size_t> indices;
  if (!header && csv.fault().empty()) {
    Report({0, 0}, "the file is empty", "its first row names the columns");
    return;
  }
  if (header && !FindColumns(*header, &indices)) {
    return;
  }
  while (!full()) {
    const std::optional<std::vector<CsvCell>> row = csv.Next();
    if (!row) {
      break;
    }
    if (row->size() == header->size()) {
      AddCsvRow(*row, indices);
      continue;
    }
    Report({row->front().span.begin, row->back().span.end},
           "the row has " + std::to_string(row->size()) + " cells, the first row " +
               std::to_string(header->size()));
  }
  if (!csv.fault().empty()) {
    Report(csv.fault_span(), csv.fault());
  }
}

void TableReader::ReadJsonLines() {
  Catalog catalog;
  StreamSchema& stream = catalog.streams.emplace_back();
  stream.name = table_->schema().name;
  stream.event_types = {stream.name};
  stream.fields = columns_;
  stream.time_unit = TimeUnit::kRfc3339;
  RowLayout layout;
  for (const FieldSchema& column : columns_) {
    layout.Intern(column.name, column.type);
  }
  ingest::JsonDecoder decoder(catalog, 0, layout);
  ingest::Record record;
  const std::string_view text = file_.content;
  for (std::size_t begin = 0; begin < text.size() && !full();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    const FileSpan span{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    begin = end + 1;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    const ingest::Decoded decoded = decoder.Decode({{}, 0, line}, &record);
    if (decoded.outcome == ingest::DecodeOutcome::kEvent) {
      AddRow(record.row[0], {record.row.begin() + 1, record.row.end()}, span);
      continue;
    }
    const std::string field =
        decoded.field < 0
            ? ""
            : " of field " + Quoted(columns_[static_cast<std::size_t>(decoded.field)].name);
    Report(span, "the line is no row of the table: " +
                     std::string(ingest::DeadLetterReasonName(decoded.reason)) + field);
  }
}

}  // namespace

std::shared_ptr<const Table> ReadTableFile(const config::TableConfig& config,
                                           const rules::SourceFile& file,
                                           std::vector<Diagnostic>* diagnostics) {
  TableReader reader(config, file, diagnostics);
  if (config.is_jsonl()) {
    reader.ReadJsonLines();
  } else {
    reader.ReadCsv();
  }
  return reader.table();
}

}  // namespace shrike::tools
