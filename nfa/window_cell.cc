// Tested by: tests/nfa/window_test.cc.
#include "nfa/window_cell.h"

#include <bit>
#include <cstring>

#include "nfa/key.h"

namespace shrike::nfa {
namespace {

static_assert(std::endian::native == std::endian::little);

Cell TextCell(std::string_view bytes, WindowMemory* memory) {
  const Place at = memory->AddText(bytes);
  return static_cast<Cell>(
      static_cast<std::int64_t>(at | static_cast<std::uint64_t>(bytes.size()) << 32));
}

template <typename T>
void AppendRaw(const T& value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

CellKind CellKindOf(Type type) {
  switch (type.kind) {
    case Kind::kDecimal:
      return CellKind::kDecimal;
    case Kind::kFloat:
      return CellKind::kFloat;
    case Kind::kIp:
      return CellKind::kIp;
    case Kind::kString:
    case Kind::kList:
      return CellKind::kText;
    default:
      return CellKind::kInteger;
  }
}

Cell CellOf(const Value& value, std::string* text, WindowMemory* memory) {
  switch (value.kind()) {
    case Kind::kBool:
      return value.boolean() ? 1 : 0;
    case Kind::kDecimal:
      return value.decimal().units;
    case Kind::kFloat:
      return static_cast<Cell>(std::bit_cast<std::int64_t>(value.float64()));
    case Kind::kIp: {
      const IpBytes ip = value.ip();
      Cell cell = 0;
      std::memcpy(&cell, ip.data(), ip.size());
      return cell;
    }
    case Kind::kString:
      return TextCell(value.string(), memory);
    case Kind::kList:
      text->clear();
      for (std::size_t i = 0; i < value.list_size(); ++i)
        EncodeKeyValue(value.list_items()[i], text);
      return TextCell(*text, memory);
    default:
      return value.int64();
  }
}

Value ValueOf(Cell cell, Type type, const WindowMemory& memory) {
  const auto low = static_cast<std::int64_t>(cell);
  switch (type.kind) {
    case Kind::kBool:
      return Value::Bool(low != 0);
    case Kind::kInt:
      return Value::Int(low);
    case Kind::kTimestamp:
      return Value::Timestamp(low);
    case Kind::kDuration:
      return Value::Duration(low);
    case Kind::kDecimal:
      return Value::Dec({cell, type.scale});
    case Kind::kFloat:
      return Value::Float(std::bit_cast<double>(low));
    case Kind::kIp: {
      IpBytes ip;
      std::memcpy(ip.data(), &cell, ip.size());
      return Value::Ip(ip);
    }
    case Kind::kString:
    case Kind::kList: {
      const auto bits = static_cast<std::uint64_t>(low);
      return Value::String(memory.text(static_cast<Place>(bits), bits >> 32));
    }
    case Kind::kNull:
      break;
  }
  return Value::Null();
}

void AppendIdentity(const Value& value, std::string* out) {
  switch (value.kind()) {
    case Kind::kDecimal:
      // Values of one window have one scale; most are small.
      if (CellWidth(value.decimal().units, CellKind::kDecimal) <= 8) {
        AppendRaw(static_cast<std::int64_t>(value.decimal().units), out);
      } else {
        AppendRaw(value.decimal().units, out);
      }
      return;
    case Kind::kFloat:
      AppendRaw(value.float64() == 0 ? 0.0 : value.float64(), out);  // -0.0 == 0.0
      return;
    case Kind::kBool:
      out->push_back(value.boolean() ? '\1' : '\0');
      return;
    case Kind::kIp: {
      const IpBytes ip = value.ip();
      out->append(reinterpret_cast<const char*>(ip.data()), ip.size());
      return;
    }
    case Kind::kString:
      out->append(value.string());
      return;
    default:
      AppendRaw(value.int64(), out);
      return;
  }
}

unsigned CellWidth(Cell cell, CellKind kind) {
  switch (kind) {
    case CellKind::kNone:
      return 0;
    case CellKind::kFloat:
    case CellKind::kText:
      return 8;
    case CellKind::kIp:
      return 16;
    default:
      break;
  }
  const auto fits = [&](int bits) {
    return cell >= -(Cell{1} << (bits - 1)) && cell < Cell{1} << (bits - 1);
  };
  if (fits(8)) return 1;
  if (fits(16)) return 2;
  if (fits(32)) return 4;
  return fits(64) ? 8 : 16;
}

}  // namespace shrike::nfa
