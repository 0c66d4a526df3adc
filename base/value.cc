#include "base/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"

namespace shrike {
namespace {

constexpr std::array<std::pair<Kind, std::string_view>, 8> kScalarKinds = {{
    {Kind::kBool, "bool"},
    {Kind::kInt, "int"},
    {Kind::kFloat, "float"},
    {Kind::kDecimal, "decimal"},
    {Kind::kString, "string"},
    {Kind::kTimestamp, "timestamp"},
    {Kind::kDuration, "duration"},
    {Kind::kIp, "ip"},
}};

std::string FormatScalar(Kind kind, int scale) {
  for (const auto& [candidate, name] : kScalarKinds) {
    if (candidate == kind) {
      std::string text(name);
      if (kind == Kind::kDecimal && scale != kDecimalScaleDefault) {
        text += "(" + std::to_string(scale) + ")";
      }
      return text;
    }
  }
  return "null";
}

bool TakeAround(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix) || !text->ends_with(')')) {
    return false;
  }
  text->remove_prefix(prefix.size());
  text->remove_suffix(1);
  return true;
}

std::optional<Type> ParseScalarType(std::string_view text) {
  if (TakeAround(&text, "decimal(")) {
    if (text.size() != 1 || text[0] < '0' || text[0] > '0' + kDecimalScaleFieldMax) {
      return std::nullopt;
    }
    return Type{Kind::kDecimal, static_cast<std::uint8_t>(text[0] - '0')};
  }
  for (const auto& [kind, name] : kScalarKinds) {
    if (name == text) {
      const int scale = kind == Kind::kDecimal ? kDecimalScaleDefault : 0;
      return Type{kind, static_cast<std::uint8_t>(scale)};
    }
  }
  return std::nullopt;
}

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

// 1 to 3 digits up to 255, without leading zeros.
std::optional<std::uint8_t> TakeOctet(std::string_view* text) {
  unsigned value = 0;
  std::size_t digits = 0;
  for (; digits < text->size() && (*text)[digits] >= '0' && (*text)[digits] <= '9'; ++digits) {
    value = value * 10 + static_cast<unsigned>((*text)[digits] - '0');
    if (value > 255) {
      return std::nullopt;
    }
  }
  if (digits == 0 || (digits > 1 && (*text)[0] == '0')) {
    return std::nullopt;
  }
  text->remove_prefix(digits);
  return static_cast<std::uint8_t>(value);
}

bool ParseIpv4(std::string_view text, std::uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) {
        return false;
      }
      text.remove_prefix(1);
    }
    const std::optional<std::uint8_t> octet = TakeOctet(&text);
    if (!octet) {
      return false;
    }
    out[i] = *octet;
  }
  return text.empty();
}

// RFC 4291, 2.2: eight groups, one run of zeros as "::", the last two perhaps as IPv4. Takes the text part by part.
class Ipv6Reader {
 public:
  explicit Ipv6Reader(std::string_view text) : text_(text) {}

  std::optional<IpBytes> Read() {
    if (text_.starts_with("::") && !TakeGap()) {
      return std::nullopt;
    }
    while (!text_.empty()) {
      if (filled_ + 4 <= ip_.size() && ParseIpv4(text_, ip_.data() + filled_)) {
        filled_ += 4;
        break;
      }
      if (!TakeGroup() || !TakeSeparator()) {
        return std::nullopt;
      }
    }
    return Finish();
  }

 private:
  // One to four hex digits.
  bool TakeGroup() {
    unsigned value = 0;
    const char* const begin = text_.data();
    const char* const end = begin + std::min<std::size_t>(4, text_.size());
    const std::from_chars_result read = std::from_chars(begin, end, value, 16);
    if (read.ec != std::errc() || filled_ + 2 > ip_.size()) {
      return false;
    }
    text_.remove_prefix(static_cast<std::size_t>(read.ptr - begin));
    ip_[filled_++] = static_cast<std::uint8_t>(value >> 8);
    ip_[filled_++] = static_cast<std::uint8_t>(value & 0xFF);
    return true;
  }

  // What stands between two groups, or nothing at the end.
  bool TakeSeparator() {
    if (text_.starts_with("::")) {
      return TakeGap();
    }
    if (text_.size() > 1 && text_[0] == ':') {
      text_.remove_prefix(1);
      return true;
    }
    return text_.empty();
  }

  bool TakeGap() {
    text_.remove_prefix(2);
    const bool first = gap_ == kNoGap;
    gap_ = filled_;
    return first;
  }

  // Moves what stands behind the gap to the end.
  std::optional<IpBytes> Finish() {
    if (gap_ == kNoGap) {
      return filled_ == ip_.size() ? std::optional(ip_) : std::nullopt;
    }
    if (filled_ + 2 > ip_.size()) {
      return std::nullopt;  // "::" stands for at least one group
    }
    std::rotate(ip_.begin() + static_cast<std::ptrdiff_t>(gap_),
                ip_.begin() + static_cast<std::ptrdiff_t>(filled_), ip_.end());
    return ip_;
  }

  static constexpr std::size_t kNoGap = 17;

  std::string_view text_;
  IpBytes ip_{};
  std::size_t filled_ = 0;    // bytes
  std::size_t gap_ = kNoGap;  // where "::" stands, in bytes
};

// The first longest run of at least two zero groups: [begin, begin + size) of 8.
struct ZeroRun {
  int begin = -1;
  int size = 1;
};

int Group(const IpBytes& ip, int i) {
  const std::size_t at = 2 * static_cast<std::size_t>(i);
  return ip[at] << 8 | ip[at + 1];
}

