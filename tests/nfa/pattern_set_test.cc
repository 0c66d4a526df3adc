// Regexes that several rules ask of one field say together what each says alone: language.md, 4.9.
#include "nfa/pattern_set.h"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nfa/key.h"
#include "nfa/matcher.h"
#include "nfa/program_data.h"
#include "tests/nfa/program_fixture.h"
#include "tests/oracle/event_table.h"

namespace shrike::nfa {
namespace {

using Ids = std::set<std::string>;

// A rule for each condition, called by it: those that hold for an event with u, if it is given, and the list l.
Ids HoldingOf(const std::vector<std::string>& conditions, const std::optional<std::string>& u,
              const std::vector<std::string>& list) {
  std::string rules;
  for (std::size_t i = 0; i < conditions.size(); ++i)
    rules += RuleText("r" + std::to_string(i), "from s\nA[" + conditions[i] + "]");
  const auto program = BuildProgram(rules);
  oracle::RawEvent event;
  if (u) event.fields.emplace_back("u", oracle::MakeString(*u));
  if (!list.empty()) {
    oracle::Datum items;
    items.kind = Kind::kList;
    for (const std::string& item : list)
      items.items.push_back(item == "null" ? oracle::Datum() : oracle::MakeString(item));
    event.fields.emplace_back("l", std::move(items));
  }
  const oracle::EventTable table(TestCatalog(), program->layout(), {event});
  Matcher matcher(program);
  KeyState state;
  Outcomes outcomes;
  matcher.Begin(table.events()[0]);
  matcher.Advance(program->routes(0)[0].id, "", &state, &outcomes);
  Ids holding;
  for (const Outcome& outcome : outcomes.items) {
    const std::string& id = program->rules()[static_cast<std::size_t>(outcome.rule)].id;
    holding.insert(conditions[static_cast<std::size_t>(std::stoi(id.substr(1)))]);
  }
  return holding;
}

TEST_CASE("regexes of one field, all loaded and each alone") {
  const std::vector<std::string> conditions = {
      "u matches /ue/",           "u matches /^ue/",
      "u matches /UE$/i",         "u matches /^blue$/",
      "u not matches /ue/",       "u matches [/zz/, /^bl/]",
      "u matches /b.*e|zz/",      "u ilike \"*L?E\"",
      "u ilike [\"zz\", \"b*\"]", "u like \"b*\"",
      "u matches /x*/",           "(u matches /red/ or v is null) and u matches /u/",
      "lower(u) matches /ue/",    "l matches /^o/",
      "l matches /e$/",           "l not matches /q/",
      "l matches [/q/, /n./]",
  };
  struct Row {
    std::optional<std::string> u;
    std::vector<std::string> list;
    std::size_t holding;
  };
  const std::vector<Row> rows = {
      {"blue", {}, 11},         {"BLUE", {"one", "two"}, 10},
      {"", {"one", "null"}, 5}, {std::nullopt, {"null"}, 0},
      {std::nullopt, {}, 0},    {"zzue\n\xc3\xa4", {"queue", "one"}, 9},
  };
  for (const Row& row : rows) {
    CAPTURE(row.u.value_or("null"));
    Ids alone;
    for (const std::string& condition : conditions) {
      const Ids one = HoldingOf({condition}, row.u, row.list);
      alone.insert(one.begin(), one.end());
    }
    CHECK(HoldingOf(conditions, row.u, row.list) == alone);
    CHECK(alone.size() == row.holding);
  }
}

TEST_CASE("a field is read once for all its regexes, and only if one is asked") {
  const auto program = BuildProgram(
      RuleText("a", "from s\nA[u matches /x/]") + RuleText("b", "from s\nB[u matches /y/]") +
      RuleText("c", "from s\nA[lower(u) matches /z/]") + RuleText("d", "from s\nA[l matches /x/]") +
      RuleText("e", "from s\nA[u like \"x*\"]"));
  const Pool& pool = program->data().pool;
  CHECK(pool.pattern_set_count() == 1);
  CHECK(pool.pattern_set(0).size() == 2);
}

TEST_CASE("windows ask the same set") {
  const auto program = BuildProgram(
      RuleText("a", "from s by k\nA[count(event over 1m where u matches /^b/) >= 2]\nwithin 1m") +
      RuleText("b", "from s by k\nA[u matches /zz/]"));
  CHECK(program->data().pool.pattern_set_count() == 1);
  const oracle::EventTable table(
      TestCatalog(), program->layout(),
      ParseEvents("A:k:blue@1 A:k:red@2 A:k:zzb@3 A:k:brown@4 A:k:zz@5"));
  Matcher matcher(program);
  KeyState state;
  Outcomes outcomes;
  std::string told;
  for (const Event& event : table.events()) {
    const KeyRoute& route = program->routes(0)[0];
    std::string key;
    REQUIRE(EncodeKey(route.columns, event, &key));
    matcher.Begin(event);
    matcher.Advance(route.id, key, &state, &outcomes);
    for (const Outcome& outcome : outcomes.items)
      told += program->rules()[static_cast<std::size_t>(outcome.rule)].id +
              std::to_string(event.position.offset) + " ";
    outcomes.Clear();
  }
  CHECK(told == "b2 a3 a4 b4 ");
}

TEST_CASE("what RE2 cannot hold together is asked one by one") {
  PatternSet wide;
  std::vector<std::string> conditions;
  for (int i = 0; i < 300; ++i) {
    const std::string regex = "x" + std::to_string(i) + "[a-y]{500,900}z";
    wide.Add(regex, i);
    if (i % 30 == 0) conditions.push_back("u matches /" + regex + "/");
  }
  CHECK(wide.size() == 300);
  CHECK_FALSE(wide.Compile());
  CHECK(HoldingOf(conditions, "ax30" + std::string(600, 'k') + "z", {}) ==
        Ids{"u matches /x30[a-y]{500,900}z/"});
}

}  // namespace
}  // namespace shrike::nfa
