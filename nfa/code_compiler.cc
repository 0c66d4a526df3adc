// Compiling walks the tree once and emits a stack program; `and`, `or`, `??` and `if` jump.
//
// Tested by: tests/nfa/code_test.cc.  Next: nfa/code.cc.
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "nfa/code.h"

namespace shrike::nfa {

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
      case Op::kWindow:
        EmitWindow(e);
        return;
      case Op::kRisk:
        Add(CodeOp::kRisk);
        return;
      case Op::kLookup:
        EmitLookup(e);
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

  // field < constant, the commonest of all conditions, in one instruction.
  bool EmitCompareConstant(const Expr& e) {
    const bool comparison = e.op >= Op::kEqual && e.op <= Op::kGreaterEqual;
    if (!comparison || e.args[0].op != Op::kField || e.args[0].column == kTimeColumn ||
        e.args[1].op != Op::kConstant)
      return false;
    const std::int32_t constant = pool_.AddConstant(e.args[1].constant);
    Instruction& compare = Add(CodeOp::kCompareConstant);
    compare.detail = e.op;
    compare.a = e.args[0].column;
    compare.b = constant;
    return true;
  }

  void EmitOperator(const Expr& e) {
    if (EmitCompareConstant(e)) return;
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

  // -1: there is none; PlanRecords saw every expression of the rule, so it is found in the chain.
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
    return -1;
  }

  int FindPick(const Expr& e) const {
    for (std::size_t i = 0; i < layout_->picks.size(); ++i) {
      const Pick& pick = layout_->picks[i];
      if (pick.select == e.select && pick.name == e.name && pick.column == e.column &&
          pick.index == e.index)
        return static_cast<int>(i);
    }
    SHRIKE_CHECK(false);
  }

  void EmitBound(const Expr& e) {
    const RegisterKind kind = e.select == Select::kFirst  ? RegisterKind::kFirst
                              : e.select == Select::kLast ? RegisterKind::kLast
                                                          : RegisterKind::kIndex;
    const int reg = FindRegister(kind, e);
    Instruction& load = Add(reg >= 0 ? CodeOp::kLoad : CodeOp::kPick);
    load.a = reg >= 0 ? reg : FindPick(e);
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

  // Index of the walk for the aggregate, or -1.
  int FindWalk(const Expr& e) const {
    for (std::size_t i = 0; i < layout_->walks.size(); ++i) {
      const Walk& w = layout_->walks[i];
      if (w.aggregate == e.aggregate && w.name == e.name && w.column == e.column)
        return static_cast<int>(i);
    }
    return -1;
  }

  void EmitAggregate(const Expr& e) {
    switch (e.aggregate) {
      case Aggregate::kCount:
      case Aggregate::kMin:
      case Aggregate::kMax: {
        const RegisterKind kind = e.aggregate == Aggregate::kCount ? RegisterKind::kCount
                                  : e.aggregate == Aggregate::kMin ? RegisterKind::kMin
                                                                   : RegisterKind::kMax;
        if (FindWalk(e) >= 0) break;
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
    const int walk = FindWalk(e);
    SHRIKE_CHECK(walk >= 0);
    Add(CodeOp::kWalk).a = walk;
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
    const Constant& right = e.args[1].constant;
    std::vector<std::string> patterns;
    if (right.kind == Kind::kList) {
      for (const Constant& item : right.items) patterns.push_back(item.text);
    } else {
      patterns.push_back(right.text);
    }
    const bool field =
        e.op != Op::kLike && e.args[0].op == Op::kField && e.args[0].column != kTimeColumn;
    if (field) {
      const int index = pool_.AddPatterns(e.op, std::move(patterns), e.args[0].column);
      Instruction& matches = Add(CodeOp::kFieldMatches);
      matches.a = e.args[0].column;
      matches.b = index;
      return;
    }
    Emit(e.args[0]);
    const int index = pool_.AddPatterns(e.op, std::move(patterns), -1);
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

  void EmitWindow(const Expr& e) {
    for (const Expr& arg : e.args) Emit(arg);
    Instruction& window = Add(CodeOp::kWindow);
    window.a = static_cast<std::int32_t>(e.index);
    window.count = static_cast<std::uint16_t>(e.args.size());
  }

  void EmitLookup(const Expr& e) {
    Emit(e.args[0]);
    Instruction& lookup = Add(CodeOp::kLookup);
    lookup.a = static_cast<std::int32_t>(e.index);
    lookup.b = e.column;
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

}  // namespace shrike::nfa
