#include "tests/oracle/functions.h"

#include <date/tz.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/check.h"

namespace shrike::oracle {
namespace {

using nfa::Function;

std::vector<std::string> CodePoints(const std::string& text) {
  std::vector<std::string> points;
  for (const char byte : text) {
    const bool continues = (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
    if (points.empty() || !continues) points.emplace_back();
    points.back().push_back(byte);
  }
  return points;
}

std::string MapAscii(std::string text, char first, char last, int shift) {
  for (char& byte : text) {
    if (byte >= first && byte <= last) byte = static_cast<char>(byte + shift);
  }
  return text;
}

Datum Split(const std::string& text, const std::string& separator) {
  Datum list;
  list.kind = Kind::kList;
  std::size_t begin = 0;
  while (!separator.empty()) {
    const std::size_t end = text.find(separator, begin);
    if (end == std::string::npos) break;
    list.items.push_back(MakeString(text.substr(begin, end - begin)));
    begin = end + separator.size();
  }
  list.items.push_back(MakeString(text.substr(begin)));
  return list;
}

Datum Levenshtein(const std::string& a, const std::string& b) {
  const std::vector<std::string> left = CodePoints(a);
  const std::vector<std::string> right = CodePoints(b);
  std::vector<std::int64_t> row(right.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = static_cast<std::int64_t>(j);
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::int64_t diagonal = row[0];
    row[0] = static_cast<std::int64_t>(i) + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::int64_t substituted = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return MakeInteger(Kind::kInt, row.back());
}

Datum GeoKm(const std::vector<Datum>& args) {
  const double radians = std::acos(-1.0) / 180;
  const double lat1 = ToDouble(args[0]) * radians;
  const double lat2 = ToDouble(args[2]) * radians;
  const double half_lat = (lat2 - lat1) / 2;
  const double half_lon = (ToDouble(args[3]) - ToDouble(args[1])) * radians / 2;
  const double chord = std::sin(half_lat) * std::sin(half_lat) +
                       std::cos(lat1) * std::cos(lat2) * std::sin(half_lon) * std::sin(half_lon);
  constexpr double kEarthRadiusKm = 6371.0088;
  return MakeFloat(2 * kEarthRadiusKm * std::asin(std::min(1.0, std::sqrt(chord))));
}

// The time as a zone's clock shows it; unknown zones are the checker's business.
date::local_time<std::chrono::milliseconds> LocalTime(const std::vector<Datum>& args) {
  const date::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(args[0].integer)};
  if (args.size() < 2) return date::local_time<std::chrono::milliseconds>(time.time_since_epoch());
  try {
    return date::locate_zone(args[1].text)->to_local(time);
  } catch (const std::exception&) {
    SHRIKE_CHECK(!"a zone that does not exist passed the checker");
  }
  return {};
}

Datum Calendar(Function function, const std::vector<Datum>& args) {
  const date::local_time<std::chrono::milliseconds> time = LocalTime(args);
  const date::local_days day = date::floor<date::days>(time);
  if (function == Function::kHour) {
    return MakeInteger(Kind::kInt,
                       std::int64_t{std::chrono::floor<std::chrono::hours>(time - day).count()});
  }
  if (function == Function::kWeekday) {
    return MakeInteger(Kind::kInt, std::int64_t{date::weekday(day).iso_encoding()});
  }
  return MakeString(date::format("%F", day));
}

Datum Absolute(const Datum& value) {
  if (value.kind == Kind::kFloat) return MakeFloat(std::abs(value.number));
  if (value.kind != Kind::kDecimal)
    return MakeInteger(value.kind, value.integer < 0 ? -Int128{value.integer} : value.integer);
  Decimal decimal = value.decimal;
  if (decimal.units < 0) decimal.units = -decimal.units;
  return MakeDecimal(decimal);
}

Datum Best(const std::vector<Datum>& args, int sign) {
  Datum best = args[0];
  for (const Datum& arg : args) {
    if (Compare(arg, best) * sign > 0) best = arg;
  }
  return best;
}

Datum Concat(const std::vector<Datum>& args) {
  std::string text;
  for (const Datum& arg : args) text += ToText(arg);
  return MakeString(text);
}

Datum MathFunction(Function function, const std::vector<Datum>& args) {
  const Datum& value = args[0];
  switch (function) {
    case Function::kAbs:
      return Absolute(value);
    case Function::kFloor:
      return RoundToInt(value, Rounding::kDown);
    case Function::kCeil:
      return RoundToInt(value, Rounding::kUp);
    case Function::kSqrt:
      return MakeFloat(std::sqrt(ToDouble(value)));
    case Function::kLog:
      return MakeFloat(std::log(ToDouble(value)));
    case Function::kLeast:
      return Best(args, -1);
    case Function::kGreatest:
      return Best(args, 1);
    default:
      break;
  }
  SHRIKE_CHECK(function == Function::kRound);
  return args.size() == 1 ? RoundToInt(value, Rounding::kHalfEven)
                          : RoundToPlaces(value, args[1].integer);
}

}  // namespace

Datum CallFunction(Function function, const std::vector<Datum>& args) {
  const Datum& value = args[0];
  switch (function) {
    case Function::kLower:
      return MakeString(MapAscii(value.text, 'A', 'Z', 'a' - 'A'));
    case Function::kUpper:
      return MakeString(MapAscii(value.text, 'a', 'z', 'A' - 'a'));
    case Function::kLength: {
      const std::size_t size =
          value.kind == Kind::kList ? value.items.size() : CodePoints(value.text).size();
      return MakeInteger(Kind::kInt, static_cast<std::int64_t>(size));
    }
    case Function::kContains:
      return MakeBool(value.text.find(args[1].text) != std::string::npos);
    case Function::kStartsWith:
      return MakeBool(value.text.starts_with(args[1].text));
    case Function::kEndsWith:
      return MakeBool(value.text.ends_with(args[1].text));
    case Function::kSplit:
      return Split(value.text, args[1].text);
    case Function::kConcat:
      return Concat(args);
    case Function::kCidr:
      return MakeBool(InCidr(value.ip, args[1].text));
    case Function::kGeoKm:
      return GeoKm(args);
    case Function::kHour:
    case Function::kWeekday:
    case Function::kDate:
      return Calendar(function, args);
    case Function::kLevenshtein:
      return Levenshtein(value.text, args[1].text);
    case Function::kIf:
      return value.kind == Kind::kBool && value.boolean ? args[1] : args[2];
    case Function::kHash:
      SHRIKE_CHECK(!"the oracle knows no hash()");
      return {};
    default:
      return MathFunction(function, args);
  }
}

bool Like(const std::string& text, const std::string& pattern, bool ignore_case) {
  std::string regex = ignore_case ? "(?is)" : "(?s)";
  const std::vector<std::string> points = CodePoints(pattern);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool escape = points[i] == "\\" && i + 1 < points.size();
    if (escape) {
      regex += RE2::QuoteMeta(points[++i]);
    } else if (points[i] == "*") {
      regex += ".*";
    } else if (points[i] == "?") {
      regex += ".";
    } else {
      regex += RE2::QuoteMeta(points[i]);
    }
  }
  return RE2::FullMatch(text, RE2(regex));
}

bool Matches(const std::string& text, const std::string& pattern) {
  return RE2::PartialMatch(text, RE2(pattern));
}

bool InCidr(const IpBytes& ip, const std::string& block) {
  const std::size_t slash = block.find('/');
  const std::string address = block.substr(0, slash);
  const std::optional<IpBytes> base = ParseIp(address);
  if (!base) return false;
  const bool v4 = address.find(':') == std::string::npos;
  int bits = 128;
  if (slash != std::string::npos) {
    std::from_chars(block.data() + slash + 1, block.data() + block.size(), bits);
    if (v4) bits += 96;
  }
  for (int bit = 0; bit < bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if (((ip[byte] ^ (*base)[byte]) & mask) != 0) return false;
  }
  return true;
}

}  // namespace shrike::oracle
