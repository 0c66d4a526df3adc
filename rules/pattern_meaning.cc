#include "rules/pattern_meaning.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace shrike::rules {
namespace {

bool IsNot(const Element& element) { return element.kind == Element::Kind::kNot; }

std::int64_t MinOf(const Element& element) {
  return element.quantifier ? element.quantifier->min : 1;
}

bool IsUnbounded(const Element& element) { return element.quantifier && !element.quantifier->max; }

bool MayRepeat(const Element& element) {
  return element.quantifier && element.quantifier->max.value_or(2) > 1;
}

bool IsNullable(const Sequence& sequence);

// Whether the pattern may go past the element without binding an event.
bool IsNullable(const Element& element) {
  if (IsNot(element) || MinOf(element) <= 0) return true;
  return element.group && IsNullable(*element.group);
}

bool IsNullable(const Sequence& sequence) {
  return std::all_of(sequence.elements.begin(), sequence.elements.end(),
                     [](const Element& element) { return IsNullable(element); });
}

// a * b, a + b, held at the largest number. a, b >= 0.
std::int64_t Product(std::int64_t a, std::int64_t b) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return a != 0 && b > most / a ? most : a * b;
}

std::int64_t Sum(std::int64_t a, std::int64_t b) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return a > most - b ? most : a + b;
}

// The events that the shortest match binds.
std::int64_t EventsMin(const Sequence& sequence) {
  std::int64_t total = 0;
  for (const Element& element : sequence.elements) {
    if (IsNot(element)) continue;
    std::int64_t once = 1;
    if (element.kind == Element::Kind::kAll) once = static_cast<std::int64_t>(element.steps.size());
    if (element.group) once = EventsMin(*element.group);
    total = Sum(total, Product(std::max<std::int64_t>(MinOf(element), 0), once));
  }
  return total;
}

bool HasKeys(const Sequence& sequence) {
  return std::any_of(sequence.elements.begin(), sequence.elements.end(),
                     [](const Element& element) {
                       if (IsNot(element)) return false;
                       if (element.group) return HasKeys(*element.group);
                       return std::any_of(element.steps.begin(), element.steps.end(),
                                          [](const Step& step) { return step.by.has_value(); });
                     });
}

class MeaningChecker {
 public:
  MeaningChecker(ScalarSource source, const Pattern& pattern, const MeaningOptions& options,
                 Reporter* reporter)
      : source_(source), pattern_(pattern), options_(options), reporter_(reporter) {}

  void Run() {
    const Sequence& sequence = pattern_.sequence;
    if (IsNullable(sequence)) {
      Report("E0404", sequence.span, "the pattern can match without any event",
             "at least one step must be neither optional nor `not`");
    }
    CheckQuantifiers(sequence);
    const std::int64_t events_min = EventsMin(sequence);
    if (!count_reported_ && events_min > options_.limits.bound_events) {
      Report("E0408", sequence.span,
             "a match binds at least " + std::to_string(events_min) + " events, above the limit " +
                 BoundEventsText());
    }
    CheckNots(sequence, true);
    if (pattern_.within && *pattern_.within <= 0) {
      Report("E0413", pattern_.within_span, "`within` must be longer than nothing");
    }
    if (!pattern_.within && !options_.unbounded) CheckWaits(sequence, false);
    LintNotKeys();
  }

 private:
  void Report(std::string_view code, Span span, std::string message, std::string suggestion = "") {
    reporter_->Report(code, source_.At(span), std::move(message), std::move(suggestion));
  }

  std::string BoundEventsText() const {
    return "bound_events of " + std::to_string(options_.limits.bound_events);
  }

  void CheckQuantifiers(const Sequence& sequence) {
    for (const Element& element : sequence.elements) {
      if (element.group) CheckQuantifiers(*element.group);
      if (element.quantifier) CheckQuantifier(*element.quantifier);
      const bool empty_bound = element.link.within && *element.link.within <= 0;
      if (empty_bound) Report("E0413", element.link.span, "`within` must be longer than nothing");
    }
  }

  void CheckQuantifier(const Quantifier& quantifier) {
    const std::int64_t most = quantifier.max.value_or(quantifier.min);
    if (quantifier.max && *quantifier.max < quantifier.min) {
      Report("E0405", quantifier.span,
             "the minimum " + std::to_string(quantifier.min) + " is above the maximum " +
                 std::to_string(*quantifier.max));
    } else if (quantifier.max && *quantifier.max <= 0) {
      Report("E0405", quantifier.span, "a step that is taken 0 times says nothing",
             "leave it out, or write `not`");
    } else if (std::max(most, quantifier.min) > options_.limits.bound_events) {
      count_reported_ = true;
      Report("E0408", quantifier.span,
             "the repeat count " + std::to_string(std::max(most, quantifier.min)) +
                 " is above the limit " + BoundEventsText());
    }
    if (quantifier.until && quantifier.max) {
      Report("E0406", quantifier.until->span, "`until` ends only loops without a maximum",
             "write `{" + std::to_string(quantifier.min) + ",}`");
    }
    if (quantifier.greedy && quantifier.contiguity == Contiguity::kCombinations) {
      Report("E0407", quantifier.span, "`greedy` and `combinations` contradict each other");
    }
  }

