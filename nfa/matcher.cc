// Conditions and runs: what advance.cc and expire.cc are made of.
//
// Tested by: tests/nfa/matcher_test.cc.  Next: nfa/advance.cc.
#include "nfa/matcher.h"

#include <algorithm>

#include "base/check.h"
#include "nfa/key.h"
#include "nfa/matcher_impl.h"

namespace shrike::nfa {

Matcher::Matcher(std::shared_ptr<const Program> program)
    : impl_(std::make_unique<MatcherImpl>(std::move(program))) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;

void Matcher::Begin(const Event& event, std::uint32_t place) { impl_->Begin(event, place); }
bool Matcher::Starts(int route) { return impl_->Starts(route); }
void Matcher::Advance(int route, std::string_view key, KeyState* state, Outcomes* out) {
  impl_->Advance(route, key, state, out);
}
void Matcher::ExpireUntil(std::string_view key, TimestampMs time, KeyState* state, Outcomes* out) {
  impl_->ExpireUntil(key, time, state, out);
}
void Matcher::SetStarts(std::vector<TimestampMs> starts) { impl_->SetStarts(std::move(starts)); }
void Matcher::SetMutant(Mutant mutant) { impl_->SetMutant(mutant); }

MatcherImpl::MatcherImpl(std::shared_ptr<const Program> program)
    : program_(std::move(program)),
      data_(program_->data()),
      windows_(&data_.windows, &data_.pool, data_.limits),
      learn_starts_(data_.rules.size(), kTimeMax),
      memo_(data_.predicates.size(), 0),
      conjunct_memo_(data_.conjuncts.size(), 0),
      watch_memo_(data_.watches.size(), 0),
      key_memo_(data_.key_conditions.size(), 0) {}

void MatcherImpl::Begin(const Event& event, std::uint32_t place) {
  event_ = &event;
  event_place_ = place;
  ++epoch_;
  route_ = -1;
  seen_routes_.clear();
  patterns_.Begin();
  windows_.Begin(event, &patterns_);
}

bool MatcherImpl::Holds(int predicate) {
  std::uint64_t& memo = memo_[static_cast<std::size_t>(predicate)];
  if (memo >> 1 != epoch_) memo = epoch_ << 1 | (Evaluate(predicate) ? 1U : 0U);
  return (memo & 1) != 0;
}

bool MatcherImpl::Evaluate(int predicate) {
  const auto index = static_cast<std::size_t>(predicate);
  const PredicateTest& test = data_.tests[index];
  const auto type = static_cast<std::size_t>(event_->event_type);
  const bool fits = type < 64 ? (test.types >> type & 1) != 0 : data_.predicates[index].types[type];
  if (!fits) return false;
  const std::span conjuncts =
      std::span(data_.test_conjuncts)
          .subspan(test.conjuncts_begin, test.conjuncts_end - test.conjuncts_begin);
  return std::all_of(conjuncts.begin(), conjuncts.end(),
                     [&](int conjunct) { return ConjunctHolds(conjunct); });
}

bool MatcherImpl::ConjunctHolds(int conjunct) {
  std::uint64_t& memo = conjunct_memo_[static_cast<std::size_t>(conjunct)];
  if (memo >> 1 != epoch_) {
    Scope scope;
    scope.event = event_;
    scope.patterns = &patterns_;
    const Code& code = data_.conjuncts[static_cast<std::size_t>(conjunct)];
    memo = epoch_ << 1 | (code.IsTrue(scope, data_.pool, &scratch_) ? 1U : 0U);
  }
  return (memo & 1) != 0;
}

bool MatcherImpl::Sees(const CompiledRule& rule) {
  const bool comes = route_ < 64 ? (rule.seen_routes >> route_ & 1) != 0
                                 : rule.routes[static_cast<std::size_t>(event_->stream)] == route_;
  return comes && std::none_of(rule.exceptions.begin(), rule.exceptions.end(),
                               [&](const Condition& exception) {
                                 return exception.over_event() && Holds(exception.predicate);
                               });
}

bool MatcherImpl::Excepted(const CompiledRule& rule) {
  return std::any_of(rule.exceptions.begin(), rule.exceptions.end(),
                     [&](const Condition& exception) {
                       return !exception.over_event() && ConditionHolds(rule, exception, {});
                     });
}

bool MatcherImpl::Starts(int route) {
  if (route_ == route) return !starts_.empty() || windows_.Concerns(route);
  route_ = route;
  starts_.clear();
  const RouteData& data = data_.route_data[static_cast<std::size_t>(route)];
  reached_.clear();
  data.starts[static_cast<std::size_t>(event_->event_type)].Append(event_->row, &reached_);
  for (const StartIndex::Entry& entry : reached_) {
    if (Holds(entry.predicate) && (!entry.excepted || Sees(rule(entry.rule))))
      starts_.push_back(entry.rule);
  }
  std::sort(starts_.begin(), starts_.end());
  starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
  return !starts_.empty() || windows_.Concerns(route);
}

bool MatcherImpl::KeyConditionHolds(int condition) {
  std::uint64_t& memo = key_memo_[static_cast<std::size_t>(condition)];
  if (memo >> 1 != key_epoch_) {
    Scope scope;
    scope.event = event_;
    scope.windows = &window_scope_;
    scope.risk = &risk_scope_;
    scope.patterns = &patterns_;
    const Code& code = data_.key_conditions[static_cast<std::size_t>(condition)];
    memo = key_epoch_ << 1 | (code.IsTrue(scope, data_.pool, &scratch_) ? 1U : 0U);
  }
  return (memo & 1) != 0;
}

bool MatcherImpl::ConditionHolds(const CompiledRule& rule, const Condition& condition,
                                 RecordChain bound) {
  if (!Holds(condition.predicate)) return false;
  if (condition.of_key >= 0 && !KeyConditionHolds(condition.of_key)) return false;
  if (condition.rest.empty()) return true;
  const Scope scope{event_,  &state_->arena_, &rule.layout, bound,
                    nullptr, &window_scope_,  &risk_scope_, &patterns_};
  return condition.rest.IsTrue(scope, data_.pool, &scratch_);
}

bool MatcherImpl::StepKeyFits(const CompiledRule& rule, int step, RecordChain bound,
                              bool may_bind) {
  const std::vector<int>& by = rule.steps[static_cast<std::size_t>(step)].by;
  if (by.empty()) return true;
  step_key_.clear();
  if (!EncodeKey(by, *event_, &step_key_)) return false;
  const std::string_view known = StepKeyOf(rule, bound);
  return known.empty() ? may_bind : known == step_key_;
}

bool MatcherImpl::StepFits(const CompiledRule& rule, int step, RecordChain bound) {
  const Condition& condition = rule.steps[static_cast<std::size_t>(step)].condition;
  return Holds(condition.predicate) && StepKeyFits(rule, step, bound, true) &&
         ConditionHolds(rule, condition, bound);
}

bool MatcherImpl::GuardFits(const CompiledRule& rule, int step, RecordChain bound) {
  const Condition& condition = rule.steps[static_cast<std::size_t>(step)].condition;
  return Holds(condition.predicate) && StepKeyFits(rule, step, bound, false) &&
         ConditionHolds(rule, condition, bound);
}

std::string_view MatcherImpl::StepKeyOf(const CompiledRule& rule, RecordChain bound) const {
  if (!rule.layout.has_step_key || bound.empty()) return {};
  return View(rule, bound).step_key();
}

const std::vector<Branch>& MatcherImpl::BranchesOf(const CompiledRule& rule, const Run& run) const {
  const Node& node = rule.graph.nodes[static_cast<std::size_t>(run.node)];
  if (node.kind != Node::Kind::kAll) return node.branches;
  const std::uint64_t all =
      node.steps.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << node.steps.size()) - 1;
  return ((run.counters >> node.mask_shift) & all) == all ? node.branches : node.rest;
}

