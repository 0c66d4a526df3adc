#include "tools/shrike/table_file.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace shrike::tools {
namespace {

config::TableConfig Config(const std::string& file) {
  config::TableConfig config;
  config.name = "t";
  config.file = file;
  config.key = {"id", {Kind::kInt}};
  config.fields = {
      {"name", {Kind::kString}}, {"limit", {Kind::kDecimal, 2}}, {"since", {Kind::kTimestamp}}};
  return config;
}

// Rows 1 to 9 as "id=name,limit,since;", then the mistakes as "! line message;".
std::string Read(const std::string& file, const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const auto table = ReadTableFile(Config(file), {file, text}, &diagnostics);
  std::string out;
  for (int id = 1; id < 10; ++id) {
    const Value* const row = table->Find(Value::Int(id));
    if (row == nullptr) {
      continue;
    }
    out += std::to_string(id) + "=";
    for (int field = 0; field < 3; ++field) {
      out += field > 0 ? "," : "";
      AppendText(row[field], &out);
    }
    out += ";";
  }
  for (const Diagnostic& diagnostic : diagnostics) {
    CHECK(diagnostic.code == "E0609");
    CHECK(diagnostic.file == file);
    out += "! " + std::to_string(diagnostic.line) + " " + diagnostic.message + ";";
  }
  return out;
}

struct Row {
  std::string text;
  std::string_view want;
};

}  // namespace

TEST_CASE("tables from CSV") {
  const std::string head = "limit,id,more,name,since\n";
  const Row rows[] = {
      {head + "1.50,1,x,a,2024-01-31T12:00:00Z\n,2,,\"\",\n",
       "1=a,1.5,2024-01-31T12:00:00.000Z;2=,null,null;"},
      {head, ""},
      {"", "! 1 the file is empty;"},
      {"id,name\n1,a\n", "! 1 there is no column `limit`;! 1 there is no column `since`;"},
      {head + "1.505,1,,a,\n2,2,,b,\n",
       "2=b,2,null;! 2 `1.505` is no decimal(2), as which `limit` is declared;"},
      {head + "1,x,,a,\n", "! 2 `x` is no int, as which `id` is declared;"},
      {head + "1,2.5,,a,\n", "! 2 `2.5` is no int, as which `id` is declared;"},
      {head + "1,1,,a,\n2,1,,b,\n", "1=a,1,null;! 3 a second row has the key `1`;"},
      {head + "1,,,a,\n", "! 2 the key `id` is null;"},
      {head + "1,1,,a,\n2,2\n", "1=a,1,null;! 3 the row has 2 cells, the first row 5;"},
      {head + "1,1,,a,\n2,2,,\"b\n", "1=a,1,null;! 3 the quote is not closed;"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(Read("t.csv", row.text) == row.want);
  }
}

TEST_CASE("tables from JSON lines") {
  const Row rows[] = {
      {"{\"id\":1,\"name\":\"a\",\"limit\":1.50,\"since\":\"2024-01-31T12:00:00Z\"}\n\n{\"id\":2}",
       "1=a,1.5,2024-01-31T12:00:00.000Z;2=null,null,null;"},
      {"{\"id\":\"1\"}\n{\"id\":2}\n",
       "2=null,null,null;! 1 the line is no row of the table: wrong_type of field `id`;"},
      {"{\"id\":1,\n", "! 1 the line is no row of the table: malformed;"},
      {"{\"name\":\"a\"}\n", "! 1 the key `id` is null;"},
      {"{\"id\":1}\n{\"id\":1}\n", "1=null,null,null;! 2 a second row has the key `1`;"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(Read("t.jsonl", row.text) == row.want);
  }
}

TEST_CASE("a file of mistakes is left after the first of them") {
  std::string text = "id,name,limit,since\n";
  for (int i = 0; i < 1000; ++i) {
    text += "x,a,1,\n";
  }
  std::vector<Diagnostic> diagnostics;
  ReadTableFile(Config("t.csv"), {"t.csv", text}, &diagnostics);
  CHECK(diagnostics.size() == 20);
}

}  // namespace shrike::tools
