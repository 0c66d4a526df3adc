// The three forms of an explained rule.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/value.h"
#include "tools/shrike/explain_graph.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

std::string TestText(const ExplainedEdge::Test& test) {
  std::string text =
      fmt::format("[P{}{}]", test.predicate, test.earlier ? " and earlier events" : "");
  if (!test.by.empty()) {
    text += fmt::format(" by {}", fmt::join(test.by, ", "));
  }
  return text;
}

// "then [P0]", of several alternatives "then login [P0] or payment [P1]".
std::string EdgeText(const ExplainedEdge& edge) {
  std::string text;
  for (const std::string& guard : edge.nots) {
    text += guard + ", ";
  }
  text += edge.how;
  for (const ExplainedEdge::Test& test : edge.tests) {
    text += &test == edge.tests.data() ? " " : " or ";
    text += edge.tests.size() > 1 ? test.step + " " + TestText(test) : TestText(test);
  }
  return text;
}

void AppendStrings(const std::vector<std::string>& texts, std::string* out) {
  *out += '[';
  for (const std::string& text : texts) {
    *out += &text == texts.data() ? "" : ",";
    AppendJsonString(text, out);
  }
  *out += ']';
}

std::string DotText(std::string_view text) {
  std::string out;
  for (const char c : EscapeTerminal(text)) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

void AppendEdgeJson(const ExplainedEdge& edge, std::string* out) {
  *out += fmt::format(R"({{"from":{},"to":{},"how":)", edge.from, edge.to);
  AppendJsonString(edge.how, out);
  *out += R"(,"nots":)";
  AppendStrings(edge.nots, out);
  *out += R"(,"tests":[)";
  for (const ExplainedEdge::Test& test : edge.tests) {
    *out += &test == edge.tests.data() ? R"({"step":)" : R"(,{"step":)";
    AppendJsonString(test.step, out);
    *out +=
        fmt::format(R"(,"predicate":{},"earlier_events":{},"by":)", test.predicate, test.earlier);
    AppendStrings(test.by, out);
    *out += '}';
  }
  *out += "]}";
}

}  // namespace

void AppendExplainText(const ExplainedRule& rule, bool color, std::string* out) {
  const auto heading = [&](std::string_view text) {
    *out += Paint(text, Color::kBold, color) + "\n";
  };
  heading(fmt::format("rule {} (version {}): {}", EscapeTerminal(rule.id), rule.version,
                      EscapeTerminal(rule.title)));
  *out +=
      fmt::format("  from {}", EscapeTerminal(fmt::format("{}", fmt::join(rule.sources, ", "))));
  *out += rule.within.empty() ? "\n" : fmt::format(", within {}\n", rule.within);
  if (!rule.unless.empty()) {
    *out += fmt::format("  unless {}\n", EscapeTerminal(rule.unless));
  }
  *out += fmt::format("  key group {}", rule.key_group);
  *out += rule.group_rules.empty()
              ? ", of this rule alone\n"
              : fmt::format(", shared with {}\n",
                            EscapeTerminal(fmt::format("{}", fmt::join(rule.group_rules, ", "))));
  heading("states");
  for (std::size_t state = 0; state < rule.states.size(); ++state) {
    const ExplainedState& explained = rule.states[state];
    const bool plain = explained.kind == "step" || explained.kind == explained.name;
    *out += fmt::format("  {:>3}  {}{}\n", state, EscapeTerminal(explained.name),
                        plain ? "" : " (" + explained.kind + ")");
  }
  heading("edges");
  for (const ExplainedEdge& edge : rule.edges) {
    *out +=
        fmt::format("  {:>3} -> {:<3} {}\n", edge.from, edge.to, EscapeTerminal(EdgeText(edge)));
  }
  heading("predicates");
  for (const ExplainedPredicate& predicate : rule.predicates) {
    *out += fmt::format("  P{:<3} {}\n", predicate.id, EscapeTerminal(predicate.text));
    std::vector<std::string> others = predicate.rules;
    std::erase(others, rule.id);
    if (!others.empty()) {
      const std::string names = fmt::format("{}", fmt::join(others, ", "));
      *out += fmt::format("       shared with {}\n", EscapeTerminal(names));
    }
  }
  if (rule.state) {
    heading("state of a key");
    AppendStateText(*rule.state, out);
  }
}

void AppendExplainDot(const ExplainedRule& rule, std::string* out) {
  *out +=
      fmt::format("digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=circle];\n", DotText(rule.id));
  for (std::size_t state = 0; state < rule.states.size(); ++state) {
    const ExplainedState& explained = rule.states[state];
    *out += fmt::format("  s{} [label=\"{}\"{}];\n", state, DotText(explained.name),
                        explained.kind == "match" ? ", shape=doublecircle" : "");
  }
  for (const ExplainedEdge& edge : rule.edges) {
    *out +=
        fmt::format("  s{} -> s{} [label=\"{}\"];\n", edge.from, edge.to, DotText(EdgeText(edge)));
  }
  *out += "}\n";
}

void AppendExplainJson(const ExplainedRule& rule, std::string* out) {
  *out += R"({"rule":)";
  AppendJsonString(rule.id, out);
  *out += fmt::format(R"(,"version":{},"title":)", rule.version);
  AppendJsonString(rule.title, out);
  *out += R"(,"from":)";
  AppendStrings(rule.sources, out);
  *out += R"(,"within":)";
  if (rule.within.empty()) {
    *out += "null";
  } else {
    AppendJsonString(rule.within, out);
  }
  *out += R"(,"unless":)";
  if (rule.unless.empty()) {
    *out += "null";
  } else {
    AppendJsonString(rule.unless, out);
  }
  *out += fmt::format(R"(,"key_group":{},"key_group_shared_with":)", rule.key_group);
  AppendStrings(rule.group_rules, out);
  *out += ",\n\"states\":[";
  for (std::size_t state = 0; state < rule.states.size(); ++state) {
    *out += fmt::format("{}\n{{\"id\":{},\"name\":", state == 0 ? "" : ",", state);
    AppendJsonString(rule.states[state].name, out);
    *out += R"(,"kind":)";
    AppendJsonString(rule.states[state].kind, out);
    *out += '}';
  }
  *out += "],\n\"edges\":[";
  for (const ExplainedEdge& edge : rule.edges) {
    *out += &edge == rule.edges.data() ? "\n" : ",\n";
    AppendEdgeJson(edge, out);
  }
  *out += "],\n\"predicates\":[";
  for (const ExplainedPredicate& predicate : rule.predicates) {
    *out += fmt::format(
        "{}\n{{\"id\":{},\"text\":", &predicate == rule.predicates.data() ? "" : ",", predicate.id);
    AppendJsonString(predicate.text, out);
    *out += R"(,"rules":)";
    AppendStrings(predicate.rules, out);
    *out += '}';
  }
  *out += ']';
  if (rule.state) {
    *out += ",\n\"state\":";
    AppendStateJson(*rule.state, out);
  }
  *out += "}\n";
}

}  // namespace shrike::tools
