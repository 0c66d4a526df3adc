#include "rules/ast_equal.h"

#include <algorithm>
#include <cstddef>

// Recursion here is over trees whose depth the parser bounds (kNestingMax).
// NOLINTBEGIN(misc-no-recursion)
namespace shrike::rules {
namespace {

template <typename T, typename Same>
bool SameList(const std::vector<T>& a, const std::vector<T>& b, Same same) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

template <typename T, typename Same>
bool SameOptional(const T& a, const T& b, Same same) {
  if (!a || !b) return !a && !b;
  return same(*a, *b);
}

bool SameName(const Name& a, const Name& b) { return a.text == b.text && a.quoted == b.quoted; }

bool SamePath(const Path& a, const Path& b) { return SameList(a.parts, b.parts, SameName); }

bool SameKeys(const Keys& a, const Keys& b) { return SameList(a.paths, b.paths, SamePath); }

bool SameExprPtr(const ExprPtr& a, const ExprPtr& b) { return SameOptional(a, b, SameExpr); }

bool SameWindow(const Window& a, const Window& b) {
  return a.kind == b.kind && a.length == b.length && a.events == b.events &&
         a.excluding_current == b.excluding_current && SameOptional(a.by, b.by, SameKeys) &&
         SameExprPtr(a.where, b.where);
}

bool SameStep(const Step& a, const Step& b) {
  return SameOptional(a.name, b.name, SameName) && SameOptional(a.stream, b.stream, SameName) &&
         SameName(a.type, b.type) && SameOptional(a.by, b.by, SameKeys) &&
         SameExprPtr(a.condition, b.condition);
}

bool SameQuantifier(const Quantifier& a, const Quantifier& b) {
  return a.form == b.form && a.min == b.min && a.max == b.max && a.contiguity == b.contiguity &&
         a.greedy == b.greedy && SameExprPtr(a.until, b.until);
}

bool SameSequence(const Sequence& a, const Sequence& b);

bool SameElement(const Element& a, const Element& b) {
  return a.kind == b.kind && a.link.kind == b.link.kind && a.link.within == b.link.within &&
         a.not_parenthesised == b.not_parenthesised && SameOptional(a.name, b.name, SameName) &&
         SameList(a.steps, b.steps, SameStep) && SameOptional(a.group, b.group, SameSequence) &&
         SameOptional(a.quantifier, b.quantifier, SameQuantifier);
}

bool SameSequence(const Sequence& a, const Sequence& b) {
  return SameList(a.elements, b.elements, SameElement);
}

bool SameSource(const Source& a, const Source& b) {
  return SameName(a.stream, b.stream) && SameOptional(a.by, b.by, SameKeys);
}

bool SameSkip(const Skip& a, const Skip& b) {
  return a.kind == b.kind && SameOptional(a.name, b.name, SameName);
}

}  // namespace

bool SameExpr(const Expr& a, const Expr& b) {
  const bool same_text = a.text == b.text || a.kind == ExprKind::kDuration;
  return same_text && a.kind == b.kind && a.boolean == b.boolean && a.negated == b.negated &&
         a.ignore_case == b.ignore_case && a.raw == b.raw && a.quoted == b.quoted &&
         a.duration == b.duration && a.operators == b.operators &&
         SameList(a.operands, b.operands, SameExprPtr) &&
         SameOptional(a.window, b.window, SameWindow);
}

bool SamePattern(const Pattern& a, const Pattern& b) {
  return SameList(a.sources, b.sources, SameSource) && SameSequence(a.sequence, b.sequence) &&
         SameOptional(a.unless, b.unless, SameStep) && SameExprPtr(a.where, b.where) &&
         a.within == b.within && SameOptional(a.skip, b.skip, SameSkip);
}

bool SameComments(const std::vector<Comment>& a, const std::vector<Comment>& b) {
  return a.size() == b.size() &&
         std::is_permutation(a.begin(), a.end(), b.begin(),
                             [](const Comment& x, const Comment& y) { return x.text == y.text; });
}

}  // namespace shrike::rules
// NOLINTEND(misc-no-recursion)
