// JsonDecoder: JSON bytes -> typed row, or why not (language.md, section 2 and 5.3).
//
// The verdict (event, skipped, dead letter with its reason) and the time are a function of the bytes, the record's
// timestamp and the stream's configuration, never of the columns in use: every declared field is looked at, and what
// is not declared must be well-formed too (exactly-once.md, 19).
//
// What fits a declared field, null always and absent alike:
//   bool       true, false
//   int        a number without fraction (3, 3.0, 3e2) within 64 bits
//   float      any number within double
//   decimal(s) any number with at most s places; trailing zeros are none
//   string     a string
//   timestamp  by time.unit: a number of ms, s, us or ns (a fraction of a ms is cut towards the past), or for
//              rfc3339 a string
//   duration   a number of ms, as int
//   ip         a string with an IPv4 or IPv6 address
//   list(T)    an array of T and null
// A declared path `a.b` is the member b of the object a; if a is no object, there is no such field.
//
// How: simdjson's first stage finds the tokens and checks UTF-8; one walk over them in document order checks the
// grammar and decodes. Each object's member names are guessed from the last record's (they rarely change), so that a
// name costs one comparison. On-Demand is not used: what it skips it does not check, and its iterator must not be
// touched after an error.
// Budget: 100-200 ns for 240 bytes with 10 fields, no allocation in the steady state (bench/decoder_benchmark.cc).
// Tested by: tests/ingest/json_decoder_test.cc, tests/ingest/json_differential_test.cc, tests/fuzz/event_decoder_fuzzer.cc.
// Next: ingest/reorder.h.
#ifndef SHRIKE_INGEST_JSON_DECODER_H_
#define SHRIKE_INGEST_JSON_DECODER_H_

#include <cstdint>
#include <memory>

#include "base/event.h"
#include "base/schema.h"
#include "ingest/dead_letter.h"
#include "ingest/event_source.h"
#include "ingest/record.h"

namespace shrike::ingest {

enum class DecodeOutcome : std::uint8_t {
  kEvent,
  kSkipped,  // its event type is not in the stream's `types`: counts, moves the watermark, nothing else
  kDeadLetter,
};

struct Decoded {
  DecodeOutcome outcome = DecodeOutcome::kDeadLetter;
  DeadLetterReason reason = DeadLetterReason::kNone;  // of a dead letter
  std::int32_t field = -1;  // of a dead letter: the StreamSchema::fields index at fault, or -1
};

// One stream's decoder. One thread.
class JsonDecoder {
 public:
  // catalog: copied as far as needed. layout: the columns to fill; may be empty.
  JsonDecoder(const Catalog& catalog, int stream, const RowLayout& layout);
  JsonDecoder(JsonDecoder&&) noexcept;
  JsonDecoder& operator=(JsonDecoder&&) noexcept;
  ~JsonDecoder();

  // Copies `raw` into *record and decodes it. For kEvent all of *record but the reorder buffer's part is set, for
  // kSkipped `ts` and no row, for a dead letter position, timestamp and bytes.
  Decoded Decode(const RawRecord& raw, Record* record);

  // Decodes record->bytes again, for another layout of the same stream: the row changes, nothing else.
  Decoded DecodeAgain(Record* record);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_JSON_DECODER_H_