  // tail_nullable: nothing has to be bound behind the sequence.
  void CheckNots(const Sequence& sequence, bool tail_nullable) {
    const std::vector<Element>& elements = sequence.elements;
    bool last_place = tail_nullable;
    for (std::size_t i = elements.size(); i-- > 0;) {
      const Element& element = elements[i];
      if (element.group) CheckNots(*element.group, last_place);
      if (IsNot(element)) CheckNot(element, last_place);
      last_place &= IsNullable(element);
    }
    LintNots(elements);
  }

  void CheckNot(const Element& element, bool last_place) {
    if (element.link.kind == LinkKind::kThenEvery) {
      Report("E0409", element.link.span, "`then every not` means nothing", "write `then not`");
      return;
    }
    if (element.link.within && !last_place) {
      Report("E0410", element.link.span,
             "a bound on `not` counts only in last place: here the next step ends the wait",
             "write the bound at the link to the next step");
      return;
    }
    const bool waits = element.link.kind == LinkKind::kThen && last_place;
    if (waits && !element.link.within && !pattern_.within) {
      Report("E0411", element.span,
             "`then not` in last place needs a deadline: without one it never matches",
             "write `then within 5m not ..`, or `within` for the whole pattern");
    }
  }

  void LintNots(const std::vector<Element>& elements) {
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (!IsNot(elements[i])) continue;
      std::size_t behind = i;
      while (behind < elements.size() && IsNot(elements[behind])) ++behind;
      const bool next = behind < elements.size() && elements[behind].link.kind == LinkKind::kNext;
      if (next && elements[i].link.kind == LinkKind::kThen) {
        Report("W0303", elements[i].span,
               "this `not` guards nothing: `next` leaves no event between the steps");
      }
      const bool final_not = behind == elements.size() && i > 0 && !IsNot(elements[i - 1]);
      if (final_not && IsUnbounded(elements[i - 1])) {
        Report("W0304", elements[i].span,
               "each length of the loop before a final `not` waits for itself",
               "for inactivity write `a then within 30m not (a or b)`");
      }
    }
  }

  // Reports the first wait without a deadline. Only for patterns without `within`.
  // first_bounded: the link to the sequence's group has a bound, which holds for its first element.
  void CheckWaits(const Sequence& sequence, bool first_bounded) {
    for (std::size_t i = 0; i < sequence.elements.size() && !wait_reported_; ++i) {
      const Element& element = sequence.elements[i];
      if (IsNot(element)) {
        CheckLastNext(sequence, i);
        continue;
      }
      // The wait for the first element of a group is that of the link to the group.
      const bool bounded = i == 0 ? first_bounded : element.link.within.has_value();
      const char* wait = UnboundedWait(element, i == 0, bounded);
      if (wait) {
        ReportWait(element, wait);
      } else if (element.group) {
        CheckWaits(*element.group, bounded);
      }
    }
  }

  // What the element waits for without a deadline; nullptr: nothing.
  static const char* UnboundedWait(const Element& element, bool first, bool bounded) {
    if (!first && !bounded) return "the wait for this step has no deadline";
    if (element.kind == Element::Kind::kAll) {
      return "the wait for the other elements of `all` has no deadline";
    }
    if (MayRepeat(element) && !bounded) return "the wait for the next repetition has no deadline";
    return nullptr;
  }

  // `next not x` in last place waits for any event.
  void CheckLastNext(const Sequence& sequence, std::size_t index) {
    const Element& element = sequence.elements[index];
    const bool last = index + 1 == sequence.elements.size();
    if (last && element.link.kind == LinkKind::kNext && !element.link.within) {
      ReportWait(element, "the wait for the next event has no deadline");
    }
  }

  void ReportWait(const Element& element, std::string_view message) {
    wait_reported_ = true;
    Report("E0412", element.span, std::string(message) + ": its state would be kept for ever",
           "add `within 10m` to the pattern or the link, or set `unbounded: accept`");
  }

  // A NOT or `unless` with `by` fits nothing while the run has no key of its own.
  void LintNotKeys() {
    bool bound = false;
    LintNotKeys(pattern_.sequence, &bound);
    const bool unless = pattern_.unless && pattern_.unless->by;
    if (unless && !HasKeys(pattern_.sequence)) LintKeys(*pattern_.unless->by);
  }

  void LintNotKeys(const Sequence& sequence, bool* bound) {
    for (const Element& element : sequence.elements) {
      if (element.group) LintNotKeys(*element.group, bound);
      for (const Step& step : element.steps) {
        if (!step.by) continue;
        if (!IsNot(element)) {
          *bound = true;
        } else if (!*bound) {
          LintKeys(*step.by);
        }
      }
    }
  }

  void LintKeys(const Keys& keys) {
    Report("W0305", keys.span, "this `by` fits nothing: no step before it binds a `by`",
           "give a step before it the same `by`, or leave it out");
  }

  ScalarSource source_;
  const Pattern& pattern_;
  const MeaningOptions& options_;
  Reporter* reporter_;
  bool count_reported_ = false;
  bool wait_reported_ = false;
};

}  // namespace

void CheckMeaning(ScalarSource source, const Pattern& pattern, const MeaningOptions& options,
                  Reporter* reporter) {
  MeaningChecker(source, pattern, options, reporter).Run();
}

}  // namespace shrike::rules
