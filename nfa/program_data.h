// The inside of a Program: what the matcher, the dump and `explain` read. Immutable after Build.
#ifndef SHRIKE_NFA_PROGRAM_DATA_H_
#define SHRIKE_NFA_PROGRAM_DATA_H_

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/schema.h"
#include "nfa/code.h"
#include "nfa/graph.h"
#include "nfa/pool.h"
#include "nfa/program.h"
#include "nfa/record.h"
#include "nfa/rule_spec.h"
#include "nfa/start_index.h"
#include "nfa/window_plan.h"

namespace shrike::nfa {

// A test of the event alone: its type is one of `types` and all conjuncts hold. Predicates and conjuncts are numbered
// once per program: rules that ask the same share them, and each is evaluated at most once per event.
struct Predicate {
  std::vector<bool> types;     // types[event types of the catalog]
  std::vector<int> conjuncts;  // ProgramData::conjuncts, as written
  std::string text;            // canonical: equal texts are one predicate
  std::string shown;           // for people: `payments.txn [amount > 5]`
  std::vector<int> rules;      // that use it, ascending
};

// What evaluating a predicate needs, in little memory.
struct PredicateTest {
  std::uint64_t types = 0;  // a bit for each event type below 64; of others the predicate knows
  std::uint32_t conjuncts_begin = 0, conjuncts_end = 0;  // ProgramData::test_conjuncts
};

// A whole condition: the predicate; what looks at the event and at what its key remembers (ProgramData::key_conditions,
// -1: nothing); what is left that looks at earlier events (empty: nothing).
struct Condition {
  int predicate = 0;
  int of_key = -1;
  Code rest;

  bool over_event() const { return of_key < 0 && rest.empty(); }
};

struct CompiledStep {
  Condition condition;
  std::vector<int> by;  // columns of the step key; empty: free
};

// What an event must be to mean anything to the runs at a node: some predicate holds. What waits there, what is forbidden
// there, what ends it; or, with `next`, any event of the key.
struct NodeWatch {
  bool any_event = false;
  std::vector<int> predicates;  // ascending
};

// What an event needs of each rule stands first.
struct CompiledRule {
  std::uint64_t seen_routes = 0;  // a bit for each of `routes` below 64
  int group = 0;
  std::optional<int> unless;    // RuleSpec's
  bool timeout_alerts = false;  // the same
  DurationMs within = kNoBound;
  std::vector<Condition> exceptions;  // an event for which one holds is not seen
  Graph graph;
  std::vector<CompiledStep> steps;  // steps[RuleSpec::steps]
  RecordLayout layout;
  std::vector<Condition> untils;  // untils[Graph::untils]
  Code where;
  std::vector<Code> fields;        // AlertSpec::fields
  std::vector<Code> message;       // AlertSpec::message parts that have a value
  std::vector<int> routes;         // routes[streams]: KeyRoute::id, or -1: not a stream of the rule
  std::uint64_t content_hash = 0;  // of all that a run's meaning and bytes depend on
};

struct KeyGroup {
  std::vector<int> key;    // columns of the key fields, as the first source of a rule names them
  std::uint64_t hash = 0;  // of their names and types
  std::vector<int> rules;  // ascending
  std::vector<int> risk_rules;  // of them: those that read risk(key); none: it is not kept
};

// What comes by one route.
struct RouteData {
  KeyRoute route;
  int stream = 0;
  std::vector<int> others;         // routes of the same stream into the same group
  std::vector<StartIndex> starts;  // starts[event types]
};

// A field that a stream derives.
struct DerivedColumn {
  int column = 0;
  Code code;
};

// A node of a rule's graph.
struct NodeRef {
  std::int32_t rule = 0;
  std::int16_t node = 0;
};

struct ProgramData {
  RuleSetSpec spec;
  Limits limits;
  Pool pool;
  std::vector<Code> conjuncts;
  std::vector<Predicate> predicates;
  std::vector<PredicateTest> tests;  // tests[predicates]
  std::vector<int> test_conjuncts;
  std::vector<Code> key_conditions;  // numbered once per program
  // Of each rule: the condition over its key without which no event opens a run, or -1.
  std::vector<std::int32_t> start_conditions;  // [rules]
  std::vector<NodeWatch> watches;              // numbered once per program
  // The watch of node n of rule r: node_watches[first_nodes[r] + n].
  std::vector<std::int32_t> first_nodes, node_watches;
  std::vector<CompiledRule> rules;                                  // rules[spec.rules]
  boost::unordered_flat_map<std::uint64_t, NodeRef> nodes_by_hash;  // by NodeHash
  std::vector<KeyGroup> groups;
  std::vector<RouteData> route_data;                // by KeyRoute::id
  std::vector<std::vector<KeyRoute>> routes;        // routes[streams], by id
  std::vector<std::vector<DerivedColumn>> derives;  // derives[streams], in order
  std::vector<std::string> streams;                 // names
  std::vector<std::string> event_types;             // "stream.type", by Catalog::EventTypeId
  std::vector<int> stream_of_type;                  // the same
  WindowPlan windows;
  std::vector<std::vector<int>>
      window_rules;  // window_rules[spec.windows]: that read it, through features too
};

// A run stores this in place of (rule, node): equal content, equal hash, in any program.
std::uint64_t NodeHash(const CompiledRule& rule, int node);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_PROGRAM_DATA_H_
