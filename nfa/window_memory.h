// WindowMemory: the bytes of one key's windows, one block that grows; places in it are word indices, so that the block
// can move.
//
// What is given up inside stays until the owner copies what lives into a new block (WindowState::Compact). Access is by
// memcpy: any trivially copyable type may stand anywhere.
// Tested by: tests/nfa/window_test.cc.
#ifndef SHRIKE_NFA_WINDOW_MEMORY_H_
#define SHRIKE_NFA_WINDOW_MEMORY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace shrike::nfa {

using Place = std::uint32_t;  // a word index
inline constexpr Place kNoPlace = 0;
inline constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

constexpr std::uint32_t WordsFor(std::size_t bytes) {
  return static_cast<std::uint32_t>((bytes + kWordBytes - 1) / kWordBytes);
}

class WindowMemory {
 public:
  WindowMemory() = default;
  WindowMemory(WindowMemory&& other) noexcept { swap(other); }
  WindowMemory& operator=(WindowMemory&& other) noexcept {
    WindowMemory(std::move(other)).swap(*this);
    return *this;
  }

  bool empty() const { return size_ == 0; }
  void Prefetch() const {
    for (std::uint32_t line = 0; line < std::min<std::uint32_t>(size_, 64); line += 8)
      __builtin_prefetch(words_.get() + line, 1);
  }
  std::uint32_t size() const { return size_; }  // words
  std::size_t capacity_bytes() const { return capacity_ * kWordBytes; }
  void Clear() { WindowMemory().swap(*this); }

  // `words` new words, all zero. Moves the block: pointers into it end here, places stay.
  Place Allocate(std::uint32_t words) {
    const Place at = std::max<std::uint32_t>(size_, 1);  // place 0 means none
    SHRIKE_CHECK(words < UINT32_MAX / 2 - at);
    if (at + words > capacity_) Reserve(std::max(at + words, capacity_ + capacity_ / 4));
    std::memset(words_.get() + at, 0, words * kWordBytes);
    size_ = at + words;
    return at;
  }
  void Reserve(std::uint32_t words) {
    if (words <= capacity_) return;
    std::unique_ptr<std::uint64_t[]> grown(new std::uint64_t[words]);
    if (size_ > 0) std::memcpy(grown.get(), words_.get(), size_ * kWordBytes);
    words_ = std::move(grown);
    capacity_ = words;
  }

  template <typename T>
  T Get(Place at) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(static_cast<void*>(&value), words_.get() + at, sizeof value);
    return value;
  }
  template <typename T>
  void Put(Place at, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(words_.get() + at, &value, sizeof value);
  }

  const unsigned char* bytes(Place at) const {
    return reinterpret_cast<const unsigned char*>(words_.get() + at);
  }
  unsigned char* bytes(Place at) { return reinterpret_cast<unsigned char*>(words_.get() + at); }

  std::string_view text(Place at, std::size_t size) const {
    return {reinterpret_cast<const char*>(words_.get() + at), size};
  }

  // `text` must not point into this block.
  Place AddText(std::string_view text) {
    const Place at = Allocate(WordsFor(text.size()));
    if (!text.empty()) std::memcpy(bytes(at), text.data(), text.size());
    return at;
  }

 private:
  void swap(WindowMemory& other) noexcept {
    words_.swap(other.words_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  std::unique_ptr<std::uint64_t[]> words_;  // words_[capacity_]
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOW_MEMORY_H_
