// KeyRun: one rule over the events of one key: runs, branches, deadlines, skip (language.md, section 5).
//
// Tested by: tests/oracle/oracle_test.cc.  Next: tests/oracle/oracle.h.
#ifndef SHRIKE_TESTS_ORACLE_KEY_RUN_H_
#define SHRIKE_TESTS_ORACLE_KEY_RUN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/event.h"
#include "base/limits.h"
#include "nfa/rule_spec.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/ways.h"

namespace shrike::oracle {

// A NOT that a branch has passed and that still guards it.
struct Guard {
  const nfa::ElementSpec* element = nullptr;
  TimestampMs until = kTimeMax;  // when it is through: its own bound, or at the end `within`
};

// One way on of a run.
struct Branch {
  Way way;
  TimestampMs deadline = kTimeMax;  // of a way to a step
  std::vector<Guard> guards;
};

// One partial match.
struct Run {
  std::vector<Binding> bound;
  Place place;
  std::optional<std::vector<Datum>> by;  // the values of step `by`, once bound
  std::vector<Branch> branches;
  bool overflowed = false;  // has told that it holds bound_events
};

class KeyRun {
 public:
  // All borrowed. key: the rule key's parts, the same for all events that Take() gets.
  KeyRun(const nfa::RuleSpec& rule, const Limits& limits, const History& history,
         std::vector<Datum> key);

  // The next deadline; kTimeMax: none.
  TimestampMs deadline() const;
  // Fires what is due at deadline().
  void Expire();
  // The next event of the key, the last of the history; every deadline up to its ts has fired.
  void Take(std::size_t event);

  std::size_t open_count() const { return runs_.size(); }

  std::vector<OracleOutcome> outcomes;  // in order

 private:
  // What one event does to the branches of one run.
  struct Effects {
    std::vector<Run> taken;   // the runs it makes
    std::vector<bool> ended;  // by branch
    bool would_take = false;  // a run that is full would have taken it
  };

  // Where matches, timeouts and overflows complete.
  struct Completion {
    bool by_deadline = false;
    TimestampMs time = 0;
    std::size_t event = 0;  // unless by_deadline
  };

  const Event& EventAt(std::size_t event) const { return history_.events[event]; }
  Scope StepScope(const Run& run, std::size_t event) const;
  Scope AlertScope(const Run& run, const Completion& completion) const;
  bool FitsStep(int step, const Run& run, std::size_t event, bool guards) const;
  bool HitsGuard(const Branch& branch, const Run& run, std::size_t event) const;
  bool UntilHolds(const nfa::ElementSpec& element, const Run& run, std::size_t event) const;
  bool InEndedLoop(const Branch& branch, const Run& run, std::size_t event) const;
  bool RepeatsEndedLoop(const Branch& branch, const Run& run, std::size_t event) const;
  std::vector<int> TakenSteps(const Branch& branch, const Run& run, std::size_t event) const;
  std::set<std::size_t> EndedByGreed(const Run& run,
                                     const std::vector<std::vector<int>>& taken) const;
  Effects Look(const Run& run, std::size_t event) const;

  Run MakeRun(const Run& before, const Branch& branch, int step, std::size_t event) const;
  std::vector<Branch> BranchesOf(const Run& run) const;

  void Cancel(std::size_t event);
  void Advance(std::size_t event, std::vector<Run>* made, std::vector<Run>* candidates);
  void ReportFull(Run* run, std::size_t event);
  void Open(std::size_t event, std::vector<Run>* candidates);
  bool Refuses(const Run& run, std::size_t event) const;
  void EmitMatches(std::vector<Run> candidates, const Completion& completion);
  void Skip(const Run& match, std::vector<Run>* candidates);
  OracleOutcome MakeOutcome(nfa::OutcomeKind kind, const Run& run,
                            const Completion& completion) const;
  bool WasMatched(const Run& run) const;

  const nfa::RuleSpec& rule_;
  const Limits& limits_;
  const History& history_;
  std::vector<Datum> key_;
  std::vector<Run> runs_;                 // open
  std::vector<OracleOutcome> overflows_;  // of the event that is being taken
};

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_KEY_RUN_H_
