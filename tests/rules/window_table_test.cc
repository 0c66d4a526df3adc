#include "rules/window_table.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/rules/check_fixture.h"
#include "tests/rules/spec_dump.h"

namespace shrike::testing {
namespace {

constexpr const char* kRules =
    "features:\n"
    "  spent: { from: payments by card, value: 'sum(txn.amount over 1h)' }\n"
    "  most: { from: payments by card, value: 'max(spent over 2h)' }\n"
    "rules:\n"
    "  - { id: a-rule, version: 1, pattern: \"x\" }\n"
    "  - id: b-rule\n    version: 1\n    pattern: |\n      from payments by card\n"
    "      txn[count(over 3h) > 1]\n"
    "  - id: c-rule\n    version: 1\n    pattern: |\n      from payments by card\n"
    "      txn[most > 1 and count(over 4h) > 1]\n"
    "  - id: d-rule\n    version: 1\n    pattern: |\n      from payments by card\n      txn\n";

}  // namespace

TEST_CASE("a rule alone has the windows that it reads, numbered anew") {
  const CheckedText checked = CheckText(kRules);
  const nfa::RuleSetSpec& set = checked.set.spec;
  REQUIRE(set.rules.size() == 3);
  CHECK(set.windows.size() == 4);
  CHECK(rules::WindowsRead(set, set.rules[1]).size() == 3);
  const nfa::RuleSetSpec alone = rules::RuleAlone(set, 1);
  REQUIRE(alone.rules.size() == 1);
  CHECK(WindowsText(alone) ==
        "window#0 sum amount:decimal over sliding 1h types 0 source 0 key card :decimal\n"
        "window#1 max (window#0):decimal over sliding 2h types 0,1 source 0 key card :decimal\n"
        "window#2 count over sliding 4h types 0 source 0 key card :int\n");
  CHECK(ExprText(*alone.rules[0].steps[0].condition, alone.rules[0], alone.layout) ==
        "(and (> (window#1):decimal 1:decimal(0)) (> (window#2):int 1:int))");
  CHECK(rules::RuleAlone(set, 2).windows.empty());
}

TEST_CASE("windows that no rule reads are dropped") {
  CheckedText checked = CheckText(kRules);
  nfa::RuleSetSpec& set = checked.set.spec;
  set.rules.erase(set.rules.begin() + 1);
  rules::KeepUsedWindows(&set);
  CHECK(WindowsText(set) == "window#0 count over sliding 3h types 0 source 0 key card :int\n");
}

}  // namespace shrike::testing
