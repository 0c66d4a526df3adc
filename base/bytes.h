// ByteWriter, ByteReader: plain numbers and texts as bytes, for what is stored.
//
// Little endian; nothing is aligned; a text is preceded by its size as 32 bits.
// Tested by: tests/base/bytes_test.cc.
#ifndef SHRIKE_BASE_BYTES_H_
#define SHRIKE_BASE_BYTES_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace shrike {

static_assert(std::endian::native == std::endian::little, "stored bytes are little endian");

// Appends to a string.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <typename T>
  void Add(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out_->append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void AddText(std::string_view text) {
    Add(static_cast<std::uint32_t>(text.size()));
    out_->append(text);
  }

  // What was written so far and before, for sizes that are known only afterwards.
  std::string* out() const { return out_; }

 private:
  std::string* out_;
};

// Reads what a ByteWriter wrote. After a fault ok() is false and everything read is zero. Borrows the bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }
  void Fail() { ok_ = false; }

  template <typename T>
  T Get() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value{};
    if (const std::string_view bytes = Take(sizeof value); !bytes.empty())
      std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
    return value;
  }
  std::string_view GetText() { return Take(Get<std::uint32_t>()); }
  // The next `size` bytes; none, and a fault, if there are fewer.
  std::string_view Take(std::size_t size) {
    if (!ok_ || bytes_.size() < size) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace shrike

#endif  // SHRIKE_BASE_BYTES_H_
