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

// The steps that a first event may fill and that a loop may fill again; empty if no loop comes first.
std::vector<int> FirstLoopSteps(const Graph& graph) {
  std::vector<int> steps;
  bool loops = false;
  for (const Branch& start : graph.start) {
    if (start.target == kEndNode) continue;
    const Node& node = graph.nodes[static_cast<std::size_t>(start.target)];
    steps.insert(steps.end(), node.steps.begin(), node.steps.end());
    loops =
        loops || std::any_of(node.branches.begin(), node.branches.end(),
                             [&](const Branch& branch) { return branch.target == start.target; });
  }
  return loops ? steps : std::vector<int>();
}

class Planner {
 public:
  Planner(const RuleSpec& rule, const Graph& graph, const RowLayout& columns)
      : rule_(rule), columns_(columns), first_steps_(FirstLoopSteps(graph)) {}

  RecordLayout Plan() {
    layout_.updates.resize(rule_.steps.size());
    layout_.fields.resize(rule_.steps.size());
    layout_.shares_loops = MayShare();
    for (std::size_t step = 0; step < rule_.alert.step_fields.size(); ++step) {
      for (const int column : rule_.alert.step_fields[step]) Keep(static_cast<int>(step), column);
    }
    for (const StepSpec& step : rule_.steps) {
      if (!step.by.empty()) layout_.has_step_key = true;
      if (step.condition) Visit(*step.condition, true);
    }
    ForEachUntil(rule_.elements, [&](const Expr& until) { Visit(until, true); });
    if (rule_.where) Visit(*rule_.where, false);
    for (const AlertField& field : rule_.alert.fields) Visit(field.value, false);
    for (const MessagePart& part : rule_.alert.message) {
      if (part.value) Visit(*part.value, false);
    }
    FillUpdates();
    FindKeyParts();
    FindRegisterSlots();
    layout_.Seal();
    return std::move(layout_);
  }

 private:
  template <typename F>
  static void ForEachUntil(const std::vector<ElementSpec>& elements, const F& visit) {
    for (const ElementSpec& element : elements) {
      if (element.quantifier && element.quantifier->until) visit(*element.quantifier->until);
      ForEachUntil(element.group, visit);
    }
  }

  // Whether the name's registers know of events that a shared beginning adds.
  bool IsFirst(int name) const {
    if (name < 0) return false;
    const std::vector<int>& steps = rule_.names[static_cast<std::size_t>(name)].steps;
    return std::any_of(steps.begin(), steps.end(), [&](int step) {
      return std::find(first_steps_.begin(), first_steps_.end(), step) != first_steps_.end();
    });
  }

  // A run may begin in the middle of another's chain if all that is read of the loop follows from the difference of
  // two records, or is read once, for an alert.
  bool MayShare() const {
    const bool keyed = std::any_of(rule_.steps.begin(), rule_.steps.end(),
                                   [](const StepSpec& step) { return !step.by.empty(); });
    if (first_steps_.empty() || keyed || rule_.timeout_alerts) return false;
    bool good = true;
    for (const StepSpec& step : rule_.steps)
      good = good && (!step.condition || ReadsDifferences(*step.condition, true));
    ForEachUntil(rule_.elements,
                 [&](const Expr& until) { good = good && ReadsDifferences(until, true); });
    if (rule_.where) good = good && ReadsDifferences(*rule_.where, false);
    for (const AlertField& field : rule_.alert.fields)
      good = good && ReadsDifferences(field.value, false);
    for (const MessagePart& part : rule_.alert.message)
      good = good && (!part.value || ReadsDifferences(*part.value, false));
    return good;
  }

