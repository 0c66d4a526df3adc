// Tested by: tests/nfa/key_test.cc.
#include "nfa/key.h"

#include <bit>
#include <cstring>

#include "base/check.h"

namespace shrike::nfa {
namespace {

void AppendWord(std::uint64_t word, std::string* out) {
  static_assert(std::endian::native == std::endian::little);
  out->append(reinterpret_cast<const char*>(&word), sizeof word);
}

std::uint64_t ReadWord(std::string_view* bytes) {
  SHRIKE_CHECK(bytes->size() >= sizeof(std::uint64_t));
  std::uint64_t word = 0;
  std::memcpy(&word, bytes->data(), sizeof word);
  bytes->remove_prefix(sizeof word);
  return word;
}

// List items follow their count; they are not lists themselves.
Value DecodeOne(std::string_view* bytes) {
  SHRIKE_CHECK(!bytes->empty());
  const auto kind = static_cast<Kind>(bytes->front());
  bytes->remove_prefix(1);
  switch (kind) {
    case Kind::kNull:
      return Value::Null();
    case Kind::kBool:
      return Value::Bool(ReadWord(bytes) != 0);
    case Kind::kInt:
      return Value::Int(static_cast<std::int64_t>(ReadWord(bytes)));
    case Kind::kFloat:
      return Value::Float(std::bit_cast<double>(ReadWord(bytes)));
    case Kind::kTimestamp:
      return Value::Timestamp(static_cast<std::int64_t>(ReadWord(bytes)));
    case Kind::kDuration:
      return Value::Duration(static_cast<std::int64_t>(ReadWord(bytes)));
    case Kind::kDecimal: {
      const std::uint64_t low = ReadWord(bytes);
      const std::uint64_t high = ReadWord(bytes);
      const std::uint64_t scale = ReadWord(bytes);
      return Value::Dec({static_cast<Int128>(static_cast<UInt128>(high) << 64 | low),
                         static_cast<std::uint8_t>(scale)});
    }
    case Kind::kIp: {
      IpBytes ip;
      SHRIKE_CHECK(bytes->size() >= ip.size());
      std::memcpy(ip.data(), bytes->data(), ip.size());
      bytes->remove_prefix(ip.size());
      return Value::Ip(ip);
    }
    case Kind::kString: {
      const std::uint64_t size = ReadWord(bytes);
      SHRIKE_CHECK(bytes->size() >= size);
      const std::string_view text = bytes->substr(0, size);
      bytes->remove_prefix(size);
      return Value::String(text);
    }
    case Kind::kList:
      break;
  }
  SHRIKE_CHECK(false);
}

}  // namespace

void EncodeKeyValue(const Value& value, std::string* out) {
  out->push_back(static_cast<char>(value.kind()));
  switch (value.kind()) {
    case Kind::kNull:
      return;
    case Kind::kBool:
      AppendWord(value.boolean() ? 1 : 0, out);
      return;
    case Kind::kFloat:
      // 0.0 and -0.0 are equal, so they are one key.
      AppendWord(std::bit_cast<std::uint64_t>(value.float64() == 0 ? 0.0 : value.float64()), out);
      return;
    case Kind::kDecimal: {
      const Decimal d = WithoutTrailingZeros(value.decimal());
      AppendWord(static_cast<std::uint64_t>(d.units), out);
      AppendWord(static_cast<std::uint64_t>(static_cast<UInt128>(d.units) >> 64), out);
      AppendWord(d.scale, out);
      return;
    }
    case Kind::kIp: {
      const IpBytes ip = value.ip();
      out->append(reinterpret_cast<const char*>(ip.data()), ip.size());
      return;
    }
    case Kind::kString:
      AppendWord(value.string().size(), out);
      out->append(value.string());
      return;
    case Kind::kList:
      SHRIKE_CHECK(false);  // a list is no key (checked by rules/)
    default:
      AppendWord(static_cast<std::uint64_t>(value.int64()), out);
      return;
  }
}

bool EncodeKey(const std::vector<int>& columns, const Event& event, std::string* out) {
  for (const int column : columns) {
    const Value value = column == -1 ? Value::Timestamp(event.ts) : event.row[column];
    if (value.is_null()) return false;
    EncodeKeyValue(value, out);
  }
  return true;
}

void DecodeKey(std::string_view key, std::vector<Value>* out) {
  out->clear();
  while (!key.empty()) out->push_back(DecodeOne(&key));
}

}  // namespace shrike::nfa
