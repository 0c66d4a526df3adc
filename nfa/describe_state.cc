#include "nfa/describe_state.h"

#include <algorithm>

#include "nfa/program_data.h"

namespace shrike::nfa {
namespace {

std::string Labels(const RuleSpec& rule, const std::vector<int>& steps, const char* separator) {
  std::string out;
  for (const int step : steps) {
    if (!out.empty()) out += separator;
    out += rule.steps[static_cast<std::size_t>(step)].label;
  }
  return out;
}

std::string Bound(DurationMs within) {
  return within == kNoBound ? "" : "within " + FormatDuration(within) + " ";
}

std::string WayText(const RuleSpec& rule, const Graph& graph, const Branch& branch) {
  std::string out;
  for (const Guard& guard : branch.guards) {
    if (!out.empty()) out += " ";
    out += (guard.next ? "next " : "then ") + Bound(guard.within) + "not " +
           Labels(rule, guard.steps, " or ");
  }
  if (branch.target == kEndNode) return out;
  if (!out.empty()) out += " ";
  const Node& node = graph.nodes[static_cast<std::size_t>(branch.target)];
  const bool every = branch.link == LinkKind::kThenEvery;
  out += branch.link == LinkKind::kNext ? "next " : every ? "then every " : "then ";
  const char* separator = node.kind == Node::Kind::kAll ? " and " : " or ";
  return out + Bound(branch.within) + Labels(rule, node.steps, separator);
}

// As the matcher: an `all` that lacks elements goes on inside itself.
const std::vector<Branch>& WaysOf(const Node& node, const Run& run) {
  if (node.kind != Node::Kind::kAll) return node.branches;
  const std::uint64_t all =
      node.steps.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << node.steps.size()) - 1;
  return ((run.counters >> node.mask_shift) & all) == all ? node.branches : node.rest;
}

std::string WaitsFor(const RuleSpec& rule, const Graph& graph, const Run& run) {
  const std::vector<Branch>& ways = WaysOf(graph.nodes[static_cast<std::size_t>(run.node)], run);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    if ((run.live >> i & 1) == 0) continue;
    std::string text = WayText(rule, graph, ways[i]);
    if (std::find(texts.begin(), texts.end(), text) == texts.end())
      texts.push_back(std::move(text));
  }
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : "; or ") + text;
  return out;
}

RunDescription DescribeRun(const Program& program, const Arena& arena, const Run& run,
                           std::size_t events_max) {
  const auto index = static_cast<std::size_t>(run.rule);
  const RuleSpec& spec = program.rules()[index];
  const CompiledRule& rule = program.data().rules[index];
  RecordView view(arena, rule.layout, run.bound);
  const auto label = [&] { return spec.steps[static_cast<std::size_t>(view.step())].label; };
  RunDescription description;
  description.rule = run.rule;
  description.step = label();
  description.waits_for = WaitsFor(spec, rule.graph, run);
  description.first_ts = run.first_ts;
  description.last_ts = run.last_ts;
  description.deadline = run.deadline;
  description.events = view.count();
  while (description.bound.size() < events_max) {
    description.bound.push_back({label(), view.order()});
    const RecordId before = view.previous();
    if (before == kNoRecord) break;
    view = view.At(before);
  }
  std::reverse(description.bound.begin(), description.bound.end());
  return description;
}

}  // namespace

StateDescription DescribeState(const Program& program, const KeyState& state,
                               std::size_t events_max) {
  StateDescription description;
  for (const Run& run : state.runs())
    description.runs.push_back(DescribeRun(program, state.arena(), run, events_max));
  if (const KeyHistory* history = state.history(); history != nullptr) {
    if (!history->windows.empty()) description.window_bytes = history->windows.heap_bytes();
    description.has_risk = !history->risk.empty();
  }
  return description;
}

}  // namespace shrike::nfa
