#include "tests/oracle/shrinker.h"

#include <string>
#include <utility>

namespace shrike::oracle {
namespace {

using Kind = ElementText::Kind;

// A copy of `value` that `edit` has changed.
template <typename T, typename Edit>
T With(const T& value, Edit edit) {
  T copy = value;
  edit(&copy);
  return copy;
}

std::vector<std::string> SmallerConditions(const std::string& condition) {
  std::vector<std::string> smaller;
  if (condition.empty()) return smaller;
  smaller.emplace_back();
  const std::size_t conjunction = condition.find(" and ");
  if (conjunction != std::string::npos) {
    smaller.push_back(condition.substr(0, conjunction));
    smaller.push_back(condition.substr(conjunction + 5));
  }
  return smaller;
}

std::vector<StepText> SmallerSteps(const StepText& step) {
  std::vector<StepText> smaller;
  for (const std::string& condition : SmallerConditions(step.condition)) {
    smaller.push_back(With(step, [&](StepText* copy) { copy->condition = condition; }));
  }
  if (!step.by.empty()) smaller.push_back(With(step, [](StepText* copy) { copy->by.clear(); }));
  if (!step.name.empty()) smaller.push_back(With(step, [](StepText* copy) { copy->name.clear(); }));
  return smaller;
}

std::vector<std::optional<QuantifierText>> SmallerQuantifiers(const QuantifierText& quantifier) {
  std::vector<std::optional<QuantifierText>> smaller = {std::nullopt};
  const auto add = [&](auto edit) { smaller.emplace_back(With(quantifier, edit)); };
  if (!quantifier.until.empty()) add([](QuantifierText* copy) { copy->until.clear(); });
  if (quantifier.greedy) add([](QuantifierText* copy) { copy->greedy = false; });
  if (!quantifier.contiguity.empty()) add([](QuantifierText* copy) { copy->contiguity.clear(); });
  return smaller;
}

std::vector<std::vector<ElementText>> SmallerSequences(const std::vector<ElementText>& elements);

// Depth: the generator's, a handful.
std::vector<ElementText> SmallerElements(const ElementText& element) {
  std::vector<ElementText> smaller;
  const auto add = [&](auto edit) { smaller.push_back(With(element, edit)); };
  const std::size_t least = element.kind == Kind::kNot ? 1 : 2;
  for (std::size_t i = 0; i < element.steps.size(); ++i) {
    const auto place = static_cast<std::ptrdiff_t>(i);
    if (element.steps.size() > least) {
      add([&](ElementText* copy) { copy->steps.erase(copy->steps.begin() + place); });
    }
    if (element.kind == Kind::kChoice || element.kind == Kind::kAll) {
      add([&](ElementText* copy) {
        copy->kind = Kind::kStep;
        copy->name.clear();
        copy->steps = {element.steps[i]};
      });
    }
    for (const StepText& step : SmallerSteps(element.steps[i])) {
      add([&](ElementText* copy) { copy->steps[i] = step; });
    }
  }
  for (std::vector<ElementText>& group : SmallerSequences(element.group)) {
    add([&](ElementText* copy) { copy->group = std::move(group); });
  }
  if (element.quantifier) {
    for (const auto& quantifier : SmallerQuantifiers(*element.quantifier)) {
      add([&](ElementText* copy) { copy->quantifier = quantifier; });
    }
  }
  if (!element.within.empty()) add([](ElementText* copy) { copy->within.clear(); });
  if (element.link != "then") add([](ElementText* copy) { copy->link = "then"; });
  if (!element.name.empty()) add([](ElementText* copy) { copy->name.clear(); });
  return smaller;
}

std::vector<std::vector<ElementText>> SmallerSequences(const std::vector<ElementText>& elements) {
  std::vector<std::vector<ElementText>> smaller;
  const auto add = [&](auto edit) { smaller.push_back(With(elements, edit)); };
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto place = static_cast<std::ptrdiff_t>(i);
    const bool uncovers_not = i == 0 && elements.size() > 1 && elements[1].kind == Kind::kNot;
    if (elements.size() > 1 && !uncovers_not) {
      add([&](std::vector<ElementText>* copy) { copy->erase(copy->begin() + place); });
    }
    if (elements[i].kind == Kind::kGroup) {
      add([&](std::vector<ElementText>* copy) {
        std::vector<ElementText> group = elements[i].group;
        group[0].link = elements[i].link;
        group[0].within = elements[i].within;
        copy->erase(copy->begin() + place);
        copy->insert(copy->begin() + place, group.begin(), group.end());
      });
    }
  }
  for (std::size_t i = 0; i < elements.size(); ++i) {
    for (ElementText& element : SmallerElements(elements[i])) {
      add([&](std::vector<ElementText>* copy) { (*copy)[i] = std::move(element); });
    }
  }
  return smaller;
}

// In a rule set the keys stay: an event that is emitted from one key to another takes another way.
bool SameSources(const Pair& pair, const PatternText& before, const PatternText& after) {
  return pair.others.empty() || before.from == after.from;
}

std::vector<Pair> SmallerPairs(const Pair& pair) {
  std::vector<Pair> smaller;
  const auto add = [&](auto edit) { smaller.push_back(With(pair, edit)); };
  for (std::size_t length = pair.events.size() / 2; length > 0; length /= 2) {
    for (std::size_t begin = 0; begin + length <= pair.events.size(); begin += length) {
      add([&](Pair* copy) {
        const auto first = copy->events.begin() + static_cast<std::ptrdiff_t>(begin);
        copy->events.erase(first, first + static_cast<std::ptrdiff_t>(length));
      });
    }
  }
  for (PatternText& pattern : SmallerPatterns(pair.pattern)) {
    if (!SameSources(pair, pair.pattern, pattern)) continue;
    add([&](Pair* copy) { copy->pattern = std::move(pattern); });
  }
  for (std::size_t i = 0; i < pair.others.size(); ++i) {
    const auto place = static_cast<std::ptrdiff_t>(i);
    add([&](Pair* copy) { copy->others.erase(copy->others.begin() + place); });
    for (PatternText& pattern : SmallerPatterns(pair.others[i])) {
      if (!SameSources(pair, pair.others[i], pattern)) continue;
      add([&](Pair* copy) { copy->others[i] = std::move(pattern); });
    }
  }
  const Limits usual;
  if (pair.limits.open_runs_per_key != usual.open_runs_per_key) {
    add([&](Pair* copy) { copy->limits.open_runs_per_key = usual.open_runs_per_key; });
  }
  if (pair.limits.bound_events != usual.bound_events) {
    add([&](Pair* copy) { copy->limits.bound_events = usual.bound_events; });
  }
  if (pair.limits.window_events != usual.window_events) {
    add([&](Pair* copy) { copy->limits.window_events = usual.window_events; });
  }
  if (pair.limits.distinct_values != usual.distinct_values) {
    add([&](Pair* copy) { copy->limits.distinct_values = usual.distinct_values; });
  }
  if (!pair.events.empty() && pair.at_end != pair.events.back().ts) {
    add([](Pair* copy) { copy->at_end = copy->events.back().ts; });
  }
  for (std::size_t i = 0; i < pair.events.size(); ++i) {
    for (std::size_t j = 0; j < pair.events[i].fields.size(); ++j) {
      add([&](Pair* copy) {
        auto& fields = copy->events[i].fields;
        fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(j));
      });
    }
  }
  return smaller;
}

}  // namespace

