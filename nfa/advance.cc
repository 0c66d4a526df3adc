// One event: for each rule that has runs or might start, judge every open way on of every run, let those that fit
// take the event, open runs, then complete what became whole (language.md, 5.5 to 5.10).
//
// A way on is judged before anything is taken, because an event that a greedy loop takes ends the ways out of it.
//
// Tested by: tests/nfa/matcher_test.cc.  Next: nfa/complete.cc.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "nfa/key.h"
#include "nfa/matcher_impl.h"

namespace shrike::nfa {
namespace {

constexpr std::size_t kPrefetchStartsMin = 2;

}  // namespace

void MatcherImpl::Advance(int route, std::string_view key, KeyState* state, Outcomes* out) {
  const bool starts = Starts(route);
  if (!starts && state->empty()) return;
  state_ = state;
  out_ = out;
  key_ = key;
  key_decoded_ = false;
  by_deadline_ = false;
  time_ = event_->ts;
  UpdateWindows();
  DropIdleStarts();
  if (starts_.empty() && state->runs_.empty()) {
    EmitOverflows(out->items.size());
    state->Refresh();
    return;
  }
  PrefetchStarts();
  const std::size_t outcomes = out->items.size();
  created_.clear();
  rule_end_ = 0;
  std::size_t start = 0;
  const auto& runs = state->runs_;
  while (rule_end_ < runs.size() || start < starts_.size()) {
    rule_begin_ = rule_end_;
    const int with_runs = rule_begin_ < runs.size() ? runs[rule_begin_].rule : INT32_MAX;
    const int starting = start < starts_.size() ? starts_[start] : INT32_MAX;
    const int index = std::min(with_runs, starting);
    bool wakes = starting == index;
    for (; rule_end_ < runs.size() && runs[rule_end_].rule == index; ++rule_end_)
      wakes = wakes || Wakes(runs[rule_end_]);
    if (wakes) AdvanceRule(index, starting == index);
    if (starting == index) ++start;
  }
  MergeRuns();
  EmitOverflows(outcomes);
  state->Compact(*program_, &compact_);
  state->Refresh();
}

// With many rules loaded, those that an event starts are not in the cache. Asked for together they come in the time of
// few; what a rule points to is asked for when the rule has come.
void MatcherImpl::PrefetchStarts() const {
  if (starts_.size() < kPrefetchStartsMin) return;
  const auto fetch = [](const void* begin, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += 64)
      __builtin_prefetch(static_cast<const char*>(begin) + at);
  };
  for (const int index : starts_) {
    const CompiledRule& r = rule(index);
    const char* const begin = reinterpret_cast<const char*>(&r);
    fetch(begin, static_cast<std::size_t>(reinterpret_cast<const char*>(&r.untils) - begin));
  }
  for (const int index : starts_) {
    const CompiledRule& r = rule(index);
    fetch(r.graph.start.data(), sizeof(Branch));
    fetch(r.graph.nodes.data(), sizeof(Node));
    fetch(r.steps.data(), sizeof(CompiledStep));
    fetch(r.layout.updates.data(), 1);
    fetch(r.layout.fields.data(), 1);
    fetch(r.layout.record_words.data(), 1);
    fetch(r.layout.registers.data(), 1);
  }
  for (const int index : starts_) {
    const Node& node = rule(index).graph.nodes.front();
    fetch(node.steps.data(), 1);
    fetch(node.branches.data(), sizeof(Branch));
  }
}

void MatcherImpl::AdvanceRule(int index, bool starts) {
  const CompiledRule& r = rule(index);
  // Starts has asked whether the rule sees the event.
  if (!starts && !Sees(r)) return;
  if (!r.exceptions.empty() && Excepted(r)) return;
  created_begin_ = created_.size();
  created_records_.clear();
  done_.clear();
  overflows_.clear();
  StepRuns(index);
  const std::size_t opened = CreatedRuns().size();
  if (starts) {
    Open(index);
    RefuseRuns(index, opened);
  }
  Complete(index);
}

// Most runs wait for other events: they are passed by without a look at their records.
void MatcherImpl::StepRuns(int index) {
  const CompiledRule& r = rule(index);
  for (Run& run : OpenRuns()) {
    SHRIKE_CHECK(run.deadline > event_->ts);  // ExpireUntil comes before
    if (!Wakes(run)) continue;
    if (r.unless && GuardFits(r, *r.unless, run.bound)) {
      run.live = 0;
    } else {
      StepRun(index, &run);
    }
  }
}

// Whether the event may mean something to the run.
bool MatcherImpl::Wakes(const Run& run) {
  const auto node =
      static_cast<std::size_t>(data_.first_nodes[static_cast<std::size_t>(run.rule)] + run.node);
  const auto index = static_cast<std::size_t>(data_.node_watches[node]);
  std::uint64_t& memo = watch_memo_[index];
  if (memo >> 1 != epoch_) {
    const NodeWatch& watch = data_.watches[index];
    const bool wakes =
        watch.any_event || std::any_of(watch.predicates.begin(), watch.predicates.end(),
                                       [&](int predicate) { return Holds(predicate); });
    memo = epoch_ << 1 | (wakes ? 1U : 0U);
  }
  return (memo & 1) != 0;
}

