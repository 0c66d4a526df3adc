// Compiling walks the tree once and emits a stack program; `and`, `or`, `??` and `if` jump. Running is one loop.
//
// Tested by: tests/nfa/code_test.cc.
#include "nfa/code.h"

#include <algorithm>

#include "base/check.h"
#include "nfa/functions.h"
#include "nfa/key.h"
#include "nfa/operators.h"

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

// Emits one expression. Depth is bounded by kNestingMax (rules/ast.h), so recursion is safe.
class CodeCompiler {
 public:
  CodeCompiler(const RecordLayout* layout, Pool* pool, std::vector<Instruction>* out)
      : layout_(layout), pool_(*pool), out_(*out) {}

  void Emit(const Expr& e) {
    switch (e.op) {
      case Op::kConstant:
        Add(CodeOp::kConstant).a = pool_.AddConstant(e.constant);
        return;
      case Op::kField:
        if (e.column == kTimeColumn) {
          Add(CodeOp::kTime);
        } else {
          Add(CodeOp::kField).a = e.column;
        }
        return;
      case Op::kKey:
        Add(CodeOp::kKey).a = static_cast<std::int32_t>(e.index);
        return;
      case Op::kBoundField:
        EmitBound(e);
        return;
      case Op::kAggregate:
        EmitAggregate(e);
        return;
      case Op::kAnd:
      case Op::kOr:
        EmitLogic(e);
        return;
      case Op::kCoalesce:
        EmitCoalesce(e);
        return;
      case Op::kIn:
        EmitIn(e);
        return;
      case Op::kLike:
      case Op::kILike:
      case Op::kMatches:
        EmitPatterns(e);
        return;
      case Op::kList:
        EmitList(e);
        return;
      case Op::kCall:
        EmitCall(e);
        return;
      default:
        EmitOperator(e);
        return;
    }
  }

 private:
  Instruction& Add(CodeOp op) {
    out_.push_back({});
    out_.back().op = op;
    return out_.back();
  }

  std::int32_t Here() const { return static_cast<std::int32_t>(out_.size()); }

  void EmitOperator(const Expr& e) {
    for (const Expr& arg : e.args) Emit(arg);
    switch (e.op) {
      case Op::kNot:
        Add(CodeOp::kNot);
        return;
      case Op::kNegate:
        Add(CodeOp::kNegate);
        return;
      case Op::kIsNull:
        Add(CodeOp::kIsNull);
        return;
      case Op::kAdd:
      case Op::kSubtract:
      case Op::kMultiply:
      case Op::kDivide:
      case Op::kModulo:
        Add(CodeOp::kArithmetic).detail = e.op;
        return;
      default:
        Add(CodeOp::kCompare).detail = e.op;
        return;
    }
  }

  int FindRegister(RegisterKind kind, const Expr& e) const {
    SHRIKE_CHECK(layout_ != nullptr);
    for (std::size_t i = 0; i < layout_->registers.size(); ++i) {
      const Register& r = layout_->registers[i];
      if (r.kind == kind && r.name == e.name &&
          (kind == RegisterKind::kCount || r.column == e.column) &&
          (kind != RegisterKind::kIndex || r.index == e.index)) {
        return static_cast<int>(i);
      }
    }
    SHRIKE_CHECK(false);  // PlanRegisters saw every expression of the rule
  }

  void EmitBound(const Expr& e) {
    const RegisterKind kind = e.select == Select::kFirst  ? RegisterKind::kFirst
                              : e.select == Select::kLast ? RegisterKind::kLast
                                                          : RegisterKind::kIndex;
    const int reg = FindRegister(kind, e);
    Instruction& load = Add(CodeOp::kLoad);
    load.a = reg;
    load.type = e.type;
  }

  int FindSum(const Expr& e) const {
    for (std::size_t i = 0; i < layout_->registers.size(); ++i) {
      const Register& r = layout_->registers[i];
      const bool sum = r.kind == RegisterKind::kSumInt || r.kind == RegisterKind::kSumDecimal ||
                       r.kind == RegisterKind::kSumFloat;
      if (sum && r.name == e.name && r.column == e.column) return static_cast<int>(i);
    }
    SHRIKE_CHECK(false);
  }