std::vector<PatternText> SmallerPatterns(const PatternText& pattern) {
  std::vector<PatternText> smaller;
  const auto add = [&](auto edit) { smaller.push_back(With(pattern, edit)); };
  for (std::size_t i = 0; i < pattern.fields.size(); ++i) {
    add([i](PatternText* copy) {
      copy->fields.erase(copy->fields.begin() + static_cast<std::ptrdiff_t>(i));
    });
  }
  for (std::size_t i = 0; i < pattern.derives.size(); ++i) {
    add([i](PatternText* copy) {
      copy->derives.erase(copy->derives.begin() + static_cast<std::ptrdiff_t>(i));
    });
  }
  if (!pattern.message.empty()) add([](PatternText* copy) { copy->message.clear(); });
  if (!pattern.exceptions.empty()) add([](PatternText* copy) { copy->exceptions.clear(); });
  if (!pattern.features.empty()) {
    add([](PatternText* copy) { copy->features.pop_back(); });
    add([](PatternText* copy) { copy->features.erase(copy->features.begin()); });
  }
  for (std::size_t at = 0; at < pattern.more.size();) {
    const std::size_t end = pattern.more.find('\n', at) + 1;
    add([at, end](PatternText* copy) { copy->more.erase(at, end - at); });
    at = end;
  }
  if (pattern.unless) add([](PatternText* copy) { copy->unless.reset(); });
  if (!pattern.where.empty()) add([](PatternText* copy) { copy->where.clear(); });
  for (std::vector<ElementText>& elements : SmallerSequences(pattern.elements)) {
    add([&](PatternText* copy) { copy->elements = std::move(elements); });
  }
  if (pattern.unless) {
    for (const StepText& step : SmallerSteps(*pattern.unless)) {
      add([&](PatternText* copy) { copy->unless = step; });
    }
  }
  if (!pattern.within.empty()) add([](PatternText* copy) { copy->within.clear(); });
  if (!pattern.skip.empty()) add([](PatternText* copy) { copy->skip.clear(); });
  if (!pattern.skip.empty() && pattern.skip != "none")
    add([](PatternText* copy) { copy->skip = "none"; });
  if (pattern.timeout_alerts) add([](PatternText* copy) { copy->timeout_alerts = false; });
  if (pattern.from != "s") add([](PatternText* copy) { copy->from = "s"; });
  return smaller;
}

Pair Shrink(Pair pair, const std::function<bool(const Pair&)>& fails, int attempts_max) {
  bool smaller = true;
  while (smaller) {
    smaller = false;
    for (Pair& candidate : SmallerPairs(pair)) {
      if (attempts_max-- <= 0) return pair;
      if (!fails(candidate)) continue;
      pair = std::move(candidate);
      smaller = true;
      break;
    }
  }
  return pair;
}

}  // namespace shrike::oracle
