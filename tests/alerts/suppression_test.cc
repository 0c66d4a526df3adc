#include "alerts/suppression.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/alerts/alert_fixture.h"
#include "tests/support/random.h"

namespace shrike::alerts {
namespace {

using nfa::Outcome;
using nfa::OutcomeKind;
using nfa::Outcomes;
using Told = std::vector<std::string>;
using Part = nfa::SuppressSpec::Part;

constexpr Part kCardPart{false, 0};
constexpr Part kBranchPart{false, 1};
constexpr Part kNoteField{true, 1};

nfa::RuleSpec SuppressedRule(const std::string& id, std::vector<Part> by) {
  nfa::RuleSpec rule = testing::MakeRule();
  rule.id = id;
  rule.alert.suppress = nfa::SuppressSpec{10, std::move(by)};
  return rule;
}

// One alert to come: rule key (card, branch), alert field note.
struct AlertSpec {
  // NOLINTNEXTLINE(google-explicit-constructor): tables write {time, card, ..}.
  AlertSpec(TimestampMs at, std::string key_card = "c", std::int64_t key_branch = 1,
            std::string field = "", OutcomeKind of_kind = OutcomeKind::kMatch,
            std::int32_t of_rule = 0)
      : time(at),
        card(std::move(key_card)),
        branch(key_branch),
        note(std::move(field)),
        kind(of_kind),
        rule(of_rule) {}
  TimestampMs time;
  std::string card;
  std::int64_t branch;
  std::string note;  // empty: null
  OutcomeKind kind;
  std::int32_t rule;
};

// The open windows as a checkpoint would have them.
std::vector<std::string> StoredWindows(Suppression* suppression) {
  std::vector<std::string> windows;
  suppression->TrackChanges();
  suppression->TouchAll();
  suppression->ForEachChange([&](const std::string&, const std::string* bytes) {
    if (bytes != nullptr) windows.push_back(*bytes);
  });
  return windows;
}

// Writes down what is given: "match c1/1 x @5", "summary c1/1 x 2 in 6..9 @15".
class Harness {
 public:
  explicit Harness(std::vector<nfa::RuleSpec> rules, Limits limits = {})
      : program_(testing::MakeProgram(std::move(rules), limits)), suppression(program_) {}

  void Alert(const AlertSpec& spec) {
    CloseUntil(spec.time);
    Outcomes outcomes;
    testing::AppendOutcome(spec.kind, {{3, spec.time, spec.time, {Value::Null()}}}, &outcomes);
    testing::SetKey({Value::String(spec.card), Value::Int(spec.branch)}, &outcomes);
    if (spec.kind != OutcomeKind::kOverflow) {
      testing::SetFields(
          {Value::Int(0), spec.note.empty() ? Value::Null() : Value::String(spec.note)}, &outcomes);
    }
    outcomes.items.back().rule = spec.rule;
    Outcomes forced;
    suppression.Filter(&outcomes, &forced);
    Tell(outcomes);
    Tell(forced);
  }
  void CloseUntil(TimestampMs time) {
    while (suppression.next_close() <= time) {
      Outcomes outcomes;
      suppression.CloseNext(&outcomes);
      Tell(outcomes);
    }
  }
  // Closes what a program of `rules` would not have.
  void CloseGone(const std::vector<nfa::RuleSpec>& rules, TimestampMs time) {
    Outcomes outcomes;
    suppression.CloseGone(*Harness(rules).program_, time, &outcomes);
    Tell(outcomes);
  }
  // Stores the state and goes on with what is read back.
  void StoreAndLoad() {
    const std::vector<std::string> windows = StoredWindows(&suppression);
    Suppression loaded(program_);
    for (const std::string& window : windows) {
      const auto dropped = loaded.RestoreWindow(window);
      REQUIRE(dropped);
      CHECK(*dropped == 0);
    }
    CHECK(StoredWindows(&loaded) == windows);
    suppression = std::move(loaded);
  }

