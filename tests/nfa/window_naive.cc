#include "tests/nfa/window_naive.h"

#include <algorithm>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

#include "nfa/operators.h"

namespace shrike::nfa {
namespace {

using Whole = boost::multiprecision::cpp_int;
using Big = boost::multiprecision::cpp_bin_float_100;

std::string Json(const Value& value) {
  std::string text;
  AppendJson(value, &text);
  return text;
}

bool Same(const Value& a, const Value& b) { return SameValue(a, b); }

Whole UnitsOf(const Value& value) {
  switch (value.kind()) {
    case Kind::kFloat:
      return Whole(std::nearbyint(std::ldexp(value.float64(), 40))) *
             (Whole(1) << 34);  // the test's floats have at most 40 binary places
    case Kind::kDecimal: {
      const auto units = static_cast<std::int64_t>(value.decimal().units);
      return units;
    }
    default:
      return value.int64();
  }
}

Big ScaleOf(Type type) {
  if (type.kind == Kind::kFloat) return Big(Whole(1) << 74);
  Big scale = 1;
  for (int i = 0; type.kind == Kind::kDecimal && i < type.scale; ++i) scale *= 10;
  return scale;
}

std::int64_t RoundHalfEven(const Big& value) {
  const Big down = floor(value);
  const Big rest = value - down;
  auto whole = static_cast<std::int64_t>(down);
  if (rest > 0.5 || (rest == 0.5 && whole % 2 != 0)) ++whole;
  return whole;
}

struct Sums {
  Whole sum = 0;
  Whole squares = 0;
  int count = 0;
};

Value Total(const Sums& sums, Type type) {
  if (type.kind == Kind::kFloat)
    return Value::Float(static_cast<double>(Big(sums.sum) / ScaleOf(type)));
  const auto units = static_cast<std::int64_t>(sums.sum);
  if (type.kind == Kind::kDecimal) return Value::Dec({units, type.scale});
  return type.kind == Kind::kDuration ? Value::Duration(units) : Value::Int(units);
}

Value Average(const Sums& sums, Type type) {
  if (sums.count == 0) return Value::Null();
  const Big average = Big(sums.sum) / ScaleOf(type) / sums.count;
  if (type.kind == Kind::kDecimal) return Value::Dec({RoundHalfEven(average * 1000000000), 9});
  if (type.kind == Kind::kDuration) return Value::Duration(RoundHalfEven(average));
  return Value::Float(static_cast<double>(average));
}

Value Deviation(const Sums& sums, Type type) {
  if (sums.count < 2) return Value::Null();
  const Whole spread = sums.squares * sums.count - sums.sum * sums.sum;
  const Big variance = Big(spread) / ScaleOf(type) / ScaleOf(type) / sums.count / (sums.count - 1);
  return Value::Float(std::sqrt(static_cast<double>(variance)));
}

TimestampMs StartOfTumbling(TimestampMs time, DurationMs length) {
  const TimestampMs origin = length % 604'800'000 == 0 ? -3 * 86'400'000 : 0;
  return origin + static_cast<TimestampMs>(std::floor(static_cast<long double>(time - origin) /
                                                      static_cast<long double>(length))) *
                      length;
}

}  // namespace

Value NaiveWindows::ValueOf(const Expr& expr, const Event& event) {
  switch (expr.op) {
    case Op::kField:
      return expr.column == kTimeColumn ? Value::Timestamp(event.ts) : event.row[expr.column];
    case Op::kConstant:
      return Value::Int(expr.constant.integer);
    case Op::kMultiply:
      return Arithmetic(expr.op, ValueOf(expr.args[0], event), ValueOf(expr.args[1], event));
    default:
      return Compare(expr.op, ValueOf(expr.args[0], event), ValueOf(expr.args[1], event));
  }
}

std::vector<std::size_t> NaiveWindows::Inside(const WindowSpec& window, std::size_t count,
                                              const NaiveReading& at) const {
  const auto holds = [](const Expr& expr, const Event& event) {
    const Value value = ValueOf(expr, event);
    return !value.is_null() && value.boolean();
  };
  const bool excluding = window.excluding_current || window.function == WindowFunction::kZscore ||
                         window.function == WindowFunction::kNew ||
                         window.function == WindowFunction::kSeen;
  std::vector<std::size_t> seen;
  for (std::size_t i = 0; i < count; ++i) {
    const Event& event = events_[i];
    bool fits =
        std::count(window.event_types.begin(), window.event_types.end(), event.event_type) != 0;
    for (const Expr& exception : window.exceptions) fits = fits && !holds(exception, event);
    fits = fits && (!window.filter || holds(*window.filter, event));
    for (const int column : window.by)
      fits = fits && Same(event.row[column], events_[at.current].row[column]);
    if (fits) seen.push_back(i);
  }
  const auto leave_out = [&] {
    if (excluding) std::erase(seen, at.current);
  };
  if (window.kind == WindowKind::kLastEvents) {
    leave_out();
    const auto most = static_cast<std::size_t>(window.events);
    if (seen.size() > most)
      seen.erase(seen.begin(), seen.end() - static_cast<std::ptrdiff_t>(most));
    return seen;
  }
  TimestampMs start = at.time - window.length + 1;
  if (window.kind == WindowKind::kTumbling) start = StartOfTumbling(at.time, window.length);
  if (window.kind == WindowKind::kSession) {
    start = at.time;
    for (std::size_t i = seen.size(); i-- > 0;) {
      if (start - events_[seen[i]].ts >= window.length) break;
      start = events_[seen[i]].ts;
    }
  }
  std::erase_if(seen, [&](std::size_t i) { return events_[i].ts < start; });
  // The last event may have come too long ago for the session to be open.
  if (window.kind == WindowKind::kSession && !seen.empty() &&
      at.time - events_[seen.back()].ts >= window.length) {
    seen.clear();
  }
  leave_out();
  return seen;
}

std::string NaiveWindows::Read(const WindowSpec& window, std::size_t count,
                               const NaiveReading& at) const {
  const std::vector<std::size_t> inside = Inside(window, count, at);
  const Event& current = events_[at.current];
  if (window.function == WindowFunction::kNew || window.function == WindowFunction::kSeen) {
    bool found = false;
    for (const Expr& value : window.values) {
      if (ValueOf(value, current).is_null()) return "null";
    }
    for (const std::size_t i : inside) {
      found = found || std::all_of(window.values.begin(), window.values.end(), [&](const Expr& e) {
                const Value value = ValueOf(e, events_[i]);
                return !value.is_null() && Same(value, ValueOf(e, current));
              });
    }
    return found == (window.function == WindowFunction::kSeen) ? "true" : "false";
  }
  if (window.values.empty()) {
    const auto events = static_cast<std::int64_t>(inside.size());
    return window.function == WindowFunction::kCount
               ? Json(Value::Int(events))
               : Json(Value::Float(static_cast<double>(Big(events) * 1000 / window.length)));
  }
  const Type type = window.values[0].type;
  std::vector<Value> values;
  Sums sums;
  for (const std::size_t i : inside) {
    const Value value = ValueOf(window.values[0], events_[i]);
    if (value.is_null()) continue;
    values.push_back(value);
    if (type.kind != Kind::kInt && type.kind != Kind::kFloat && type.kind != Kind::kDecimal &&
        type.kind != Kind::kDuration) {
      continue;
    }
    sums.sum += UnitsOf(value);
    sums.squares += UnitsOf(value) * UnitsOf(value);
    ++sums.count;
  }
  switch (window.function) {
    case WindowFunction::kSum:
      return Json(Total(sums, type));
    case WindowFunction::kRate:
      return Json(
          Value::Float(static_cast<double>(Big(sums.sum) * 1000 / ScaleOf(type) / window.length)));
    case WindowFunction::kAvg:
      return Json(Average(sums, type));
    case WindowFunction::kStddev:
      return Json(Deviation(sums, type));
    case WindowFunction::kZscore: {
      const Value deviation = Deviation(sums, type);
      const Value value = ValueOf(window.values[0], current);
      if (value.is_null() || deviation.is_null() || deviation.float64() == 0) return "null";
      return Json(
          Value::Float((ToDouble(value) - ToDouble(Average(sums, type))) / deviation.float64()));
    }
    case WindowFunction::kDistinct: {
      std::vector<Value> distinct;
      for (const Value& value : values) {
        if (std::none_of(distinct.begin(), distinct.end(),
                         [&](const Value& d) { return Same(d, value); })) {
          distinct.push_back(value);
        }
      }
      return Json(Value::Int(static_cast<std::int64_t>(distinct.size())));
    }
    default:
      break;
  }
  if (values.empty()) return "null";
  Value best = values.front();
  for (const Value& value : values) {
    const int order = type.kind == Kind::kList ? 0 : Order(value, best).value_or(0);
    if (window.function == WindowFunction::kMin && order < 0) best = value;
    if (window.function == WindowFunction::kMax && order > 0) best = value;
    if (window.function == WindowFunction::kLast) best = value;
  }
  return Json(best);
}

}  // namespace shrike::nfa
