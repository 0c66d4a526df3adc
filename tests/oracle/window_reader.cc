#include "tests/oracle/window_reader.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "tests/oracle/evaluator.h"

namespace shrike::oracle {
namespace {

using nfa::WindowFunction;
using nfa::WindowSpec;

// The values of the members; those with a null are left out.
std::vector<std::vector<Datum>> ValuesOf(const WindowSpec& window, const WindowReading& reading) {
  std::vector<std::vector<Datum>> tuples;
  for (const std::size_t index : Members(window, reading)) {
    if (std::optional<std::vector<Datum>> tuple = ValueAt(window, reading, index))
      tuples.push_back(std::move(*tuple));
  }
  return tuples;
}

// The remembered values that are inside, each once: seen last in the window, the current event left out where the window
// does so.
std::vector<std::vector<Datum>> RememberedInside(const WindowSpec& window,
                                                 const WindowReading& reading) {
  const std::vector<std::size_t> members = Members(window, reading);
  std::vector<std::vector<Datum>> tuples;
  for (const HeldValues::Value& value : ValuesHeld(window, reading).values) {
    const bool left_out = LeavesCurrentOut(window) && value.last == reading.current;
    const std::optional<std::size_t> sight = left_out ? value.before : value.last;
    if (sight && std::find(members.begin(), members.end(), *sight) != members.end())
      tuples.push_back(value.tuple);
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
    default:
      break;
  }
  SHRIKE_CHECK(function == WindowFunction::kStddev);
  return nfa::Aggregate::kStddev;
}

}  // namespace

Datum ReadWindow(const WindowSpec& window, const WindowReading& reading) {
  if (window.values.empty()) {
    const auto count = static_cast<std::int64_t>(Members(window, reading).size());
    const Datum counted = MakeInteger(Kind::kInt, count);
    return window.function == WindowFunction::kRate ? RateOf({counted}, window.length) : counted;
  }
  const std::vector<std::vector<Datum>> tuples =
      RemembersValues(window) ? RememberedInside(window, reading) : ValuesOf(window, reading);
  std::vector<Datum> values;
  for (const std::vector<Datum>& tuple : tuples) values.push_back(tuple.front());
  switch (window.function) {
    case WindowFunction::kSeen:
      return Seen(tuples, reading.own);
    case WindowFunction::kNew: {
      const Datum seen = Seen(tuples, reading.own);
      return seen.is_null() ? seen : MakeBool(!seen.boolean);
    }
    case WindowFunction::kDistinct:
      return MakeInteger(Kind::kInt, static_cast<std::int64_t>(tuples.size()));
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
