#include "rules/literals.h"

#include <charconv>
#include <cmath>

#include "rules/types.h"

namespace shrike::rules {
namespace {

std::string WithoutSeparators(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '_') digits += c;
  }
  return digits;
}

std::optional<TypedConstant> IntConstant(std::string_view digits) {
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  TypedConstant result{{}, kIntType};
  result.constant.kind = Kind::kInt;
  result.constant.integer = value;
  return result;
}

std::optional<TypedConstant> FloatConstant(std::string_view digits) {
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  TypedConstant result{{}, kFloatType};
  result.constant.kind = Kind::kFloat;
  result.constant.number = value;
  return result;
}

std::optional<TypedConstant> DecimalConstant(std::string_view digits) {
  const std::size_t point = digits.find('.');
  const std::size_t places = point == std::string_view::npos ? 0 : digits.size() - point - 1;
  if (places > static_cast<std::size_t>(kDecimalScaleMax)) return std::nullopt;
  const std::optional<Decimal> value = ParseDecimal(digits, static_cast<int>(places));
  if (!value) return std::nullopt;
  const std::optional<Decimal> scaled = RescaleExact(*value, static_cast<int>(places));
  if (!scaled) return std::nullopt;
  TypedConstant result{{}, DecimalType(scaled->scale)};
  result.constant.kind = Kind::kDecimal;
  result.constant.decimal = *scaled;
  return result;
}

TypedConstant IntegerOf(Kind kind, std::int64_t value) {
  TypedConstant result{{}, Type{kind, 0, Kind::kNull}};
  result.constant.kind = kind;
  result.constant.integer = value;
  return result;
}

}  // namespace

std::optional<TypedConstant> NumberConstant(std::string_view text, Type type) {
  const std::string digits = WithoutSeparators(text);
  const bool point = digits.find('.') != std::string::npos;
  if (type.kind == Kind::kDecimal) return DecimalConstant(digits);
  if (type.kind == Kind::kFloat || point) return FloatConstant(digits);
  return IntConstant(digits);
}

std::optional<TypedConstant> StringConstant(std::string_view text, Type type) {
  if (type.kind == Kind::kTimestamp) {
    const std::optional<TimestampMs> time = ParseRfc3339(text);
    return time ? std::optional(IntegerOf(Kind::kTimestamp, *time)) : std::nullopt;
  }
  if (type.kind == Kind::kIp) {
    const std::optional<IpBytes> ip = ParseIp(text);
    if (!ip) return std::nullopt;
    TypedConstant result{{}, kIpType};
    result.constant.kind = Kind::kIp;
    result.constant.ip = *ip;
    return result;
  }
  TypedConstant result{{}, kStringType};
  result.constant.kind = Kind::kString;
  result.constant.text = std::string(text);
  return result;
}

std::optional<TypedConstant> ListItemConstant(std::string_view text, Type type) {
  switch (type.kind) {
    case Kind::kInt:
    case Kind::kFloat:
    case Kind::kDecimal:
      return NumberConstant(text, type);
    case Kind::kBool:
      if (text == "true") return BoolConstant(true);
      return text == "false" ? std::optional(BoolConstant(false)) : std::nullopt;
    case Kind::kDuration: {
      const std::optional<DurationMs> length = ParseDuration(text);
      return length ? std::optional(DurationConstant(*length)) : std::nullopt;
    }
    default:
      return StringConstant(text, type);
  }
}

TypedConstant NullConstant(Type type) { return {{}, type}; }

TypedConstant BoolConstant(bool value) {
  TypedConstant result{{}, kBoolType};
  result.constant.kind = Kind::kBool;
  result.constant.boolean = value;
  return result;
}

TypedConstant DurationConstant(DurationMs value) { return IntegerOf(Kind::kDuration, value); }

std::optional<std::string> NormalCidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  if (!ParseIp(address)) return std::nullopt;
  const int length_max = address.find(':') == std::string_view::npos ? 32 : 128;
  if (slash == std::string_view::npos) {
    return std::string(address) + "/" + std::to_string(length_max);
  }
  const std::string_view digits = text.substr(slash + 1);
  int length = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, length);
  if (error != std::errc() || stop != end || length < 0 || length > length_max) return std::nullopt;
  return std::string(address) + "/" + std::to_string(length);
}

}  // namespace shrike::rules
