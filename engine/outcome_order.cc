// Outcomes of one moment are few: plain comparison sorts over the items; what they point at stays in place.
#include "engine/outcome_order.h"

#include <algorithm>
#include <compare>
#include <span>
#include <string>
#include <tuple>
#include <vector>

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

// An outcome without events comes before those that have some.
nfa::BoundPlace FirstEvent(const Outcomes& outcomes, const Outcome& outcome) {
  const auto events = Bound(outcomes, outcome);
  if (events.empty()) return {kTimeMin, 0, {}};
  return {events.front().ts, events.front().place, events.front().position};
}

std::string EncodedKey(const Outcomes& outcomes, const Outcome& outcome) {
  std::string key;
  for (const Value& part :
       std::span(outcomes.values).subspan(outcome.key_begin, outcome.key_count)) {
    nfa::EncodeKeyValue(part, &key);
  }
  return key;
}

std::strong_ordering CompareEvents(const Outcomes& outcomes, const Outcome& a, const Outcome& b) {
  const auto left = Bound(outcomes, a);
  const auto right = Bound(outcomes, b);
  return std::lexicographical_compare_three_way(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const BoundEvent& x, const BoundEvent& y) {
        return std::tie(x.step, x.position) <=> std::tie(y.step, y.position);
      });
}

}  // namespace

void OrderEventOutcomes(Outcomes* outcomes) {
  std::stable_sort(outcomes->items.begin(), outcomes->items.end(),
                   [](const Outcome& a, const Outcome& b) { return a.rule < b.rule; });
}

void OrderDeadlineOutcomes(Outcomes* outcomes) {
  std::stable_sort(
      outcomes->items.begin(), outcomes->items.end(), [&](const Outcome& a, const Outcome& b) {
        const auto order = std::tuple(a.kind, a.rule, FirstEvent(*outcomes, a)) <=>
                           std::tuple(b.kind, b.rule, FirstEvent(*outcomes, b));
        return order != 0 ? order < 0 : EncodedKey(*outcomes, a) < EncodedKey(*outcomes, b);
      });
}

void SetOrdinals(Outcomes* outcomes) {
  if (outcomes->items.size() < 2) {
    for (Outcome& outcome : outcomes->items) {
      outcome.ordinal = 0;
    }
    return;
  }
  // Sorted by what an id is made of, equals stand side by side in their order of output.
  std::vector<Outcome*> sorted;
  sorted.reserve(outcomes->items.size());
  for (Outcome& outcome : outcomes->items) {
    sorted.push_back(&outcome);
  }
  const auto compare = [&](const Outcome& a, const Outcome& b) {
    const auto order = std::tuple(a.rule, a.kind, a.time) <=> std::tuple(b.rule, b.kind, b.time);
    if (order != 0) {
      return order;
    }
    const auto events = CompareEvents(*outcomes, a, b);
    return events != 0 ? events : EncodedKey(*outcomes, a) <=> EncodedKey(*outcomes, b);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Outcome* a, const Outcome* b) { return compare(*a, *b) < 0; });
  for (std::size_t index = 0; index < sorted.size(); ++index) {
    const bool equal = index > 0 && compare(*sorted[index - 1], *sorted[index]) == 0;
    sorted[index]->ordinal = equal ? sorted[index - 1]->ordinal + 1 : 0;
  }
}

}  // namespace shrike::engine
