// Completed matches: put in order, tested by `where`, emitted, and each applies the skip strategy (language.md, 5.10).
//
// Tested by: tests/nfa/matcher_test.cc.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "nfa/key.h"
#include "nfa/matcher_impl.h"

namespace shrike::nfa {

void MatcherImpl::Complete(int index) {
  Sort(&done_);
  const CompiledRule& r = rule(index);
  for (std::size_t i = 0; i < done_.size(); ++i) {
    const Candidate match = done_[i];
    if (match.bound.empty() || !WhereHolds(r, match.bound)) continue;
    Emit(match);
    AddRisk(match);
    if (rule(index).timeout_alerts) MarkMatched(match.bound.last, &state_->arena_);
    ApplySkip(index, match, i + 1);
  }
  // Full runs in order, then the refused one, which came last.
  const bool refused = !overflows_.empty() && overflows_.back().limit == LimitKind::kOpenRuns;
  const Candidate last = refused ? overflows_.back() : Candidate();
  if (refused) overflows_.pop_back();
  Sort(&overflows_);
  for (const Candidate& overflow : overflows_) Emit(overflow);
  if (refused) Emit(last);
}

bool MatcherImpl::WhereHolds(const CompiledRule& rule, RecordChain bound) {
  if (rule.where.empty()) return true;
  return rule.where.IsTrue(OutputScope(rule, bound), data_.pool, &scratch_);
}

// What `where` and alerts look at: no event, the key, and windows with the last bound event as the current one.
Scope MatcherImpl::OutputScope(const CompiledRule& rule, RecordChain bound) {
  output_window_scope_ = WindowsSince(rule, bound);
  return {nullptr,      &state_->arena_,       &rule.layout, bound,
          &KeyValues(), &output_window_scope_, &risk_scope_};
}

const std::vector<Value>& MatcherImpl::KeyValues() {
  if (!key_decoded_) DecodeKey(key_, &key_values_);
  key_decoded_ = true;
  return key_values_;
}

void MatcherImpl::BindingsOf(const Candidate& candidate, std::vector<BoundStep>* out) const {
  out->clear();
  const CompiledRule& r = rule(candidate.rule);
  const RecordView last = View(r, candidate.bound);
  for (RecordId id = candidate.bound.last; id != kNoRecord; id = last.At(id).previous())
    out->push_back({last.At(id).place(), last.At(id).step()});
  std::reverse(out->begin(), out->end());
}

// -1, 0, 1: earlier first event, more events, lexicographically earlier events, the step earlier in the pattern.
int MatcherImpl::CompareBound(const std::vector<BoundStep>& a, const std::vector<BoundStep>& b) {
  if (a.front().place != b.front().place) return a.front().place < b.front().place ? -1 : 1;
  if (a.size() != b.size()) return a.size() > b.size() ? -1 : 1;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k].place != b[k].place) return a[k].place < b[k].place ? -1 : 1;
  }
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k].step != b[k].step) return a[k].step < b[k].step ? -1 : 1;
  }
  return 0;
}

// Rules stay apart, ascending; equal bindings of a rule are one candidate.
void MatcherImpl::Sort(std::vector<Candidate>* candidates) {
  const std::size_t count = candidates->size();
  if (count < 2) return;
  if (sorted_.size() < count) sorted_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    sorted_[i].candidate = (*candidates)[i];
    BindingsOf(sorted_[i].candidate, &sorted_[i].bound);
  }
  const auto compare = [](const SortEntry& a, const SortEntry& b) {
    if (a.candidate.rule != b.candidate.rule) return a.candidate.rule < b.candidate.rule ? -1 : 1;
    return CompareBound(a.bound, b.bound);
  };
  std::stable_sort(sorted_.begin(), sorted_.begin() + static_cast<std::ptrdiff_t>(count),
                   [&](const SortEntry& a, const SortEntry& b) { return compare(a, b) < 0; });
  candidates->clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (i == 0 || compare(sorted_[i - 1], sorted_[i]) != 0)
      candidates->push_back(sorted_[i].candidate);
  }
}

// The event before which (or, for `past last`, until which) a run must have begun to be removed.
BoundPlace MatcherImpl::SkipBound(int index, RecordChain match) const {
  const CompiledRule& r = rule(index);
  const RuleSpec& s = spec(index);
  if (s.skip == SkipKind::kPastLast) return View(r, match).place();
  if (s.skip == SkipKind::kToNext) return View(r, match).First().place();
  const std::vector<int>& steps = s.names[static_cast<std::size_t>(s.skip_name)].steps;
  BoundPlace bound{kTimeMin, 0, {}};
  for (RecordId id = match.last; id != kNoRecord;) {
    const RecordView view = View(r, match).At(id);
    id = view.previous();
    if (!std::binary_search(steps.begin(), steps.end(), view.step())) continue;
    bound = view.place();
    if (s.skip == SkipKind::kToLast) break;
  }
  return bound;
}

