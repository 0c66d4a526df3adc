// Whether conditions can hold while a step is empty: sound, and sharp enough for the mistakes that people make.
#include "rules/abstract_truth.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "tests/rules/check_fixture.h"

namespace shrike::testing {
namespace {

struct Row {
  std::string_view condition;  // of a step r
  bool can_hold;
};

constexpr Row kRows[] = {
    {"ts > last(r).ts", false},
    {"amount > 1", true},
    {"count(r) == 0", true},
    {"count(r) != 0", false},
    {"0 < count(r)", false},
    {"count(r) >= 0 and amount > 1", true},
    {"count(r) == 0 or ts > last(r).ts", true},
    {"count(r) == 1 or ts > last(r).ts", false},
    {"last(r).amount is null", true},
    {"last(r).amount is not null", false},
    {"not (amount > r.amount)", false},
    {"not (amount > r.amount) or ok", true},
    {"amount > r.amount and ok", false},
    {"amount > r.amount ?? 0", true},
    {"amount > (r.amount ?? fee)", true},
    {"amount > (r.amount ?? first(r).amount)", false},
    {"r.ok", false},
    {"not r.ok", false},
    {"r.ok ?? true", true},
    {"(r.ok ?? false) and ok", false},
    {"if(r.ok, ok, false)", false},
    {"if(r.ok, false, ok)", true},
    {"if(count(r) == 0, ok, r.ok)", true},
    {"if(ok, r.ok, r.ok)", false},
    {"sum(r.mcc) < 100", true},
    {"sum(r.mcc) > 100", false},
    {"distinct(r.status) == 0", true},
    {"avg(r.amount) < 100", false},
    {"max(r.amount) < amount", false},
    {"r.status in [\"a\"]", false},
    {"not (r.status in [\"a\"])",
     true},  // Of an empty list `in` is false; the list is not looked at.
    {"r.status like \"a*\"", false},
    {"lower(r.status) == status", false},
    {"mcc + r.mcc > 1", false},
    {"-r.mcc > 1", false},
    {"mcc between r.mcc and 9", false},
    {"count(r) between 0 and 2", true},
    {"count(r) between 1 and 2", false},
    {"r[0].amount == amount", false},
    {"null", true},  // It names no step: the check is not for it.
};

}  // namespace

TEST_CASE("conditions of a step that holds no event yet") {
  for (const Row& row : kRows) {
    const CheckedText checked = CheckText(RuleText("from payments by card\nr: txn[" +
                                                   std::string(row.condition) + "]{2}\nwithin 1h"));
    INFO(row.condition << "\n" << Lines(checked.diagnostics));
    CHECK(Codes(checked.diagnostics) == (row.can_hold ? "" : "E0403"));
  }
}

}  // namespace shrike::testing
