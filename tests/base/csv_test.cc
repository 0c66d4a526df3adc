#include "base/csv.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace shrike {
namespace {

// Rows by `|`, cells by `;`, what was in quotes in `<>`; then the fault.
std::string RowsText(std::string_view text) {
  CsvReader reader(text);
  std::string out;
  while (const auto row = reader.Next()) {
    for (const CsvCell& cell : *row) out += cell.quoted ? "<" + cell.text + ">;" : cell.text + ";";
    out += "|";
  }
  if (!reader.fault().empty()) {
    out += "! " + reader.fault() + " " + std::to_string(reader.fault_span().begin) + "-" +
           std::to_string(reader.fault_span().end);
  }
  return out;
}

struct Row {
  std::string_view text;
  std::string_view want;
};

constexpr Row kRows[] = {
    {"", ""},
    {"a,b\n1,2\n", "a;b;|1;2;|"},
    {"a,b\r\n1,2", "a;b;|1;2;|"},
    {"\xEF\xBB\xBF"
     "a\n",
     "a;|"},
    {"a\n\n\r\nb\n", "a;|b;|"},
    {"a,\n,b\n", "a;;|;b;|"},
    {"\"a,\"\"b\"\"\nc\",d\n", "<a,\"b\"\nc>;d;|"},
    {"\"\",x\n", "<>;x;|"},
    {"a b , c\n", "a b ; c;|"},
    {"a\rb\n", "a\rb;|"},
    {"a\n\"b\nc", "a;|! the quote is not closed 2-4"},
    {"\"a\"b,c\nd", "! there is text behind the closing quote 0-6"},
    {",", ";;|"},
};

}  // namespace

TEST_CASE("rows and cells") {
  for (const Row& row : kRows) {
    INFO(std::string(row.text));
    CHECK(RowsText(row.text) == row.want);
  }
}

}  // namespace shrike