ZeroRun LongestZeroRun(const IpBytes& ip) {
  ZeroRun best;
  for (int begin = 0; begin < 8; ++begin) {
    int end = begin;
    while (end < 8 && Group(ip, end) == 0) {
      ++end;
    }
    if (end - begin > best.size) {
      best = {begin, end - begin};
    }
  }
  return best;
}

std::string FormatIpv6(const IpBytes& ip) {
  const ZeroRun zeros = LongestZeroRun(ip);
  std::string text;
  for (int i = 0; i < 8; ++i) {
    if (i == zeros.begin) {
      text += "::";
      i += zeros.size - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with(':')) {
      text.push_back(':');
    }
    std::array<char, 4> digits{};
    const std::to_chars_result end =
        std::to_chars(digits.data(), digits.data() + digits.size(), Group(ip, i), 16);
    text.append(digits.data(), end.ptr);
  }
  return text;
}

void AppendInt(std::int64_t value, std::string* out) {
  std::array<char, 24> text{};
  const std::to_chars_result end = std::to_chars(text.data(), text.data() + text.size(), value);
  out->append(text.data(), end.ptr);
}

// Would change what the reader sees of the text around it (terminals, logs, editors).
bool IsControlOrBidi(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void AppendEscape(char32_t c, std::string* out) {
  switch (c) {
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  *out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out->push_back(kDigits[(c >> shift) & 15]);
  }
}

bool SameList(const Value& a, const Value& b) {
  return a.list_size() == b.list_size() &&
         std::equal(a.list_items(), a.list_items() + a.list_size(), b.list_items(), SameValue);
}

bool IsPlainAscii(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

}  // namespace

std::string FormatType(Type type) {
  if (type.kind == Kind::kList) {
    return "list(" + FormatScalar(type.element, type.scale) + ")";
  }
  return FormatScalar(type.kind, type.scale);
}

std::optional<Type> ParseType(std::string_view text) {
  if (!TakeAround(&text, "list(")) {
    return ParseScalarType(text);
  }
  const std::optional<Type> element = ParseScalarType(text);
  if (!element) {
    return std::nullopt;
  }
  return Type{Kind::kList, element->scale, element->kind};
}

std::optional<IpBytes> ParseIp(std::string_view text) {
  IpBytes ip{};
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin());
  if (ParseIpv4(text, ip.data() + kMappedPrefix.size())) {
    return ip;
  }
  return Ipv6Reader(text).Read();
}

std::string FormatIp(const IpBytes& ip) {
  if (!std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin())) {
    return FormatIpv6(ip);
  }
  std::string text;
  for (std::size_t i = kMappedPrefix.size(); i < ip.size(); ++i) {
    if (!text.empty()) {
      text.push_back('.');
    }
    AppendInt(ip[i], &text);
  }
  return text;
}

bool SameValue(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) {
    return false;
  }
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.boolean() == b.boolean();
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      return a.int64() == b.int64();
    case Kind::kFloat:
      return a.float64() == b.float64();
    case Kind::kDecimal:
      return CompareDecimal(a.decimal(), b.decimal()) == 0;
    case Kind::kString:
      return a.string() == b.string();
    case Kind::kIp:
      return a.ip() == b.ip();
    case Kind::kList:
      return SameList(a, b);
  }
  return false;
}

void AppendText(const Value& value, std::string* out) {
  switch (value.kind()) {
    case Kind::kString:
      *out += value.string();
      return;
    case Kind::kIp:
      *out += FormatIp(value.ip());
      return;
    case Kind::kTimestamp:
      *out += FormatRfc3339(value.int64());
      return;
    default:
      AppendJson(value, out);
      return;
  }
}

void AppendJson(const Value& value, std::string* out) {
  switch (value.kind()) {
    case Kind::kNull:
      *out += "null";
      return;
    case Kind::kBool:
      *out += value.boolean() ? "true" : "false";
      return;
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      AppendInt(value.int64(), out);
      return;
    case Kind::kFloat:
      AppendDouble(value.float64(), out);
      return;
    case Kind::kDecimal:
      *out += FormatDecimal(value.decimal());
      return;
    case Kind::kString:
      AppendJsonString(value.string(), out);
      return;
    case Kind::kIp:
      AppendJsonString(FormatIp(value.ip()), out);
      return;
    case Kind::kList:
      break;
  }
  out->push_back('[');
  for (std::size_t i = 0; i < value.list_size(); ++i) {
    const Value& item = value.list_items()[i];
    SHRIKE_CHECK(item.kind() != Kind::kList);  // Lists do not nest, so the recursion is one deep.
    if (i > 0) {
      out->push_back(',');
    }
    AppendJson(item, out);
  }
  out->push_back(']');
}

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), IsPlainAscii) - text.begin());
    out->append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) {
      break;
    }
    const CodePoint next = DecodeUtf8(text);
    if (next.value == '"' || next.value == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(next.value));
    } else if (IsControlOrBidi(next.value)) {
      AppendEscape(next.value, out);
    } else {
      AppendUtf8(next.value, out);
    }
    text.remove_prefix(next.size);
  }
  out->push_back('"');
}

void AppendDouble(double value, std::string* out) {
  if (!std::isfinite(value)) {
    *out += "null";
    return;
  }
  if (std::fabs(value) <= 0x1p53 && std::trunc(value) == value) {
    AppendInt(static_cast<std::int64_t>(value), out);  // also -0.0
    return;
  }
  std::array<char, 32> text{};
  const std::to_chars_result end = std::to_chars(text.data(), text.data() + text.size(), value);
  out->append(text.data(), end.ptr);
}

}  // namespace shrike
