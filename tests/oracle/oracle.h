// Oracle: what one rule says about a list of events, by enumeration, straight from language.md, section 5.
//
// It holds every run as the list of its bound events and every way on from it as a branch; nothing is shared,
// compiled or indexed. Exponential in the worst case: use it on dozens of events. It shares with nfa/ only the plain
// input (rule_spec.h, expr.h) and the enums of outcome.h.
//
// Readings: how section 5 is read where it leaves a choice. The matcher follows the same. [n cases]: what the
// conformance cases decide (n of them fail with the other reading); "free": no case decides.
//
//  1. A run is its bound events and its place in the pattern: where it stands, with the number of the repetition of
//     every loop it is in (of an unbounded loop, all repetitions above its minimum are one) and the elements taken of
//     an `all`. An event that takes two branches of one event's runs to the same place with the same bound events
//     gives one run. A branch is one way through the syntax: the same step reached past different NOTs, or with other
//     deadlines, is another branch.
//  2. Deadline of a branch: the least of first.ts + `within` and last.ts + each bound on a link that the way enters:
//     the step's own, and that of each group it comes into or repeats. Links of what it passes over, and of groups it
//     goes through without binding anything, do not count.
//  3. A repetition of a group that binds nothing fills all that is missing of the minimum, and its NOTs guard; it is
//     not made where the minimum is reached already. Free.
//  4. NOTs: `next not` looks at the first event of the rule key after the last bound one and is through then; `then
//     not` guards to the end of the branch; either is through at last.ts + its own bound, and, before the end of the
//     pattern, at the deadline `within`. Where only NOTs are left the match completes when the last of them is through.
//     An end without NOTs matches at once and is no branch: an optional step behind it may still be taken.
//  5. A NOT that is passed before anything is bound looks at the opening event only: one that is x does not open on
//     that branch. Free.
//  6. greedy: an event that a branch of the run takes inside loop L (a repetition, a step further inside L, or coming
//     into L) ends, before they can take it, the other branches of that run that leave L; if it comes into L: those
//     that pass over L. A loop inside a repeated group is another loop in each repetition: in `(a? greedy){2} then b`
//     a way from the first a into the second comes into it, and the way past the second to b passes over it (free).
//     All such loops at once. It holds for the branches to the end with NOTs too: `a+ greedy then
//     not b` [2 cases]. "No effect in last place" needs no rule: an end without NOTs has matched already; an optional
//     step behind the loop is a branch that leaves it, and ends (free). It holds when runs are opened (free).
//  7. `until [c]`, c evaluated for the run: no branch to a step inside the loop takes such an event; a branch that
//     begins a second or later repetition of the loop ends.
//  8. An event: deadlines up to its ts; `unless`; every open run advances; runs are opened; the matches it completes
//     (by a binding or by passing a last `next not`) are taken together in the order of 5.10, each one with `where`,
//     then emitted, then `skip` on open runs (those opened by this event included) and on remaining candidates.
//     Equal bindings are one match.
//  9. A deadline d: all NOTs and branches that end at d, over all runs of the key; then the matches as in 8; then the
//     timeouts of the runs that are left without a branch and still there, in the order of 5.10, equal bindings once.
//     A run of which a NOT held to d is not timed out at d, whatever `where` says.
// 10. bound_events: a run that holds that many takes nothing, and greedy has no effect in it; a branch that would take
//     an event ends. One overflow per run, at the first such event; its bound events are the run's,
//     and runs with equal ones tell it once at one event.
// 11. open_runs_per_key: an event's new run that would stay open (a branch is left after it has matched) is refused
//     when the runs that are open after all runs advanced, before any skip, have that many different first events with
//     the same run key (a key not bound yet is one key), that event not counted. What it completes at once is still
//     emitted. One overflow per event; its bound event is the refused one with its step (the earliest of several).
// 12. The overflows of an event follow its matches: bound_events in the order of 5.10 (even if a match's skip has
//     removed the run), then open_runs_per_key.
// 13. A timeout needs that no match emitted before, with any completion, begins with the run's bound events.
// 14. Where windows and risk are read from: at an event, from behind it. `next not` completes at the event that it
//     waited for, with the last bound event as the current one. At a deadline d, and risk too, as of d - 1 ms, behind
//     all events before d.
// 15. An event of no counted type reads a window by its own `by` values; a session is open for it if it comes less than
//     W after the last counted event.
// 16. `last n .. excluding current` is the n events before the current one, not n - 1.
// 17. Weeks: those of `tumbling 2w` and longer are counted from Monday, 1969-12-29. Free.
// 18. new, seen of a tuple: unknown if one part is null; events with a null part are not compared with. zscore takes the
//     average as the aggregate gives it: of decimals with 9 places. rate is the exact quotient, rounded once.
// 19. `learn` counts from the task's first event, whatever rules see it. The matches whose alerts it withholds count as
//     no risk and are not emitted. Suppressed matches count as risk and are not emitted. Shadow rules do neither. Free.
// 20. `emit`: emitted events come in the order of their causes, after all rules have seen the cause; what one causes
//     comes behind those that are waiting. Those of an interval come at its end, after the deadlines of that time, by
//     rule, then key. Free.
// 21. A suppression window is one of a kind: overflows too, whose alert fields are null. Summaries of one time and rule
//     are in the order of 5.10 of their first alerts. Free.
//
// 22. Limits of windows. window_events: of the events that type, `where`, exceptions and `by` let through (null values
//     too), a sliding window holds the newest; the current one is among them before `excluding current` takes it out.
//     `last n` has no more than that by itself. Tumbling and session windows and those of distinct, new and seen are not
//     bounded so, but for one reading: where the current event is left out and is not the newest (at a deadline, at the
//     end of a `next not`), all kinds look at events. Then a rule that may read so is told at each event too many.
// 23. distinct_values: a window's values are the newest by last sight in its group, that of the current event among
//     them. One that is left out because only the current event has it has pushed another out all the same. Groups of
//     `by`: those seen last; one that comes back begins anew.
// 24. Told is every rule that reads the window, through features too, at the event at which something inside it goes,
//     if the rule sees the event or not: once an event, key and limit, before what else it tells there. Nothing is
//     bound.
//
// Tested by: tests/oracle/oracle_test.cc, tests/conformance/conformance_test.cc.
#ifndef SHRIKE_TESTS_ORACLE_ORACLE_H_
#define SHRIKE_TESTS_ORACLE_ORACLE_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "base/event.h"
#include "base/limits.h"
#include "base/time.h"
#include "nfa/rule_spec.h"
#include "tests/oracle/outcome.h"

namespace shrike::oracle {

struct OracleInput {
  const nfa::RuleSetSpec* set = nullptr;    // what the rules share: windows, derived fields, tables
  std::vector<const nfa::RuleSpec*> rules;  // of the set, in order of ids
  Limits limits;                            // of runs and windows; not of risk and suppression
  std::vector<Event> events;                // in the total order; rows borrowed
  TimestampMs at_end = kTimeMin;            // deadlines up to here fire after the last event
  std::size_t runs_max = 100'000;           // open runs of one rule and key
};

// The outcomes of all rules, also those that are no alert, and summaries: by completion (deadlines before the events of
// their time; there summaries, matches, timeouts), then rule, then language.md, 5.10. Across keys, those of one deadline
// are in the order of their first events. nullopt: a key has more than runs_max open runs.
std::optional<std::vector<OracleOutcome>> RunOracle(const OracleInput& input);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_ORACLE_H_
