// Random patterns over random streams: the oracle and the engine must say the same, to the last field.
//
// SHRIKE_PAIRS: how many pairs (default 10,000). SHRIKE_SEED: the first seed. A failure is
// shrunk and printed as a rule file, its limits and its events.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "nfa/mutants.h"
#include "nfa/program.h"
#include "tests/oracle/engine_run.h"
#include "tests/oracle/generator.h"
#include "tests/oracle/operator_table.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/outcome_reader.h"
#include "tests/oracle/rule_text.h"
#include "tests/oracle/shrinker.h"

namespace shrike::oracle {
namespace {

constexpr std::uint64_t kPairs = 10'000;
constexpr std::size_t kRunsMax = 300;  // wider pairs are left out: the oracle is exponential
constexpr int kShrinkAttempts = 20'000;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Verdict {
  bool judged = false;  // a rule, and not too wide
  std::string refusal;  // why it is no rule
  std::string differences;
  bool match = false;
  bool timeout = false;
};

Verdict Judge(const Pair& pair, nfa::Mutant mutant) {
  const Catalog catalog = GeneratorCatalog(pair.pattern.derives);
  Verdict verdict;
  CheckedText checked =
      CheckRuleText(RuleFileText(pair.pattern), catalog, pair.limits, GeneratorInputs());
  verdict.refusal = checked.errors;
  if (checked.spec.rules.size() != 1) return verdict;
  const EventTable table(catalog, checked.spec.layout, pair.events);
  OracleInput input;
  input.set = &checked.spec;
  input.rules = {&checked.spec.rules[0]};
  input.limits = pair.limits;
  input.events = table.events();
  input.at_end = pair.at_end;
  input.runs_max = kRunsMax;
  const auto expected = RunOracle(input);
  if (!expected) return verdict;
  auto program = nfa::Program::Build(std::move(checked.spec), catalog, pair.limits);
  if (!program) {
    verdict.refusal = program.error().message;
    return verdict;
  }
  verdict.judged = true;
  const auto actual = RunEngine(*program, table.events(), pair.at_end, mutant);
  verdict.differences = Differences(*expected, 0, actual, 0);
  for (const OracleOutcome& outcome : *expected) {
    verdict.match = verdict.match || outcome.kind == nfa::OutcomeKind::kMatch;
    verdict.timeout = verdict.timeout || outcome.kind == nfa::OutcomeKind::kTimeout;
  }
  return verdict;
}

// The smallest pair that still fails, as text.
std::string Report(const Pair& pair, std::uint64_t seed) {
  const auto fails = [](const Pair& candidate) {
    return !Judge(candidate, nfa::Mutant::kNone).differences.empty();
  };
  const Pair small = Shrink(pair, fails, kShrinkAttempts);
  std::string text = "seed " + std::to_string(seed) + ", shrunk:\n" +
                     ConfigurationText(small.pattern.derives) + RuleFileText(small.pattern);
  text += "limits: {open_runs_per_key: " + std::to_string(small.limits.open_runs_per_key) +
          ", bound_events: " + std::to_string(small.limits.bound_events) +
          ", window_events: " + std::to_string(small.limits.window_events) +
          ", distinct_values: " + std::to_string(small.limits.distinct_values) +
          "}\nat_end: " + std::to_string(small.at_end) + "\n";
  const Catalog catalog = GeneratorCatalog();
  for (const RawEvent& event : small.events) {
    const StreamSchema& stream = catalog.streams[static_cast<std::size_t>(event.stream)];
    text += stream.name + " " + ToJson(event, catalog) + "\n";
  }
  return text + Judge(small, nfa::Mutant::kNone).differences;
}

struct Tally {
  std::uint64_t made = 0;
  std::uint64_t refused = 0;
  std::uint64_t judged = 0;
  std::uint64_t matches = 0;
  std::uint64_t timeouts = 0;
  std::map<std::string, std::uint64_t> operators;
  std::map<std::string, std::uint64_t> refusals;  // by code
};

void Count(const Pair& pair, const Verdict& verdict, Tally* tally) {
  ++tally->made;
  if (!verdict.judged && !verdict.refusal.empty()) {
    ++tally->refused;
    ++tally->refusals[verdict.refusal.substr(0, verdict.refusal.find(' '))];
  }
  if (!verdict.judged) return;
  ++tally->judged;
  tally->matches += verdict.match ? 1 : 0;
  tally->timeouts += verdict.timeout ? 1 : 0;
  for (const std::string& name : OperatorsOf(pair)) ++tally->operators[name];
}

void Print(const Tally& tally, std::uint64_t seed) {
  std::cout << "differential: seed " << seed << ", " << tally.judged << " pairs judged of "
            << tally.made << " made (" << tally.refused << " refused";
  for (const auto& [code, count] : tally.refusals) std::cout << ", " << code << " " << count;
  std::cout << "), " << tally.matches << " with a match, " << tally.timeouts << " with a timeout\n";
  int column = 0;
  for (const std::string& name : AllOperators()) {
    const auto found = tally.operators.find(name);
    const std::string cell =
        name + " " + std::to_string(found == tally.operators.end() ? 0 : found->second);
    std::cout << cell << std::string(cell.size() < 24 ? 24 - cell.size() : 1, ' ')
              << (++column % 4 == 0 ? "\n" : "");
  }
  std::cout << "\n" << std::flush;
}

TEST_CASE("the engine says what the oracle says") {
  const std::uint64_t pairs = FromEnvironment("SHRIKE_PAIRS", kPairs);
  const std::uint64_t first_seed = FromEnvironment("SHRIKE_SEED", 1);
  Tally tally;
  int failures = 0;
  for (std::uint64_t seed = first_seed; tally.judged < pairs; ++seed) {
    const Pair pair = MakePair(seed);
    const Verdict verdict = Judge(pair, nfa::Mutant::kNone);
    Count(pair, verdict, &tally);
    REQUIRE(tally.made < 4 * pairs + 100);
    if (verdict.differences.empty()) continue;
    FAIL_CHECK(Report(pair, seed));
    if (++failures == 3) break;
  }
  Print(tally, first_seed);
  if (failures > 0 || pairs < 1'000) return;
  CHECK(tally.matches * 4 >= tally.judged);
  CHECK(tally.timeouts * 10 >= tally.judged);
  for (const std::string& name : AllOperators()) {
    CHECK_MESSAGE(tally.operators[name] * 20 >= tally.judged, name);
  }
}

TEST_CASE("every mutant of the matcher is caught") {
  struct Row {
    nfa::Mutant mutant;
    const char* name;
  };
  constexpr Row kRows[] = {
      {nfa::Mutant::kWithinClosed, "within closed"},
      {nfa::Mutant::kNextSkipsOthers, "next skips others"},
      {nfa::Mutant::kSkipKeepsCandidates, "skip keeps candidates"},
      {nfa::Mutant::kGreedyKeepsExits, "greedy keeps exits"},
      {nfa::Mutant::kNotLosesTie, "not loses the tie"},
      {nfa::Mutant::kTimeoutAfterMatch, "timeout after match"},
  };
  const std::uint64_t first_seed = FromEnvironment("SHRIKE_SEED", 1);
  for (const Row& row : kRows) {
    std::uint64_t seed = first_seed;
    const std::uint64_t end = first_seed + kPairs;
    while (seed < end && Judge(MakePair(seed), row.mutant).differences.empty()) ++seed;
    CHECK_MESSAGE(seed < end, row.name);
    std::cout << "mutant `" << row.name << "`: caught by pair " << seed - first_seed + 1 << "\n";
  }
}

// Rules with the same streams and keys look at one key state: a text that is the same for them.
std::string GroupOf(const nfa::RuleSpec& rule) {
  std::string text;
  for (const nfa::SourceSpec& source : rule.sources) {
    text += std::to_string(source.stream) + ":";
    for (const int column : source.key) text += std::to_string(column) + ",";
  }
  return text;
}

// 5.10, between rules: by event or deadline, there matches before timeouts, then by rule.
bool InOrder(const std::vector<nfa::RuleSpec>& rules, const std::vector<OracleOutcome>& outcomes) {
  using Rank = std::tuple<TimestampMs, bool, std::size_t, bool, std::size_t>;
  std::map<std::string, Rank> last;  // by group and key
  for (const OracleOutcome& outcome : outcomes) {
    std::string place = GroupOf(rules[outcome.rule]);
    for (const Datum& part : outcome.key) place += "|" + ToText(part);
    const bool timeout = outcome.by_deadline && outcome.kind == nfa::OutcomeKind::kTimeout;
    const Rank rank(outcome.time, !outcome.by_deadline, outcome.by_deadline ? 0 : outcome.event,
                    timeout, outcome.rule);
    const auto [found, added] = last.try_emplace(place, rank);
    if (!added && rank < found->second) return false;
    found->second = rank;
  }
  return true;
}

// Many patterns in one program: sharing conditions, keys and buffers must not change what a rule says.
TEST_CASE("200 rules beside a rule change nothing") {
  constexpr int kRules = 201;
  const Catalog catalog = GeneratorCatalog();
  const Limits limits;
  std::vector<Pair> pairs;
  std::string text = "rules:\n";
  for (std::uint64_t seed = FromEnvironment("SHRIKE_SEED", 1); pairs.size() < kRules; ++seed) {
    const Pair pair = MakePair(seed);
    const std::set<std::string> operators = OperatorsOf(pair);
    // Those make too many runs when the streams of all the others pass by.
    const bool wide = operators.contains("combinations") || operators.contains("then every");
    const bool alone = operators.contains("limits") || operators.contains("window_events") ||
                       operators.contains("distinct_values") || operators.contains("feature") ||
                       operators.contains("derive");
    if (wide || alone || !Judge(pair, nfa::Mutant::kNone).judged) continue;
    const std::string number = std::to_string(1000 + pairs.size());
    text += RuleEntry(pair.pattern, "r" + number);
    pairs.push_back(pair);
  }
  const CheckedText checked = CheckRuleText(text, catalog, limits, GeneratorInputs());
  REQUIRE(checked.errors.empty());
  REQUIRE(checked.spec.rules.size() == kRules);
  const auto program = nfa::Program::Build(checked.spec, catalog, limits);
  REQUIRE(program.has_value());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const EventTable table(catalog, checked.spec.layout, pairs[i].events);
    OracleInput input;
    input.set = &checked.spec;
    input.rules = {&checked.spec.rules[i]};
    input.events = table.events();
    input.at_end = pairs[i].at_end;
    const auto expected = RunOracle(input);
    REQUIRE(expected.has_value());
    const auto actual = RunEngine(*program, table.events(), pairs[i].at_end);
    CHECK(InOrder(checked.spec.rules, actual));
    const std::string differences = Differences(*expected, 0, actual, i);
    CHECK_MESSAGE(differences.empty(), RuleEntry(pairs[i].pattern, "beside others") << differences);
  }
}

}  // namespace
}  // namespace shrike::oracle
