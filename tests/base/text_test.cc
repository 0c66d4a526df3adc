#include <doctest/doctest.h>

#include <simdjson.h>

#include <string>
#include <vector>

#include "base/hash.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "tests/support/random.h"

namespace shrike {
namespace {

TEST_CASE("UTF-8 is checked as simdjson checks it") {
  testing::Random random(testing::SeedFor("utf8"));
  const std::vector<std::string> parts = {"a",
                                          "long enough for a word",
                                          "\xC3\xBC",
                                          "\xE2\x82\xAC",
                                          "\xF0\x9F\x99\x82",
                                          "\xED\x9F\xBF",
                                          "\xEE\x80\x80",
                                          "\xF4\x8F\xBF\xBF"};
  int broken = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (std::size_t n = random.Below(8); n > 0; --n) text += parts[random.Below(parts.size())];
    if (!text.empty() && random.OneIn(2)) {
      text[random.Below(text.size())] = static_cast<char>(random.Next());
    }
    CAPTURE(text);
    const bool valid = simdjson::validate_utf8(text);
    REQUIRE(IsValidUtf8(text) == valid);
    broken += valid ? 0 : 1;
  }
  CHECK(broken > 1'000);
}

TEST_CASE("code points are read, counted and written") {
  struct Row {
    std::string_view text;
    char32_t value;
    int size;
    bool valid;
  };
  const Row rows[] = {
      {"a", 'a', 1, true},
      {"\xC3\xBC", 0xFC, 2, true},
      {"\xE2\x82\xAC", 0x20AC, 3, true},
      {"\xF0\x9F\x99\x82", 0x1F642, 4, true},
      {"\xC0\x80", 0xFFFD, 1, false},          // overlong
      {"\xE0\x80\x80", 0xFFFD, 1, false},      // overlong
      {"\xED\xA0\x80", 0xFFFD, 1, false},      // surrogate
      {"\xF4\x90\x80\x80", 0xFFFD, 1, false},  // above U+10FFFF
      {"\xE2\x82", 0xFFFD, 2, false},          // cut off
      {"\x80", 0xFFFD, 1, false},
      {"\xFF", 0xFFFD, 1, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const CodePoint point = DecodeUtf8(row.text);
    CHECK(point.value == row.value);
    CHECK(point.size == row.size);
    CHECK(point.valid == row.valid);
    std::string written;
    if (row.valid) {
      AppendUtf8(row.value, &written);
      CHECK(written == row.text);
    }
  }
  CHECK(CountCodePoints("gr\xC3\xBC\xC3\x9F\xF0\x9F\x99\x82") == 5);
  CHECK(CountCodePoints("") == 0);
}

TEST_CASE("hashes are those of their standards") {
  CHECK(HexPrefix(Sha256("abc"), 32) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(HexPrefix(Sha256(""), 16) == "e3b0c44298fc1c149afbf4c8996fb924");
  CHECK(Hash64("") == 0x2D06800538D394C2);  // XXH3, 64 bits
  CHECK(Hash64("a") != Hash64("b"));
  CHECK(Hash64("a", 1) != Hash64("a", 2));
}

TEST_CASE("edit distance counts swaps as one") {
  CHECK(EditDistance("amount", "amuont", 9) == 1);
  CHECK(EditDistance("amount", "Amount", 9) == 0);
  CHECK(EditDistance("abc", "", 9) == 3);
  CHECK(EditDistance("kitten", "sitting", 9) == 3);
  CHECK(EditDistance("abcdef", "ghijkl", 3) == 3);
  CHECK(EditDistance(std::string(1000, 'a'), std::string(1000, 'a'), 3) == 3);
}

TEST_CASE("the nearest name is suggested") {
  const std::vector<std::string_view> names = {"amount",   "account", "card", "country",
                                               "merchant", "mcc",     "ip",   "status"};
  struct Row {
    std::string_view word, want;
  };
  const Row rows[] = {
      {"amuont", "amount"},
      {"acount", "account"},
      {"crad", "card"},
      {"contry", "country"},
      {"merchent", "merchant"},
      {"mc", "mcc"},
      {"stats", "status"},
      {"AMOUNT", "amount"},
      {"xyz", ""},
      {"velocity", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.word);
    CHECK(Nearest(row.word, names) == row.want);
  }
  CHECK(DidYouMean("amuont", names) == "did you mean `amount`?");
  CHECK(DidYouMean("xyz", names).empty());
  CHECK(DidYouMean("x", {}).empty());
}

TEST_CASE("nine in ten typos find their word") {
  const std::vector<std::string_view> names = {"amount",   "account",  "card",     "country",
                                               "currency", "merchant", "status",   "customer",
                                               "terminal", "user",     "device",   "severity",
                                               "pattern",  "message",  "suppress", "exceptions"};
  testing::Random random(testing::SeedFor("typos"));
  int found = 0;
  constexpr int kTypos = 5'000;
  for (int i = 0; i < kTypos; ++i) {
    const std::string_view name = names[random.Below(names.size())];
    std::string word(name);
    const std::size_t at = random.Below(word.size());
    const char letter = static_cast<char>('a' + random.Below(26));
    switch (random.Below(4)) {
      case 0:
        word.erase(at, 1);
        break;
      case 1:
        word.insert(at, 1, letter);
        break;
      case 2:
        word[at] = letter;
        break;
      default:
        if (at + 1 < word.size()) std::swap(word[at], word[at + 1]);
        break;
    }
    found += Nearest(word, names) == name ? 1 : 0;
  }
  CHECK(found > kTypos * 9 / 10);
}

}  // namespace
}  // namespace shrike
