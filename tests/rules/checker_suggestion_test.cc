// Misspelt names: the right one is suggested for at least 90 % of typos of one edit (interfaces.md).
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/rules/check_fixture.h"

namespace shrike::testing {
namespace {

// One letter inserted, deleted, replaced, or swapped with the next.
std::string OneEdit(std::string word, std::mt19937_64* random) {
  const std::size_t at = (*random)() % word.size();
  const char letter = static_cast<char>('a' + (*random)() % 26);
  switch ((*random)() % 4) {
    case 0:
      return word.insert(at, 1, letter);
    case 1:
      return word.erase(at, 1);
    case 2:
      word[at] = letter;
      return word;
    default:
      if (at + 1 < word.size()) std::swap(word[at], word[at + 1]);
      return word;
  }
}

struct Row {
  std::string_view word;
  std::string_view before;  // the pattern around it
  std::string_view after;
};

constexpr Row kRows[] = {
    {"payments", "from ", " by card\ntxn"},
    {"account", "from payments by ", "\ntxn"},
    {"payout", "from payments by card\n", ""},
    {"amount", "from payments by card\ntxn[", " is null]"},
    {"status", "from payments by card\ntxn[", " is null]"},
    {"currency", "from payments by card\ntxn[", " is null]"},
    {"weight", "from payments by card\ntxn[", " is null]"},
    {"opened", "from payments by card\ntxn[", " is null]"},
    {"device.os", "from payments by card\ntxn[", " is null]"},
    {"probe.amount", "from payments by card\nprobe: txn then txn[", " is null]\nwithin 1h"},
    {"probe", "from payments by card\nprobe: txn then txn[count(", ") > 1]\nwithin 1h"},
    {"levenshtein", "from payments by card\ntxn[", "(status, \"a\") > 1]"},
    {"length", "from payments by card\ntxn[", "(status) > 1]"},
    {"geo_km", "from payments by card\ntxn[", "(1, 2, 3, 4) > 1]"},
    {"distinct", "from payments by card\ntxn[", "(status over 1h) > 1]"},
};

}  // namespace

TEST_CASE("typos of one edit get the right suggestion") {
  const char* seed_text = std::getenv("SHRIKE_SEED");
  const std::uint64_t seed = seed_text ? std::strtoull(seed_text, nullptr, 10) : 7;
  std::mt19937_64 random(seed);
  int typos = 0;
  int right = 0;
  std::string wrong;
  for (const Row& row : kRows) {
    for (int i = 0; i < 20; ++i) {
      const std::string typo = OneEdit(std::string(row.word), &random);
      if (typo == row.word) continue;
      const std::string pattern = std::string(row.before) + typo + std::string(row.after);
      const CheckedText checked = CheckText(RuleText(pattern));
      // An edit may make another name, a reserved word or no word at all.
      const std::string codes = Codes(checked.diagnostics);
      if (codes.empty() || codes.starts_with("E01") || codes.starts_with("W")) continue;
      ++typos;
      const std::string want = "did you mean `" + std::string(row.word) + "`?";
      const bool member = row.word.find('.') != std::string_view::npos;
      const std::string& got = checked.diagnostics[0].suggestion;
      // The field behind a step's right name is suggested alone.
      const bool good = got == want || (member && got == "did you mean `amount`?");
      right += good ? 1 : 0;
      if (!good) wrong += typo + " (" + std::string(row.word) + "): " + got + "\n";
    }
  }
  INFO("seed " << seed << ", " << right << " of " << typos << "\n" << wrong);
  CHECK(typos > 200);
  CHECK(right * 10 >= typos * 9);
}

}  // namespace shrike::testing
