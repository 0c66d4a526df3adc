// A catalog and one-line diagnostics for the tests of the checker.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/schema.h"
#include "rules/checker.h"
#include "rules/rule_file.h"

namespace shrike::testing {

// Streams: payments (txn, payout), logins (login), orders (txn, refund; partitioned by card), one field of each type;
// clicks with derived and redacted fields; scores and kinds, which rules emit into. Tables: users, limits, accounts. Files of
// lists: words.txt and others.
const Catalog& TestCatalog();

// A rule set read and checked. The files live here: the result borrows from them.
struct CheckedText {
  std::vector<std::unique_ptr<rules::RuleFile>> files;
  rules::CheckedRuleSet set;
  std::vector<Diagnostic> diagnostics;
};

CheckedText CheckTexts(const std::vector<std::string>& texts, const Catalog& catalog,
                       const Limits& limits = {});
CheckedText CheckText(const std::string& text);

// A rule file with one rule of this pattern; more: further keys of the rule, indented by four.
std::string RuleText(std::string_view pattern, std::string_view more = "");
// A rule file with `txn[condition]` over payments, keyed by card.
std::string ConditionText(std::string_view condition);

// One line each: "E0203 6:11-6:17 unknown field `amuont` of event type `txn` (did you mean `amount`?)".
std::string Lines(const std::vector<Diagnostic>& diagnostics);
// The codes alone, in order: "E0203 E0301".
std::string Codes(const std::vector<Diagnostic>& diagnostics);

}  // namespace shrike::testing
