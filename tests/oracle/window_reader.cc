#include "tests/oracle/window_reader.h"

#include <algorithm>

#include "base/check.h"
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

// Functions that say what the past is to the current event.
bool LeavesCurrentOut(const WindowSpec& window) {
  return window.excluding_current || window.function == WindowFunction::kZscore ||
         window.function == WindowFunction::kNew || window.function == WindowFunction::kSeen;
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

// Whether the event is one that the window counts: type, key, exceptions, `where`, `by`.
bool Counts(const WindowSpec& window, const WindowReading& reading, std::size_t index) {
  const Event& event = reading.history->events[index];
  const std::vector<int>& types = window.event_types;
  if (std::find(types.begin(), types.end(), event.event_type) == types.end()) return false;
  const std::optional<std::vector<Datum>> key = KeyIn(window.sources, event);
  if (!key || !Same(*key, *reading.key)) return false;
  for (std::size_t i = 0; i < window.by.size(); ++i) {
    if (!Same(ColumnOf(event, window.by[i]), reading.group[i])) return false;
  }
  const Scope scope = ScopeAt(reading, index);
  for (const nfa::Expr& exception : window.exceptions) {
    if (Holds(exception, scope)) return false;
  }
  return !window.filter || Holds(*window.filter, scope);
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

// The events in the window, in order.
std::vector<std::size_t> Members(const WindowSpec& window, const WindowReading& reading) {
  const std::vector<Event>& events = reading.history->events;
  std::vector<std::size_t> counted;
  for (std::size_t i = 0; i < reading.moment.end; ++i) {
    if (Counts(window, reading, i)) counted.push_back(i);
  }
  std::vector<std::size_t> members;
  const TimestampMs now = reading.moment.time;
  const auto keep_if = [&](auto inside) {
    std::copy_if(counted.begin(), counted.end(), std::back_inserter(members), inside);
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
      members = OpenSession(counted, window.length, reading);
      break;
    case WindowKind::kLastEvents: {
      if (LeavesCurrentOut(window)) std::erase(counted, reading.current);
      const auto size = static_cast<std::int64_t>(counted.size());
      members.assign(counted.end() - std::min(size, window.events), counted.end());
    }
  }
  if (LeavesCurrentOut(window)) std::erase(members, reading.current);
  return members;
}

// The values of the members; those with a null are left out.
std::vector<std::vector<Datum>> ValuesOf(const WindowSpec& window, const WindowReading& reading) {
  std::vector<std::vector<Datum>> tuples;
  for (const std::size_t index : Members(window, reading)) {
    std::vector<Datum> tuple;
    for (const nfa::Expr& value : window.values) {
      tuple.push_back(Evaluate(value, ScopeAt(reading, index)));
    }
    const bool has_null =
        std::any_of(tuple.begin(), tuple.end(), [](const Datum& datum) { return datum.is_null(); });
    if (!has_null) tuples.push_back(std::move(tuple));
  }
  return tuples;
}

// 4.6: new, as its opposite.
Datum Seen(const std::vector<std::vector<Datum>>& past, const std::vector<Datum>& own) {
  for (const Datum& value : own) {
    if (value.is_null()) return {};
  }
  return MakeBool(std::any_of(past.begin(), past.end(),
                              [&](const std::vector<Datum>& tuple) { return Same(tuple, own); }));
}

// 4.6: zscore, in doubles from the average and the deviation.
Datum Zscore(const std::vector<Datum>& past, const Datum& own) {
  if (own.is_null() || past.size() < 2) return {};
  const Kind mean_kind = own.kind == Kind::kDecimal ? Kind::kDecimal : Kind::kFloat;
  const Datum mean = Aggregated(nfa::Aggregate::kAvg, past, mean_kind);
  const Datum deviation = Aggregated(nfa::Aggregate::kStddev, past, Kind::kFloat);
  if (mean.is_null() || deviation.is_null() || deviation.number == 0) return {};
  return MakeFloat((ToDouble(own) - ToDouble(mean)) / deviation.number);
}

nfa::Aggregate AggregateFor(WindowFunction function) {
  switch (function) {
    case WindowFunction::kSum:
      return nfa::Aggregate::kSum;
    case WindowFunction::kAvg:
      return nfa::Aggregate::kAvg;
    case WindowFunction::kMin:
      return nfa::Aggregate::kMin;
    case WindowFunction::kMax:
      return nfa::Aggregate::kMax;
    case WindowFunction::kStddev:
      return nfa::Aggregate::kStddev;
    default:
      break;
  }
  SHRIKE_CHECK(function == WindowFunction::kDistinct);
  return nfa::Aggregate::kDistinct;
}

}  // namespace

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

Datum ReadWindow(const WindowSpec& window, const WindowReading& reading) {
  if (window.values.empty()) {
    const auto count = static_cast<std::int64_t>(Members(window, reading).size());
    const Datum counted = MakeInteger(Kind::kInt, count);
    return window.function == WindowFunction::kRate ? RateOf({counted}, window.length) : counted;
  }
  const std::vector<std::vector<Datum>> tuples = ValuesOf(window, reading);
  std::vector<Datum> values;
  for (const std::vector<Datum>& tuple : tuples) values.push_back(tuple.front());
  switch (window.function) {
    case WindowFunction::kSeen:
      return Seen(tuples, reading.own);
    case WindowFunction::kNew: {
      const Datum seen = Seen(tuples, reading.own);
      return seen.is_null() ? seen : MakeBool(!seen.boolean);
    }
    case WindowFunction::kZscore:
      return Zscore(values, reading.own.front());
    case WindowFunction::kRate:
      return RateOf(values, window.length);
    case WindowFunction::kFirst:
      return values.empty() ? Datum() : values.front();
    case WindowFunction::kLast:
      return values.empty() ? Datum() : values.back();
    default:
      return Aggregated(AggregateFor(window.function), values, window.type.kind);
  }
}

}  // namespace shrike::oracle
