#include "tests/oracle/ways.h"

#include <algorithm>

namespace shrike::oracle {
namespace {

using nfa::ElementSpec;
using nfa::LinkKind;
using Kind = ElementSpec::Kind;

LinkKind RepetitionLink(nfa::Contiguity contiguity) {
  switch (contiguity) {
    case nfa::Contiguity::kConsecutive:
      return LinkKind::kNext;
    case nfa::Contiguity::kCombinations:
      return LinkKind::kThenEvery;
    case nfa::Contiguity::kRelaxed:
      break;
  }
  return LinkKind::kThen;
}

class Walker {
 public:
  // The level on top stands at an element that has not been looked at yet. `group_link`: it is the first one of a
  // group that is being entered, and the group's link is its own.
  void Arrive(Way way, std::optional<LinkKind> group_link) {
    Level& top = way.place.back();
    const ElementSpec& element = top.element();
    if (element.kind == Kind::kNot) {
      way.guards.push_back(&element);
      GoOn(std::move(way));
      return;
    }
    if (element.quantifier && element.quantifier->min == 0) {
      Way without = way;
      without.passes.insert(&element);
      GoOn(std::move(without));
    }
    if (element.quantifier) way.enters.insert(&element);
    top.repetition = 1;
    top.bound = element.link.within;
    Enter(std::move(way), group_link.value_or(element.link.kind));
  }

  // The repetition of the element on top is complete.
  void Complete(Way way) {
    Level& top = way.place.back();
    const ElementSpec& element = top.element();
    if (!element.quantifier) {
      GoOn(std::move(way));
      return;
    }
    const nfa::QuantifierSpec& quantifier = *element.quantifier;
    const bool more = quantifier.max < 0 || top.repetition < quantifier.max;
    if (top.holds && more) Repeat(way);
    // A repetition that binds nothing is the last and fills the minimum; it is not made where none is missing.
    const bool needless = !top.holds && top.repetition > quantifier.min;
    const bool enough = !top.holds || top.repetition >= quantifier.min;
    if (needless || !enough) return;
    if (top.holds || way.repeats.contains(&element)) {
      way.repeats.erase(&element);
      way.leaves.insert(&element);
    } else {
      way.enters.erase(&element);
      way.passes.insert(&element);
    }
    GoOn(std::move(way));
  }

  std::vector<Way> ways;

 private:
  // Takes the body of the element on top.
  void Enter(Way way, LinkKind link) {
    const ElementSpec& element = way.place.back().element();
    way.place.back().holds = false;
    way.place.back().taken.clear();
    if (element.kind != Kind::kGroup) {
      way.link = link;
      ways.push_back(std::move(way));
      return;
    }
    way.place.push_back(Level(&element.group, 0));
    Arrive(std::move(way), link);
  }

  void Repeat(Way way) {
    Level& top = way.place.back();
    const ElementSpec& element = top.element();
    const nfa::QuantifierSpec& quantifier = *element.quantifier;
    ++top.repetition;
    if (quantifier.max < 0) top.repetition = std::min(top.repetition, quantifier.min + 1);
    top.bound = element.link.within;
    way.repeats.insert(&element);
    Enter(std::move(way), RepetitionLink(quantifier.contiguity));
  }

  // The element on top is behind us.
  void GoOn(Way way) {
    Level& top = way.place.back();
    if (top.index + 1 < top.sequence->size()) {
      top = Level(top.sequence, top.index + 1);
      Arrive(std::move(way), std::nullopt);
      return;
    }
    way.place.pop_back();
    if (!way.place.empty()) {
      Complete(std::move(way));
      return;
    }
    way.to_end = true;
    ways.push_back(std::move(way));
  }
};

}  // namespace

std::optional<DurationMs> Way::Bound() const {
  std::optional<DurationMs> least;
  for (const Level& level : place) {
    if (level.bound && (!least || *level.bound < *least)) least = level.bound;
  }
  return least;
}

std::vector<int> Way::Steps() const {
  std::vector<int> steps;
  if (to_end) return steps;
  for (const int step : place.back().element().steps) {
    if (!place.back().taken.contains(step)) steps.push_back(step);
  }
  return steps;
}

std::vector<Way> WaysFromStart(const std::vector<ElementSpec>& sequence) {
  Walker walker;
  Way way;
  way.place.push_back(Level(&sequence, 0));
  walker.Arrive(std::move(way), std::nullopt);
  return walker.ways;
}

std::vector<Way> WaysFrom(const Place& place) {
  Way way;
  way.place = place;
  const Level& top = place.back();
  const bool all_missing =
      top.element().kind == Kind::kAll && top.taken.size() < top.element().steps.size();
  if (all_missing) return {way};  // `then`, without a bound, to the elements that are missing
  Walker walker;
  walker.Complete(std::move(way));
  return walker.ways;
}

Place PlaceAfter(const Way& way, int step) {
  Place place = way.place;
  for (Level& level : place) {
    level.holds = true;
    level.bound.reset();
  }
  if (place.back().element().kind == Kind::kAll) place.back().taken.insert(step);
  return place;
}

}  // namespace shrike::oracle
