// JsonCursor: goes through the tokens of one JSON text in order and checks the grammar (RFC 8259) as it goes.
//
// Take..: consumes what it is named for; false: something else is there, and the text is no JSON. Check..: the same for
// what nobody wants the value of. After a false the cursor is of no more use until the next Start.
// The short steps are in the header: they are the decoder's hot path.
// Tested by: tests/ingest/json_decoder_test.cc.
#ifndef SHRIKE_INGEST_JSON_CURSOR_H_
#define SHRIKE_INGEST_JSON_CURSOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "ingest/json_scalar.h"

namespace shrike::ingest {

// One thread; used for one text after the other.
class JsonCursor {
 public:
  // tokens: JsonTokens::Find(bytes), not null. Both borrowed.
  void Start(std::string_view bytes, const std::uint32_t* tokens) {
    bytes_ = bytes;
    next_ = tokens;
    has_escapes_ = bytes.find('\\') != std::string_view::npos;
    depth_ = 0;
    too_deep_ = false;
  }

  bool AtEnd() const { return *next_ == bytes_.size(); }
  // '\0' at the end.
  char Peek() const { return AtEnd() ? '\0' : bytes_[*next_]; }
  bool NextIs(char c) const { return !AtEnd() && bytes_[*next_] == c; }
  // The text from the next token on.
  std::string_view Rest() const { return bytes_.substr(*next_); }
  // count: tokens that are known to be there.
  void Skip(int count) { next_ += count; }

  bool Take(char c) {
    const bool is = NextIs(c);
    next_ += is ? 1 : 0;
    return is;
  }

  // One more object or array is open; false: too deep (kRecordDepthMax), which too_deep() tells from then on.
  bool Enter() {
    too_deep_ = depth_ == kRecordDepthMax;
    depth_ += too_deep_ ? 0 : 1;
    return !too_deep_;
  }
  void Leave() { --depth_; }
  int depth() const { return depth_; }
  bool too_deep() const { return too_deep_; }

  // A string's text between the quotes, escapes and all.
  bool TakeString(std::string_view* raw) {
    const std::size_t begin = *next_;
    if (!NextIs('"')) {
      return false;
    }
    ++next_;
    // Only white space stands between the closing quote and the next token.
    std::size_t end = *next_ - 1;
    while (end > begin && IsSpace(bytes_[end])) {
      --end;
    }
    if (end == begin || bytes_[end] != '"') {
      return false;
    }
    *raw = bytes_.substr(begin + 1, end - begin - 1);
    return true;
  }

  // One search of the whole text spares most of them a search of each string.
  bool HasEscape(std::string_view raw) const {
    return has_escapes_ && raw.find('\\') != std::string_view::npos;
  }

  bool TakeNumber(NumberToken* number) {
    if (!ScanNumber(Rest(), number) || !EndsAt(*next_ + number->text.size())) {
      return false;
    }
    ++next_;
    return true;
  }

  // true, false or null.
  bool TakeWord(std::string_view word) {
    if (!Rest().starts_with(word) || !EndsAt(*next_ + word.size())) {
      return false;
    }
    ++next_;
    return true;
  }

  // A member's name, decoded, and its colon. Valid until the next call.
  bool TakeName(std::string_view* name);

  // Any value.
  bool CheckValue();

 private:
  // What CheckValue has open, by the character that closes it.
  struct OpenContainers {
    std::array<char, kRecordDepthMax> stack;
    int count = 0;

    char closing() const { return stack[static_cast<std::size_t>(count - 1)]; }
    void Push(char c) { stack[static_cast<std::size_t>(count++)] = c; }
  };

  static bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  // May a number or a word end before `offset`? The grammar around it is checked token by token.
  bool EndsAt(std::size_t offset) const {
    if (offset == bytes_.size()) {
      return true;
    }
    const char c = bytes_[offset];
    return c == ',' || c == '}' || c == ']' || c == ':' || c == '{' || c == '[' || IsSpace(c);
  }

  bool CheckOpening(OpenContainers* open, bool* complete);
  bool CheckScalar();
  bool CheckName();

  std::string_view bytes_;
  const std::uint32_t* next_ =
      nullptr;                // the token that comes next; behind the last: bytes_.size()
  bool has_escapes_ = false;  // there is a backslash somewhere
  int depth_ = 0;             // open objects and arrays, but for those of CheckValue
  bool too_deep_ = false;
  std::string name_buffer_;
};

}  // namespace shrike::ingest

#endif  // SHRIKE_INGEST_JSON_CURSOR_H_
