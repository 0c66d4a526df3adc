// 1, 10 and 100 regexes over one field: what the conditions of as many rules cost an event.
//
// Each rule of the program has a regex of its own over `command`; the texts are command lines, of which few fit any.
// alone: each regex is tried by itself, as RE2 does it without the set.
#include <benchmark/benchmark.h>
#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "nfa/matcher.h"
#include "tests/oracle/rule_text.h"
#include "tests/support/random.h"

namespace shrike {
namespace {

constexpr std::size_t kTexts = 1'000;

std::string Word(testing::Random* random, std::size_t size) {
  std::string word;
  while (word.size() < size)
    word.push_back(static_cast<char>('a' + static_cast<int>(random->Below(26))));
  return word;
}

// As rules about processes have them.
std::vector<std::string> Regexes(std::size_t count) {
  testing::Random random(1);
  std::vector<std::string> regexes;
  for (std::size_t i = 0; i < count; ++i) {
    switch (i % 5) {
      case 0:
        regexes.push_back("(?i)" + Word(&random, 5) + "\\.exe");
        break;
      case 1:
        regexes.push_back(Word(&random, 4) + " -(enc|e) [A-Za-z0-9+=]{8,}");
        break;
      case 2:
        regexes.push_back("-" + Word(&random, 3) + "[0-9]+ .*" + Word(&random, 4));
        break;
      case 3:
        regexes.push_back("^" + Word(&random, 2) + ".*" + Word(&random, 3) + "$");
        break;
      default:
        regexes.push_back("(" + Word(&random, 4) + "|" + Word(&random, 6) + ")");
        break;
    }
  }
  return regexes;
}

std::vector<std::string> Texts() {
  testing::Random random(2);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kTexts; ++i) {
    std::string text = Word(&random, 6) + ".exe";
    for (int k = 0; k < 8; ++k)
      text += (random.Below(2) == 0 ? " -" : " ") + Word(&random, 3 + random.Below(6));
    texts.push_back(text);
  }
  return texts;
}

std::shared_ptr<const nfa::Program> ProgramOf(const std::vector<std::string>& regexes,
                                              const Catalog& catalog) {
  std::string rules = "rules:\n";
  for (std::size_t i = 0; i < regexes.size(); ++i) {
    rules += "  - id: r" + std::to_string(i) +
             "\n    version: 1\n    pattern: |\n      from s\n      s[command matches /" +
             regexes[i] + "/]\n";
  }
  oracle::CheckedText checked = oracle::CheckRuleText(rules, catalog, {});
  SHRIKE_CHECK(checked.errors.empty());
  auto program = nfa::Program::Build(std::move(checked.spec), catalog, {});
  SHRIKE_CHECK(program.has_value());
  return *program;
}

Catalog ProcessCatalog() {
  Catalog catalog;
  StreamSchema s;
  s.name = "s";
  s.topics = {"s"};
  s.event_types = {"s"};
  s.time_field = "ts";
  s.fields = {{"command", {Kind::kString, 0, Kind::kNull}}};
  catalog.streams.push_back(s);
  return catalog;
}

void BM_Rules(benchmark::State& state) {
  const Catalog catalog = ProcessCatalog();
  const auto program = ProgramOf(Regexes(static_cast<std::size_t>(state.range(0))), catalog);
  const std::vector<std::string> texts = Texts();
  nfa::Matcher matcher(program);
  std::size_t next = 0;
  std::int64_t found = 0;
  for (auto _ : state) {
    const Value row = Value::String(texts[next]);
    next = (next + 1) % texts.size();
    Event event;
    event.row = &row;
    matcher.Begin(event);
    if (matcher.Starts(0)) ++found;
  }
  state.counters["found"] =
      benchmark::Counter(static_cast<double>(found), benchmark::Counter::kAvgIterations);
}

void BM_Alone(benchmark::State& state) {
  std::vector<std::unique_ptr<re2::RE2>> regexes;
  for (const std::string& regex : Regexes(static_cast<std::size_t>(state.range(0))))
    regexes.push_back(std::make_unique<re2::RE2>(regex));
  const std::vector<std::string> texts = Texts();
  std::size_t next = 0;
  std::int64_t found = 0;
  for (auto _ : state) {
    const re2::StringPiece text = texts[next];
    next = (next + 1) % texts.size();
    bool any = false;
    for (const auto& regex : regexes) any = re2::RE2::PartialMatch(text, *regex) || any;
    if (any) ++found;
  }
  state.counters["found"] =
      benchmark::Counter(static_cast<double>(found), benchmark::Counter::kAvgIterations);
}

BENCHMARK(BM_Rules)->ArgName("regexes")->Arg(1)->Arg(10)->Arg(100);
BENCHMARK(BM_Alone)->ArgName("regexes")->Arg(1)->Arg(10)->Arg(100);

}  // namespace
}  // namespace shrike
