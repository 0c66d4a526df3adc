// Time: a branch that waits for a step ends at its deadline; the way to the end, where only NOTs are left, is through.
//
// Tested by: tests/nfa/matcher_test.cc.
#include <algorithm>

#include "nfa/matcher_impl.h"

namespace shrike::nfa {

void MatcherImpl::ExpireUntil(std::string_view key, TimestampMs time, KeyState* state,
                              Outcomes* out) {
  if (state->next_ > time) return;
  state_ = state;
  out_ = out;
  key_ = key;
  key_decoded_ = false;
  by_deadline_ = true;
  // kTimeMax means no deadline: a flush to the end of time stops there.
  for (TimestampMs next = NextDeadline(); next <= time && next != kTimeMax; next = NextDeadline())
    FireDeadline(next);
  state->Compact(*program_);
  state->Refresh();
}

TimestampMs MatcherImpl::NextDeadline() const {
  TimestampMs next = kTimeMax;
  for (const Run& run : state_->runs_) next = std::min(next, run.deadline);
  return next;
}

// All rules' matches of one deadline come before the timeouts of all (5.10).
void MatcherImpl::FireDeadline(TimestampMs deadline) {
  time_ = deadline;
  next_.clear();
  const auto& runs = state_->runs_;
  for (std::size_t begin = 0; begin < runs.size();) {
    std::size_t end = begin;
    while (end < runs.size() && runs[end].rule == runs[begin].rule) ++end;
    FireRuns(runs[begin].rule, begin, end, deadline);
    begin = end;
  }
  EmitTimeouts();
  state_->runs_.assign(next_.begin(), next_.end());
}

void MatcherImpl::FireRuns(int index, std::size_t begin, std::size_t end, TimestampMs deadline) {
  kept_.clear();
  created_runs_.clear();
  done_.clear();
  overflows_.clear();
  for (std::size_t i = begin; i < end; ++i) {
    Run run = state_->runs_[i];
    const bool timed_out = run.deadline <= deadline && FireRun(index, &run, deadline);
    if (run.live != 0) kept_.push_back(run);
    if (timed_out && spec(index).timeout_alerts) {
      timeouts_.push_back({run.record, OutcomeKind::kTimeout, LimitKind::kOpenRuns, index});
    }
  }
  Complete(index);
  next_.insert(next_.end(), kept_.begin(), kept_.end());
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
    done_.push_back({run->record, OutcomeKind::kMatch, LimitKind::kOpenRuns, index});
  }
  if (run->live != 0) {
    SetDeadline(index, run);
    return false;
  }
  return !held;
}

}  // namespace shrike::nfa
