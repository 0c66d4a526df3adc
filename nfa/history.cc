// Windows and risk of the current key, as the matcher needs them: updated before runs advance, read by conditions and
// alerts.
//
// Tested by: tests/nfa/window_program_test.cc.  Next: nfa/windows.h.
#include <algorithm>

#include "nfa/key.h"
#include "nfa/matcher_impl.h"

namespace shrike::nfa {

// An event that comes to the key by several routes is seen by the windows of all of them before any rule looks at it: a
// feature is read by rules of other routes too.
void MatcherImpl::UpdateWindows() {
  window_overflows_.clear();
  if (FindRoutes()) {
    const bool concerns = std::any_of(key_routes_.begin(), key_routes_.end(),
                                      [&](int route) { return windows_.Concerns(route); });
    if (concerns) {
      windows_.Update(key_routes_, &state_->History()->windows, &window_overflows_);
    } else if (state_->history_ != nullptr) {
      windows_.Update(key_routes_, &state_->history_->windows, &window_overflows_);
    }
  }
  EnterHistory();
}

// Sets key_routes_. False: the event was here before, by another route.
bool MatcherImpl::FindRoutes() {
  key_routes_.assign(1, route_);
  for (const int other : data_.route_data[static_cast<std::size_t>(route_)].others) {
    key_copy_.clear();
    const KeyRoute& route = data_.route_data[static_cast<std::size_t>(other)].route;
    if (!EncodeKey(route.columns, *event_, &key_copy_) || key_copy_ != key_) continue;
    if (std::find(seen_routes_.begin(), seen_routes_.end(), other) != seen_routes_.end())
      return false;
    key_routes_.push_back(other);
  }
  seen_routes_.push_back(route_);
  return true;
}

void MatcherImpl::EnterHistory() {
  const KeyHistory* history = state_->history_.get();
  window_scope_.windows = &windows_;
  window_scope_.state = history == nullptr ? &no_windows_ : &history->windows;
  // A deadline reads as an event 1 ms before it, behind all others (language.md, 4.5).
  window_scope_.time = by_deadline_ ? time_ - 1 : time_;
  window_scope_.at_event = !by_deadline_;
  window_scope_.current_is_past = false;
  window_memo_.Reset();
  ++key_epoch_;
  window_scope_.memo = &window_memo_;
  risk_scope_ = {history == nullptr ? nullptr : &history->risk, window_scope_.time,
                 data_.spec.risk_half_life};
}

WindowScope MatcherImpl::WindowsSince(const CompiledRule& rule, RecordChain bound) const {
  WindowScope scope = window_scope_;
  scope.current = View(rule, bound).order();
  scope.current_is_past = by_deadline_ || scope.current != event_->order();
  if (scope.current_is_past) scope.memo = nullptr;
  return scope;
}

// Each rule tells each limit once an event, before what else it tells: outcomes from `before` on are this event's.
void MatcherImpl::EmitOverflows(std::size_t before) {
  if (window_overflows_.empty()) return;
  std::vector<Candidate> told;
  for (const WindowOverflow& overflow : window_overflows_) {
    for (const int index : data_.window_rules[static_cast<std::size_t>(overflow.window)])
      told.push_back({{}, OutcomeKind::kOverflow, overflow.limit, index});
  }
  window_overflows_.clear();
  const auto place = [](const Candidate& c) { return std::pair(c.rule, c.limit); };
  std::sort(told.begin(), told.end(),
            [&](const Candidate& a, const Candidate& b) { return place(a) < place(b); });
  told.erase(
      std::unique(told.begin(), told.end(),
                  [&](const Candidate& a, const Candidate& b) { return place(a) == place(b); }),
      told.end());
  const std::size_t others = out_->items.size();
  for (const Candidate& overflow : told) Emit(overflow);
  const auto begin = out_->items.begin();
  std::rotate(begin + static_cast<std::ptrdiff_t>(before),
              begin + static_cast<std::ptrdiff_t>(others), out_->items.end());
  std::stable_sort(begin + static_cast<std::ptrdiff_t>(before), out_->items.end(),
                   [](const Outcome& a, const Outcome& b) { return a.rule < b.rule; });
}

// A live rule's match counts from now on as risk of its key, unless it is withheld by `learn` (4.13, 5.16).
void MatcherImpl::AddRisk(const Candidate& match) {
  const RuleSpec& rule_spec = spec(match.rule);
  const KeyGroup& group = data_.groups[static_cast<std::size_t>(rule(match.rule).group)];
  if (group.risk_rules.empty() || rule_spec.mode != RuleMode::kLive || !rule_spec.alert.score)
    return;
  const TimestampMs start = learn_starts_[static_cast<std::size_t>(match.rule)];
  const bool learning =
      rule_spec.learn && start != kTimeMax && time_ < AddSaturated(start, *rule_spec.learn);
  if (learning) return;
  KeyHistory* history = state_->History();
  const DurationMs half_life = data_.spec.risk_half_life;
  const bool kept =
      history->risk.Add({time_, *rule_spec.alert.score}, half_life, data_.limits.window_events);
  history->risk_expires = history->risk.Expires(half_life);
  risk_scope_.ledger = &history->risk;
  window_scope_.state = &history->windows;
  if (kept) return;
  for (const int index : group.risk_rules)
    Emit({{}, OutcomeKind::kOverflow, LimitKind::kWindowEvents, index});
}

}  // namespace shrike::nfa
