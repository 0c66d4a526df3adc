// One outcome as bytes and back: what a suppression window keeps of its first alert.
//
// Numbers are little endian; a value is a tag byte (Kind) and its content, strings and lists with their count before.
// Positions name their topic by index, as nfa::BoundEvent does. Stored in checkpoints. Never change.
// Tested by: tests/alerts/outcome_bytes_test.cc.
#ifndef SHRIKE_ALERTS_OUTCOME_BYTES_H_
#define SHRIKE_ALERTS_OUTCOME_BYTES_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/value.h"
#include "nfa/outcome.h"

namespace shrike::alerts {

// Appends plain numbers and length-prefixed text.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <typename Number>
  void Add(Number number) {
    static_assert(std::endian::native == std::endian::little, "stored bytes are little endian");
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    out_->append(bytes, sizeof bytes);
  }
  void AddText(std::string_view text) {
    Add(static_cast<std::uint32_t>(text.size()));
    out_->append(text);
  }
  // Equal values (SameValue) have equal bytes.
  void AddValue(const Value& value);

 private:
  std::string* out_;
};

// Reads what ByteWriter wrote. After a fault ok() is false and everything read is zero.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

  template <typename Number>
  Number Get() {
    Number number{};
    if (const std::string_view bytes = Take(sizeof number); !bytes.empty()) {
      std::memcpy(&number, bytes.data(), sizeof number);
    }
    return number;
  }
  // Borrows from the bytes.
  std::string_view GetText() { return Take(Get<std::uint32_t>()); }
  // Appends one value to `out->values`, with a copy of its bytes.
  void GetValue(nfa::Outcomes* out);

 private:
  // The next `size` bytes; none, and a fault, if there are fewer.
  std::string_view Take(std::size_t size);
  Value GetScalar(Kind kind);

  std::string_view bytes_;
  bool ok_ = true;
};

// Appends everything of `outcome`, one of `outcomes`, but its rule (an index that the next program may not share), its
// ordinal and what a summary adds.
void AppendOutcomeBytes(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome,
                        std::string* out);

// Appends the outcome, of `rule`, to `out`. False: the bytes are not what AppendOutcomeBytes writes; then `out->items`
// is as before.
bool ReadOutcomeBytes(std::string_view bytes, std::int32_t rule, nfa::Outcomes* out);

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_OUTCOME_BYTES_H_
