// Derived fields have their place in the configuration.
#include "rules/derived_fields.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/rules/check_fixture.h"
#include "tests/rules/spec_dump.h"

namespace shrike::testing {
namespace {

struct Row {
  std::string config;      // the text of the file; fields a: int, s: string
  std::string name;        // of the derived field
  std::string expression;  // as the configuration was read
  std::string_view want;   // mistakes
};

std::string Check(const Row& row) {
  StreamSchema stream;
  stream.name = "clicks";
  stream.event_types = {"clicks"};
  stream.fields = {{"a", {Kind::kInt}}, {"s", {Kind::kString}}};
  stream.derive = {{row.name, row.expression}};
  const Catalog catalog{{stream}};
  const rules::SourceFile config{"conf/shrike.yaml", row.config};
  std::vector<Diagnostic> diagnostics;
  const rules::RuleFile file = rules::ReadRuleFile(
      "rules.yaml",
      "lists: { words: [x] }\nmacros: { twice: a + a }\n"
      "features: { clicked: { from: clicks by s, value: count(over 1h) } }\n"
      "rules:\n  - id: a-rule\n    version: 1\n    pattern: |\n      from clicks by s\n"
      "      clicks[" +
          row.name + " is null]",
      &diagnostics);
  const std::vector<const rules::RuleFile*> files{&file};
  const Limits limits;
  rules::CheckInputs inputs{.files = files, .catalog = catalog, .limits = limits};
  inputs.config = &config;
  const rules::CheckedRuleSet set = rules::CheckRules(inputs, &diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) CHECK(diagnostic.file == "conf/shrike.yaml");
  return Lines(diagnostics) + DerivesText(set.spec);
}

}  // namespace

TEST_CASE("mistakes in derived fields are shown in the configuration") {
  const std::string head = "streams:\n  clicks:\n    derive:\n";
  const Row rows[] = {
      {head + "      twice_a: a * 2\n", "twice_a", "a * 2",
       "derive stream 0 twice_a = (* a:int 2:int):int\n"},
      {head + "      x: a + s\n", "x", "a + s",
       "E0302 4:10-4:15 `+` cannot stand between int and string (a number has no quotes, and a "
       "string has them)\n"},
      {head + "      x: \"a + \\u0073\"\n", "x", "a + s",
       "E0302 4:11-4:16 `+` cannot stand between int and string (a number has no quotes, and a "
       "string has them)\n"},
      {head + "      x: ${X} + 1\n", "x", "s + 1",
       "E0302 4:10-4:11 `+` cannot stand between string and int (a number has no quotes, and a "
       "string has them)\n"},
      {head + "      x: a +\n", "x", "a +",
       "E0101 4:13-4:13 expected a value, found the end of the text\n"},
      {head + "      x: null\n", "x", "null",
       "E0304 4:10-4:14 the derived field `x` is always null\n"},
      {head + "      x: x + 1\n", "x", "x + 1",
       "E0203 4:10-4:11 unknown field `x` of stream `clicks` (did you mean `a`?)\n"},
      {head + "      x: a in words\n", "x", "a in words",
       "E0203 4:15-4:20 unknown list or field `words`\n"},
      {head + "      x: twice\n", "x", "twice",
       "E0203 4:10-4:15 unknown field `twice` of stream `clicks`\n"},
      {head + "      x: clicked\n", "x", "clicked",
       "E0203 4:10-4:17 unknown field `clicked` of stream `clicks`\n"},
      {head + "      x: count(over 1h)\n", "x", "count(over 1h)",
       "E0212 4:10-4:24 a derived field cannot use aggregates (it looks at one event)\n"},
      {head + "      x: risk(key)\n", "x", "risk(key)",
       "E0212 4:10-4:19 a score of the rule's key cannot be asked for here (risk(key) stands in "
       "conditions of steps, in the pattern's `where` and in alerts)\n"},
      {"", "x", "a + s",
       "E0302 1:1-1:1 `+` cannot stand between int and string (a number has no quotes, and a "
       "string has them)\n"},
  };
  for (const Row& row : rows) {
    INFO(row.config);
    CHECK(Check(row) == row.want);
  }
}

}  // namespace shrike::testing
