// Outcomes of one moment are few: plain comparison sorts over the items; what they point at stays in place.
#include "engine/outcome_order.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <span>
#include <string>
#include <tuple>

#include "base/hash.h"
#include "nfa/key.h"
#include "nfa/record.h"

namespace shrike::engine {
namespace {

using nfa::BoundEvent;
using nfa::Outcome;
using nfa::Outcomes;

std::span<const BoundEvent> Bound(const Outcomes& outcomes, const Outcome& outcome) {
  return std::span(outcomes.events).subspan(outcome.events_begin, outcome.events_count);
}

nfa::BoundPlace PlaceOf(const BoundEvent& event) { return {event.ts, event.place, event.position}; }

// An outcome without events comes before those that have some.
nfa::BoundPlace FirstEvent(const Outcomes& outcomes, const Outcome& outcome) {
  const auto events = Bound(outcomes, outcome);
  return events.empty() ? nfa::BoundPlace{kTimeMin, 0, {}} : PlaceOf(events.front());
}

std::string EncodedKey(const Outcomes& outcomes, const Outcome& outcome) {
  std::string key;
  for (const Value& part :
       std::span(outcomes.values).subspan(outcome.key_begin, outcome.key_count)) {
    nfa::EncodeKeyValue(part, &key);
  }
  return key;
}

// More events first, then the lexicographically earlier ones, then the step earlier in the pattern.
std::strong_ordering CompareBound(const Outcomes& outcomes, const Outcome& a, const Outcome& b) {
  if (a.events_count != b.events_count) return b.events_count <=> a.events_count;
  const auto left = Bound(outcomes, a);
  const auto right = Bound(outcomes, b);
  const auto compare = [&](const auto& part) {
    return std::lexicographical_compare_three_way(
        left.begin(), left.end(), right.begin(), right.end(),
        [&](const BoundEvent& x, const BoundEvent& y) { return part(x) <=> part(y); });
  };
  const auto events = compare(PlaceOf);
  return events != 0 ? events : compare([](const BoundEvent& event) { return event.step; });
}

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  char bytes[sizeof(number)];
  std::memcpy(bytes, &number, sizeof(number));
  out->append(bytes, sizeof(bytes));
}

}  // namespace

void OrderEventOutcomes(Outcomes* outcomes) {
  std::stable_sort(outcomes->items.begin(), outcomes->items.end(),
                   [](const Outcome& a, const Outcome& b) { return a.rule < b.rule; });
}

void OrderDeadlineOutcomes(Outcomes* outcomes) {
  std::stable_sort(outcomes->items.begin(), outcomes->items.end(),
                   [&](const Outcome& a, const Outcome& b) {
                     const auto order = std::tuple(a.kind, a.rule, FirstEvent(*outcomes, a)) <=>
                                        std::tuple(b.kind, b.rule, FirstEvent(*outcomes, b));
                     if (order != 0) return order < 0;
                     const int keys = EncodedKey(*outcomes, a).compare(EncodedKey(*outcomes, b));
                     return keys != 0 ? keys < 0 : CompareBound(*outcomes, a, b) < 0;
                   });
}

// Two that differ in spite of equal hashes would only get different ordinals: their ids differ anyway.
void Ordinals::Set(Outcomes* outcomes) {
  for (Outcome& outcome : outcomes->items) {
    if (outcome.time > time_) {
      time_ = outcome.time;
      counts_.clear();
    }
    bytes_ = EncodedKey(*outcomes, outcome);
    AppendNumber(outcome.rule, &bytes_);
    AppendNumber(outcome.kind, &bytes_);
    AppendNumber(outcome.time, &bytes_);
    for (const BoundEvent& event : Bound(*outcomes, outcome)) {
      AppendNumber(event.step, &bytes_);
      AppendNumber(event.position.topic, &bytes_);
      AppendNumber(event.position.partition, &bytes_);
      AppendNumber(event.position.offset, &bytes_);
    }
    outcome.ordinal = counts_[Hash64(bytes_)]++;
  }
}

}  // namespace shrike::engine
