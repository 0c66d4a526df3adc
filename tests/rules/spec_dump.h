// A RuleSpec as text, for golden tests of the checker.
#pragma once

#include <string>

#include "nfa/rule_spec.h"

namespace shrike::testing {

// (> amount:decimal 5:decimal(0)): operators in front, types behind what has one of its own.
std::string ExprText(const nfa::Expr& expr, const nfa::RuleSpec& rule, const RowLayout& layout);

// One line each for source, element, step, name, clause and alert part that is there.
std::string SpecText(const nfa::RuleSpec& rule, const RowLayout& layout);
// The windows of a set, a line each.
std::string WindowsText(const nfa::RuleSetSpec& set);
// The derived fields that it computes, a line each.
std::string DerivesText(const nfa::RuleSetSpec& set);

}  // namespace shrike::testing
