// The checker on texts that are too large, too deep, or nonsense: a diagnostic, in time, never a crash.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "tests/rules/check_fixture.h"

namespace shrike::testing {
namespace {

// macros: m0: BASE, m1: WRAP(m0), ..; WRAP's `@` is the macro before.
std::string MacroChain(int length, std::string_view base, std::string_view wrap) {
  std::string text = "macros:\n  m0: " + std::string(base) + "\n";
  for (int i = 1; i < length; ++i) {
    text += "  m" + std::to_string(i) + ": '";
    for (const char c : wrap) {
      text += c == '@' ? "m" + std::to_string(i - 1) : std::string(1, c);
    }
    text += "'\n";
  }
  return text;
}

std::string WithRule(const std::string& head, const std::string& condition) {
  return head + ConditionText(condition);
}

std::string Repeated(std::string_view text, int count) {
  std::string repeated;
  for (int i = 0; i < count; ++i) repeated += text;
  return repeated;
}

constexpr std::string_view kWords[] = {"a",
                                       "b",
                                       "c",
                                       "txn",
                                       "payout",
                                       "event",
                                       "card",
                                       "amount",
                                       "status",
                                       "tags",
                                       "ip",
                                       "opened",
                                       "wait",
                                       "ok",
                                       "mcc",
                                       "device.os",
                                       "ts",
                                       "a.amount",
                                       "first(a).ts",
                                       "b[0].ip",
                                       "count(c)",
                                       "m",
                                       "big(amount)",
                                       "shops",
                                       "nets",
                                       "1",
                                       "2.50",
                                       "\"x\"",
                                       "\"10.0.0.1\"",
                                       "5m",
                                       "/a+/",
                                       "true",
                                       "null",
                                       "+",
                                       "-",
                                       "*",
                                       "/",
                                       "%",
                                       "==",
                                       "<",
                                       ">=",
                                       "and",
                                       "or",
                                       "not",
                                       "in",
                                       "like",
                                       "matches",
                                       "between",
                                       "is null",
                                       "??",
                                       "(",
                                       ")",
                                       "[",
                                       "]",
                                       ",",
                                       "if(",
                                       "least(",
                                       "sum(",
                                       "over 1h",
                                       "where",
                                       "round(",
                                       "split(",
                                       ":",
                                       "then",
                                       "next",
                                       "every",
                                       "within 1h",
                                       "all(",
                                       "unless",
                                       "{2}",
                                       "{1,}",
                                       "+",
                                       "?",
                                       "until [",
                                       "greedy",
                                       "by",
                                       "from",
                                       "after match skip to first a",
                                       "\n"};

// A pattern of random words: mostly nonsense, sometimes a rule.
std::string RandomPattern(std::mt19937_64* random) {
  const auto pick = [&](std::uint64_t count) { return (*random)() % count; };
  std::string pattern = "from payments by card\n";
  const std::uint64_t length = 1 + pick(12);
  for (std::uint64_t step = 0; step < 1 + length % 4; ++step) {
    if (step > 0) pattern += pick(2) == 0 ? "\nthen " : "\nnext ";
    pattern += std::string(1, static_cast<char>('a' + step)) + ": txn[";
    for (std::uint64_t i = 0; i < length; ++i) {
      pattern += std::string(kWords[pick(std::size(kWords))]) + " ";
    }
    pattern += "]";
    if (pick(3) == 0) pattern += "{2,}";
  }
  return pattern + "\nwithin 1h";
}

// Conditions that parse: random operators over operands of all types, so that the type checker is reached.
std::string RandomExpression(std::mt19937_64* random, int depth) {
  constexpr std::string_view kOperands[] = {"amount",
                                            "fee",
                                            "mcc",
                                            "weight",
                                            "status",
                                            "tags",
                                            "codes",
                                            "ip",
                                            "opened",
                                            "wait",
                                            "ok",
                                            "device.os",
                                            "ts",
                                            "amuont",
                                            "1",
                                            "2.5",
                                            "'x'",
                                            "'::1'",
                                            "5m",
                                            "true",
                                            "null",
                                            "shops",
                                            "nets",
                                            "m",
                                            "[1, 'a']",
                                            "[]",
                                            "a.amount",
                                            "count(a)",
                                            "values(a.status)",
                                            "b.amount",
                                            "n"};
  constexpr std::string_view kBinary[] = {
      "+",  "-",   "*",  "/",  "%",  "==",     "!=",   "<",
      ">=", "and", "or", "??", "in", "not in", "like", "matches"};
  constexpr std::string_view kCalls[] = {"abs",    "round",   "least",  "if",  "coalesce",
                                         "concat", "hour",    "length", "big", "sum",
                                         "hash",   "nothing", "split",  "cidr"};
  const auto pick = [&](std::uint64_t count) { return (*random)() % count; };
  if (depth == 0 || pick(4) == 0) return std::string(kOperands[pick(std::size(kOperands))]);
  const auto inner = [&] { return RandomExpression(random, depth - 1); };
  switch (pick(5)) {
    case 0:
      return "(" + inner() + " between " + inner() + " and " + inner() + ")";
    case 1: {
      std::string call(kCalls[pick(std::size(kCalls))]);
      call += "(" + inner();
      for (std::uint64_t i = pick(3); i > 0; --i) call += ", " + inner();
      return call + ")";
    }
    case 2:
      return "(not (" + inner() + "))";
    default:
      return "(" + inner() + " " + std::string(kBinary[pick(std::size(kBinary))]) + " " + inner() +
             ")";
  }
}

constexpr const char* kHead =
    "lists:\n  shops: [a, 1]\n  nets: { cidr: [10.0.0.0/8] }\n"
    "macros:\n  m: amount > 1\n  big(x): x > 100 or x in shops\n  n: o\n  o: n\n";

std::uint64_t Seed() {
  const char* text = std::getenv("SHRIKE_SEED");
  return text ? std::strtoull(text, nullptr, 10) : 42;
}

}  // namespace

TEST_CASE("macros that double at every level are cut off") {
  const CheckedText checked = CheckText(WithRule(MacroChain(60, "amount", "@ + @"), "m59 > 1"));
  CHECK(Codes(checked.diagnostics) == "E0214");
}

TEST_CASE("between doubles its left side, and is cut off") {
  const CheckedText checked = CheckText(
      WithRule(MacroChain(60, "amount", "if(@ between 1 and 2, 1, 2)"), "m59 between 1 and 2"));
  CHECK(Codes(checked.diagnostics) == "E0214");
}

TEST_CASE("long chains of macros are cut off") {
  const CheckedText checked = CheckText(WithRule(MacroChain(5000, "amount", "@ + 1"), "m4999 > 1"));
  CHECK(Codes(checked.diagnostics) == "E0215");
}

TEST_CASE("a long sum is cut off, a long `and` is not") {
  const std::string sum = "amount" + Repeated(" + 1", 1000) + " > 1";
  CHECK(Codes(CheckText(ConditionText(sum)).diagnostics) == "E0215");
  const std::string conjunction = "ok" + Repeated(" and ok", 1000);
  CHECK(Codes(CheckText(ConditionText(conjunction)).diagnostics).empty());
}

TEST_CASE("a cycle of many macros is told once") {
  std::string macros = MacroChain(3000, "m2999", "@ and ok");
  const CheckedText checked = CheckText(WithRule(macros, "m7 and m2000"));
  CHECK(Codes(checked.diagnostics) == "E0211");
}

// f0 reads f1, f1 reads f2, ..
std::string FeatureChain(int count) {
  std::string text = "features:\n";
  for (int i = 0; i < count; ++i) {
    const std::string next = i + 1 < count ? " + f" + std::to_string(i + 1) : "";
    text += "  f" + std::to_string(i) + ": { from: payments by card, value: 'count(txn over 1h)" +
            next + "' }\n";
  }
  return text + RuleText("from payments by card\ntxn[f0 > 1]");
}

TEST_CASE("long chains of features are cut off") {
  CHECK(Codes(CheckText(FeatureChain(kNestingMax)).diagnostics).empty());
  CHECK(Codes(CheckText(FeatureChain(kNestingMax + 1)).diagnostics) == "E0215");
  CHECK(Codes(CheckText(FeatureChain(5000)).diagnostics).starts_with("E0215 "));
}

TEST_CASE("too many steps") {
  std::string pattern = "from payments by card\ntxn";
  for (int i = 0; i < kStepsPerRuleMax; ++i) pattern += "\nthen txn";
  const Limits limits{.bound_events = 100000};
  const CheckedText checked =
      CheckTexts({RuleText(pattern + "\nwithin 1h")}, TestCatalog(), limits);
  CHECK(Codes(checked.diagnostics) == "E0401");
}

TEST_CASE("the deepest expressions that parse check") {
  std::string condition = "amount > 1";
  for (int i = 0; i < 30; ++i) condition.insert(0, "not (-(amount) > 1 or ").append(")");
  CHECK(Codes(CheckText(ConditionText(condition)).diagnostics).empty());
}

TEST_CASE("random words never crash the checker") {
  std::mt19937_64 random(Seed());
  int clean = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = kHead + RuleText(RandomPattern(&random));
    INFO("seed " << Seed() << " case " << i << "\n" << text);
    const CheckedText checked = CheckText(text);
    // A mistake in a macro that the rule uses stands at the macro.
    const bool refused = checked.set.spec.rules.empty();
    bool error = false;
    for (const Diagnostic& diagnostic : checked.diagnostics) {
      error |= diagnostic.severity == DiagnosticSeverity::kError && diagnostic.line > 9;
    }
    REQUIRE(refused == error);
    clean += refused ? 0 : 1;
  }
  CHECK(clean < 2000);
}

TEST_CASE("random expressions never crash the checker") {
  std::mt19937_64 random(Seed());
  int clean = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string condition = RandomExpression(&random, 1 + i % 4);
    const std::string text = kHead + RuleText("from payments by card\na: txn then b: payout[" +
                                              condition + "]\nwithin 1h");
    INFO("seed " << Seed() << " case " << i << "\n" << text);
    const CheckedText checked = CheckText(text);
    // The cycle of n and o alone is an error of every text, but of no rule that does not use it.
    clean += checked.set.spec.rules.empty() ? 0 : 1;
    REQUIRE_FALSE(checked.diagnostics.empty());
  }
  CHECK(clean > 100);
}

}  // namespace shrike::testing