// A complete `all` is left with its mask cleared.
std::uint64_t MatcherImpl::CountersBefore(const Node& node, std::uint64_t counters) {
  if (node.kind != Node::Kind::kAll) return counters;
  const std::uint64_t all =
      node.steps.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << node.steps.size()) - 1;
  return ((counters >> node.mask_shift) & all) == all ? counters & ~(all << node.mask_shift)
                                                      : counters;
}

namespace {

// The counter after one step of a path; -1 if it does not allow the path.
std::int64_t CounterAfter(const CounterStep& step, std::int64_t count) {
  switch (step.kind) {
    case CounterStep::Kind::kRepeat:
      if (step.limit >= 0) return count < step.limit ? count + 1 : -1;
      return std::min(count + 1, step.saturation);
    case CounterStep::Kind::kExit:
      return count >= step.limit ? 0 : -1;
    case CounterStep::Kind::kExitEmptyRest:
      return count < step.limit ? 0 : -1;
  }
  SHRIKE_CHECK(false);
}

// Walks a branch's counter steps. Returns false if the counters do not allow the path.
bool ApplyCounters(const std::vector<CounterStep>& steps, std::uint64_t* counters) {
  for (const CounterStep& step : steps) {
    if (step.width == 0) {
      if (CounterAfter(step, 0) < 0) return false;
      continue;
    }
    const std::uint64_t ones =
        step.width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << step.width) - 1;
    const auto count = static_cast<std::int64_t>(*counters >> step.shift & ones);
    const std::int64_t after = CounterAfter(step, count);
    if (after < 0) return false;
    *counters = (*counters & ~(ones << step.shift)) | static_cast<std::uint64_t>(after)
                                                          << step.shift;
  }
  return true;
}

}  // namespace