// Rules whose start asks for more of the key than it has are not looked at any further.
void MatcherImpl::DropIdleStarts() {
  std::erase_if(starts_, [&](int index) {
    const int condition = data_.start_conditions[static_cast<std::size_t>(index)];
    return condition >= 0 && !KeyConditionHolds(condition);
  });
}

// Drops the runs that have ended and puts those that were made behind the others of their rules.
void MatcherImpl::MergeRuns() {
  auto& runs = state_->runs_;
  const auto ended = [](const Run& run) { return run.live == 0; };
  const bool behind = created_.empty() || runs.empty() || created_.front().rule >= runs.back().rule;
  if (behind && std::none_of(runs.begin(), runs.end(), ended)) {
    for (const Run& run : created_) {
      if (!ended(run)) runs.push_back(run);
    }
    return;
  }
  next_.clear();
  auto made = created_.begin();
  const auto add_made = [&](int before) {
    for (; made != created_.end() && made->rule < before; ++made) {
      if (!ended(*made)) next_.push_back(*made);
    }
  };
  for (const Run& run : runs) {
    add_made(run.rule);
    if (!ended(run)) next_.push_back(run);
  }
  add_made(INT32_MAX);
  runs.assign(next_.begin(), next_.end());
}

// Leaves the run with the ways that are still open; none: it has ended.
void MatcherImpl::StepRun(int index, Run* run) {
  const CompiledRule& r = rule(index);
  const std::vector<Branch>& branches = BranchesOf(r, *run);
  const std::uint64_t before = run->live;
  Verdict verdict = Judge(r, *run);
  if (verdict.takes != 0 &&
      View(r, run->bound).count() >= static_cast<std::uint32_t>(data_.limits.bound_events)) {
    // The run is full: the ways that would take the event end; told once.
    if (!run->told_full) {
      overflows_.push_back({run->bound, OutcomeKind::kOverflow, LimitKind::kBoundEvents, index});
    }
    run->told_full = true;
    verdict.live &= ~verdict.takes;
    verdict.takes = 0;
  }
  ApplyGreedy(branches, &verdict);
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if ((verdict.takes >> i & 1) == 0) continue;
    TakeBranch(index, *run, branches[i]);
    if (branches[i].link != LinkKind::kThenEvery) verdict.live &= ~(std::uint64_t{1} << i);
  }
  if (verdict.ends != 0)
    done_.push_back({run->bound, OutcomeKind::kMatch, LimitKind::kOpenRuns, index});
  run->live = verdict.live & ~verdict.ends;
  // A `next not` is through after one event, which moves the deadline too.
  const bool moves = run->live != before || !run->saw_event;
  run->saw_event = true;
  if (moves && run->live != 0) SetDeadline(index, run);
}

MatcherImpl::Verdict MatcherImpl::Judge(const CompiledRule& rule, const Run& run) {
  const std::vector<Branch>& branches = BranchesOf(rule, run);
  Verdict verdict;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    if ((run.live & bit) == 0) continue;
    const Way way = JudgeBranch(rule, run, branches[i]);
    if (way != Way::kCloses) verdict.live |= bit;
    if (way == Way::kTakes) verdict.takes |= bit;
    if (way == Way::kEnds) verdict.ends |= bit;
  }
  return verdict;
}

MatcherImpl::Way MatcherImpl::JudgeBranch(const CompiledRule& rule, const Run& run,
                                          const Branch& branch) {
  const bool stopped = GuardStops(rule, run, branch);
  if (stopped && mutant_ != Mutant::kNotLosesTie) return Way::kCloses;
  if (branch.target == kEndNode) {
    if (stopped) return Way::kCloses;
    return EndReached(rule, run, branch) ? Way::kEnds : Way::kStays;
  }
  if (UntilHolds(rule, branch.repeat_untils, run.bound)) return Way::kCloses;
  if (!UntilHolds(rule, branch.untils, run.bound) && NodeFits(rule, run, branch))
    return Way::kTakes;
  const bool waits = branch.link != LinkKind::kNext || mutant_ == Mutant::kNextSkipsOthers;
  return waits && !stopped ? Way::kStays : Way::kCloses;
}

// Whether the event is one that a NOT of the branch forbids.
bool MatcherImpl::GuardStops(const CompiledRule& rule, const Run& run, const Branch& branch) {
  return std::any_of(branch.guards.begin(), branch.guards.end(), [&](const Guard& guard) {
    if (guard.next && run.saw_event) return false;
    if (guard.within != kNoBound && event_->ts >= GuardDeadline(rule, run, guard)) return false;
    return std::any_of(guard.steps.begin(), guard.steps.end(),
                       [&](int step) { return GuardFits(rule, step, run.bound); });
  });
}

