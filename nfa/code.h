// Code: a compiled expression, a short program for a stack of Values.
//
// One Code serves all threads; the Scratch that its strings and lists live in belongs to one matcher. Three-valued
// logic: a bool result is true, false or null (unknown).
// Tested by: tests/nfa/code_test.cc.
#ifndef SHRIKE_NFA_CODE_H_
#define SHRIKE_NFA_CODE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/value.h"
#include "nfa/expr.h"
#include "nfa/pattern_set.h"
#include "nfa/pool.h"
#include "nfa/record.h"

namespace shrike::nfa {

// Where strings and lists made while evaluating live. Reset() keeps the memory.
class Scratch {
 public:
  std::string* NewString();
  std::vector<Value>* NewList();
  void Reset() { strings_used_ = lists_used_ = 0; }

  std::vector<Value> stack;

 private:
  std::deque<std::string> strings_;
  std::deque<std::vector<Value>> lists_;
  std::size_t strings_used_ = 0;
  std::size_t lists_used_ = 0;
};

struct WindowScope;  // nfa/windows.h
struct RiskScope;    // nfa/risk.h

// What an expression may look at. event: null at a deadline. bound: empty when nothing is bound yet. key: the decoded
// rule key, or null. windows, risk: of the key, or null where no expression reads any.
struct Scope {
  const Event* event = nullptr;
  const Arena* arena = nullptr;
  const RecordLayout* layout = nullptr;
  RecordChain bound;
  const std::vector<Value>* key = nullptr;
  const WindowScope* windows = nullptr;
  const RiskScope* risk = nullptr;
  PatternMemo* patterns = nullptr;  // of the event; null: each pattern is tried by itself
};

enum class CodeOp : std::uint8_t {
  kConstant,
  kField,
  kTime,
  kKey,
  kLoad,
  kSum,
  kAverage,
  kWalk,
  kPick,
  kCompare,
  kCompareConstant,
  kArithmetic,
  kNegate,
  kNot,
  kAnd,
  kOr,
  kIsNull,
  kConvert,
  kPop,
  kJump,
  kJumpIfFalse,
  kJumpIfTrue,
  kJumpIfValue,
  kJumpUnlessTrue,
  kInSet,
  kInList,
  kInCidr,
  kLike,
  kMatches,
  kFieldMatches,
  kMakeList,
  kCall,
  kWindow,
  kRisk,
  kLookup,
};

struct Instruction {
  CodeOp op = CodeOp::kConstant;
  Op detail = Op::kConstant;           // kCompare, kCompareConstant, kArithmetic, kInList
  Function function = Function::kAbs;  // kCall
  std::uint16_t count = 0;             // kCall, kMakeList, kWindow: operands
  Type type;                           // kConvert, kLoad
  std::int32_t a = 0;  // constant, column, register, walk, pick, jump target, pool index, window
  std::int32_t b =
      0;  // kAverage: count register; kWalk: column; kCompareConstant: constant; kFieldMatches: patterns
};

class Code {
 public:
  Code() = default;

  // layout: the rule's, or null for an expression over the event alone. steps: for kWalk, RuleSpec::names.
  static Code Compile(const Expr& expr, const RecordLayout* layout, Pool* pool);

  bool empty() const { return instructions_.empty(); }
  // The value; borrowed from scratch, pool, event or arena.
  Value Run(const Scope& scope, const Pool& pool, Scratch* scratch) const;
  bool IsTrue(const Scope& scope, const Pool& pool, Scratch* scratch) const {
    const Value v = Run(scope, pool, scratch);
    return !v.is_null() && v.boolean();
  }

 private:
  friend class CodeCompiler;
  std::vector<Instruction> instructions_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_CODE_H_
