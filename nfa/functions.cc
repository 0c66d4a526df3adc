// Tested by: tests/nfa/functions_test.cc.
#include "nfa/functions.h"

#include <date/tz.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "nfa/key.h"
#include "nfa/operators.h"

namespace shrike::nfa {
namespace {

// Mean Earth radius of the IUGG, km.
constexpr double kEarthRadiusKm = 6371.0088;
constexpr int kFixedPointBits = 74;  // language.md, 4.7

Value IntFromDouble(double v) {
  // 2^63 itself does not fit.
  if (!(v >= -9223372036854775808.0 && v < 9223372036854775808.0)) return Value::Null();
  return Value::Int(static_cast<std::int64_t>(v));
}

Value IntFromWide(Int128 v) {
  if (v > std::numeric_limits<std::int64_t>::max() ||
      v < std::numeric_limits<std::int64_t>::min()) {
    return Value::Null();
  }
  return Value::Int(static_cast<std::int64_t>(v));
}

Value FiniteFloat(double v) { return std::isfinite(v) ? Value::Float(v) : Value::Null(); }

// floor (direction -1), ceil (+1) or half-even round (0) to an int.
Value ToInt(const Value& v, int direction) {
  if (v.kind() == Kind::kInt) return v;
  if (v.kind() == Kind::kFloat) {
    const double f = v.float64();
    return IntFromDouble(direction < 0 ? std::floor(f)
                                       : (direction > 0 ? std::ceil(f) : std::nearbyint(f)));
  }
  const Decimal d = v.decimal();
  if (direction == 0) {
    const std::optional<Decimal> rounded = Rescale(d, 0);
    return rounded ? IntFromWide(rounded->units) : Value::Null();
  }
  const Int128 unit = PowerOfTen(d.scale);
  Int128 q = d.units / unit;
  const Int128 r = d.units % unit;
  if (direction < 0 && r < 0) --q;
  if (direction > 0 && r > 0) ++q;
  return IntFromWide(q);
}

// round(x, n): half to even at n places (n may be negative); the type stays.
Value RoundTo(const Value& v, std::int64_t places) {
  const int n = static_cast<int>(std::clamp<std::int64_t>(places, -38, 38));
  if (v.kind() == Kind::kFloat) {
    const double factor = std::pow(10.0, n);
    const double scaled = v.float64() * factor;
    return std::isfinite(scaled) && factor != 0 ? FiniteFloat(std::nearbyint(scaled) / factor) : v;
  }
  const Decimal d = v.kind() == Kind::kInt ? Decimal{v.int64(), 0} : v.decimal();
  if (n >= d.scale) return v;
  // Rescale rounds to scale 0 at least: for tens and hundreds divide by hand.
  const Int128 unit = PowerOfTen(std::min(d.scale - n, 38));
  Int128 q = d.units / unit;
  const Int128 r = d.units % unit;
  const Int128 twice = (r < 0 ? -r : r);
  if (twice > unit - twice || (twice == unit - twice && q % 2 != 0)) q += d.units < 0 ? -1 : 1;
  Int128 units = 0;
  if (__builtin_mul_overflow(q, unit, &units)) return Value::Null();
  return v.kind() == Kind::kInt ? IntFromWide(units) : Value::Dec({units, d.scale});
}

Value Absolute(const Value& v) {
  switch (v.kind()) {
    case Kind::kFloat:
      return Value::Float(std::fabs(v.float64()));
    case Kind::kDecimal:
      return v.decimal().units < 0 ? Negate(v) : v;
    default:
      return v.int64() < 0 ? Negate(v) : v;
  }
}

// Haversine on the mean sphere.
double GeoKm(const Value* args) {
  constexpr double kRadians = std::numbers::pi / 180.0;
  const double lat1 = ToDouble(args[0]) * kRadians;
  const double lat2 = ToDouble(args[2]) * kRadians;
  const double dlat = lat2 - lat1;
  const double dlon = (ToDouble(args[3]) - ToDouble(args[1])) * kRadians;
  const double s1 = std::sin(dlat / 2);
  const double s2 = std::sin(dlon / 2);
  const double h = s1 * s1 + std::cos(lat1) * std::cos(lat2) * s2 * s2;
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::min(1.0, h)));
}

std::vector<char32_t> CodePoints(std::string_view text) {
  std::vector<char32_t> out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80 ? 1 : (lead < 0xe0 ? 2 : (lead < 0xf0 ? 3 : 4));
    char32_t code = size == 1 ? lead : lead & (0x7f >> size);
    for (std::size_t k = 1; k < size && i + k < text.size(); ++k) {
      code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    }
    out.push_back(code);
    i += size;
  }
  return out;
}

