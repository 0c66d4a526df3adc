// Random rule sets over random streams: the whole way from bytes to alerts must say what the oracle says.
//
// SHRIKE_SETS: how many (default 2,000). SHRIKE_SEED: the first seed. A failure is shrunk and printed.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "nfa/program.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/outcome_reader.h"
#include "tests/oracle/pipeline_run.h"
#include "tests/oracle/rule_set_maker.h"
#include "tests/oracle/rule_text.h"
#include "tests/oracle/shrinker.h"

namespace shrike::oracle {
namespace {

constexpr std::uint64_t kSets = 2'000;
constexpr std::size_t kRunsMax = 300;
constexpr int kShrinkAttempts = 5'000;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Verdict {
  bool judged = false;
  std::string refusal;
  std::string differences;
  std::set<std::string> told;  // "summaries", "not told", "emitted events bound"..
};

// What the oracle tells, beyond plain alerts.
void NoteTold(const Pair& pair, const std::vector<OracleOutcome>& outcomes, Verdict* verdict) {
  for (const OracleOutcome& outcome : outcomes) {
    if (outcome.suppressed) verdict->told.insert("summaries");
    if (!outcome.told) verdict->told.insert("not told");
    for (const Binding& binding : outcome.bound) {
      if (binding.event < pair.events.size()) continue;
      verdict->told.insert("emitted events bound");
      const bool chained =
          outcome.rule > 0 && pair.others[outcome.rule - 1].from.find("more") != std::string::npos;
      if (chained) verdict->told.insert("chained events bound");
    }
  }
}

Verdict Judge(const Pair& pair) {
  const Catalog catalog = GeneratorCatalog(pair.pattern.derives);
  Verdict verdict;
  const SharedInputs inputs = GeneratorInputs();
  CheckedText checked =
      CheckRuleText(RuleFileText(pair.pattern, pair.others), catalog, pair.limits, inputs);
  verdict.refusal = checked.errors;
  if (checked.spec.rules.size() != pair.others.size() + 1) return verdict;
  const EventTable table(catalog, checked.spec.layout, pair.events);
  OracleInput input;
  input.set = &checked.spec;
  for (const nfa::RuleSpec& rule : checked.spec.rules) input.rules.push_back(&rule);
  input.limits = pair.limits;
  input.events = table.events();
  input.at_end = pair.at_end;
  input.runs_max = kRunsMax;
  const auto expected = RunOracle(input);
  if (!expected) return verdict;
  const auto program = nfa::Program::Build(checked.spec, catalog, pair.limits);
  REQUIRE(program.has_value());
  const auto actual = RunPipeline(*program, catalog, pair.events, pair.at_end);
  verdict.judged = true;
  NoteTold(pair, *expected, &verdict);
  for (std::size_t rule = 0; rule < input.rules.size(); ++rule)
    verdict.differences += Differences(*expected, rule, actual, rule, pair.events.size());
  return verdict;
}

std::string Report(const Pair& pair, std::uint64_t seed) {
  const auto fails = [](const Pair& candidate) { return !Judge(candidate).differences.empty(); };
  const Pair small = Shrink(pair, fails, kShrinkAttempts);
  std::string text =
      "seed " + std::to_string(seed) + ", shrunk:\n" + ConfigurationText(small.pattern.derives) +
      RuleFileText(small.pattern, small.others) + "at_end: " + std::to_string(small.at_end) + "\n";
  const Catalog catalog = GeneratorCatalog();
  for (const RawEvent& event : small.events) text += ToJson(event, catalog) + "\n";
  return text + Judge(small).differences;
}

TEST_CASE("rule sets say from bytes to alerts what the oracle says") {
  const std::uint64_t sets = FromEnvironment("SHRIKE_SETS", kSets);
  const std::uint64_t first_seed = FromEnvironment("SHRIKE_SEED", 1);
  std::map<std::string, std::uint64_t> tally;
  std::uint64_t judged = 0;
  std::uint64_t made = 0;
  int failures = 0;
  for (std::uint64_t seed = first_seed; judged < sets && failures < 3; ++seed) {
    const Pair pair = MakeRuleSet(seed);
    const Verdict verdict = Judge(pair);
    REQUIRE_MESSAGE(++made < 2 * sets + 100, verdict.refusal);
    if (!verdict.judged) continue;
    ++judged;
    for (const std::string& name : pair.pattern.constructs) ++tally[name];
    for (const std::string& name : verdict.told) ++tally[name];
    if (verdict.differences.empty()) continue;
    FAIL_CHECK(Report(pair, seed));
    ++failures;
  }
  std::cout << "rule sets: seed " << first_seed << ", " << judged << " judged of " << made << "\n";
  std::vector<std::string> names = AllRuleSetConstructs();
  names.insert(names.end(),
               {"summaries", "not told", "emitted events bound", "chained events bound"});
  for (const std::string& name : names) std::cout << "  " << name << " " << tally[name] << "\n";
  if (failures > 0 || sets < 1'000) return;
  for (const std::string& name : names) CHECK_MESSAGE(tally[name] * 20 >= judged, name);
}

}  // namespace
}  // namespace shrike::oracle