  // often: the expression is a condition, where walking the chain again costs too much.
  bool ReadsDifferences(const Expr& e, bool often) const {
    if (e.op == Op::kBoundField && IsFirst(e.name)) {
      if (e.select == Select::kIndex) return false;
      // The chain's first record is of the name only if no other step can come first.
      if (e.select == Select::kFirst && first_steps_.size() > 1) return false;
    }
    const bool extreme = e.aggregate == Aggregate::kMin || e.aggregate == Aggregate::kMax;
    if (e.op == Op::kAggregate && extreme && often && IsFirst(e.name)) return false;
    return std::all_of(e.args.begin(), e.args.end(),
                       [&](const Expr& arg) { return ReadsDifferences(arg, often); });
  }

  // often: the expression is a condition. What others read of one event is found in the chain.
  void Visit(const Expr& e, bool often) {
    if (e.op == Op::kBoundField) VisitBound(e, often);
    if (e.op == Op::kAggregate) VisitAggregate(e);
    for (const Expr& arg : e.args) Visit(arg, often);
  }

  void AddPick(const Expr& e) {
    for (const Pick& pick : layout_.picks) {
      if (pick.select == e.select && pick.name == e.name && pick.column == e.column &&
          pick.index == e.index)
        return;
    }
    Pick pick{e.select, e.name, e.column, e.index, {}};
    if (e.name >= 0) pick.steps = StepsOf(e.name);
    for (int step = 0; step < static_cast<int>(rule_.steps.size()); ++step) {
      const bool of_name = std::binary_search(pick.steps.begin(), pick.steps.end(), step);
      if (e.name < 0 || of_name) Keep(step, e.column);
    }
    layout_.picks.push_back(std::move(pick));
  }

  void VisitBound(const Expr& e, bool often) {
    if (!often) {
      AddPick(e);
      return;
    }
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
    if (reg.kind == RegisterKind::kFirst && layout_.shares_loops && IsFirst(e.name)) {
      for (const int step : StepsOf(e.name)) Keep(step, e.column);
    }
  }

  void VisitAggregate(const Expr& e) {
    if (e.aggregate == Aggregate::kCount) {
      Count(e.name);
      return;
    }
    const bool extreme = e.aggregate == Aggregate::kMin || e.aggregate == Aggregate::kMax;
    if (extreme && layout_.shares_loops && IsFirst(e.name)) {
      AddWalk(e);
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

  int Intern(Register reg) {
    reg.relative = layout_.shares_loops && IsFirst(reg.name);
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
    if (!known && column != kTimeColumn)
      slots.push_back({column, ColumnType(column, columns_), -1, -1, 0});
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
        const auto reads = [&](const auto& reader) { return reader.column == slot.column; };
        const bool walked = std::any_of(layout_.walks.begin(), layout_.walks.end(), reads) ||
                            std::any_of(layout_.picks.begin(), layout_.picks.end(), reads);
        const bool read =
            std::any_of(layout_.registers.begin(), layout_.registers.end(), [&](const Register& r) {
              return r.kind == RegisterKind::kFirst && r.relative && r.column == slot.column;
            });
        if (!walked && !read) slot.key_part = KeyPart(slot.column);
      }
    }
  }

  // The last value of a name that has the step is the event's own.
  void FindRegisterSlots() {
    for (std::size_t step = 0; step < layout_.fields.size(); ++step) {
      for (Slot& slot : layout_.fields[step]) {
        for (std::size_t i = 0; i < layout_.registers.size(); ++i) {
          const Register& reg = layout_.registers[i];
          const std::vector<int>& updated = layout_.updates[step];
          const bool own =
              reg.kind == RegisterKind::kLast && reg.column == slot.column &&
              std::find(updated.begin(), updated.end(), static_cast<int>(i)) != updated.end();
          if (own && slot.key_part < 0) slot.reg = static_cast<int>(i);
        }
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
  const std::vector<int> first_steps_;
  RecordLayout layout_;
};

}  // namespace

RecordLayout PlanRecords(const RuleSpec& rule, const Graph& graph, const RowLayout& columns) {
  return Planner(rule, graph, columns).Plan();
}

}  // namespace shrike::nfa
