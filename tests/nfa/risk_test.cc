// The risk of a key: language.md, 4.13.
#include "nfa/risk.h"

#include <doctest/doctest.h>

#include <string>

namespace shrike::nfa {
namespace {

TEST_CASE("risk halves") {
  RiskLedger ledger;
  CHECK(ledger.Read(100, 10).float64() == 0);
  CHECK(ledger.Add({100, 70}, 10, 3));
  CHECK(ledger.Add({110, 30}, 10, 3));
  CHECK(ledger.Read(100, 10).float64() == 0);  // only alerts before
  CHECK(ledger.Read(110, 10).float64() == 35);
  CHECK(ledger.Read(120, 10).float64() == 17.5 + 15);
  CHECK(ledger.Expires(10) == 110 + 11000);
  CHECK(ledger.Read(ledger.Expires(10), 10).float64() == 0);
}

TEST_CASE("the oldest alert goes at the limit, and what counts nothing any more") {
  RiskLedger ledger;
  CHECK(ledger.Add({0, 1}, 10, 2));
  CHECK(ledger.Add({10, 2}, 10, 2));
  CHECK_FALSE(ledger.Add({20, 4}, 10, 2));
  CHECK(ledger.Read(30, 10).float64() == 0.5 + 2);
  CHECK(ledger.Add({20'000, 8}, 10, 2));
  CHECK(ledger.Add({20'000, 8}, 10, 2));
  CHECK(ledger.Read(20'010, 10).float64() == 8);
}

TEST_CASE("a ledger comes back from its bytes") {
  RiskLedger ledger;
  ledger.Add({5, 7}, 10, 9);
  ledger.Add({6, 8}, 10, 9);
  std::string bytes;
  ledger.AppendBytes(&bytes);
  RiskLedger back;
  REQUIRE(back.FromBytes(bytes));
  CHECK(back.Read(9, 10).float64() == ledger.Read(9, 10).float64());
  CHECK_FALSE(back.FromBytes(bytes.substr(1)));
  CHECK_FALSE(back.FromBytes(bytes.substr(16) + bytes.substr(0, 16)));
}

}  // namespace
}  // namespace shrike::nfa
