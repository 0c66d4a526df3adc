#include "tests/oracle/key_run.h"

#include <algorithm>

namespace shrike::oracle {
namespace {

using nfa::ElementSpec;
using nfa::LinkKind;

std::size_t FirstEvent(const Run& run) { return run.bound.front().event; }

// 5.10: earlier first event first, then more events first, then the lexicographically earlier events, then the step
// earlier in the pattern at the first difference.
bool Before(const Run& a, const Run& b) {
  if (FirstEvent(a) != FirstEvent(b)) return FirstEvent(a) < FirstEvent(b);
  if (a.bound.size() != b.bound.size()) return a.bound.size() > b.bound.size();
  for (std::size_t i = 0; i < a.bound.size(); ++i) {
    if (a.bound[i].event != b.bound[i].event) return a.bound[i].event < b.bound[i].event;
  }
  for (std::size_t i = 0; i < a.bound.size(); ++i) {
    if (a.bound[i].step != b.bound[i].step) return a.bound[i].step < b.bound[i].step;
  }
  return false;
}

bool SameRunKey(const Run& a, const Run& b) {
  if (a.by.has_value() != b.by.has_value()) return false;
  return !a.by || Same(*a.by, *b.by);
}

bool BeginsWith(const std::vector<Binding>& whole, const std::vector<Binding>& prefix) {
  return prefix.size() <= whole.size() && std::equal(prefix.begin(), prefix.end(), whole.begin());
}

// Adds `run` unless an equal one is there.
void AddRun(Run run, std::vector<Run>* runs) {
  for (const Run& other : *runs) {
    if (other.bound == run.bound && other.place == run.place) return;
  }
  runs->push_back(std::move(run));
}

// Takes out the ways to the end that wait for nothing. Returns whether there was one.
bool RemoveFreeEnds(Run* run) {
  return std::erase_if(run->branches, [](const Branch& branch) {
           return branch.way.to_end && branch.guards.empty();
         }) > 0;
}

void SortUnique(std::vector<Run>* runs) {
  std::sort(runs->begin(), runs->end(), Before);
  const auto end = std::unique(runs->begin(), runs->end(),
                               [](const Run& a, const Run& b) { return a.bound == b.bound; });
  runs->erase(end, runs->end());
}

}  // namespace

KeyRun::KeyRun(const nfa::RuleSpec& rule, const Limits& limits, const History& history,
               std::vector<Datum> key)
    : rule_(rule), limits_(limits), history_(history), key_(std::move(key)) {}

Scope KeyRun::StepScope(const Run& run, std::size_t event) const {
  return {.rule = &rule_,
          .history = &history_,
          .bound = &run.bound,
          .key = &key_,
          .current = event,
          .moment = AtEvent(history_, event)};
}

// Of `where` and the alert: the last bound event is the current one, wherever the match completes.
Scope KeyRun::AlertScope(const Run& run, const Completion& completion) const {
  Scope scope = StepScope(run, run.bound.back().event);
  scope.moment = completion.by_deadline ? AtDeadline(history_, completion.time)
                                        : AtEvent(history_, completion.event);
  return scope;
}

// Whether the event satisfies the step: type, `by`, condition. guards: the step is one of a NOT or of `unless`, which
// with a `by` fits nothing while the run key is not bound.
bool KeyRun::FitsStep(int step, const Run& run, std::size_t event, bool guards) const {
  const nfa::StepSpec& spec = rule_.steps[static_cast<std::size_t>(step)];
  const std::vector<int>& types = spec.event_types;
  if (std::find(types.begin(), types.end(), EventAt(event).event_type) == types.end()) return false;
  std::vector<Datum> by;
  for (const int column : spec.by) {
    by.push_back(ColumnOf(EventAt(event), column));
    if (by.back().is_null()) return false;
  }
  if (!by.empty() && run.by && !Same(by, *run.by)) return false;
  if (!by.empty() && !run.by && guards) return false;
  return !spec.condition || Holds(*spec.condition, StepScope(run, event));
}

bool KeyRun::HitsGuard(const Branch& branch, const Run& run, std::size_t event) const {
  for (const Guard& guard : branch.guards) {
    for (const int step : guard.element->steps) {
      if (FitsStep(step, run, event, true)) return true;
    }
  }
  return false;
}

bool KeyRun::UntilHolds(const ElementSpec& element, const Run& run, std::size_t event) const {
  return element.quantifier && element.quantifier->until &&
         Holds(*element.quantifier->until, StepScope(run, event));
}

// Whether the branch's step stands in a loop whose `until` holds: the loop does not take the event.
bool KeyRun::InEndedLoop(const Branch& branch, const Run& run, std::size_t event) const {
  for (const Level& level : branch.way.place) {
    if (UntilHolds(level.element(), run, event)) return true;
  }
  return false;
}

// Whether the branch begins another repetition of a loop whose `until` holds: that ends it.
bool KeyRun::RepeatsEndedLoop(const Branch& branch, const Run& run, std::size_t event) const {
  for (const ElementSpec* element : branch.way.repeats) {
    if (UntilHolds(*element, run, event)) return true;
  }
  return false;
}

// The steps of the branch that take the event: of a choice the leftmost that fits, of an `all` every one.
std::vector<int> KeyRun::TakenSteps(const Branch& branch, const Run& run, std::size_t event) const {
  std::vector<int> taken;
  if (branch.way.to_end) return taken;
  const bool all = branch.way.place.back().element().kind == ElementSpec::Kind::kAll;
  for (const int step : branch.way.Steps()) {
    if ((all || taken.empty()) && FitsStep(step, run, event, false)) taken.push_back(step);
  }
  return taken;
}

// 5.6, `greedy`: the branches that leave or pass over a greedy loop that takes the event. taken: by branch.
std::set<std::size_t> KeyRun::EndedByGreed(const Run& run,
                                           const std::vector<std::vector<int>>& taken) const {
  std::set<std::size_t> ended;
  for (std::size_t i = 0; i < run.branches.size(); ++i) {
    if (taken[i].empty()) continue;
    const Way& taker = run.branches[i].way;
    for (const Level& level : taker.place) {
      const ElementSpec* loop = &level.element();
      if (!loop->quantifier || !loop->quantifier->greedy) continue;
      const bool enters = taker.enters.contains(loop);
      for (std::size_t j = 0; j < run.branches.size(); ++j) {
        const Way& other = run.branches[j].way;
        const bool out = enters ? other.passes.contains(loop) : other.leaves.contains(loop);
        if (out) ended.insert(j);
      }
    }
  }
  return ended;
}

KeyRun::Effects KeyRun::Look(const Run& run, std::size_t event) const {
  Effects effects;
  const std::size_t count = run.branches.size();
  effects.ended.assign(count, false);
  std::vector<std::vector<int>> taken(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Branch& branch = run.branches[i];
    effects.ended[i] = HitsGuard(branch, run, event);
    if (!effects.ended[i] && !InEndedLoop(branch, run, event))
      taken[i] = TakenSteps(branch, run, event);
  }
  const bool full = static_cast<std::int64_t>(run.bound.size()) >= limits_.bound_events;
  if (!full) {
    for (const std::size_t i : EndedByGreed(run, taken)) {
      effects.ended[i] = true;
      taken[i].clear();
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Branch& branch = run.branches[i];
    const LinkKind link = branch.way.link;
    if (!taken[i].empty() && full) {
      effects.would_take = true;
      effects.ended[i] = true;
      continue;
    }
    for (const int step : taken[i]) AddRun(MakeRun(run, branch, step, event), &effects.taken);
    const bool consumed = !taken[i].empty() && link == LinkKind::kThen;
    const bool missed = !branch.way.to_end && link == LinkKind::kNext;
    if (consumed || missed || RepeatsEndedLoop(branch, run, event)) effects.ended[i] = true;
  }
  return effects;
}

Run KeyRun::MakeRun(const Run& before, const Branch& branch, int step, std::size_t event) const {
  Run run;
  run.bound = before.bound;
  run.bound.push_back({.step = step, .event = event});
  run.place = PlaceAfter(branch.way, step);
  run.by = before.by;
  const std::vector<int>& by = rule_.steps[static_cast<std::size_t>(step)].by;
  if (!run.by && !by.empty()) {
    run.by.emplace();
    for (const int column : by) run.by->push_back(ColumnOf(EventAt(event), column));
  }
  run.branches = BranchesOf(run);
  return run;
}

std::vector<Branch> KeyRun::BranchesOf(const Run& run) const {
  const TimestampMs first_ts = EventAt(FirstEvent(run)).ts;
  const TimestampMs last_ts = EventAt(run.bound.back().event).ts;
  const TimestampMs within = rule_.within ? AddSaturated(first_ts, *rule_.within) : kTimeMax;
  std::vector<Branch> branches;
  for (const Way& way : WaysFrom(run.place)) {
    Branch branch{.way = way, .deadline = within, .guards = {}};
    if (const std::optional<DurationMs> bound = way.Bound()) {
      branch.deadline = std::min(within, AddSaturated(last_ts, *bound));
    }
    for (const ElementSpec* element : way.guards) {
      TimestampMs until = within;
      if (element->link.within)
        until = std::min(within, AddSaturated(last_ts, *element->link.within));
      branch.guards.push_back({.element = element, .until = until});
    }
    branches.push_back(std::move(branch));
  }
  return branches;
}

void KeyRun::Take(std::size_t event) {
  overflows_.clear();
  Cancel(event);
  std::vector<Run> made;
  std::vector<Run> candidates;
  Advance(event, &made, &candidates);
  for (Run& run : made) {
    if (RemoveFreeEnds(&run)) candidates.push_back(run);
    if (!run.branches.empty()) runs_.push_back(std::move(run));
  }
  Open(event, &candidates);
  EmitMatches(std::move(candidates), {.time = EventAt(event).ts, .event = event});
  for (OracleOutcome& outcome : overflows_) outcomes.push_back(std::move(outcome));
}

// 5.9, `unless`.
void KeyRun::Cancel(std::size_t event) {
  if (!rule_.unless) return;
  std::erase_if(runs_, [&](const Run& run) { return FitsStep(*rule_.unless, run, event, true); });
}

// Moves the open runs on. made: the runs that took the event; candidates: those that `next not` lets through.
void KeyRun::Advance(std::size_t event, std::vector<Run>* made, std::vector<Run>* candidates) {
  std::sort(runs_.begin(), runs_.end(), Before);
  for (Run& run : runs_) {
    Effects effects = Look(run, event);
    for (Run& taken : effects.taken) AddRun(std::move(taken), made);
    if (effects.would_take && !run.overflowed) ReportFull(&run, event);
    std::vector<Branch> left;
    for (std::size_t i = 0; i < run.branches.size(); ++i) {
      if (effects.ended[i]) continue;
      Branch& branch = run.branches[i];
      // `next not` has seen its event.
      std::erase_if(branch.guards,
                    [](const Guard& guard) { return guard.element->link.kind == LinkKind::kNext; });
      left.push_back(std::move(branch));
    }
    run.branches = std::move(left);
    if (RemoveFreeEnds(&run)) candidates->push_back(run);
  }
  std::erase_if(runs_, [](const Run& run) { return run.branches.empty(); });
}

// The run would take an event, but holds as many as the limit allows: told once.
void KeyRun::ReportFull(Run* run, std::size_t event) {
  run->overflowed = true;
  const auto equal = [&](const OracleOutcome& outcome) { return outcome.bound == run->bound; };
  if (std::any_of(overflows_.begin(), overflows_.end(), equal)) return;
  OracleOutcome outcome =
      MakeOutcome(nfa::OutcomeKind::kOverflow, *run, {.time = EventAt(event).ts, .event = event});
  outcome.limit = nfa::LimitKind::kBoundEvents;
  overflows_.push_back(std::move(outcome));
}

// 5.5 and 5.15: the event opens runs, those that complete at once included.
void KeyRun::Open(std::size_t event, std::vector<Run>* candidates) {
  Run nothing;
  for (const Way& way : WaysFromStart(rule_.elements)) {
    Branch branch{.way = way, .deadline = kTimeMax, .guards = {}};
    for (const ElementSpec* element : way.guards)
      branch.guards.push_back({.element = element, .until = kTimeMax});
    nothing.branches.push_back(std::move(branch));
  }
  std::vector<Run> opened = Look(nothing, event).taken;
  std::sort(opened.begin(), opened.end(), Before);
  std::vector<Run> kept;
  bool reported = false;
  for (Run& run : opened) {
    if (RemoveFreeEnds(&run)) candidates->push_back(run);
    if (run.branches.empty()) continue;
    if (!Refuses(run, event)) {
      kept.push_back(std::move(run));
    } else if (!reported) {
      reported = true;
      OracleOutcome outcome = MakeOutcome(nfa::OutcomeKind::kOverflow, run,
                                          {.time = EventAt(event).ts, .event = event});
      outcome.limit = nfa::LimitKind::kOpenRuns;
      overflows_.push_back(std::move(outcome));
    }
  }
  for (Run& run : kept) runs_.push_back(std::move(run));
}

// Whether the rule and run key already have as many first events as the limit allows.
bool KeyRun::Refuses(const Run& run, std::size_t event) const {
  std::set<std::size_t> first_events;
  for (const Run& other : runs_) {
    if (SameRunKey(run, other)) first_events.insert(FirstEvent(other));
  }
  first_events.erase(event);
  return static_cast<std::int64_t>(first_events.size()) >= limits_.open_runs_per_key;
}

// 5.10: in order; `where`; after each match, skip.
void KeyRun::EmitMatches(std::vector<Run> candidates, const Completion& completion) {
  SortUnique(&candidates);
  while (!candidates.empty()) {
    const Run match = candidates.front();
    candidates.erase(candidates.begin());
    if (rule_.where && !Holds(*rule_.where, AlertScope(match, completion))) continue;
    outcomes.push_back(MakeOutcome(nfa::OutcomeKind::kMatch, match, completion));
    Skip(match, &candidates);
  }
}

void KeyRun::Skip(const Run& match, std::vector<Run>* candidates) {
  std::vector<std::size_t> named;  // the events of `to first x`, `to last x`
  if (rule_.skip_name >= 0) {
    const std::vector<int>& steps = rule_.names[static_cast<std::size_t>(rule_.skip_name)].steps;
    for (const Binding& binding : match.bound) {
      if (std::find(steps.begin(), steps.end(), binding.step) != steps.end())
        named.push_back(binding.event);
    }
  }
  const auto skipped = [&](const Run& run) {
    if (!SameRunKey(run, match)) return false;
    switch (rule_.skip) {
      case nfa::SkipKind::kNone:
        return false;
      case nfa::SkipKind::kPastLast:
        return FirstEvent(run) <= match.bound.back().event;
      case nfa::SkipKind::kToNext:
        return FirstEvent(run) == FirstEvent(match);
      case nfa::SkipKind::kToFirst:
        return !named.empty() && FirstEvent(run) < named.front();
      case nfa::SkipKind::kToLast:
        return !named.empty() && FirstEvent(run) < named.back();
    }
    return false;
  };
  std::erase_if(runs_, skipped);
  std::erase_if(*candidates, skipped);
}

TimestampMs KeyRun::deadline() const {
  TimestampMs next = kTimeMax;
  for (const Run& run : runs_) {
    for (const Branch& branch : run.branches) {
      if (!branch.way.to_end) next = std::min(next, branch.deadline);
      for (const Guard& guard : branch.guards) next = std::min(next, guard.until);
    }
  }
  return next;
}

// First the matches of absences that held, then the timeouts.
void KeyRun::Expire() {
  const Completion completion{.by_deadline = true, .time = deadline()};
  std::vector<Run> candidates;
  std::vector<std::vector<Binding>>
      lapsed;  // runs that lost a branch, but for those where a NOT held
  for (Run& run : runs_) {
    for (Branch& branch : run.branches) {
      std::erase_if(branch.guards,
                    [&](const Guard& guard) { return guard.until <= completion.time; });
    }
    const bool held = RemoveFreeEnds(&run);
    if (held) candidates.push_back(run);
    const std::size_t lost = std::erase_if(run.branches, [&](const Branch& branch) {
      return !branch.way.to_end && branch.deadline <= completion.time;
    });
    if (lost > 0 && !held) lapsed.push_back(run.bound);
  }
  EmitMatches(std::move(candidates), completion);
  std::vector<Run> timed_out;
  for (const Run& run : runs_) {
    const bool late = std::find(lapsed.begin(), lapsed.end(), run.bound) != lapsed.end();
    if (run.branches.empty() && late && !WasMatched(run)) timed_out.push_back(run);
  }
  std::erase_if(runs_, [](const Run& run) { return run.branches.empty(); });
  SortUnique(&timed_out);
  for (const Run& run : timed_out) {
    if (!rule_.timeout_alerts) continue;
    outcomes.push_back(MakeOutcome(nfa::OutcomeKind::kTimeout, run, completion));
  }
}

// Whether a match was emitted that begins with the run's bound events (5.11).
bool KeyRun::WasMatched(const Run& run) const {
  return std::any_of(outcomes.begin(), outcomes.end(), [&](const OracleOutcome& outcome) {
    return outcome.kind == nfa::OutcomeKind::kMatch && BeginsWith(outcome.bound, run.bound);
  });
}

OracleOutcome KeyRun::MakeOutcome(nfa::OutcomeKind kind, const Run& run,
                                  const Completion& completion) const {
  OracleOutcome outcome;
  outcome.kind = kind;
  outcome.by_deadline = completion.by_deadline;
  outcome.time = completion.time;
  outcome.event = completion.event;
  outcome.bound = run.bound;
  outcome.key = key_;
  if (kind == nfa::OutcomeKind::kOverflow) return outcome;
  const Scope scope = AlertScope(run, completion);
  for (const nfa::AlertField& field : rule_.alert.fields) {
    outcome.fields.push_back(Evaluate(field.value, scope));
  }
  for (const nfa::MessagePart& part : rule_.alert.message) {
    outcome.message += part.value ? ToText(Evaluate(*part.value, scope)) : part.text;
  }
  return outcome;
}

}  // namespace shrike::oracle
