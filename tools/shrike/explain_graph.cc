#include "tools/shrike/explain_graph.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "nfa/graph.h"
#include "nfa/program_data.h"

namespace shrike::tools {
namespace {

using nfa::Branch;
using nfa::CompiledRule;
using nfa::CounterStep;
using nfa::Guard;
using nfa::Node;
using nfa::RuleSpec;

std::string_view LinkText(nfa::LinkKind kind) {
  switch (kind) {
    case nfa::LinkKind::kThen:
      return "then";
    case nfa::LinkKind::kThenEvery:
      return "then every";
    case nfa::LinkKind::kNext:
      return "next";
  }
  return "";
}

// What a path asks of a loop's counter, which holds repetitions - 1.
std::string CounterText(const CounterStep& step) {
  switch (step.kind) {
    case CounterStep::Kind::kRepeat:
      return step.limit < 0 ? "again" : fmt::format("again, below {}", step.limit + 1);
    case CounterStep::Kind::kExit:
      return step.limit <= 0 ? "" : fmt::format("after {} or more", step.limit + 1);
    case CounterStep::Kind::kExitEmptyRest:
      return fmt::format("the rest of {} binds nothing", step.limit + 1);
  }
  return "";
}

class Explainer {
 public:
  Explainer(const nfa::Program& program, const Catalog& catalog, int rule)
      : data_(program.data()),
        catalog_(catalog),
        index_(rule),
        spec_(data_.spec.rules[static_cast<std::size_t>(rule)]),
        compiled_(data_.rules[static_cast<std::size_t>(rule)]) {}

  ExplainedRule Explain() {
    out_.id = spec_.id;
    out_.title = spec_.alert.title;
    out_.version = spec_.version;
    if (spec_.within) {
      out_.within = FormatDuration(*spec_.within);
    }
    AddSources();
    AddStates();
    AddEdges(0, compiled_.graph.start);
    for (std::size_t node = 0; node < compiled_.graph.nodes.size(); ++node) {
      const int state = static_cast<int>(node) + 1;
      AddEdges(state, compiled_.graph.nodes[node].rest);
      AddEdges(state, compiled_.graph.nodes[node].branches);
    }
    AddPredicates();
    return std::move(out_);
  }

 private:
  void AddSources() {
    for (const nfa::SourceSpec& source : spec_.sources) {
      std::string text = catalog_.streams[static_cast<std::size_t>(source.stream)].name;
      const std::vector<std::string> keys = ColumnNames(source.key);
      if (!keys.empty()) {
        text += keys.size() == 1 ? fmt::format(" by {}", keys[0])
                                 : fmt::format(" by ({})", fmt::join(keys, ", "));
      }
      out_.sources.push_back(std::move(text));
    }
    out_.key_group = compiled_.group;
    for (const int rule : data_.groups[static_cast<std::size_t>(compiled_.group)].rules) {
      if (rule != index_) {
        out_.group_rules.push_back(data_.spec.rules[static_cast<std::size_t>(rule)].id);
      }
    }
  }

  void AddStates() {
    out_.states.push_back({"start", "start"});
    for (const Node& node : compiled_.graph.nodes) {
      const char* kind = node.kind == Node::Kind::kAll      ? "all"
                         : node.kind == Node::Kind::kChoice ? "choice"
                                                            : "step";
      out_.states.push_back({fmt::format("{}", fmt::join(Labels(node.steps), "|")), kind});
    }
    out_.states.push_back({"match", "match"});
  }

  void AddEdges(int from, const std::vector<Branch>& branches) {
    for (const Branch& branch : branches) {
      ExplainedEdge& edge = out_.edges.emplace_back();
      edge.from = from;
      edge.to = branch.target == nfa::kEndNode ? static_cast<int>(out_.states.size()) - 1
                                               : branch.target + 1;
      edge.how = branch.target == nfa::kEndNode ? "end" : std::string(LinkText(branch.link));
      if (branch.within != nfa::kNoBound) {
        edge.how += " within " + FormatDuration(branch.within);
      }
      for (const CounterStep& step : branch.counters) {
        const std::string text = CounterText(step);
        edge.how += text.empty() ? "" : ", " + text;
      }
      for (const int until : branch.untils) {
        edge.how += ", until " + Test(compiled_.untils[static_cast<std::size_t>(until)]);
      }
      for (const Guard& guard : branch.guards) {
        edge.nots.push_back(GuardText(guard));
      }
      if (branch.target != nfa::kEndNode) {
        AddTests(compiled_.graph.nodes[static_cast<std::size_t>(branch.target)], &edge);
      }
    }
  }

  void AddTests(const Node& node, ExplainedEdge* edge) {
    for (const int step : node.steps) {
      const nfa::CompiledStep& compiled = compiled_.steps[static_cast<std::size_t>(step)];
      Use(compiled.condition.predicate);
      edge->tests.push_back({spec_.steps[static_cast<std::size_t>(step)].label,
                             compiled.condition.predicate, !compiled.condition.rest.empty(),
                             ColumnNames(compiled.by)});
    }
  }

  std::string GuardText(const Guard& guard) {
    std::string text = guard.next ? "next not " : "then not ";
    for (const int step : guard.steps) {
      text += step == guard.steps.front() ? "" : " or ";
      text += spec_.steps[static_cast<std::size_t>(step)].label + " " +
              Test(compiled_.steps[static_cast<std::size_t>(step)].condition);
    }
    if (guard.within != nfa::kNoBound) {
      text += " within " + FormatDuration(guard.within);
    }
    return text;
  }

  // "[P4]", "[P4 and earlier events]"
  std::string Test(const nfa::Condition& condition) {
    Use(condition.predicate);
    return fmt::format("[P{}{}]", condition.predicate,
                       condition.rest.empty() ? "" : " and earlier events");
  }

  void Use(int predicate) { used_.insert(predicate); }

  void AddPredicates() {
    if (spec_.unless) {
      const auto step = static_cast<std::size_t>(*spec_.unless);
      out_.unless = spec_.steps[step].label + " " + Test(compiled_.steps[step].condition);
    }
    for (const nfa::Condition& exception : compiled_.exceptions) Use(exception.predicate);
    for (const int id : used_) {
      const nfa::Predicate& predicate = data_.predicates[static_cast<std::size_t>(id)];
      ExplainedPredicate& explained = out_.predicates.emplace_back();
      explained.id = id;
      explained.text = predicate.shown;
      for (const int rule : predicate.rules) {
        explained.rules.push_back(data_.spec.rules[static_cast<std::size_t>(rule)].id);
      }
    }
  }

  std::vector<std::string> Labels(const std::vector<int>& steps) const {
    std::vector<std::string> labels;
    labels.reserve(steps.size());
    for (const int step : steps) {
      labels.push_back(spec_.steps[static_cast<std::size_t>(step)].label);
    }
    return labels;
  }

  std::vector<std::string> ColumnNames(const std::vector<int>& columns) const {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const int column : columns) {
      names.push_back(data_.spec.layout.columns[static_cast<std::size_t>(column)].name);
    }
    return names;
  }

  const nfa::ProgramData& data_;
  const Catalog& catalog_;
  const int index_;
  const RuleSpec& spec_;
  const CompiledRule& compiled_;
  std::set<int> used_;  // predicates
  ExplainedRule out_;
};

}  // namespace

ExplainedRule ExplainRule(const nfa::Program& program, const Catalog& catalog, int rule) {
  return Explainer(program, catalog, rule).Explain();
}

}  // namespace shrike::tools
