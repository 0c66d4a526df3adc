#include "tools/shrike/rejected_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "base/value.h"
#include "tools/shrike/terminal.h"

namespace shrike::tools {
namespace {

constexpr std::size_t kBytesShownMax = 160;

// RFC 4648, with padding.
void AppendBase64(std::string_view bytes, std::string* out) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t begin = 0; begin < bytes.size(); begin += 3) {
    const std::string_view group = bytes.substr(begin, 3);
    std::uint32_t bits = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      bits = bits << 8 | (index < group.size() ? static_cast<unsigned char>(group[index]) : 0U);
    }
    for (std::size_t digit = 0; digit < 4; ++digit) {
      out->push_back(digit <= group.size() ? kDigits[bits >> (18 - 6 * digit) & 63] : '=');
    }
  }
}

}  // namespace

void AppendRejectedJson(const engine::RejectedRecord& record, std::string_view topic,
                        std::string* out) {
  out->append(R"({"topic":)");
  AppendJsonString(topic, out);
  fmt::format_to(std::back_inserter(*out), R"(,"partition":{},"offset":{},"line":{},"ts":{})",
                 record.position.partition, record.position.offset, record.position.offset + 1,
                 record.ts ? std::to_string(*record.ts) : "null");
  out->append(R"(,"reason":)");
  AppendJsonString(record.reason, out);
  out->append(R"(,"bytes":")");
  AppendBase64(record.bytes, out);
  out->append("\"}");
}

std::string FormatRejected(const engine::RejectedRecord& record, std::string_view topic) {
  const bool cut = record.bytes.size() > kBytesShownMax;
  return fmt::format(
      "{}: {} line {}: {}: {}{}", record.late ? "late event" : "dead letter", EscapeTerminal(topic),
      record.position.offset + 1,
      record.late ? FormatRfc3339(record.ts.value_or(0)) : std::string(record.reason),
      EscapeTerminal(record.bytes.substr(0, kBytesShownMax)), cut ? "..." : "");
}

}  // namespace shrike::tools
