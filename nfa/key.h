// The rule key as bytes: what the engine's key table compares and stores.
//
// Each part is a tag byte (Kind) and its value: strings and lists length-prefixed, numbers as 8 or 16 bytes little
// endian, decimals by number (trailing zeros removed), so that equal keys have equal bytes and no two keys share
// them. Stored in LMDB. Never change.
#ifndef SHRIKE_NFA_KEY_H_
#define SHRIKE_NFA_KEY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/value.h"

namespace shrike::nfa {

// Appends the key of `event` to `out`. columns empty: the global key, no bytes.
// Returns false if a part is null: then the rule does not see the event, and `out` is unspecified.
bool EncodeKey(const std::vector<int>& columns, const Event& event, std::string* out);

// Appends one value of a key. Null has a tag of its own (step keys that are not bound yet).
void EncodeKeyValue(const Value& value, std::string* out);

// The parts of an encoded key; strings borrow from `key`. key: made by EncodeKey (checked).
void DecodeKey(std::string_view key, std::vector<Value>* out);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_KEY_H_