// Levenshtein's distance in code points, with one row of the table.
std::int64_t EditDistance(std::string_view a_text, std::string_view b_text) {
  const std::vector<char32_t> a = CodePoints(a_text);
  const std::vector<char32_t> b = CodePoints(b_text);
  std::vector<std::int64_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<std::int64_t>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::int64_t diagonal = row[0];
    row[0] = static_cast<std::int64_t>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::int64_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

Value ChangeCase(std::string_view text, bool upper, Scratch* scratch) {
  std::string* out = scratch->NewString();
  out->assign(text);
  for (char& c : *out) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return Value::String(*out);
}

Value Split(std::string_view text, std::string_view separator, Scratch* scratch) {
  std::vector<Value>* out = scratch->NewList();
  std::size_t begin = 0;
  while (!separator.empty()) {
    const std::size_t end = text.find(separator, begin);
    if (end == std::string_view::npos) break;
    out->push_back(Value::String(text.substr(begin, end - begin)));
    begin = end + separator.size();
  }
  out->push_back(Value::String(text.substr(begin)));
  return Value::List(out->data(), out->size());
}

Value Concat(const Value* args, std::size_t count, Scratch* scratch) {
  std::string* out = scratch->NewString();
  for (std::size_t i = 0; i < count; ++i) out->append(args[i].string());
  return Value::String(*out);
}

// The civil time of a timestamp in the zone, or UTC without one.
date::local_time<std::chrono::milliseconds> CivilTime(const Value* args, std::size_t count) {
  const date::sys_time<std::chrono::milliseconds> utc{std::chrono::milliseconds(args[0].int64())};
  if (count < 2) return date::local_time<std::chrono::milliseconds>{utc.time_since_epoch()};
  return date::locate_zone(std::string(args[1].string()))->to_local(utc);
}

Value CivilFunction(Function function, const Value* args, std::size_t count, Scratch* scratch) {
  const auto local = CivilTime(args, count);
  const auto day = date::floor<date::days>(local);
  if (function == Function::kHour)
    return Value::Int(date::floor<std::chrono::hours>(local - day).count());
  if (function == Function::kWeekday) {
    return Value::Int(static_cast<std::int64_t>(date::weekday(day).iso_encoding()));
  }
  std::string* out = scratch->NewString();
  *out = date::format("%F", date::year_month_day(day));
  return Value::String(*out);
}

Value Extreme(const Value* args, std::size_t count, bool greatest, Type type) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < count; ++i) {
    const std::optional<int> order = Order(args[i], args[best]);
    if (!order) return Value::Null();
    if (greatest ? *order > 0 : *order < 0) best = i;
  }
  return Convert(args[best], type);
}

Value HashOf(const Value& v) {
  std::string bytes;
  EncodeKeyValue(v, &bytes);
  return Value::Int(static_cast<std::int64_t>(Hash64(bytes)));
}

Value TextFunction(Function function, const Value* args) {
  const std::string_view a = args[0].string();
  const std::string_view b = args[1].string();
  switch (function) {
    case Function::kContains:
      return Value::Bool(a.find(b) != std::string_view::npos);
    case Function::kStartsWith:
      return Value::Bool(a.starts_with(b));
    case Function::kEndsWith:
      return Value::Bool(a.ends_with(b));
    case Function::kLevenshtein:
      return Value::Int(EditDistance(a, b));
    default:
      SHRIKE_CHECK(false);
  }
}

Value NumberFunction(Function function, const Value* args, std::size_t count) {
  switch (function) {
    case Function::kAbs:
      return Absolute(args[0]);
    case Function::kRound:
      return count > 1 ? RoundTo(args[0], args[1].int64()) : ToInt(args[0], 0);
    case Function::kFloor:
      return ToInt(args[0], -1);
    case Function::kCeil:
      return ToInt(args[0], 1);
    case Function::kSqrt:
      return FiniteFloat(std::sqrt(ToDouble(args[0])));
    case Function::kLog:
      return FiniteFloat(std::log(ToDouble(args[0])));
    default:
      SHRIKE_CHECK(false);
  }
}