  void EmitAggregate(const Expr& e) {
    switch (e.aggregate) {
      case Aggregate::kCount:
      case Aggregate::kMin:
      case Aggregate::kMax: {
        const RegisterKind kind = e.aggregate == Aggregate::kCount ? RegisterKind::kCount
                                  : e.aggregate == Aggregate::kMin ? RegisterKind::kMin
                                                                   : RegisterKind::kMax;
        const int reg = FindRegister(kind, e);
        Instruction& load = Add(CodeOp::kLoad);
        load.a = reg;
        load.type = e.type;
        return;
      }
      case Aggregate::kSum:
        Add(CodeOp::kSum).a = FindSum(e);
        return;
      case Aggregate::kAvg: {
        const int count = FindRegister(RegisterKind::kNonNull, e);
        Instruction& average = Add(CodeOp::kAverage);
        average.a = FindSum(e);
        average.b = count;
        return;
      }
      default:
        break;
    }
    for (std::size_t i = 0; i < layout_->walks.size(); ++i) {
      const Walk& w = layout_->walks[i];
      if (w.aggregate == e.aggregate && w.name == e.name && w.column == e.column) {
        Add(CodeOp::kWalk).a = static_cast<std::int32_t>(i);
        return;
      }
    }
    SHRIKE_CHECK(false);
  }

  void EmitLogic(const Expr& e) {
    const bool conjunction = e.op == Op::kAnd;
    std::vector<std::size_t> jumps;
    Emit(e.args.front());
    for (std::size_t i = 1; i < e.args.size(); ++i) {
      jumps.push_back(out_.size());
      Add(conjunction ? CodeOp::kJumpIfFalse : CodeOp::kJumpIfTrue);
      Emit(e.args[i]);
      Add(conjunction ? CodeOp::kAnd : CodeOp::kOr);
    }
    for (const std::size_t jump : jumps) out_[jump].a = Here();
  }

  void EmitCoalesce(const Expr& e) {
    std::vector<std::size_t> jumps;
    for (std::size_t i = 0; i < e.args.size(); ++i) {
      if (i > 0) {
        jumps.push_back(out_.size());
        Add(CodeOp::kJumpIfValue);
        Add(CodeOp::kPop);
      }
      Emit(e.args[i]);
    }
    for (const std::size_t jump : jumps) out_[jump].a = Here();
    Add(CodeOp::kConvert).type = e.type;
  }

  void EmitIn(const Expr& e) {
    Emit(e.args[0]);
    const Expr& right = e.args[1];
    const Type left = e.args[0].type;
    const bool ip =
        left.kind == Kind::kIp || (left.kind == Kind::kList && left.element == Kind::kIp);
    if (ip && right.op == Op::kConstant && right.type.element == Kind::kString) {
      std::vector<std::string> networks;
      for (const Constant& item : right.constant.items) networks.push_back(item.text);
      Add(CodeOp::kInCidr).a = pool_.AddCidrs(networks);
      return;
    }
    if (right.op == Op::kConstant && right.constant.kind == Kind::kList) {
      Add(CodeOp::kInSet).a = pool_.AddSet(right.constant);
      return;
    }
    Emit(right);
    Add(CodeOp::kInList);
  }

  void EmitPatterns(const Expr& e) {
    Emit(e.args[0]);
    const Constant& right = e.args[1].constant;
    std::vector<std::string> patterns;
    if (right.kind == Kind::kList) {
      for (const Constant& item : right.items) patterns.push_back(item.text);
    } else {
      patterns.push_back(right.text);
    }
    const int index = pool_.AddPatterns(e.op, std::move(patterns));
    Add(e.op == Op::kMatches ? CodeOp::kMatches : CodeOp::kLike).a = index;
  }

