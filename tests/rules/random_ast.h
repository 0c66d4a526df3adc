// Random syntax trees that the grammar can produce, for property tests of printer and fmt.
#ifndef SHRIKE_TESTS_RULES_RANDOM_AST_H_
#define SHRIKE_TESTS_RULES_RANDOM_AST_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>

#include "rules/ast.h"

namespace shrike::rules {

// The seed of random tests: SHRIKE_SEED, or a fixed one.
std::uint64_t RandomSeed();

// Every tree has the parentheses that its text needs. Names, texts and literals of every kind occur.
class RandomAst {
 public:
  explicit RandomAst(std::uint64_t seed) : random_(seed) {}

  Pattern NextPattern();
  ExprPtr NextExpression() { return Chain(0, 3); }
  std::size_t Pick(std::size_t count) { return random_() % count; }
  bool Chance(std::size_t percent) { return Pick(100) < percent; }

 private:
  ExprPtr Chain(
      int level,
      int depth);  // 0 or, 1 and, 2 not, 3 comparison, 4 ??, 5 sum, 6 product, 7 -, 8 postfix
  ExprPtr Many(ExprKind kind, int level, int depth);
  ExprPtr Comparison(int depth);
  ExprPtr Postfix(int depth);
  ExprPtr Atom(int depth);
  ExprPtr Literal();
  ExprPtr Call(int depth);
  Window RandomWindow(int depth);
  DurationMs Duration();
  Name RandomName(bool may_be_reserved);
  Keys RandomKeys();
  Step RandomStep(bool named);
  Element RandomElement(int depth, bool first);
  Sequence RandomSequence(int depth);
  Quantifier RandomQuantifier();

  std::mt19937_64 random_;
  int labels_ = 0;
};

}  // namespace shrike::rules

#endif  // SHRIKE_TESTS_RULES_RANDOM_AST_H_