// The way to the end at an event that no NOT forbids: through if nothing but `next not`s was left (5.8).
bool MatcherImpl::EndReached(const CompiledRule& rule, const Run& run, const Branch& branch) const {
  return std::all_of(branch.guards.begin(), branch.guards.end(), [&](const Guard& guard) {
    return guard.next || event_->ts >= GuardDeadline(rule, run, guard);
  });
}

bool MatcherImpl::UntilHolds(const CompiledRule& rule, const std::vector<int>& untils,
                             RecordChain bound) {
  return std::any_of(untils.begin(), untils.end(), [&](int until) {
    return ConditionHolds(rule, rule.untils[static_cast<std::size_t>(until)], bound);
  });
}

bool MatcherImpl::NodeFits(const CompiledRule& rule, const Run& run, const Branch& branch) {
  const Node& node = rule.graph.nodes[static_cast<std::size_t>(branch.target)];
  for (std::size_t i = 0; i < node.steps.size(); ++i) {
    const bool bound =
        node.kind == Node::Kind::kAll && !run.bound.empty() && run.node == branch.target &&
        (run.counters >> node.mask_shift >> i & 1) != 0 && &branch == node.rest.data();
    if (!bound && StepFits(rule, node.steps[i], run.bound)) return true;
  }
  return false;
}

void MatcherImpl::ApplyGreedy(const std::vector<Branch>& branches, Verdict* verdict) const {
  if (mutant_ == Mutant::kGreedyKeepsExits) return;
  std::uint64_t entered = 0;
  std::uint64_t stayed_in = 0;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if ((verdict->takes >> i & 1) == 0) continue;
    entered |= branches[i].enters;
    stayed_in |= branches[i].inside & ~branches[i].enters;
  }
  if ((entered | stayed_in) == 0) return;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if (((branches[i].leaves & stayed_in) | (branches[i].passes & entered)) == 0) continue;
    const std::uint64_t others = ~(std::uint64_t{1} << i);
    verdict->takes &= others;
    verdict->ends &= others;
    verdict->live &= others;
  }
}

void MatcherImpl::TakeBranch(int index, const Run& run, const Branch& branch) {
  const CompiledRule& r = rule(index);
  const Node& node = r.graph.nodes[static_cast<std::size_t>(branch.target)];
  const bool rest = !node.rest.empty() && &branch == node.rest.data();
  for (std::size_t i = 0; i < node.steps.size(); ++i) {
    if (rest && (run.counters >> node.mask_shift >> i & 1) != 0) continue;
    // A lone step has just been judged.
    if (node.steps.size() > 1 && !StepFits(r, node.steps[i], run.bound)) continue;
    Take(index, run, branch, static_cast<int>(i));
    if (node.kind != Node::Kind::kAll) return;  // of a choice the leftmost
  }
}

void MatcherImpl::Open(int index) {
  const CompiledRule& r = rule(index);
  const std::vector<Branch>& branches = r.graph.start;
  Run none;
  none.rule = index;
  Verdict verdict;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    std::uint64_t bit = std::uint64_t{1} << i;
    verdict.live |= bit;
    if (branches[i].target == kEndNode || UntilHolds(r, branches[i].untils, {})) continue;
    if (GuardStops(r, none, branches[i])) continue;
    if (NodeFits(r, none, branches[i])) verdict.takes |= bit;
  }
  ApplyGreedy(branches, &verdict);
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if ((verdict.takes >> i & 1) != 0) TakeBranch(index, none, branches[i]);
  }
}

// Runs opened by this event that would stay open are refused where their key has no place left (5.15). A match that
// the event alone completes is not lost: nothing has to be kept for it.
void MatcherImpl::RefuseRuns(int index, std::size_t first_opened) {
  const auto limit = static_cast<std::size_t>(data_.limits.open_runs_per_key);
  if (OpenRuns().size() + first_opened < limit) return;
  const CompiledRule& r = rule(index);
  RecordChain told;
  for (Run& run : CreatedRuns().subspan(first_opened)) {
    if (run.live == 0 || !LimitReached(index, StepKeyOf(r, run.bound), first_opened)) continue;
    run.live = 0;
    if (told.empty()) told = run.bound;
  }
  if (!told.empty())
    overflows_.push_back({told, OutcomeKind::kOverflow, LimitKind::kOpenRuns, index});
}

// advanced: so many of the created runs continue older first events.
bool MatcherImpl::LimitReached(int index, std::string_view step_key, std::size_t advanced) {
  const CompiledRule& r = rule(index);
  const auto limit = static_cast<std::size_t>(data_.limits.open_runs_per_key);
  firsts_.clear();
  const auto count = [&](const Run& run) {
    if (run.live == 0 || StepKeyOf(r, run.bound) != step_key) return;
    firsts_.push_back(View(r, run.bound).First().place());
  };
  for (const Run& run : OpenRuns()) count(run);
  for (const Run& run : CreatedRuns().first(advanced)) count(run);
  std::sort(firsts_.begin(), firsts_.end());
  return static_cast<std::size_t>(std::unique(firsts_.begin(), firsts_.end()) - firsts_.begin()) >=
         limit;
}

}  // namespace shrike::nfa