  void EmitList(const Expr& e) {
    for (const Expr& arg : e.args) {
      Emit(arg);
      Add(CodeOp::kConvert).type = {e.type.element, e.type.scale, Kind::kNull};
    }
    Add(CodeOp::kMakeList).count = static_cast<std::uint16_t>(e.args.size());
  }

  void EmitCall(const Expr& e) {
    if (e.function == Function::kIf) {
      Emit(e.args[0]);
      const std::size_t to_else = out_.size();
      Add(CodeOp::kJumpUnlessTrue);
      Emit(e.args[1]);
      const std::size_t to_end = out_.size();
      Add(CodeOp::kJump);
      out_[to_else].a = Here();
      Emit(e.args[2]);
      out_[to_end].a = Here();
      Add(CodeOp::kConvert).type = e.type;
      return;
    }
    Emit(e.args[0]);
    if (e.function == Function::kCidr) {
      Add(CodeOp::kInCidr).a = pool_.AddCidrs({e.args[1].constant.text});
      return;
    }
    for (std::size_t i = 1; i < e.args.size(); ++i) Emit(e.args[i]);
    Instruction& call = Add(CodeOp::kCall);
    call.function = e.function;
    call.count = static_cast<std::uint16_t>(e.args.size());
    call.type = e.type;
  }

  const RecordLayout* layout_;
  Pool& pool_;
  std::vector<Instruction>& out_;
};

Code Code::Compile(const Expr& expr, const RecordLayout* layout, Pool* pool) {
  Code code;
  CodeCompiler(layout, pool, &code.instructions_).Emit(expr);
  return code;
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
  if (in.op == CodeOp::kAverage) return Value::Null();
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
  if (scope.bound == kNoRecord) return OfNothing(in, layout);
  const RecordView view(*scope.arena, layout, scope.bound);
  switch (in.op) {
    case CodeOp::kLoad:
      return Decoded(view.Load(in.a), in.type, scratch);
    case CodeOp::kSum:
      return view.Sum(in.a);
    case CodeOp::kAverage:
      return view.Average(in.a, in.b);
    default: {
      const Walk& walk = layout.walks[static_cast<std::size_t>(in.a)];
      std::vector<Value>* values = scratch->NewList();
      CollectWalk(layout, walk, *scope.arena, scope.bound, values);
      return WalkAggregate(walk.aggregate, *values, scratch);
    }
  }
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

// Replaces the operands on top of the stack by the result.
void Operate(const Instruction& in, const Pool& pool, Scratch* scratch) {
  std::vector<Value>& stack = scratch->stack;
  const auto pop = [&] {
    const Value v = stack.back();
    stack.pop_back();
    return v;
  };
  switch (in.op) {
    case CodeOp::kCompare: {
      const Value b = pop();
      stack.back() = Compare(in.detail, stack.back(), b);
      return;
    }
    case CodeOp::kArithmetic: {
      const Value b = pop();
      stack.back() = Arithmetic(in.detail, stack.back(), b);
      return;
    }
    case CodeOp::kAnd: {
      const Value b = pop();
      stack.back() = LogicAnd(stack.back(), b);
      return;
    }
    case CodeOp::kOr: {
      const Value b = pop();
      stack.back() = LogicOr(stack.back(), b);
      return;
    }
    case CodeOp::kInList: {
      const Value b = pop();
      stack.back() = InList(stack.back(), b);
      return;
    }
    case CodeOp::kNegate:
      stack.back() = Negate(stack.back());
      return;
    case CodeOp::kNot:
      if (!stack.back().is_null()) stack.back() = Value::Bool(!stack.back().boolean());
      return;
    case CodeOp::kIsNull:
      stack.back() = Value::Bool(stack.back().is_null());
      return;
    case CodeOp::kConvert:
      stack.back() = Convert(stack.back(), in.type);
      return;
    case CodeOp::kInSet:
      stack.back() = InSet(stack.back(), pool.set(in.a));
      return;
    case CodeOp::kInCidr:
      stack.back() = SomeElement(stack.back(), [&](const Value& v) {
        return v.is_null() ? v : Value::Bool(pool.cidrs(in.a).Contains(v.ip()));
      });
      return;
    case CodeOp::kLike:
    case CodeOp::kMatches:
      stack.back() = SomeElement(stack.back(), [&](const Value& v) {
        return v.is_null() ? v : Value::Bool(pool.patterns(in.a).Matches(v.string()));
      });
      return;
    case CodeOp::kMakeList: {
      std::vector<Value>* items = scratch->NewList();
      items->assign(stack.end() - in.count, stack.end());
      stack.resize(stack.size() - in.count);
      stack.push_back(Value::List(items->data(), items->size()));
      return;
    }
    default: {
      SHRIKE_CHECK(in.op == CodeOp::kCall);
      const Value result = CallFunction(in.function, stack.data() + (stack.size() - in.count),
                                        in.count, in.type, scratch);
      stack.resize(stack.size() - in.count);
      stack.push_back(result);
      return;
    }
  }
}

}  // namespace

