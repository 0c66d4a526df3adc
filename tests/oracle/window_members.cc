#include "tests/oracle/window_members.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tests/oracle/evaluator.h"

namespace shrike::oracle {
namespace {

using nfa::WindowFunction;
using nfa::WindowKind;
using nfa::WindowSpec;

constexpr DurationMs kDay = 86'400'000;

// The number of the aligned interval that holds `ts`. 1970-01-01 was a Thursday; whole weeks begin on Mondays.
std::int64_t IntervalOf(TimestampMs ts, DurationMs length) {
  const TimestampMs shifted = ts + (length % (7 * kDay) == 0 ? 3 * kDay : 0);
  const std::int64_t quotient = shifted / length;
  return shifted % length < 0 ? quotient - 1 : quotient;
}

Scope ScopeAt(const WindowReading& reading, std::size_t event) {
  static const std::vector<Binding> kNothing;
  return {.rule = nullptr,
          .history = reading.history,
          .bound = &kNothing,
          .key = reading.key,
          .current = event,
          .moment = AtEvent(*reading.history, event)};
}

std::vector<Datum> GroupOf(const WindowSpec& window, const WindowReading& reading,
                           std::size_t index) {
  std::vector<Datum> group;
  for (const int column : window.by)
    group.push_back(ColumnOf(reading.history->events[index], column));
  return group;
}

// Walks over the counted events before `end`. Returns the groups that are remembered, least recently seen first; calls
// lose(group, event) where one makes room.
template <typename F>
std::vector<LostGroup> WalkGroups(const WindowSpec& window, const WindowReading& reading,
                                  std::size_t end, const F& lose) {
  std::vector<LostGroup> groups;
  const auto most = static_cast<std::size_t>(reading.history->limits.distinct_values);
  for (std::size_t i = 0; i < end; ++i) {
    if (!Counts(window, reading, i)) continue;
    const std::vector<Datum> group = GroupOf(window, reading, i);
    std::erase_if(groups, [&](const LostGroup& other) { return Same(other.group, group); });
    groups.push_back({.group = group, .newest = i});
    if (groups.size() <= most) continue;
    lose(groups.front(), i);
    groups.erase(groups.begin());
  }
  return groups;
}

// The counted events of the reading's group, without those that were lost with it.
std::vector<std::size_t> GroupEvents(const WindowSpec& window, const WindowReading& reading) {
  std::size_t begin = 0;
  if (!window.by.empty()) {
    WalkGroups(window, reading, reading.moment.end, [&](const LostGroup& lost, std::size_t at) {
      if (Same(lost.group, reading.group)) begin = at;
    });
  }
  std::vector<std::size_t> events;
  for (std::size_t i = begin; i < reading.moment.end; ++i) {
    if (Counts(window, reading, i) && Same(GroupOf(window, reading, i), reading.group))
      events.push_back(i);
  }
  return events;
}

// The session that is open at the moment: back from its end while the gaps are less than `length`.
std::vector<std::size_t> OpenSession(const std::vector<std::size_t>& counted, DurationMs length,
                                     const WindowReading& reading) {
  std::vector<std::size_t> session;
  TimestampMs next = reading.moment.time;
  for (auto index = counted.rbegin(); index != counted.rend(); ++index) {
    const TimestampMs ts = reading.history->events[*index].ts;
    if (next - ts >= length) break;
    session.insert(session.begin(), *index);
    next = ts;
  }
  return session;
}

// Whether the current event is another than the newest: at a deadline, at the end of a `next not`.
bool IsPast(const WindowReading& reading) {
  return !reading.moment.at_event || reading.current + 1 != reading.moment.end;
}

}  // namespace

bool LeavesCurrentOut(const WindowSpec& window) {
  return window.excluding_current || window.function == WindowFunction::kZscore ||
         window.function == WindowFunction::kNew || window.function == WindowFunction::kSeen;
}

bool RemembersValues(const WindowSpec& window) {
  return window.function == WindowFunction::kDistinct || window.function == WindowFunction::kNew ||
         window.function == WindowFunction::kSeen;
}

bool Counts(const WindowSpec& window, const WindowReading& reading, std::size_t index) {
  const Event& event = reading.history->events[index];
  const std::vector<int>& types = window.event_types;
  if (std::find(types.begin(), types.end(), event.event_type) == types.end()) return false;
  const std::optional<std::vector<Datum>> key = KeyIn(window.sources, event);
  if (!key || !Same(*key, *reading.key)) return false;
  const Scope scope = ScopeAt(reading, index);
  for (const nfa::Expr& exception : window.exceptions) {
    if (Holds(exception, scope)) return false;
  }
  return !window.filter || Holds(*window.filter, scope);
}

std::optional<LostGroup> GroupLostAt(const WindowSpec& window, const WindowReading& reading,
                                     std::size_t index) {
  std::optional<LostGroup> found;
  if (window.by.empty()) return found;
  WalkGroups(window, reading, index + 1, [&](const LostGroup& lost, std::size_t at) {
    if (at == index) found = lost;
  });
  return found;
}

std::vector<std::size_t> EventsInside(const WindowSpec& window, const WindowReading& reading) {
  const std::vector<Event>& events = reading.history->events;
  std::vector<std::size_t> counted = GroupEvents(window, reading);
  std::vector<std::size_t> inside;
  const TimestampMs now = reading.moment.time;
  const auto keep_if = [&](auto in_window) {
    std::copy_if(counted.begin(), counted.end(), std::back_inserter(inside), in_window);
  };
  switch (window.kind) {
    case WindowKind::kSliding:
      keep_if([&](std::size_t i) { return now - events[i].ts < window.length; });
      break;
    case WindowKind::kTumbling:
      keep_if([&](std::size_t i) {
        return IntervalOf(events[i].ts, window.length) == IntervalOf(now, window.length);
      });
      break;
    case WindowKind::kSession:
      return OpenSession(counted, window.length, reading);
    case WindowKind::kLastEvents: {
      if (LeavesCurrentOut(window)) std::erase(counted, reading.current);
      const auto size = static_cast<std::int64_t>(counted.size());
      inside.assign(counted.end() - std::min(size, window.events), counted.end());
    }
  }
  return inside;
}

std::vector<std::size_t> Members(const WindowSpec& window, const WindowReading& reading) {
  std::vector<std::size_t> members = EventsInside(window, reading);
  // 5.15: tumbling and session windows hold no events, nor do those that remember values; but where one that is not
  // the newest is to be left out.
  const bool holds_events = (window.kind == WindowKind::kSliding && !RemembersValues(window)) ||
                            (LeavesCurrentOut(window) && IsPast(reading));
  const auto most = static_cast<std::size_t>(reading.history->limits.window_events);
  if (holds_events && window.kind != WindowKind::kLastEvents && members.size() > most)
    members.erase(members.begin(), members.end() - static_cast<std::ptrdiff_t>(most));
  if (LeavesCurrentOut(window)) std::erase(members, reading.current);
  return members;
}

std::optional<std::vector<Datum>> ValueAt(const WindowSpec& window, const WindowReading& reading,
                                          std::size_t index) {
  std::vector<Datum> tuple;
  for (const nfa::Expr& value : window.values) {
    tuple.push_back(Evaluate(value, ScopeAt(reading, index)));
    if (tuple.back().is_null()) return std::nullopt;
  }
  return tuple;
}

HeldValues ValuesHeld(const WindowSpec& window, const WindowReading& reading) {
  HeldValues held;
  const auto most = static_cast<std::size_t>(reading.history->limits.distinct_values);
  for (const std::size_t index : GroupEvents(window, reading)) {
    held.lost.reset();
    const std::optional<std::vector<Datum>> tuple = ValueAt(window, reading, index);
    if (!tuple) continue;
    HeldValues::Value seen{.tuple = *tuple, .last = index, .before = {}};
    std::erase_if(held.values, [&](const HeldValues::Value& other) {
      if (!Same(other.tuple, *tuple)) return false;
      seen.before = other.last;
      return true;
    });
    held.values.push_back(std::move(seen));
    if (held.values.size() <= most) continue;
    held.lost = held.values.front();
    held.values.erase(held.values.begin());
  }
  return held;
}

std::optional<std::vector<Datum>> KeyIn(const std::vector<nfa::SourceSpec>& sources,
                                        const Event& event) {
  const auto source =
      std::find_if(sources.begin(), sources.end(),
                   [&](const nfa::SourceSpec& spec) { return spec.stream == event.stream; });
  if (source == sources.end()) return std::nullopt;
  std::vector<Datum> key;
  for (const int column : source->key) {
    key.push_back(ColumnOf(event, column));
    if (key.back().is_null()) return std::nullopt;
  }
  return key;
}

}  // namespace shrike::oracle