 private:
  void Tell(const Outcomes& outcomes) {
    for (const Outcome& outcome : outcomes.items) {
      std::string line(KindName(outcome.kind));
      line += outcome.rule > 0 ? " r" + std::to_string(outcome.rule) : "";
      line += " ";
      AppendText(outcomes.values[outcome.key_begin], &line);
      line += "/" + std::to_string(outcomes.values[outcome.key_begin + 1].int64());
      if (outcome.fields_count > 0) {
        line += " ";
        AppendText(outcomes.values[outcome.fields_begin + 1], &line);
      }
      if (outcome.kind == OutcomeKind::kSummary) {
        CHECK(outcome.by_deadline);
        line += " " + std::to_string(outcome.suppressed.count) + " in " +
                std::to_string(outcome.suppressed.first) + ".." +
                std::to_string(outcome.suppressed.last);
        counted += outcome.suppressed.count;
      } else {
        ++given;
      }
      told.push_back(line + " @" + std::to_string(outcome.time));
    }
  }
  static std::string_view KindName(OutcomeKind kind) {
    constexpr std::string_view kNames[] = {"match", "timeout", "overflow", "summary"};
    return kNames[static_cast<std::size_t>(kind)];
  }

  std::shared_ptr<const nfa::Program> program_;

 public:
  Suppression suppression;
  Told told;
  std::int64_t given = 0;    // alerts that are no summaries
  std::int64_t counted = 0;  // in summaries
};

TEST_CASE("the first alert at once, the others counted, a summary when the window closes") {
  struct Row {
    const char* name;
    std::vector<Part> by;
    std::vector<AlertSpec> alerts;
    Told want;
  };
  const Row rows[] = {
      {"nothing suppressed, no summary",
       {kCardPart},
       {{0}, {10}},
       {"match c/1 null @0", "match c/1 null @10"}},
      {"half open: the last moment",
       {kCardPart},
       {{0}, {9}, {10}},
       {"match c/1 null @0", "summary c/1 null 1 in 9..9 @10", "match c/1 null @10"}},
      {"count, first and last",
       {kCardPart},
       {{5}, {6}, {6}, {9}, {30}},
       {"match c/1 null @5", "summary c/1 null 3 in 6..9 @15", "match c/1 null @30"}},
      {"the first alert's fields",
       {kCardPart},
       {{0, "c", 1, "x"}, {1, "c", 2, "y"}},
       {"match c/1 x @0", "summary c/1 x 1 in 1..1 @10"}},
      {"the whole key",
       {kCardPart, kBranchPart},
       {{0}, {1, "c", 2}, {2, "d"}, {3}},
       {"match c/1 null @0", "match c/2 null @1", "match d/1 null @2",
        "summary c/1 null 1 in 3..3 @10"}},
      {"an alert field in the key; null equals null",
       {kNoteField, kCardPart},
       {{0, "c", 1, "x"}, {1, "c", 1, "y"}, {2}, {3}, {4, "c", 1, "y"}},
       {"match c/1 x @0", "match c/1 y @1", "match c/1 null @2", "summary c/1 y 1 in 4..4 @11",
        "summary c/1 null 1 in 3..3 @12"}},
      {"kinds apart",
       {kCardPart},
       {{0},
        {1, "c", 1, "", OutcomeKind::kTimeout},
        {2, "c", 1, "", OutcomeKind::kOverflow},
        {3, "c", 1, "", OutcomeKind::kOverflow},
        {4, "c", 1, "", OutcomeKind::kTimeout}},
       {"match c/1 null @0", "timeout c/1 null @1", "overflow c/1 @2",
        "summary c/1 null 1 in 4..4 @11", "summary c/1 1 in 3..3 @12"}},
      {"rules apart, one without suppression; summaries of one time by rule",
       {kCardPart},
       {{0, "c", 1, "", OutcomeKind::kMatch, 1},
        {0},
        {1},
        {1, "c", 1, "", OutcomeKind::kMatch, 1},
        {1, "c", 1, "", OutcomeKind::kMatch, 2},
        {1, "c", 1, "", OutcomeKind::kMatch, 2}},
       {"match r1 c/1 null @0", "match c/1 null @0", "match r2 c/1 null @1", "match r2 c/1 null @1",
        "summary c/1 null 1 in 1..1 @10", "summary r1 c/1 null 1 in 1..1 @10"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    for (const bool store : {false, true}) {
      nfa::RuleSpec plain = testing::MakeRule();
      plain.id = "r2";
      Harness harness({SuppressedRule("r0", row.by), SuppressedRule("r1", row.by), plain});
      for (const AlertSpec& alert : row.alerts) {
        harness.Alert(alert);
        if (store) harness.StoreAndLoad();
      }
      harness.CloseUntil(kTimeMax - 1);
      CHECK(harness.told == row.want);
      CHECK(harness.suppression.window_count() == 0);
    }
  }
}

TEST_CASE("a summary that is due comes before the alerts of its time, whoever asks") {
  Harness harness({SuppressedRule("r0", {kCardPart})});
  harness.Alert({0});
  harness.Alert({1});
  CHECK(harness.suppression.next_close() == 10);
  harness.CloseUntil(9);
  CHECK(harness.told.size() == 1);
  harness.CloseUntil(10);
  CHECK(harness.told.back() == "summary c/1 null 1 in 1..1 @10");
  CHECK(harness.suppression.next_close() == kTimeMax);
  CHECK(harness.suppression.stats().suppressed == std::vector<std::int64_t>{1});
}

TEST_CASE("learn withholds the alerts of its time, and they open no window") {
  nfa::RuleSpec rule = SuppressedRule("r0", {kCardPart});
  rule.learn = 100;
  nfa::RuleSpec plain = testing::MakeRule();
  plain.id = "r1";
  plain.learn = 50;
  Harness harness({rule, plain});
  harness.suppression.SetStarts({1000, 1000});
  harness.Alert({1000});
  harness.Alert({1049, "c", 1, "", OutcomeKind::kMatch, 1});
  harness.Alert({1050, "c", 1, "", OutcomeKind::kMatch, 1});
  harness.Alert({1099});
  harness.StoreAndLoad();
  harness.suppression.SetStarts({1000, 1000});
  harness.Alert({1100});
  harness.Alert({1101});
  harness.CloseUntil(kTimeMax - 1);
  CHECK(harness.told == Told{"match r1 c/1 null @1050", "match c/1 null @1100",
                             "summary c/1 null 1 in 1101..1101 @1110"});
}

TEST_CASE("at the limit the window that saw an alert longest ago closes early, and that is told") {
  Limits limits;
  limits.distinct_values = 2;
  Harness harness({SuppressedRule("r0", {kCardPart, kNoteField})}, limits);
  harness.Alert({0, "c", 1, "x"});
  harness.Alert({1, "c", 1, "y"});
  harness.Alert({2, "c", 1, "x"});
  harness.Alert({2, "d", 1, "x"});  // Another card has its own two.
  harness.Alert({3, "c", 1, "z"});  // y goes, with nothing to tell.
  harness.Alert({4, "c", 1, "y"});  // x goes.
  harness.StoreAndLoad();
  harness.Alert({5, "c", 1, "z"});
  harness.CloseUntil(kTimeMax - 1);
  CHECK(harness.told == Told{"match c/1 x @0", "match c/1 y @1", "match d/1 x @2", "match c/1 z @3",
                             "overflow c/1 @3", "match c/1 y @4", "summary c/1 x 1 in 2..2 @4",
                             "summary c/1 z 1 in 5..5 @13", "summary c/1 1 in 4..4 @13"});
}

TEST_CASE("random alerts: counts are conserved, and a naive evaluator says the same") {
  testing::Random random(17);
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    Harness harness({SuppressedRule("r0", {kCardPart, kNoteField}), SuppressedRule("r1", {})});
    // (rule, kind, card, note) -> when the window that is open closes.
    std::map<std::tuple<std::int32_t, OutcomeKind, std::string, std::string>, TimestampMs> open;
    std::int64_t given = 0;
    TimestampMs time = 0;
    const int count = 60;
    for (int index = 0; index < count; ++index) {
      time += static_cast<TimestampMs>(random.Below(5));
      AlertSpec alert(time);
      alert.card = random.Below(2) == 0 ? "c" : "d";
      alert.note = random.Below(2) == 0 ? "" : "x";
      alert.kind = random.Below(3) == 0 ? OutcomeKind::kTimeout : OutcomeKind::kMatch;
      alert.rule = static_cast<std::int32_t>(random.Below(2));
      harness.Alert(alert);
      if (random.Below(4) == 0) harness.StoreAndLoad();
      const auto key = alert.rule == 0
                           ? std::make_tuple(alert.rule, alert.kind, alert.card, alert.note)
                           : std::make_tuple(alert.rule, alert.kind, std::string(), std::string());
      if (!open.contains(key) || open[key] <= time) {
        open[key] = time + 10;
        ++given;
      }
    }
    harness.CloseUntil(kTimeMax - 1);
    CHECK(harness.given == given);
    CHECK(harness.given + harness.counted == count);
  }
}

TEST_CASE("restored for another program: what is no longer there is dropped and counted") {
  const auto bytes_of = [](const std::vector<nfa::RuleSpec>& rules) {
    Harness harness(rules);
    for (std::int32_t rule = 0; rule < 3; ++rule) {
      harness.Alert({0, "c", 1, "", OutcomeKind::kMatch, rule});
      harness.Alert({1, "c", 1, "", OutcomeKind::kMatch, rule});
    }
    return StoredWindows(&harness.suppression);
  };
  std::vector<nfa::RuleSpec> rules = {SuppressedRule("a", {kCardPart}),
                                      SuppressedRule("b", {kCardPart}),
                                      SuppressedRule("c", {kCardPart})};
  const std::vector<std::string> windows = bytes_of(rules);
  rules[1].version = 4;
  rules[2].alert.suppress->length = 20;
  rules.insert(rules.begin(), SuppressedRule("0", {kCardPart}));
  Harness other(rules);
  std::int64_t dropped = 0;
  for (const std::string& window : windows) {
    const auto restored = other.suppression.RestoreWindow(window);
    REQUIRE(restored);
    dropped += *restored;
  }
  CHECK(dropped == 2);
  other.CloseUntil(kTimeMax - 1);
  CHECK(other.told == Told{"summary r1 c/1 null 1 in 1..1 @10"});
}

TEST_CASE("a swap closes the windows of what the next program does not have") {
  std::vector<nfa::RuleSpec> rules = {SuppressedRule("a", {kCardPart}),
                                      SuppressedRule("b", {kCardPart})};
  Harness harness(rules);
  for (std::int32_t rule = 0; rule < 2; ++rule) {
    harness.Alert({0, "c", 1, "", OutcomeKind::kMatch, rule});
    harness.Alert({1, "c", 1, "", OutcomeKind::kMatch, rule});
  }
  harness.told.clear();
  rules[0].version = 4;
  harness.CloseGone(rules, 5);
  CHECK(harness.told == Told{"summary c/1 null 1 in 1..1 @5"});
  CHECK(harness.suppression.window_count() == 1);
}

TEST_CASE(
    "changes: each window that opened, counted or closed, under a lasting name, until forgotten") {
  Harness harness({SuppressedRule("r0", {kCardPart})});
  Suppression& suppression = harness.suppression;
  using Changes = std::map<std::string, bool>;
  const auto changes = [&] {
    Changes found;
    suppression.ForEachChange([&](const std::string& name, const std::string* bytes) {
      CHECK(name.size() == 16);
      CHECK(found.emplace(name, bytes != nullptr).second);
    });
    return found;
  };
  harness.Alert({0, "before", 1, ""});
  CHECK(changes().empty());  // Nobody asked.
  suppression.TrackChanges();
  harness.Alert({1, "c", 1, ""});
  const Changes opened = changes();
  REQUIRE(opened.size() == 1);
  CHECK(opened.begin()->second);
  CHECK(changes() == opened);
  suppression.ForgetChanges();
  CHECK(changes().empty());
  harness.Alert({2, "c", 1, ""});
  CHECK(changes() == opened);
  suppression.ForgetChanges();
  harness.CloseUntil(kTimeMax - 1);
  const Changes closed = changes();
  CHECK(closed.size() == 2);
  CHECK(closed.contains(opened.begin()->first));
  CHECK_FALSE(closed.begin()->second);
}

TEST_CASE("a damaged window is refused, and nothing is opened") {
  Harness harness({SuppressedRule("r0", {kCardPart, kNoteField})});
  harness.Alert({0, "c", 1, "x"});
  harness.Alert({1, "c", 1, "x"});
  const std::string bytes = StoredWindows(&harness.suppression).at(0);
  Harness other({SuppressedRule("r0", {kCardPart, kNoteField})});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto restored = other.suppression.RestoreWindow(bytes.substr(0, size));
    REQUIRE_FALSE(restored);
    CHECK(restored.error().code == ErrorCode::kCorrupt);
    CHECK(other.suppression.window_count() == 0);
  }
  CHECK_FALSE(other.suppression.RestoreWindow(bytes + "x"));
  CHECK(other.suppression.RestoreWindow(bytes));
  CHECK_FALSE(other.suppression.RestoreWindow(bytes));  // It is there already.
}

}  // namespace
}  // namespace shrike::alerts
