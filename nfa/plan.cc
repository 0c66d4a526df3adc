// Tested by: tests/nfa/record_test.cc.
#include "nfa/plan.h"

#include <algorithm>

#include "base/check.h"

namespace shrike::nfa {
namespace {

Type ColumnType(int column, const RowLayout& columns) {
  if (column == kTimeColumn) return {Kind::kTimestamp, 0, Kind::kNull};
  return columns.columns[static_cast<std::size_t>(column)].type;
}

class Planner {
 public:
  Planner(const RuleSpec& rule, const RowLayout& columns) : rule_(rule), columns_(columns) {}

  RecordLayout Plan() {
    layout_.updates.resize(rule_.steps.size());
    layout_.fields.resize(rule_.steps.size());
    for (std::size_t step = 0; step < rule_.alert.step_fields.size(); ++step) {
      for (const int column : rule_.alert.step_fields[step]) Keep(static_cast<int>(step), column);
    }
    for (const StepSpec& step : rule_.steps) {
      if (!step.by.empty()) layout_.has_step_key = true;
      if (step.condition) Visit(*step.condition);
    }
    VisitUntils(rule_.elements);
    if (rule_.where) Visit(*rule_.where);
    for (const AlertField& field : rule_.alert.fields) Visit(field.value);
    for (const MessagePart& part : rule_.alert.message) {
      if (part.value) Visit(*part.value);
    }
    FillUpdates();
    FindKeyParts();
    layout_.Seal();
    return std::move(layout_);
  }

 private:
  void VisitUntils(const std::vector<ElementSpec>& elements) {
    for (const ElementSpec& element : elements) {
      if (element.quantifier && element.quantifier->until) Visit(*element.quantifier->until);
      VisitUntils(element.group);
    }
  }

  void Visit(const Expr& e) {
    if (e.op == Op::kBoundField) VisitBound(e);
    if (e.op == Op::kAggregate) VisitAggregate(e);
    for (const Expr& arg : e.args) Visit(arg);
  }

  void VisitBound(const Expr& e) {
    Register reg;
    reg.kind = e.select == Select::kFirst  ? RegisterKind::kFirst
               : e.select == Select::kLast ? RegisterKind::kLast
                                           : RegisterKind::kIndex;
    reg.name = e.name;
    reg.column = e.column;
    reg.index = reg.kind == RegisterKind::kIndex ? e.index : 0;
    reg.type = ColumnType(e.column, columns_);
    if (reg.kind != RegisterKind::kLast) reg.count_register = Count(e.name);
    Intern(reg);
  }

  void VisitAggregate(const Expr& e) {
    if (e.aggregate == Aggregate::kCount) {
      Count(e.name);
      return;
    }
    Register reg;
    reg.name = e.name;
    reg.column = e.column;
    reg.type = ColumnType(e.column, columns_);
    switch (e.aggregate) {
      case Aggregate::kMin:
        reg.kind = RegisterKind::kMin;
        break;
      case Aggregate::kMax:
        reg.kind = RegisterKind::kMax;
        break;
      case Aggregate::kSum:
      case Aggregate::kAvg: {
        reg.kind = reg.type.kind == Kind::kFloat     ? RegisterKind::kSumFloat
                   : reg.type.kind == Kind::kDecimal ? RegisterKind::kSumDecimal
                                                     : RegisterKind::kSumInt;
        if (e.aggregate == Aggregate::kAvg) {
          Register count = reg;
          count.kind = RegisterKind::kNonNull;
          Intern(count);
        }
        break;
      }
      default:
        AddWalk(e);
        return;
    }
    Intern(reg);
  }

  void AddWalk(const Expr& e) {
    for (const Walk& walk : layout_.walks) {
      if (walk.aggregate == e.aggregate && walk.name == e.name && walk.column == e.column) return;
    }
    Walk walk;
    walk.aggregate = e.aggregate;
    walk.name = e.name;
    walk.column = e.column;
    walk.steps = StepsOf(e.name);
    for (const int step : walk.steps) Keep(step, e.column);
    layout_.walks.push_back(std::move(walk));
  }

  std::vector<int> StepsOf(int name) const {
    return rule_.names[static_cast<std::size_t>(name)].steps;
  }

  int Count(int name) {
    Register reg;
    reg.kind = RegisterKind::kCount;
    reg.name = name;
    return Intern(reg);
  }

  int Intern(const Register& reg) {
    for (std::size_t i = 0; i < layout_.registers.size(); ++i) {
      const Register& known = layout_.registers[i];
      if (known.kind == reg.kind && known.name == reg.name && known.column == reg.column &&
          known.index == reg.index) {
        return static_cast<int>(i);
      }
    }
    layout_.registers.push_back(reg);
    return static_cast<int>(layout_.registers.size()) - 1;
  }

  void Keep(int step, int column) {
    std::vector<Slot>& slots = layout_.fields[static_cast<std::size_t>(step)];
    const bool known =
        std::any_of(slots.begin(), slots.end(), [&](const Slot& s) { return s.column == column; });
    if (!known) slots.push_back({column, ColumnType(column, columns_), -1, 0});
  }

  // What every event of a key has in common is not kept with each of them.
  int KeyPart(int column) const {
    const std::vector<int>& key = rule_.sources.front().key;
    const auto at = std::find(key.begin(), key.end(), column);
    const auto part = static_cast<std::size_t>(at - key.begin());
    const bool everywhere =
        at != key.end() && std::all_of(rule_.sources.begin(), rule_.sources.end(),
                                       [&](const SourceSpec& s) { return s.key[part] == column; });
    return everywhere ? static_cast<int>(part) : -1;
  }

  void FindKeyParts() {
    for (std::vector<Slot>& slots : layout_.fields) {
      for (Slot& slot : slots) {
        const bool walked = std::any_of(layout_.walks.begin(), layout_.walks.end(),
                                        [&](const Walk& w) { return w.column == slot.column; });
        if (!walked) slot.key_part = KeyPart(slot.column);
      }
    }
  }

  // Counts come last: the first and the n-th event are known by how many came before.
  void FillUpdates() {
    for (std::size_t step = 0; step < rule_.steps.size(); ++step) {
      std::vector<int>& updates = layout_.updates[step];
      for (std::size_t i = 0; i < layout_.registers.size(); ++i) {
        const int name = layout_.registers[i].name;
        const std::vector<int> steps =
            name < 0 ? std::vector<int>{static_cast<int>(step)} : StepsOf(name);
        if (std::find(steps.begin(), steps.end(), static_cast<int>(step)) != steps.end()) {
          updates.push_back(static_cast<int>(i));
        }
      }
      std::stable_partition(updates.begin(), updates.end(), [&](int i) {
        return layout_.registers[static_cast<std::size_t>(i)].kind != RegisterKind::kCount;
      });
    }
  }

  const RuleSpec& rule_;
  const RowLayout& columns_;
  RecordLayout layout_;
};

}  // namespace

RecordLayout PlanRecords(const RuleSpec& rule, const RowLayout& columns) {
  return Planner(rule, columns).Plan();
}

}  // namespace shrike::nfa