Value Code::Run(const Scope& scope, const Pool& pool, Scratch* scratch) const {
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
        stack.push_back(ReadBound(in, scope, scratch));
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
      default:
        Operate(in, pool, scratch);
        break;
    }
  }
  SHRIKE_CHECK(stack.size() == 1);
  return stack.back();
}

bool OverEventOnly(const Expr& expr) {
  if (expr.op == Op::kBoundField || expr.op == Op::kAggregate || expr.op == Op::kKey) return false;
  return std::all_of(expr.args.begin(), expr.args.end(), OverEventOnly);
}

namespace {

void AppendConstant(const Constant& c, std::string* out) {
  out->push_back(static_cast<char>('0' + static_cast<int>(c.kind)));
  switch (c.kind) {
    case Kind::kNull:
      break;
    case Kind::kBool:
      out->append(c.boolean ? "t" : "f");
      break;
    case Kind::kFloat:
      AppendDouble(c.number, out);
      break;
    case Kind::kDecimal:
      out->append(FormatDecimal(c.decimal)).append("/").append(std::to_string(c.decimal.scale));
      break;
    case Kind::kString:
      AppendJsonString(c.text, out);
      break;
    case Kind::kIp:
      out->append(FormatIp(c.ip));
      break;
    case Kind::kList:
      out->push_back('[');
      for (const Constant& item : c.items) {
        AppendConstant(item, out);
        out->push_back(',');
      }
      out->push_back(']');
      break;
    default:
      out->append(std::to_string(c.integer));
      break;
  }
}

void AppendCanonical(const Expr& e, const RowLayout& layout, std::string* out) {
  const auto number = [&](std::int64_t n) { out->append(" ").append(std::to_string(n)); };
  const auto column = [&](int c) {
    if (c == kTimeColumn) {
      out->append(" ts");
      return;
    }
    const Column& named = layout.columns[static_cast<std::size_t>(c)];
    out->push_back(' ');
    AppendJsonString(named.name, out);
    out->append(FormatType(named.type));
  };
  out->push_back('(');
  out->append(std::to_string(static_cast<int>(e.op)));
  switch (e.op) {
    case Op::kConstant:
      out->push_back(' ');
      AppendConstant(e.constant, out);
      break;
    case Op::kField:
      column(e.column);
      break;
    case Op::kKey:
      number(e.index);
      break;
    case Op::kBoundField:
      number(e.name);
      column(e.column);
      number(static_cast<int>(e.select));
      number(e.index);
      break;
    case Op::kAggregate:
      number(e.name);
      number(static_cast<int>(e.aggregate));
      if (e.aggregate != Aggregate::kCount) column(e.column);
      break;
    case Op::kCall:
      number(static_cast<int>(e.function));
      break;
    default:
      break;
  }
  for (const Expr& arg : e.args) AppendCanonical(arg, layout, out);
  out->push_back(')');
}

}  // namespace

std::string CanonicalText(const Expr& expr, const RowLayout& layout) {
  std::string out;
  AppendCanonical(expr, layout, &out);
  return out;
}

}  // namespace shrike::nfa
