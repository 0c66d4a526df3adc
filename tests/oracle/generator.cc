#include "tests/oracle/generator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tests/oracle/pattern_maker.h"
#include "tests/oracle/random_choice.h"

namespace shrike::oracle {
namespace {

Datum RandomDecimal(Random* random) { return MakeDecimal(Decimal{random->Below(1000), 2}); }

RawEvent MakeEvent(Random* random, bool two_streams, TimestampMs ts) {
  RawEvent event;
  event.ts = ts;
  event.stream = two_streams && random->Chance(35) ? 1 : 0;
  static const std::vector<int> kTypes = {0, 0, 0, 1, 1, 2, 3};
  event.type_index = event.stream == 1 ? random->Below(2) : random->Pick(kTypes);
  const auto add = [&](const char* name, Datum value, int null_percent) {
    if (!random->Chance(null_percent)) event.fields.emplace_back(name, std::move(value));
  };
  add("v", MakeInteger(shrike::Kind::kInt, std::int64_t{random->Below(10)}), 4);
  add("d", RandomDecimal(random), 4);
  // 4.7: 2^-75 is less than the resolution of a sum, 2^52 is more than one takes.
  static const std::vector<double> kExtremes = {0x1p-75, 0x3p-75, 0x1p52, -0x1p51, 1e-9, 1e300};
  const bool extreme = random->Chance(3);
  add("x",
      MakeFloat(extreme ? random->Pick(kExtremes)
                        : random->Below(40) * 0.25 + (random->Chance(20) ? 0.1 : 0)),
      4);
  add("u", MakeInteger(shrike::Kind::kInt, std::int64_t{random->Between(1, 2)}), 10);
  const Datum key = MakeInteger(shrike::Kind::kInt, std::int64_t{random->Between(1, 2)});
  const Datum key2 = MakeString(random->Chance(80) ? "p" : "q");
  if (event.stream == 1) {
    add("q", key, 3);
    add("q2", key2, 3);
    return event;
  }
  add("k", key, 3);
  add("k2", key2, 3);
  add("f", MakeBool(random->Chance(50)), 4);
  static const std::vector<std::string> kTexts = {"p", "q", "apple", "x"};
  add("n", MakeString(random->Pick(kTexts)), 4);
  return event;
}

}  // namespace

Catalog GeneratorCatalog(const std::vector<DeriveText>& derives) {
  const auto field = [](const char* name, const char* type) {
    return FieldSchema{.name = name, .type = *ParseType(type)};
  };
  StreamSchema s;
  s.name = "s";
  s.topics = {"s"};
  s.type_field = "type";
  s.event_types = {"A", "B", "C", "D"};
  s.time_field = "ts";
  s.fields = {field("type", "string"), field("v", "int"),     field("d", "decimal(2)"),
              field("x", "float"),     field("f", "bool"),    field("n", "string"),
              field("k", "int"),       field("k2", "string"), field("u", "int")};
  StreamSchema t = s;
  t.name = "t";
  t.topics = {"t"};
  t.event_types = {"C", "E"};
  t.fields = {field("type", "string"), field("v", "int"), field("d", "decimal(2)"),
              field("x", "float"),     field("q", "int"), field("q2", "string"),
              field("u", "int")};
  StreamSchema made;
  made.name = "made";
  made.topics = {"made"};
  made.event_types = {"made"};
  made.derived = true;
  made.fields = {field("k", "int"), field("k2", "string"), field("u", "int"), field("v", "int"),
                 field("d", "decimal(2)")};
  StreamSchema more = made;
  more.name = "more";
  more.topics = {"more"};
  more.event_types = {"more"};
  Catalog catalog{.streams = {s, t, made, more}};
  for (const DeriveText& derive : derives) {
    const auto stream = static_cast<std::size_t>(catalog.StreamIndex(derive.stream));
    catalog.streams[stream].derive.push_back({derive.name, derive.expression});
  }
  return catalog;
}

SharedInputs GeneratorInputs() {
  const auto field = [](const char* name, const char* type) {
    return FieldSchema{.name = name, .type = *ParseType(type)};
  };
  auto caps = std::make_shared<Table>(TableSchema{
      .name = "caps",
      .key = field("key", "int"),
      .fields = {field("cap", "int"), field("tag", "string"), field("rate", "decimal(2)")}});
  caps->Add(Value::Int(1), {Value::Int(4), Value::String("p"), Value::Dec({250, 2})});
  caps->Add(Value::Int(2), {Value::Int(7), Value::Null(), Value::Null()});
  caps->Add(Value::Int(5), {Value::Null(), Value::String("q"), Value::Dec({-75, 2})});
  return {.tables = {caps}, .risk_half_life = 20};
}

std::vector<RawEvent> MakeEvents(Random* random, bool two_streams) {
  static const std::vector<int> kGaps = {0, 0, 1, 1, 4, 5, 5, 9, 10, 11, 20, 21, 40, 60};
  std::vector<RawEvent> events;
  // Sometimes around a Monday, 1970-01-05, so that tumbling weeks close.
  constexpr TimestampMs kMonday = 4 * TimestampMs{86'400'000};
  TimestampMs ts = random->Below(5) + (random->Chance(10) ? kMonday - 40 : 0);
  const int count = random->Between(4, 18);
  for (int i = 0; i < count; ++i) {
    ts += random->Pick(kGaps);
    events.push_back(MakeEvent(random, two_streams, ts));
  }
  // 5.1: of one time, the topic that is less comes first.
  std::stable_sort(events.begin(), events.end(), [](const RawEvent& a, const RawEvent& b) {
    return a.ts != b.ts ? a.ts < b.ts : a.stream < b.stream;
  });
  return events;
}

Pair MakePair(std::uint64_t seed) {
  Random random(seed ^ 0x9e3779b97f4a7c15U);
  Pair pair;
  pair.pattern = MakePattern(seed);
  pair.events = MakeEvents(&random, pair.pattern.from.find('t') != std::string::npos);
  if (random.Chance(8)) pair.limits.open_runs_per_key = random.Between(1, 3);
  if (random.Chance(8)) pair.limits.bound_events = random.Between(2, 4);
  if (pair.pattern.constructs.contains("window in a step") ||
      pair.pattern.constructs.contains("window in a field")) {
    if (random.Chance(25)) pair.limits.window_events = random.Between(1, 5);
    if (random.Chance(25)) pair.limits.distinct_values = random.Between(1, 3);
  }
  pair.at_end = pair.events.back().ts + random.Pick(std::vector<int>{0, 0, 1000, 1000, 15});
  return pair;
}

}  // namespace shrike::oracle
