#include "ingest/dead_letter.h"

namespace shrike::ingest {

std::string_view DeadLetterReasonName(DeadLetterReason reason) {
  switch (reason) {
    case DeadLetterReason::kNone:
      return "none";
    case DeadLetterReason::kTooLarge:
      return "too_large";
    case DeadLetterReason::kInvalidUtf8:
      return "invalid_utf8";
    case DeadLetterReason::kMalformed:
      return "malformed";
    case DeadLetterReason::kTooDeep:
      return "too_deep";
    case DeadLetterReason::kNotObject:
      return "not_an_object";
    case DeadLetterReason::kWrongType:
      return "wrong_type";
    case DeadLetterReason::kDuplicateField:
      return "duplicate_field";
    case DeadLetterReason::kNumberRange:
      return "number_range";
    case DeadLetterReason::kDecimalPlaces:
      return "decimal_places";
    case DeadLetterReason::kBadTimestamp:
      return "bad_timestamp";
    case DeadLetterReason::kBadIp:
      return "bad_ip";
    case DeadLetterReason::kMissingTime:
      return "missing_time";
    case DeadLetterReason::kMissingType:
      return "missing_type";
    case DeadLetterReason::kFutureTime:
      return "future_time";
  }
  return "none";
}

}  // namespace shrike::ingest
