// Running is one loop over the instructions; `and`, `or`, `??` and `if` jump.
//
// Tested by: tests/nfa/code_test.cc.
#include "nfa/code.h"

#include <algorithm>
#include <span>

#include "base/check.h"
#include "nfa/functions.h"
#include "nfa/key.h"
#include "nfa/operators.h"
#include "nfa/risk.h"
#include "nfa/windows.h"

namespace shrike::nfa {

std::string* Scratch::NewString() {
  if (strings_used_ == strings_.size()) strings_.emplace_back();
  std::string* s = &strings_[strings_used_++];
  s->clear();
  return s;
}

std::vector<Value>* Scratch::NewList() {
  if (lists_used_ == lists_.size()) lists_.emplace_back();
  std::vector<Value>* list = &lists_[lists_used_++];
  list->clear();
  return list;
}

namespace {

bool IsFalse(const Value& v) { return !v.is_null() && !v.boolean(); }
bool IsTrueValue(const Value& v) { return !v.is_null() && v.boolean(); }

// SQL's `in`: true, or unknown if a null stood in the way, or false.
Value InVerdict(bool found, bool unknown) {
  if (found) return Value::Bool(true);
  return unknown ? Value::Null() : Value::Bool(false);
}

// Applies a test of one value to a value or, for a list, to its elements: some element.
template <typename Test>
Value SomeElement(const Value& left, const Test& test) {
  if (left.is_null()) return left;
  if (left.kind() != Kind::kList) return test(left);
  bool unknown = false;
  for (std::size_t i = 0; i < left.list_size(); ++i) {
    const Value v = test(left.list_items()[i]);
    if (IsTrueValue(v)) return v;
    unknown = unknown || v.is_null();
  }
  return InVerdict(false, unknown);
}

Value InSet(const Value& left, const ValueSet& set) {
  return SomeElement(left, [&](const Value& v) {
    if (v.is_null()) return set.sorted.empty() && !set.has_null ? Value::Bool(false) : v;
    const auto at = std::lower_bound(
        set.sorted.begin(), set.sorted.end(), v,
        [](const Value& a, const Value& b) { return Order(a, b).value_or(1) < 0; });
    return InVerdict(at != set.sorted.end() && Order(*at, v) == 0, set.has_null);
  });
}

Value InList(const Value& left, const Value& right) {
  if (right.is_null()) return right;
  return SomeElement(left, [&](const Value& v) {
    bool unknown = v.is_null() && right.list_size() > 0;
    for (std::size_t i = 0; i < right.list_size() && !v.is_null(); ++i) {
      const Value& item = right.list_items()[i];
      if (item.is_null()) {
        unknown = true;
      } else if (Order(v, item) == 0) {
        return Value::Bool(true);
      }
    }
    return InVerdict(false, unknown);
  });
}

Value LogicAnd(const Value& a, const Value& b) {
  if (IsFalse(a) || IsFalse(b)) return Value::Bool(false);
  return a.is_null() || b.is_null() ? Value::Null() : Value::Bool(true);
}

Value LogicOr(const Value& a, const Value& b) {
  if (IsTrueValue(a) || IsTrueValue(b)) return Value::Bool(true);
  return a.is_null() || b.is_null() ? Value::Null() : Value::Bool(false);
}

// A list read from a record comes as its encoded items.
Value Decoded(const Value& v, Type type, Scratch* scratch) {
  if (type.kind != Kind::kList || v.kind() != Kind::kString) return v;
  std::vector<Value>* items = scratch->NewList();
  DecodeKey(v.string(), items);
  return Value::List(items->data(), items->size());
}

// Before the first event is bound: counts and sums of nothing (language.md, 4.6).
Value OfNothing(const Instruction& in, const RecordLayout& layout) {
  if (in.op == CodeOp::kLoad) {
    const RegisterKind kind = layout.registers[static_cast<std::size_t>(in.a)].kind;
    return kind == RegisterKind::kCount ? Value::Int(0) : Value::Null();
  }
  if (in.op == CodeOp::kWalk) {
    switch (layout.walks[static_cast<std::size_t>(in.a)].aggregate) {
      case Aggregate::kDistinct:
        return Value::Int(0);
      case Aggregate::kValues:
        return Value::List(nullptr, 0);
      default:
        return Value::Null();
    }
  }
  if (in.op == CodeOp::kAverage || in.op == CodeOp::kPick) return Value::Null();
  const Register& r = layout.registers[static_cast<std::size_t>(in.a)];
  switch (r.kind) {
    case RegisterKind::kSumFloat:
      return Value::Float(0);
    case RegisterKind::kSumDecimal:
      return Value::Dec({0, r.type.scale});
    default:
      return r.type.kind == Kind::kDuration ? Value::Duration(0) : Value::Int(0);
  }
}

Value ReadBound(const Instruction& in, const Scope& scope, Scratch* scratch) {
  const RecordLayout& layout = *scope.layout;
  if (scope.bound.empty()) return OfNothing(in, layout);
  const RecordView view(*scope.arena, layout, scope.bound);
  switch (in.op) {
    case CodeOp::kLoad:
      return Decoded(view.Load(in.a), in.type, scratch);
    case CodeOp::kSum:
      return view.Sum(in.a);
    case CodeOp::kAverage:
      return view.Average(in.a, in.b);
    case CodeOp::kPick:
      return Decoded(view.Picked(layout.picks[static_cast<std::size_t>(in.a)]), in.type, scratch);
    default: {
      const Walk& walk = layout.walks[static_cast<std::size_t>(in.a)];
      std::vector<Value>* values = scratch->NewList();
      CollectWalk(view, walk, values);
      return WalkAggregate(walk.aggregate, *values, scratch);
    }
  }
}

Value CompareConstant(const Instruction& in, const Scope& scope, const Pool& pool) {
  if (scope.event == nullptr) return Value::Null();
  return Compare(in.detail, scope.event->row[in.a], pool.constant(in.b));
}

// A pattern on a field: by the set of all that are asked of it, if there is one.
Value FieldMatches(const Instruction& in, const Scope& scope, const Pool& pool) {
  if (scope.event == nullptr) return Value::Null();
  const Value& value = scope.event->row[in.a];
  std::optional<bool> found;
  if (scope.patterns != nullptr && !value.is_null() && pool.set_of_patterns(in.b) >= 0)
    found = scope.patterns->Found(pool, in.b, value);
  return SomeElement(value, [&](const Value& v) {
    return v.is_null() ? v : Value::Bool(found ? *found : pool.patterns(in.b).Matches(v.string()));
  });
}

// Whether the jump is taken with `top` on the stack.
bool Jumps(CodeOp op, const Value& top) {
  switch (op) {
    case CodeOp::kJumpIfFalse:
      return IsFalse(top);
    case CodeOp::kJumpIfTrue:
      return IsTrueValue(top);
    default:
      return !top.is_null();  // kJumpIfValue
  }
}

Value OperateOnTwo(const Instruction& in, const Value& a, const Value& b) {
  switch (in.op) {
    case CodeOp::kCompare:
      return Compare(in.detail, a, b);
    case CodeOp::kArithmetic:
      return Arithmetic(in.detail, a, b);
    case CodeOp::kAnd:
      return LogicAnd(a, b);
    case CodeOp::kOr:
      return LogicOr(a, b);
    default:
      return InList(a, b);
  }
}

Value LookUp(const Instruction& in, const Value& key, const Pool& pool) {
  const Value* row = pool.table(in.a).Find(key);
  return row == nullptr ? Value::Null() : row[in.b];
}

Value OperateOnOne(const Instruction& in, const Value& a, const Pool& pool) {
  switch (in.op) {
    case CodeOp::kNegate:
      return Negate(a);
    case CodeOp::kNot:
      return a.is_null() ? a : Value::Bool(!a.boolean());
    case CodeOp::kIsNull:
      return Value::Bool(a.is_null());
    case CodeOp::kConvert:
      return Convert(a, in.type);
    case CodeOp::kInSet:
      return InSet(a, pool.set(in.a));
    case CodeOp::kInCidr:
      return SomeElement(a, [&](const Value& v) {
        return v.is_null() ? v : Value::Bool(pool.cidrs(in.a).Contains(v.ip()));
      });
    case CodeOp::kLookup:
      return LookUp(in, a, pool);
    default:  // kLike, kMatches
      return SomeElement(a, [&](const Value& v) {
        return v.is_null() ? v : Value::Bool(pool.patterns(in.a).Matches(v.string()));
      });
  }
}

Value ReadWindow(const Instruction& in, const WindowScope& scope, std::span<const Value> operands,
                 Scratch* scratch) {
  WindowMemo* memo = operands.empty() ? scope.memo : nullptr;
  if (memo != nullptr) {
    if (const Value* known = memo->Find(in.a)) return *known;
  }
  const Value value = scope.windows->Read(scope, in.a, operands, scratch);
  // A list lives in scratch.
  if (memo != nullptr && value.kind() != Kind::kList) memo->Put(in.a, value);
  return value;
}

// The result of the last `count` values on the stack.
Value OperateOnMany(const Instruction& in, const Scope& scope, Scratch* scratch) {
  const std::span<const Value> operands = std::span(scratch->stack).last(in.count);
  if (in.op == CodeOp::kWindow) {
    SHRIKE_CHECK(scope.windows != nullptr);
    return ReadWindow(in, *scope.windows, operands, scratch);
  }
  if (in.op == CodeOp::kCall) return CallFunction(in.function, operands, in.type, scratch);
  SHRIKE_CHECK(in.op == CodeOp::kMakeList);
  std::vector<Value>* items = scratch->NewList();
  items->assign(operands.begin(), operands.end());
  return Value::List(items->data(), items->size());
}

// Replaces the operands on top of the stack by the result.
void Operate(const Instruction& in, const Pool& pool, const Scope& scope, Scratch* scratch) {
  std::vector<Value>& stack = scratch->stack;
  switch (in.op) {
    case CodeOp::kCompare:
    case CodeOp::kArithmetic:
    case CodeOp::kAnd:
    case CodeOp::kOr:
    case CodeOp::kInList: {
      const Value b = stack.back();
      stack.pop_back();
      stack.back() = OperateOnTwo(in, stack.back(), b);
      return;
    }
    case CodeOp::kMakeList:
    case CodeOp::kCall:
    case CodeOp::kWindow: {
      const Value result = OperateOnMany(in, scope, scratch);
      stack.resize(stack.size() - in.count);
      stack.push_back(result);
      return;
    }
    default:
      stack.back() = OperateOnOne(in, stack.back(), pool);
      return;
  }
}

}  // namespace

Value Code::Run(const Scope& scope, const Pool& pool, Scratch* scratch) const {
  if (instructions_.size() == 1 && instructions_.front().op == CodeOp::kCompareConstant)
    return CompareConstant(instructions_.front(), scope, pool);
  scratch->Reset();
  std::vector<Value>& stack = scratch->stack;
  stack.clear();
  for (std::size_t at = 0; at < instructions_.size(); ++at) {
    const Instruction& in = instructions_[at];
    switch (in.op) {
      case CodeOp::kConstant:
        stack.push_back(pool.constant(in.a));
        break;
      case CodeOp::kField:
        stack.push_back(scope.event != nullptr ? scope.event->row[in.a] : Value::Null());
        break;
      case CodeOp::kTime:
        stack.push_back(scope.event != nullptr ? Value::Timestamp(scope.event->ts) : Value::Null());
        break;
      case CodeOp::kKey:
        stack.push_back((*scope.key)[static_cast<std::size_t>(in.a)]);
        break;
      case CodeOp::kLoad:
      case CodeOp::kSum:
      case CodeOp::kAverage:
      case CodeOp::kWalk:
      case CodeOp::kPick:
        stack.push_back(ReadBound(in, scope, scratch));
        break;
      case CodeOp::kCompareConstant:
        stack.push_back(CompareConstant(in, scope, pool));
        break;
      case CodeOp::kFieldMatches:
        stack.push_back(FieldMatches(in, scope, pool));
        break;
      case CodeOp::kPop:
        stack.pop_back();
        break;
      case CodeOp::kJump:
        at = static_cast<std::size_t>(in.a) - 1;
        break;
      case CodeOp::kJumpIfFalse:
      case CodeOp::kJumpIfTrue:
      case CodeOp::kJumpIfValue:
        if (Jumps(in.op, stack.back())) at = static_cast<std::size_t>(in.a) - 1;
        break;
      case CodeOp::kJumpUnlessTrue: {
        const Value condition = stack.back();
        stack.pop_back();
        if (!IsTrueValue(condition)) at = static_cast<std::size_t>(in.a) - 1;
        break;
      }
      case CodeOp::kRisk:
        SHRIKE_CHECK(scope.risk != nullptr);
        stack.push_back(scope.risk->ledger == nullptr
                            ? Value::Float(0)
                            : scope.risk->ledger->Read(scope.risk->time, scope.risk->half_life));
        break;
      default:
        Operate(in, pool, scope, scratch);
        break;
    }
  }
  SHRIKE_CHECK(stack.size() == 1);
  return stack.back();
}

}  // namespace shrike::nfa