void MatcherImpl::ApplySkip(int index, const Candidate& match, std::size_t remaining) {
  const SkipKind skip = spec(index).skip;
  if (skip == SkipKind::kNone) return;
  const BoundPlace bound = SkipBound(index, match.bound);
  if (bound.ts == kTimeMin) return;  // the named step bound nothing
  const std::string_view key = StepKeyOf(rule(index), match.bound);
  const auto removed = [&](RecordChain chain) { return Skipped(index, chain, bound, key); };
  for (const std::span<Run> runs : {OpenRuns(), CreatedRuns()}) {
    for (Run& run : runs) {
      if (run.live != 0 && removed(run.bound)) run.live = 0;
    }
  }
  if (mutant_ != Mutant::kSkipKeepsCandidates) {
    for (std::size_t i = remaining; i < done_.size(); ++i) {
      if (removed(done_[i].bound)) done_[i].bound = {};
    }
  }
  std::erase_if(timeouts_, [&](const Candidate& c) { return c.rule == index && removed(c.bound); });
}

// Whether `skip` removes what is bound: it began where SkipBound says, and has the match's step key.
bool MatcherImpl::Skipped(int index, RecordChain chain, const BoundPlace& bound,
                          std::string_view key) const {
  const CompiledRule& r = rule(index);
  if (chain.empty() || StepKeyOf(r, chain) != key) return false;
  const BoundPlace first = View(r, chain).First().place();
  const SkipKind skip = spec(index).skip;
  if (skip == SkipKind::kPastLast) return first <= bound;
  return skip == SkipKind::kToNext ? first == bound : first < bound;
}

void MatcherImpl::EmitTimeouts() {
  if (mutant_ != Mutant::kTimeoutAfterMatch) {
    std::erase_if(timeouts_,
                  [&](const Candidate& c) { return View(rule(c.rule), c.bound).matched(); });
  }
  Sort(&timeouts_);
  for (const Candidate& timeout : timeouts_) Emit(timeout);
  timeouts_.clear();  // they name records of this key
}

void MatcherImpl::Emit(const Candidate& candidate) {
  Outcome o;
  o.rule = candidate.rule;
  o.kind = candidate.kind;
  o.limit = candidate.limit;
  o.by_deadline = by_deadline_;
  o.time = time_;
  if (!by_deadline_) o.position = event_->position;
  const auto end = [](const auto& v) { return static_cast<std::uint32_t>(v.size()); };
  o.key_begin = end(out_->values);
  for (const Value& part : KeyValues()) out_->AppendValue(part);
  o.key_count = end(out_->values) - o.key_begin;
  o.events_begin = end(out_->events);
  EmitEvents(candidate);
  o.events_count = end(out_->events) - o.events_begin;
  o.fields_begin = o.message_begin = end(out_->values);
  if (candidate.kind != OutcomeKind::kOverflow) {
    const CompiledRule& r = rule(candidate.rule);
    const Scope scope = OutputScope(r, candidate.bound);
    for (const Code& code : r.fields) out_->AppendValue(code.Run(scope, data_.pool, &scratch_));
    o.fields_count = end(out_->values) - o.fields_begin;
    o.message_begin = end(out_->values);
    for (const Code& code : r.message) out_->AppendValue(code.Run(scope, data_.pool, &scratch_));
    o.message_count = end(out_->values) - o.message_begin;
  }
  out_->items.push_back(o);
}

// The bound events in event order, each with the fields that the alert shows.
void MatcherImpl::EmitEvents(const Candidate& candidate) {
  const CompiledRule& r = rule(candidate.rule);
  chain_.clear();
  const RecordView last = View(r, candidate.bound);
  for (RecordId id = candidate.bound.last; id != kNoRecord; id = last.At(id).previous())
    chain_.push_back(id);
  for (auto id = chain_.rbegin(); id != chain_.rend(); ++id) {
    const RecordView view = last.At(*id);
    const auto step = static_cast<std::size_t>(view.step());
    BoundEvent bound;
    bound.step = view.step();
    bound.ts = view.order().ts;
    bound.position = view.order().position;
    bound.place = view.place().number;
    bound.values_begin = static_cast<std::uint32_t>(out_->values.size());
    bound.values_count =
        static_cast<std::uint32_t>(spec(candidate.rule).alert.step_fields[step].size());
    for (std::size_t i = 0; i < bound.values_count; ++i) {
      const Slot& slot = r.layout.fields[step][i];
      if (slot.key_part >= 0) {
        out_->AppendValue(key_values_[static_cast<std::size_t>(slot.key_part)]);
      } else {
        AppendField(view.Field(slot, i), slot.type);
      }
    }
    out_->events.push_back(bound);
  }
}

// A list field comes encoded from its record (nfa/record.h).
void MatcherImpl::AppendField(const Value& value, Type type) {
  if (type.kind != Kind::kList || value.is_null()) {
    out_->AppendValue(value);
    return;
  }
  scratch_.Reset();
  std::vector<Value>* items = scratch_.NewList();
  DecodeKey(value.string(), items);
  out_->AppendValue(Value::List(items->data(), items->size()));
}

}  // namespace shrike::nfa
