// Why a record is no event (language.md, 5.3). A dead letter is written with its place and reason, and moves nothing.
#ifndef SHRIKE_INGEST_DEAD_LETTER_H_
#define SHRIKE_INGEST_DEAD_LETTER_H_

#include <cstdint>
#include <string_view>

namespace shrike::ingest {

// In order of precedence: a record with several faults has the first of the groups below. Of the faults of fields
// the one that comes first in the record counts.
enum class DeadLetterReason : std::uint8_t {
  kNone,
  // The bytes.
  kTooLarge,  // over kRecordBytesMax
  kInvalidUtf8,
  kMalformed,  // no JSON, or something after it; with kTooDeep: whichever comes first in the record
  kTooDeep,    // over kRecordDepthMax; the object itself is depth 1
  kNotObject,
  // A declared field.
  kWrongType,       // another JSON type
  kDuplicateField,  // there twice
  kNumberRange,  // an int beyond 64 bits or with a fraction, a float beyond double, a decimal beyond 128 bits
  kDecimalPlaces,  // more places than declared
  kBadTimestamp,   // no time of the stream's unit, or outside the years 1 to 9999
  kBadIp,
  // The event.
  kMissingTime,  // also: the stream takes the record's timestamp, and the record has none
  kMissingType,
  kFutureTime,  // more than max_future ahead of the record's timestamp
};

// The name that metrics and dead letters bear: "wrong_type". Stable.
std::string_view DeadLetterReasonName(DeadLetterReason reason);

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_DEAD_LETTER_H_
