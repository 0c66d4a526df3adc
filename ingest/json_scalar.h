// The scalars of JSON (RFC 8259): numbers and strings checked by the grammar and turned into values.
//
// Pure functions over borrowed text, no allocation but where `out` grows. Tested by: tests/ingest/json_scalar_test.cc.
#ifndef SHRIKE_INGEST_JSON_SCALAR_H_
#define SHRIKE_INGEST_JSON_SCALAR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/schema.h"
#include "base/value.h"
#include "ingest/dead_letter.h"

namespace shrike::ingest {

// A number as written. `exact`: its digits, without the point, are `mantissa`, and there is no exponent.
struct NumberToken {
  std::string_view text;
  std::uint64_t mantissa = 0;
  int fraction_digits = 0;
  bool negative = false;
  bool exact = false;
};

// The number that `text` begins with. Returns false if it is none by the grammar; what follows it is not looked at.
bool ScanNumber(std::string_view text, NumberToken* number);

// Each sets *value and returns kNone, or says why the number does not fit (see ingest/json_decoder.h).
DeadLetterReason ReadInt(const NumberToken& number, std::int64_t* value);
DeadLetterReason ReadFloat(const NumberToken& number, double* value);
DeadLetterReason ReadDecimal(const NumberToken& number, int scale, Decimal* value);
// unit: not kRfc3339.
DeadLetterReason ReadTime(const NumberToken& number, TimeUnit unit, TimestampMs* value);

// The text between the quotes of a string that has escapes, decoded and appended to *out (null: only checked).
// Returns false for an escape that JSON does not have, and for half of a surrogate pair.
bool Unescape(std::string_view raw, std::string* out);

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_JSON_SCALAR_H_
