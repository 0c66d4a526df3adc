#include "engine/embedded/log_record.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

#include "base/bytes.h"
#include "base/check.h"

namespace shrike::engine {
namespace {

std::int32_t SizeOf(std::string_view text) {
  SHRIKE_CHECK(text.size() <= std::numeric_limits<std::int32_t>::max());
  return static_cast<std::int32_t>(text.size());
}

std::size_t Present(std::int32_t size) { return static_cast<std::size_t>(std::max(size, 0)); }

}  // namespace

StoredRecord::StoredRecord(const Place& place, const NewRecord& record) : place_(place) {
  std::string headers;
  for (const alerts::OutputHeader& header : record.headers) {
    ByteWriter(&headers).AddText(header.name);
    ByteWriter(&headers).AddText(header.value);
  }
  const std::string_view key = record.key.value_or(std::string_view());
  const std::string_view value = record.value.value_or(std::string_view());
  if (record.key) key_size_ = SizeOf(key);
  if (record.value) value_size_ = SizeOf(value);
  headers_size_ = SizeOf(headers);
  const std::size_t size = key.size() + value.size() + headers.size();
  if (size == 0) return;
  bytes_ = std::make_unique_for_overwrite<char[]>(size);
  char* out = std::copy(key.begin(), key.end(), bytes_.get());
  out = std::copy(value.begin(), value.end(), out);
  std::copy(headers.begin(), headers.end(), out);
}

std::optional<std::string_view> StoredRecord::key() const {
  if (key_size_ == kNone) return std::nullopt;
  return std::string_view(bytes_.get(), Present(key_size_));
}

std::optional<std::string_view> StoredRecord::value() const {
  if (value_size_ == kNone) return std::nullopt;
  return std::string_view(bytes_.get() + Present(key_size_), Present(value_size_));
}

std::vector<alerts::OutputHeader> StoredRecord::headers() const {
  std::vector<alerts::OutputHeader> headers;
  const std::size_t start = Present(key_size_) + Present(value_size_);
  ByteReader reader(std::string_view(bytes_.get() + start, Present(headers_size_)));
  while (!reader.at_end() && reader.ok()) {
    alerts::OutputHeader& header = headers.emplace_back();
    header.name = reader.GetText();
    header.value = reader.GetText();
  }
  SHRIKE_CHECK(reader.ok());
  return headers;
}

}  // namespace shrike::engine
