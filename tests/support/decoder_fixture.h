// What the tests, the fuzzer and the benchmark of the decoder share: a stream of every type, and verdicts as text.
#ifndef SHRIKE_TESTS_SUPPORT_DECODER_FIXTURE_H_
#define SHRIKE_TESTS_SUPPORT_DECODER_FIXTURE_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/schema.h"
#include "ingest/json_decoder.h"

namespace shrike::ingest {

// One stream `s` with fields b i f d (two places) s t u (a duration) ip l (list of ints) m (list of decimals(1)) and
// a.b.c, a.s. The time is `ts`, in ms, not declared as a field.
Catalog MakeCatalog();

// All fields of stream 0.
RowLayout FullLayout(const Catalog& catalog);

// A decoder with its record.
class DecoderFixture {
 public:
  explicit DecoderFixture(const Catalog& catalog) : DecoderFixture(catalog, FullLayout(catalog)) {}
  DecoderFixture(const Catalog& catalog, const RowLayout& layout);

  // "event", "skipped", or "wrong_type i": the reason and the field at fault.
  std::string Verdict(std::string_view bytes, std::optional<TimestampMs> timestamp = std::nullopt);
  // "i=3 s=\"x\"": the fields of the last event that are not null.
  std::string Row() const;

  const Record& record() const { return *record_; }
  Record* mutable_record() { return record_.get(); }
  JsonDecoder& decoder() { return decoder_; }

 private:
  Catalog catalog_;
  RowLayout layout_;
  JsonDecoder decoder_;
  RecordPool pool_;
  RecordPtr record_;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_TESTS_SUPPORT_DECODER_FIXTURE_H_
