// Any bytes through the decoder: no crash, the same verdict whatever columns are in use, what nlohmann::json accepts is
// JSON, and the next event is unharmed.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "tests/support/decoder_fixture.h"

namespace shrike::ingest {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool AcceptedByNlohmann(std::string_view bytes, bool* huge_number) {
  *huge_number = false;
  try {
    const nlohmann::json parsed = nlohmann::json::parse(bytes);
    return true;
  } catch (const nlohmann::json::out_of_range&) {
    *huge_number = true;  // well-formed up to there: it says nothing about the rest
  } catch (const nlohmann::json::parse_error&) {
  }
  return false;
}

void CheckAgainstNlohmann(std::string_view bytes, std::string_view verdict) {
  const bool malformed = verdict == "malformed" || verdict == "invalid_utf8";
  if (bytes.size() > kRecordBytesMax || verdict == "too_deep") {
    return;
  }
  // nlohmann takes a zero byte for the end, and skips a byte order mark. JSON has neither.
  if (bytes.find('\0') != std::string_view::npos || bytes.starts_with(kByteOrderMark)) {
    SHRIKE_CHECK(malformed);
    return;
  }
  bool huge_number = false;
  const bool accepted = AcceptedByNlohmann(bytes, &huge_number);
  SHRIKE_CHECK(huge_number || accepted != malformed);
  SHRIKE_CHECK((verdict == "invalid_utf8") == !IsValidUtf8(bytes));
}

void CheckDecoder(std::string_view bytes) {
  static const Catalog catalog = MakeCatalog();
  static DecoderFixture all(catalog);
  static DecoderFixture none(catalog, RowLayout{});
  const std::string verdict = all.Verdict(bytes);
  SHRIKE_CHECK(none.Verdict(bytes) == verdict);
  if (verdict == "event") {
    const std::string row = all.Row();
    SHRIKE_CHECK(all.decoder().DecodeAgain(all.mutable_record()).outcome == DecodeOutcome::kEvent);
    SHRIKE_CHECK(all.Row() == row);
  }
  CheckAgainstNlohmann(bytes, verdict);
  SHRIKE_CHECK(all.Verdict(R"({"i":3,"ts":5})") == "event");
  SHRIKE_CHECK(all.Row() == "i=3");
}

}  // namespace
}  // namespace shrike::ingest

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  shrike::ingest::CheckDecoder({reinterpret_cast<const char*>(data), size});
  return 0;
}
