// A cell: one value that a window holds, as 128 bits, and the value it stands for.
//
// Integers and the units of decimals are the number itself, so that small ones are stored in few bytes; floats are
// their bits, ips their bytes; a string or list is place (low 32 bits) and size of its bytes in the WindowMemory.
// A list is kept as its encoded items (nfa/key.h).
// Tested by: tests/nfa/window_test.cc.
#ifndef SHRIKE_NFA_WINDOW_CELL_H_
#define SHRIKE_NFA_WINDOW_CELL_H_

#include <cstdint>
#include <string>

#include "base/value.h"
#include "nfa/window_memory.h"

namespace shrike::nfa {

using Cell = Int128;

enum class CellKind : std::uint8_t { kNone, kInteger, kDecimal, kFloat, kIp, kText };

CellKind CellKindOf(Type type);

// value: not null, of `type`. text: scratch.
Cell CellOf(const Value& value, std::string* text, WindowMemory* memory);

// Strings borrow from memory, lists come as strings.
Value ValueOf(Cell cell, Type type, const WindowMemory& memory);

// The bytes by which equal values of one type are equal; appended to `out`. value: not null, no list.
void AppendIdentity(const Value& value, std::string* out);

// 1, 2, 4, 8 or 16 bytes that hold the cell.
unsigned CellWidth(Cell cell, CellKind kind);

inline Cell LoadCell(const unsigned char* at, unsigned width) {
  switch (width) {
    case 1:
      return static_cast<std::int8_t>(*at);
    case 2: {
      std::int16_t v = 0;
      std::memcpy(&v, at, sizeof v);
      return v;
    }
    case 4: {
      std::int32_t v = 0;
      std::memcpy(&v, at, sizeof v);
      return v;
    }
    case 8: {
      std::int64_t v = 0;
      std::memcpy(&v, at, sizeof v);
      return v;
    }
    default: {
      Cell v = 0;
      std::memcpy(&v, at, sizeof v);
      return v;
    }
  }
}

inline void StoreCell(Cell cell, unsigned width, unsigned char* at) {
  std::memcpy(at, &cell, width);  // little endian: the low bytes stand first
}

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOW_CELL_H_
