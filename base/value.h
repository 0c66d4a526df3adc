// Type and Value: what a field, a literal or an expression can be (language.md, section 2).
// Tested by: tests/base/value_test.cc.
#ifndef SHRIKE_BASE_VALUE_H_
#define SHRIKE_BASE_VALUE_H_

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/decimal.h"
#include "base/time.h"

namespace shrike {

// Stored in key states. Never renumber.
enum class Kind : std::uint8_t {
  kNull = 0,
  kBool = 1,
  kInt = 2,
  kFloat = 3,
  kDecimal = 4,
  kString = 5,
  kTimestamp = 6,
  kDuration = 7,
  kIp = 8,
  kList = 9,
};

// A static type. `scale` only for decimals, `element` (and its scale) only for lists; lists do not nest.
struct Type {
  Kind kind = Kind::kNull;
  std::uint8_t scale = 0;
  Kind element = Kind::kNull;

  friend bool operator==(const Type&, const Type&) = default;
};

// "int", "decimal(2)", "list(string)"; a decimal of the default scale is "decimal".
std::string FormatType(Type type);
// The same text back; nullopt if it is no type of the language.
std::optional<Type> ParseType(std::string_view text);

// 16 bytes in network order; an IPv4 address is IPv4-mapped (::ffff:a.b.c.d).
using IpBytes = std::array<std::uint8_t, 16>;
std::optional<IpBytes> ParseIp(std::string_view text);
std::string FormatIp(const IpBytes& ip);  // RFC 5952; a mapped address as a.b.c.d

// One value. 24 bytes, trivially copyable. Strings and lists are borrowed: whoever makes the Value says how long
// their bytes live (an Event's live as long as its record; a Program's constants as long as the Program).
class Value {
 public:
  Value() = default;
  static Value Null() { return {}; }
  static Value Bool(bool v) { return Value(Kind::kBool, v ? 1 : 0, 0); }
  static Value Int(std::int64_t v) { return Value(Kind::kInt, std::bit_cast<std::uint64_t>(v), 0); }
  static Value Float(double v) { return Value(Kind::kFloat, std::bit_cast<std::uint64_t>(v), 0); }
  static Value Timestamp(TimestampMs v) {
    return Value(Kind::kTimestamp, std::bit_cast<std::uint64_t>(v), 0);
  }
  static Value Duration(DurationMs v) {
    return Value(Kind::kDuration, std::bit_cast<std::uint64_t>(v), 0);
  }
  static Value Dec(Decimal v) {
    Value r(Kind::kDecimal, static_cast<std::uint64_t>(v.units),
            static_cast<std::uint64_t>(static_cast<UInt128>(v.units) >> 64));
    r.scale_ = v.scale;
    return r;
  }
  static Value String(std::string_view v) {
    return Value(Kind::kString, reinterpret_cast<std::uintptr_t>(v.data()), v.size());
  }
  static Value Ip(const IpBytes& v) {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, v.data(), 8);
    std::memcpy(&b, v.data() + 8, 8);
    return Value(Kind::kIp, a, b);
  }
  // items[count], borrowed.
  static Value List(const Value* items, std::size_t count) {
    return Value(Kind::kList, reinterpret_cast<std::uintptr_t>(items), count);
  }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  // Each getter needs its own kind; int64() serves int, timestamp and duration.
  bool boolean() const { return a_ != 0; }
  std::int64_t int64() const { return std::bit_cast<std::int64_t>(a_); }
  double float64() const { return std::bit_cast<double>(a_); }
  Decimal decimal() const {
    return {static_cast<Int128>((static_cast<UInt128>(b_) << 64) | a_), scale_};
  }
  std::string_view string() const {
    return {reinterpret_cast<const char*>(static_cast<std::uintptr_t>(a_)),
            static_cast<std::size_t>(b_)};
  }
  IpBytes ip() const {
    IpBytes v;
    std::memcpy(v.data(), &a_, 8);
    std::memcpy(v.data() + 8, &b_, 8);
    return v;
  }
  const Value* list_items() const {
    return reinterpret_cast<const Value*>(static_cast<std::uintptr_t>(a_));
  }
  std::size_t list_size() const { return static_cast<std::size_t>(b_); }

 private:
  Value(Kind kind, std::uint64_t a, std::uint64_t b) : a_(a), b_(b), kind_(kind) {}

  std::uint64_t a_ = 0;
  std::uint64_t b_ = 0;
  Kind kind_ = Kind::kNull;
  std::uint8_t scale_ = 0;
};

// Identity, not the language's `==`: same kind and same value (decimals by number, floats by value, null = null).
bool SameValue(const Value& a, const Value& b);

// The value as messages and subjects show it: ints plain, floats shortest round trip, decimals without trailing
// zeros, strings as they are, times RFC 3339, durations in ms, null as "null", lists as JSON.
void AppendText(const Value& value, std::string* out);

// The value as JSON (interfaces.md, "Alert"): timestamps and durations as ms, ips as text.
void AppendJson(const Value& value, std::string* out);

// `text` as a JSON string with quotes; control and bidi characters are escaped, invalid UTF-8 becomes U+FFFD.
void AppendJsonString(std::string_view text, std::string* out);

// Shortest text that reads back as the same double; -0.0 is "0"; integral values without a fraction up to 2^53.
void AppendDouble(double value, std::string* out);

}  // namespace shrike

#endif  // SHRIKE_BASE_VALUE_H_
