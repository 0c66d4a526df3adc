// Ways: from a place in a pattern, every way through the pattern's syntax to a step that may be taken next, or to the
// end (language.md, 5.5 and 5.6). Plain enumeration over the element tree; no automaton.
//
// A place is a stack of levels, one for each sequence that is open: the whole pattern, the groups inside it, and last
// the element whose step was bound. A way is walked by copying: each choice (again or on, with or without) is one copy.
// Tested by: tests/oracle/oracle_test.cc.  Next: tests/oracle/oracle.h.
#ifndef SHRIKE_TESTS_ORACLE_WAYS_H_
#define SHRIKE_TESTS_ORACLE_WAYS_H_

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "base/time.h"
#include "nfa/rule_spec.h"

namespace shrike::oracle {

struct Level {
  Level(const std::vector<nfa::ElementSpec>* elements, std::size_t position)
      : sequence(elements), index(position) {}

  const std::vector<nfa::ElementSpec>* sequence;
  std::size_t index;            // of the element that we are in
  std::int64_t repetition = 0;  // of it, from 1; of an unbounded one, all above its minimum are one
  std::set<int> taken;          // kAll: its steps that are bound in this repetition
  bool holds = false;           // this repetition has bound an event
  std::optional<DurationMs>
      bound;  // of a link entered on this way; none in a place that has been reached

  const nfa::ElementSpec& element() const { return (*sequence)[index]; }
  friend bool operator==(const Level&, const Level&) = default;
};

using Place = std::vector<Level>;

struct Way {
  bool to_end = false;
  Place place;                                  // of the element to take next; empty for the end
  nfa::LinkKind link = nfa::LinkKind::kThen;    // how its step is waited for
  std::vector<const nfa::ElementSpec*> guards;  // the NOTs passed, in pattern order
  // Repeated elements that this way goes out of, goes by without a repetition, comes into, or repeats.
  std::set<const nfa::ElementSpec*> leaves;
  std::set<const nfa::ElementSpec*> passes;
  std::set<const nfa::ElementSpec*> enters;
  std::set<const nfa::ElementSpec*> repeats;

  // The smallest bound of the links entered; nullopt: none.
  std::optional<DurationMs> Bound() const;
  // The steps that may be taken at `place`, in pattern order; none for the end.
  std::vector<int> Steps() const;
};

// The ways into the pattern.
std::vector<Way> WaysFromStart(const std::vector<nfa::ElementSpec>& sequence);

// The ways on from a place whose step has just been bound.
std::vector<Way> WaysFrom(const Place& place);

// The place that is reached when `way` takes `step`.
Place PlaceAfter(const Way& way, int step);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_WAYS_H_
