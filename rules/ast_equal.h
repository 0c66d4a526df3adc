// Are two syntax trees the same text to the checker? Places, comments and the spelling of durations do not count.
//
// fmt promises that its result has the same tree. Tested by: tests/rules/printer_test.cc.
#ifndef SHRIKE_RULES_AST_EQUAL_H_
#define SHRIKE_RULES_AST_EQUAL_H_

#include "rules/ast.h"

namespace shrike::rules {

bool SameExpr(const Expr& a, const Expr& b);
bool SamePattern(const Pattern& a, const Pattern& b);

// The same comments, in any order.
bool SameComments(const std::vector<Comment>& a, const std::vector<Comment>& b);

}  // namespace shrike::rules

#endif  // SHRIKE_RULES_AST_EQUAL_H_
