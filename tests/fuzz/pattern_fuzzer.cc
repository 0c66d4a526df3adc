// Any text as a pattern and as an expression: no crash, and what parses prints to text that parses to the same tree.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "rules/ast_equal.h"
#include "rules/parser.h"
#include "rules/printer.h"

namespace shrike::rules {
namespace {

void FuzzPattern(std::string_view text) {
  const Parsed<std::unique_ptr<Pattern>> first = ParsePattern(text);
  SHRIKE_CHECK((first.value == nullptr) == first.error.has_value());
  if (first.error) {
    SHRIKE_CHECK(first.error->span.begin <= first.error->span.end);
    SHRIKE_CHECK(first.error->span.end <= text.size() + 1);
    SHRIKE_CHECK(!first.error->message.empty());
    return;
  }
  const std::string printed = PrintPattern(*first.value);
  const Parsed<std::unique_ptr<Pattern>> second = ParsePattern(printed);
  SHRIKE_CHECK(second.value != nullptr);
  SHRIKE_CHECK(SamePattern(*first.value, *second.value));
  SHRIKE_CHECK(PrintPattern(*second.value) == printed);
}

void FuzzExpression(std::string_view text) {
  const Parsed<ExprPtr> first = ParseExpression(text);
  SHRIKE_CHECK((first.value == nullptr) == first.error.has_value());
  if (first.error) {
    return;
  }
  const std::string printed = PrintExpression(*first.value);
  const Parsed<ExprPtr> second = ParseExpression(printed);
  SHRIKE_CHECK(second.value != nullptr);
  SHRIKE_CHECK(SameExpr(*first.value, *second.value));
}

}  // namespace
}  // namespace shrike::rules

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  shrike::rules::FuzzPattern(text);
  shrike::rules::FuzzExpression(text);
  return 0;
}