TimestampMs MatcherImpl::GuardDeadline(const CompiledRule& rule, const Run& run,
                                       const Guard& guard) const {
  const TimestampMs end =
      rule.within == kNoBound ? kTimeMax : AddSaturated(run.first_ts, rule.within);
  return guard.within == kNoBound ? end : std::min(end, AddSaturated(run.last_ts, guard.within));
}

TimestampMs MatcherImpl::BranchDeadline(const CompiledRule& rule, const Run& run,
                                        const Branch& branch) const {
  if (branch.target == kEndNode) {
    // The end is reached when the last NOT is through.
    TimestampMs through = kTimeMin;
    for (const Guard& guard : branch.guards) {
      if (guard.next && run.saw_event) continue;
      through = std::max(through, GuardDeadline(rule, run, guard));
    }
    return through;
  }
  TimestampMs end = rule.within == kNoBound ? kTimeMax : AddSaturated(run.first_ts, rule.within);
  if (mutant_ == Mutant::kWithinClosed && end != kTimeMax) ++end;
  return branch.within == kNoBound ? end : std::min(end, AddSaturated(run.last_ts, branch.within));
}

void MatcherImpl::SetDeadline(int index, Run* run) const {
  const CompiledRule& r = rule(index);
  const std::vector<Branch>& branches = BranchesOf(r, *run);
  run->deadline = kTimeMax;
  run->speaks = r.timeout_alerts;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    if ((run->live >> i & 1) == 0) continue;
    run->deadline = std::min(run->deadline, BranchDeadline(r, *run, branches[i]));
    run->speaks = run->speaks || branches[i].target == kEndNode;
  }
}

void MatcherImpl::Enter(int index, Run* run) {
  const CompiledRule& r = rule(index);
  const std::vector<Branch>& branches = BranchesOf(r, *run);
  const std::uint64_t before =
      CountersBefore(r.graph.nodes[static_cast<std::size_t>(run->node)], run->counters);
  bool ends_now = false;
  std::uint64_t ends = 0;
  run->live = 0;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    std::uint64_t counters = before;
    if (!ApplyCounters(branches[i].counters, &counters)) continue;
    if (branches[i].target == kEndNode) {
      ends |= std::uint64_t{1} << i;
      ends_now = ends_now || branches[i].guards.empty();
    }
    run->live |= std::uint64_t{1} << i;
  }
  // A way to the end without NOTs is at its end: ways there that pass more NOTs would bind the same.
  if (ends_now) {
    run->live &= ~ends;
    done_.push_back({run->bound, OutcomeKind::kMatch, LimitKind::kOpenRuns, index});
  }
  SetDeadline(index, run);
}

RecordChain MatcherImpl::Bind(const CompiledRule& rule, RecordChain before, int step) {
  for (const Created& created : created_records_) {
    if (created.step != step) continue;
    if (created.parent == before.last)
      return {created.record, before.empty() ? created.record : before.first};
    // The run that opens begins in the middle of another's loop.
    if (before.empty() && rule.layout.shares_loops && MayBegin(created.record, state_->arena_))
      return {created.record, created.record};
  }
  key_copy_.clear();
  if (rule.layout.has_step_key && !rule.steps[static_cast<std::size_t>(step)].by.empty()) {
    EncodeKey(rule.steps[static_cast<std::size_t>(step)].by, *event_, &key_copy_);
  }
  const RecordId record = AppendRecord(
      rule.layout, {before.last, step, event_, key_copy_, event_place_}, &state_->arena_);
  created_records_.push_back({before.last, step, record});
  return {record, before.empty() ? record : before.first};
}

void MatcherImpl::Take(int index, const Run& run, const Branch& branch, int element) {
  const CompiledRule& r = rule(index);
  const Node& node = r.graph.nodes[static_cast<std::size_t>(branch.target)];
  const bool opens = run.bound.empty();
  std::uint64_t counters =
      opens ? 0 : CountersBefore(r.graph.nodes[static_cast<std::size_t>(run.node)], run.counters);
  SHRIKE_CHECK(ApplyCounters(branch.counters, &counters));
  if (node.kind == Node::Kind::kAll) counters |= std::uint64_t{1} << (node.mask_shift + element);
  const RecordChain bound = Bind(r, run.bound, node.steps[static_cast<std::size_t>(element)]);
  // Two ways to the same place with the same bindings are one run (nfa/graph.h).
  for (std::size_t i = created_begin_; i < created_.size(); ++i) {
    const Run& known = created_[i];
    if (known.bound == bound && known.node == branch.target && known.counters == counters) return;
  }
  // Written where it stays: copying what has just been written waits for the records' memory.
  Run& next = created_.emplace_back();
  next.counters = counters;
  next.rule = index;
  next.node = static_cast<std::int16_t>(branch.target);
  next.bound = bound;
  next.first_ts = opens ? event_->ts : run.first_ts;
  next.last_ts = event_->ts;
  Enter(index, &next);
}

}  // namespace shrike::nfa
