// Time: a branch that waits for a step ends at its deadline; the way to the end, where only NOTs are left, is through.
//
// Tested by: tests/nfa/matcher_test.cc.
#include <algorithm>

#include "nfa/matcher_impl.h"

namespace shrike::nfa {

void MatcherImpl::ExpireUntil(std::string_view key, TimestampMs time, KeyState* state,
                              Outcomes* out) {
  if (state->next_ > time) {
    if (state->garbage_ > time) return;
    state->ForgetHistory(time);
    state->Refresh();
    return;
  }
  state_ = state;
  out_ = out;
  key_ = key;
  key_decoded_ = false;
  by_deadline_ = true;
  // kTimeMax means no deadline: a flush to the end of time stops there.
  for (TimestampMs next = NextDeadline(); next <= time && next != kTimeMax; next = NextDeadline())
    FireDeadline(next);
  EndSilently(time);
  state->ForgetHistory(time);
  state->Compact(*program_, &compact_);
  state->Refresh();
}

// The first deadline that tells something.
TimestampMs MatcherImpl::NextDeadline() const {
  TimestampMs next = kTimeMax;
  for (const Run& run : state_->runs_) {
    if (run.speaks) next = std::min(next, run.deadline);
  }
  return next;
}

// Deadlines that tell nothing need no order: one pass ends the branches of them all.
void MatcherImpl::EndSilently(TimestampMs time) {
  auto& runs = state_->runs_;
  bool ended = false;
  for (Run& run : runs) {
    if (run.deadline > time || run.deadline == kTimeMax) continue;
    FireRun(run.rule, &run, time);
    ended = ended || run.live == 0;
  }
  if (!ended) return;
  const auto end =
      std::remove_if(runs.begin(), runs.end(), [](const Run& run) { return run.live == 0; });
  runs.erase(end, runs.end());
}

// All rules' matches of one deadline come before the timeouts of all (5.10).
void MatcherImpl::FireDeadline(TimestampMs deadline) {
  time_ = deadline;
  EnterHistory();
  created_.clear();
  created_begin_ = 0;
  const auto& runs = state_->runs_;
  for (rule_end_ = 0; rule_end_ < runs.size();) {
    rule_begin_ = rule_end_;
    const int index = runs[rule_begin_].rule;
    while (rule_end_ < runs.size() && runs[rule_end_].rule == index) ++rule_end_;
    FireRuns(index, deadline);
  }
  EmitTimeouts();
  MergeRuns();
}

void MatcherImpl::FireRuns(int index, TimestampMs deadline) {
  done_.clear();
  overflows_.clear();
  for (Run& run : OpenRuns()) {
    const bool timed_out = run.deadline <= deadline && FireRun(index, &run, deadline);
    if (timed_out && rule(index).timeout_alerts) {
      timeouts_.push_back({run.bound, OutcomeKind::kTimeout, LimitKind::kOpenRuns, index});
    }
  }
  Complete(index);
}

// Ends the run's branches whose deadline this is. Returns whether the run timed out: its last branch ended, and no NOT
// held to its deadline (5.11).
bool MatcherImpl::FireRun(int index, Run* run, TimestampMs deadline) {
  const CompiledRule& r = rule(index);
  const std::vector<Branch>& branches = BranchesOf(r, *run);
  bool held = false;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if ((run->live >> i & 1) == 0 || BranchDeadline(r, *run, branches[i]) > deadline) continue;
    run->live &= ~(std::uint64_t{1} << i);
    if (branches[i].target != kEndNode) continue;
    held = true;
    done_.push_back({run->bound, OutcomeKind::kMatch, LimitKind::kOpenRuns, index});
  }
  if (run->live != 0) {
    SetDeadline(index, run);
    return false;
  }
  return !held;
}

}  // namespace shrike::nfa
