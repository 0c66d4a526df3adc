// The compiled automaton of one rule as text, as a Graphviz graph and as JSON, with the predicates it shares.
//
// State 0 is the start, state n + 1 the graph's node n: the place right after its event was bound; the last state is
// the match. Predicates are numbered over the whole rule set.
// Pure. Tested by: tests/tools/explain_graph_test.cc.  Next: nfa/graph.h.
#ifndef SHRIKE_TOOLS_SHRIKE_EXPLAIN_GRAPH_H_
#define SHRIKE_TOOLS_SHRIKE_EXPLAIN_GRAPH_H_

#include <optional>
#include <string>
#include <vector>

#include "nfa/program.h"
#include "tools/shrike/state_report.h"

namespace shrike::tools {

struct ExplainedState {
  std::string name;  // "start", "probe", "login|payment", "match"
  std::string kind;  // "start", "step", "choice", "all", "match"
};

struct ExplainedEdge {
  int from = 0;                   // state
  int to = 0;                     // state
  std::string how;                // "then every within 5m, repeat below 3"; of an end: "end"
  std::vector<std::string> nots;  // "then not cancel [P4] within 10m": guard the edge
  struct Test {
    std::string step;             // label
    int predicate = 0;            // of the event alone
    bool earlier = false;         // and a condition on earlier events
    std::vector<std::string> by;  // the step's own key parts
  };
  std::vector<Test> tests;  // any of them lets an event pass; empty: the end
};

struct ExplainedPredicate {
  int id = 0;
  std::string text;
  std::vector<std::string> rules;  // ids of all rules that ask it, this one too
};

struct ExplainedRule {
  std::string id;
  std::string title;
  std::int64_t version = 1;
  std::string within;                // "10m", or empty
  std::string unless;                // "cancel [P4]", or empty
  std::vector<std::string> sources;  // "payments by card"
  int key_group = 0;
  std::vector<std::string> group_rules;  // the others with the same key fields
  std::vector<ExplainedState> states;
  std::vector<ExplainedEdge> edges;            // by state, in the pattern's order
  std::vector<ExplainedPredicate> predicates;  // that the rule asks, by id
  std::optional<RuleState> state;              // of one key; nullopt: not looked at
};

// rule: index in program.rules().
ExplainedRule ExplainRule(const nfa::Program& program, const Catalog& catalog, int rule);

void AppendExplainText(const ExplainedRule& rule, bool color, std::string* out);
void AppendExplainDot(const ExplainedRule& rule, std::string* out);
void AppendExplainJson(const ExplainedRule& rule, std::string* out);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_EXPLAIN_GRAPH_H_
