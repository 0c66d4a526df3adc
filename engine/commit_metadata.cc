#include "engine/commit_metadata.h"

#include <fmt/format.h>

#include <charconv>

namespace shrike::engine {
namespace {

constexpr std::string_view kVersion = "shrike1";

// Takes the next word of `text`, which one space follows or nothing.
std::string_view TakeWord(std::string_view* text) {
  const std::size_t space = text->find(' ');
  const std::string_view word = text->substr(0, space);
  text->remove_prefix(space == std::string_view::npos ? text->size() : space + 1);
  return word;
}

template <typename T>
bool TakeNumber(std::string_view* text, int base, T* number) {
  const std::string_view word = TakeWord(text);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), *number, base);
  return !word.empty() && error == std::errc() && end == word.data() + word.size();
}

}  // namespace

std::string FormatCommitMetadata(const CommitMetadata& m) {
  return fmt::format("{} {:016x} {} {} {} {} {} {:016x}", kVersion, m.history, m.sequence, m.base,
                     m.next_offset, m.front, m.outputs.count, m.outputs.digest);
}

std::optional<CommitMetadata> ParseCommitMetadata(const std::string_view whole) {
  std::string_view text = whole;
  CommitMetadata m;
  const bool good = TakeWord(&text) == kVersion && TakeNumber(&text, 16, &m.history) &&
                    TakeNumber(&text, 10, &m.sequence) && TakeNumber(&text, 10, &m.base) &&
                    TakeNumber(&text, 10, &m.next_offset) && TakeNumber(&text, 10, &m.front) &&
                    TakeNumber(&text, 10, &m.outputs.count) &&
                    TakeNumber(&text, 16, &m.outputs.digest);
  return good && FormatCommitMetadata(m) == whole ? std::optional(m) : std::nullopt;
}

}  // namespace shrike::engine
