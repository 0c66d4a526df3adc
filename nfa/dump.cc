// Program::Dump and DumpGraph: the compiled form as text, for `explain` and table tests.
//
// Tested by: tests/nfa/program_test.cc.
#include <string>

#include "base/time.h"
#include "nfa/graph.h"
#include "nfa/program.h"
#include "nfa/program_data.h"

namespace shrike::nfa {
namespace {

const char* LinkText(LinkKind kind) {
  switch (kind) {
    case LinkKind::kThen:
      return "then";
    case LinkKind::kThenEvery:
      return "then every";
    case LinkKind::kNext:
      return "next";
  }
  return "";
}

std::string LabelsOf(const RuleSpec& rule, const std::vector<int>& steps, const char* separator) {
  std::string out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i > 0) out += separator;
    out += rule.steps[static_cast<std::size_t>(steps[i])].label;
  }
  return out;
}

std::string CounterText(const CounterStep& step) {
  switch (step.kind) {
    case CounterStep::Kind::kRepeat:
      return step.limit < 0 ? "repeat" : "repeat below " + std::to_string(step.limit + 1);
    case CounterStep::Kind::kExit:
      return step.limit <= 0 ? "" : "from " + std::to_string(step.limit + 1);
    case CounterStep::Kind::kExitEmptyRest:
      return "empty rest below " + std::to_string(step.limit + 1);
  }
  return "";
}

std::string BranchText(const RuleSpec& rule, const Graph& graph, const Branch& branch) {
  std::string out;
  for (const Guard& guard : branch.guards) {
    out +=
        std::string(guard.next ? "next not " : "then not ") + LabelsOf(rule, guard.steps, " or ");
    if (guard.within != kNoBound) out += " within " + FormatDuration(guard.within);
    out += ", ";
  }
  if (branch.target == kEndNode) {
    out += "end";
  } else {
    const Node& node = graph.nodes[static_cast<std::size_t>(branch.target)];
    out += std::string(LinkText(branch.link)) + " " + LabelsOf(rule, node.steps, "|") + " (" +
           std::to_string(branch.target) + ")";
  }
  if (branch.within != kNoBound) out += " within " + FormatDuration(branch.within);
  for (const CounterStep& step : branch.counters) {
    const std::string text = CounterText(step);
    if (!text.empty()) out += ", " + text;
  }
  if (branch.inside != 0) out += ", greedy inside " + std::to_string(branch.inside);
  if (branch.enters != 0) out += ", greedy enters " + std::to_string(branch.enters);
  if (branch.leaves != 0) out += ", greedy leaves " + std::to_string(branch.leaves);
  if (branch.passes != 0) out += ", greedy passes " + std::to_string(branch.passes);
  return out;
}

void AppendBranches(const RuleSpec& rule, const Graph& graph, const std::vector<Branch>& branches,
                    std::string* out) {
  for (const Branch& branch : branches) *out += "    " + BranchText(rule, graph, branch) + "\n";
}

}  // namespace

std::string DumpGraph(const RuleSpec& rule, const Graph& graph) {
  std::string out = "  start\n";
  AppendBranches(rule, graph, graph.start, &out);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const char* kind = node.kind == Node::Kind::kAll ? "all " : "";
    out += "  node " + std::to_string(i) + " " + kind + LabelsOf(rule, node.steps, "|") + "\n";
    AppendBranches(rule, graph, node.rest, &out);
    AppendBranches(rule, graph, node.branches, &out);
  }
  return out;
}

std::string Program::Dump() const {
  std::string out;
  for (std::size_t i = 0; i < data_->predicates.size(); ++i) {
    const Predicate& p = data_->predicates[i];
    out += "predicate " + std::to_string(i) + " " + p.shown + ", rules " +
           std::to_string(p.rules.size()) + "\n";
  }
  for (std::size_t r = 0; r < data_->rules.size(); ++r) {
    const CompiledRule& rule = data_->rules[r];
    const RuleSpec& spec = data_->spec.rules[r];
    out += "rule " + spec.id + ", key group " + std::to_string(rule.group) + "\n";
    for (std::size_t s = 0; s < spec.steps.size(); ++s) {
      out += "  step " + spec.steps[s].label + ": predicate " +
             std::to_string(rule.steps[s].condition.predicate) +
             (rule.steps[s].condition.over_event() ? "" : " and a condition on earlier events") +
             "\n";
    }
    out += DumpGraph(spec, rule.graph);
  }
  return out;
}

}  // namespace shrike::nfa