// The sample's standard deviation: the variance is an exact quotient of integers, rounded once.
Value Stddev(const std::vector<Value>& values) {
  using Wide = boost::multiprecision::int512_t;
  if (values.size() < 2) return Value::Null();
  Wide sum = 0;
  Wide squares = 0;
  int scale = 0;
  bool fixed_point = false;
  for (const Value& v : values) {
    Wide units = 0;
    if (v.kind() == Kind::kFloat) {
      if (!(std::fabs(v.float64()) < 4503599627370496.0))
        return Value::Null();  // 2^52, language.md, 4.7
      const double scaled = std::ldexp(v.float64(), kFixedPointBits);
      units = Wide(std::fabs(scaled) < 9007199254740992.0 ? std::nearbyint(scaled) : scaled);
      fixed_point = true;
    } else if (v.kind() == Kind::kDecimal) {
      units = Wide(v.decimal().units);
      scale = v.decimal().scale;
    } else {
      units = Wide(v.int64());
    }
    sum += units;
    squares += units * units;
  }
  const Wide n = values.size();
  const Wide num = n * squares - sum * sum;
  Wide den = n * (n - 1);
  for (int i = 0; i < 2 * scale; ++i) den *= 10;
  if (num == 0) return Value::Float(0.0);
  // The quotient with 60 bits and a sticky one, so that the conversion to double rounds once.
  const int shift = 60 - static_cast<int>(msb(num)) + static_cast<int>(msb(den));
  using Wider = boost::multiprecision::int1024_t;
  Wider a = num;
  Wider b = den;
  if (shift > 0) a <<= static_cast<unsigned>(shift);
  if (shift < 0) b <<= static_cast<unsigned>(-shift);
  const Wider q = a / b;
  auto bits = static_cast<std::uint64_t>(q);
  if (q * b != a) bits |= 1;
  const double variance =
      std::ldexp(static_cast<double>(bits), -shift - (fixed_point ? 2 * kFixedPointBits : 0));
  return FiniteFloat(std::sqrt(variance));
}

}  // namespace

Value CallFunction(Function function, std::span<const Value> args, Type type, Scratch* scratch) {
  if (std::any_of(args.begin(), args.end(), [](const Value& v) { return v.is_null(); }))
    return Value::Null();
  switch (function) {
    case Function::kLeast:
    case Function::kGreatest:
      return Extreme(args.data(), args.size(), function == Function::kGreatest, type);
    case Function::kLower:
    case Function::kUpper:
      return ChangeCase(args[0].string(), function == Function::kUpper, scratch);
    case Function::kLength:
      return Value::Int(static_cast<std::int64_t>(
          args[0].kind() == Kind::kList ? args[0].list_size() : CountCodePoints(args[0].string())));
    case Function::kContains:
    case Function::kStartsWith:
    case Function::kEndsWith:
    case Function::kLevenshtein:
      return TextFunction(function, args.data());
    case Function::kSplit:
      return Split(args[0].string(), args[1].string(), scratch);
    case Function::kConcat:
      return Concat(args.data(), args.size(), scratch);
    case Function::kGeoKm:
      return FiniteFloat(GeoKm(args.data()));
    case Function::kHour:
    case Function::kWeekday:
    case Function::kDate:
      return CivilFunction(function, args.data(), args.size(), scratch);
    case Function::kHash:
      return HashOf(args[0]);
    case Function::kCidr:
    case Function::kIf:
      SHRIKE_CHECK(false);  // Code does these itself
    default:
      return NumberFunction(function, args.data(), args.size());
  }
}

Value WalkAggregate(Aggregate aggregate, const std::vector<Value>& values, Scratch* scratch) {
  if (aggregate == Aggregate::kStddev) return Stddev(values);
  if (aggregate == Aggregate::kMin || aggregate == Aggregate::kMax) {
    const int side = aggregate == Aggregate::kMin ? -1 : 1;
    Value best;
    for (const Value& v : values) {
      if (best.is_null() || Order(v, best).value_or(0) * side > 0) best = v;
    }
    return best;
  }
  // At most bound_events values: a linear search for each is the simplest that is exact.
  std::vector<Value>* seen = scratch->NewList();
  for (const Value& v : values) {
    const bool known =
        std::any_of(seen->begin(), seen->end(), [&](const Value& s) { return SameValue(s, v); });
    if (!known) seen->push_back(v);
  }
  if (aggregate == Aggregate::kDistinct) return Value::Int(static_cast<std::int64_t>(seen->size()));
  if (seen->size() > kValuesMax) seen->resize(kValuesMax);
  return Value::List(seen->data(), seen->size());
}

}  // namespace shrike::nfa
