// Graph: the automaton of one rule. A node is a place right after an event was bound; its branches are all ways on.
//
// Built from the pattern tree by walking every path from one bound event to the next (the position automaton of a
// regular expression, Glushkov 1961), with what our links, NOTs, loops and bounds put on such a path. Repetitions are
// counted in a run's `counters` (64 bits, nested loops side by side), so a{256} is one node, not 256.
// Tested by: tests/nfa/program_test.cc.  Next: nfa/matcher.h.
#ifndef SHRIKE_NFA_GRAPH_H_
#define SHRIKE_NFA_GRAPH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "nfa/rule_spec.h"

namespace shrike::nfa {

inline constexpr int kEndNode = -1;
inline constexpr DurationMs kNoBound = kTimeMax;

// What a path does to a loop's counter, which holds repetitions - 1 in `width` bits at `shift`.
struct CounterStep {
  enum class Kind : std::uint8_t {
    kRepeat,  // needs counter < limit (limit -1: no maximum, the counter stops at saturation)
    kExit,    // needs counter >= limit; clears the counter
    kExitEmptyRest,  // needs counter < limit: the missing repetitions bind nothing; clears the counter
  };
  Kind kind = Kind::kRepeat;
  std::uint8_t shift = 0;
  std::uint8_t width = 0;
  std::int64_t limit = 0;
  std::int64_t saturation = 0;  // kRepeat
};

// A NOT that a branch passes. It guards from the last bound event until the branch is taken; on the way to the end
// it is through at its deadline, a `next not` also at the first event that does not fit.
struct Guard {
  bool next = false;       // `next not`: only the first event after the last bound one
  std::vector<int> steps;  // RuleSpec::steps; any of them
  DurationMs within =
      kNoBound;  // own bound, from the last bound event; only on branches to the end
};

// One way on from a node.
struct Branch {
  int target = kEndNode;  // node, or kEndNode when only NOTs are left
  LinkKind link = LinkKind::kThen;
  DurationMs within = kNoBound;  // smallest link bound on the path, from the last bound event
  std::vector<Guard> guards;
  std::vector<CounterStep> counters;
  std::vector<int>
      untils;  // loops (Graph::untils) around the target: an event for which one holds is not taken
  std::vector<int>
      repeat_untils;  // those of them that this branch repeats: such an event ends the branch
  // Greedy loops, a bit each. Inside a repeated group a loop is another one in each repetition: a path may leave it and
  // enter it anew, or pass over it there.
  std::uint64_t inside = 0;  // around the target
  std::uint64_t enters = 0;  // those of them that the path comes into
  std::uint64_t leaves = 0;  // that the path goes out of
  std::uint64_t passes = 0;  // that it goes by without a repetition
};

// A step, choice or `all` of the pattern, right after one of its steps was bound.
struct Node {
  enum class Kind : std::uint8_t { kStep, kChoice, kAll };
  Kind kind = Kind::kStep;
  std::vector<int> steps;        // RuleSpec::steps that an event may fill here
  std::vector<Branch> branches;  // ways on; for kAll, once every element is bound
  std::vector<Branch> rest;      // kAll: the one branch to the missing elements; else empty
  std::uint8_t mask_shift = 0;   // kAll: its bits in `counters`, one an element
};

struct Graph {
  std::vector<Node> nodes;          // in pattern order
  std::vector<Branch> start;        // ways to a first event
  std::vector<const Expr*> untils;  // borrowed from the RuleSpec
};

// rule: checked. Errors: kRule, with a sentence, when the pattern needs more branches or counter bits than
// base/limits.h allows.
Result<Graph> BuildGraph(const RuleSpec& rule);

// The graph as text, one line a node and branch.
std::string DumpGraph(const RuleSpec& rule, const Graph& graph);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_GRAPH_H_
