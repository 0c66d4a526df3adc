// Windows against the slow way: random windows of all functions, kinds and clauses over random events, read at every
// event and at deadlines, stored and loaded in between; limits; what a stored state survives.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "nfa/windows.h"
#include "tests/nfa/window_naive.h"

namespace shrike::nfa {
namespace {

enum Column { kG, kS, kN, kD, kX, kTags, kB, kIp, kLength, kColumns };

const std::vector<std::string> kEventTypes = {"s.A", "s.B"};

RowLayout Layout() {
  RowLayout layout;
  layout.columns = {
      {"g", {Kind::kString, 0, Kind::kNull}},    {"s", {Kind::kString, 0, Kind::kNull}},
      {"n", {Kind::kInt, 0, Kind::kNull}},       {"d", {Kind::kDecimal, 2, Kind::kNull}},
      {"x", {Kind::kFloat, 0, Kind::kNull}},     {"tags", {Kind::kList, 0, Kind::kString}},
      {"b", {Kind::kBool, 0, Kind::kNull}},      {"ip", {Kind::kIp, 0, Kind::kNull}},
      {"len", {Kind::kDuration, 0, Kind::kNull}}};
  return layout;
}

Expr Field(int column) {
  Expr expr;
  expr.op = Op::kField;
  expr.column = column;
  expr.type = column == kTimeColumn ? Type{Kind::kTimestamp, 0, Kind::kNull}
                                    : Layout().columns[static_cast<std::size_t>(column)].type;
  return expr;
}

Expr Test(Op op, int column, std::int64_t than) {
  Expr constant;
  constant.type = {Kind::kInt, 0, Kind::kNull};
  constant.constant.kind = Kind::kInt;
  constant.constant.integer = than;
  Expr expr;
  expr.op = op;
  expr.type = op == Op::kMultiply ? Layout().columns[static_cast<std::size_t>(column)].type
                                  : Type{Kind::kBool, 0, Kind::kNull};
  expr.args = {Field(column), constant};
  return expr;
}

// Rows and their bytes.
class EventMaker {
 public:
  explicit EventMaker(std::uint32_t seed) : random_(seed) {}

  int Below(int bound) { return static_cast<int>(random_() % static_cast<std::uint32_t>(bound)); }

  Event Make(TimestampMs ts, std::int64_t offset) {
    static const std::vector<std::string> kTexts = {"", "p", "q", "a longer text", "a longer tex2"};
    std::vector<Value>& row = rows_.emplace_back(kColumns);
    row[kG] = Value::String(Below(2) == 0 ? "u" : "v");
    row[kS] = Value::String(kTexts[static_cast<std::size_t>(Below(5))]);
    row[kN] = Value::Int(Below(20) == 0 ? std::int64_t{1} << 40 : Below(9) - 3);
    row[kD] = Value::Dec({Below(30) == 0 ? Int128{1} << 35 : Below(1000) - 200, 2});
    row[kX] = Value::Float(Below(10) == 0 ? 1e9 + 0.5 : (Below(4000) - 1000) / 1024.0);
    std::vector<Value>& tags = rows_.emplace_back();
    for (int i = Below(3); i > 0; --i)
      tags.push_back(Value::String(texts_.emplace_back("t" + std::to_string(i))));
    row[kTags] = Value::List(tags.data(), tags.size());
    row[kB] = Value::Bool(Below(2) == 0);
    row[kIp] = Value::Ip(*ParseIp(Below(2) == 0 ? "10.0.0.1" : "::1"));
    row[kLength] = Value::Duration(Below(100000));
    for (Value& value : row) {
      if (Below(8) == 0) value = Value::Null();
    }
    Event event;
    event.ts = ts;
    event.position.offset = offset;
    event.event_type = Below(3) == 0 ? 1 : 0;
    event.row = row.data();
    return event;
  }

 private:
  std::mt19937 random_;
  std::deque<std::vector<Value>> rows_;
  std::deque<std::string> texts_;
};

Expr RandomValue(WindowFunction function, EventMaker* random) {
  static const std::vector<int> kNumbers = {kN, kD, kX};
  static const std::vector<int> kOrdered = {kN, kD, kX, kS, kIp, kLength, kTimeColumn};
  static const std::vector<int> kScalars = {kN, kD, kX, kS, kIp, kLength, kB, kTimeColumn};
  const auto pick = [&](const std::vector<int>& from) {
    return Field(from[static_cast<std::size_t>(random->Below(static_cast<int>(from.size())))]);
  };
  switch (function) {
    case WindowFunction::kSum:
    case WindowFunction::kAvg:
      if (random->Below(5) == 0) return Field(kLength);
      return random->Below(4) == 0 ? Test(Op::kMultiply, random->Below(2) == 0 ? kN : kD, 3)
                                   : pick(kNumbers);
    case WindowFunction::kRate:
    case WindowFunction::kStddev:
    case WindowFunction::kZscore:
      return pick(kNumbers);
    case WindowFunction::kMin:
    case WindowFunction::kMax:
      return pick(kOrdered);
    case WindowFunction::kFirst:
    case WindowFunction::kLast:
      return random->Below(4) == 0 ? Field(kTags) : pick(kScalars);
    default:
      return pick(kScalars);
  }
}

WindowSpec RandomWindow(EventMaker* random) {
  WindowSpec window;
  window.function = static_cast<WindowFunction>(random->Below(13));
  window.kind = static_cast<WindowKind>(random->Below(4));
  if (window.function == WindowFunction::kRate)
    window.kind = static_cast<WindowKind>(random->Below(2));
  static const std::vector<DurationMs> kLengths = {1, 7, 50, 400, 7 * 86'400'000};
  if (window.kind == WindowKind::kLastEvents) {
    window.events = 1 + random->Below(12);
  } else {
    window.length = kLengths[static_cast<std::size_t>(random->Below(5))];
  }
  window.event_types = random->Below(3) == 0 ? std::vector<int>{0, 1} : std::vector<int>{0};
  const bool counts = window.function == WindowFunction::kCount ||
                      (window.function == WindowFunction::kRate && random->Below(2) == 0);
  if (!counts) window.values.push_back(RandomValue(window.function, random));
  const bool tests =
      window.function == WindowFunction::kNew || window.function == WindowFunction::kSeen;
  if (tests && random->Below(3) == 0) window.values.push_back(Field(kS));
  if (random->Below(3) == 0) window.filter = Test(Op::kGreater, kN, 1);
  if (random->Below(3) == 0) window.by = {kG};
  if (random->Below(6) == 0) window.by = {kG, kS};
  window.excluding_current = random->Below(3) == 0;
  if (random->Below(5) == 0) window.exceptions.push_back(Test(Op::kEqual, kN, 4));
  return window;
}

// A plan with what it needs, and one key.
struct Bench {
  RuleSetSpec spec;
  Pool pool;
  Limits limits;
  WindowPlan plan;
  std::unique_ptr<Windows> windows;
  WindowState state;
  std::vector<WindowOverflow> overflows;
  Scratch scratch;

  explicit Bench(std::vector<WindowSpec> windows_wanted, bool past = false, Limits bounds = {}) {
    spec.layout = Layout();
    spec.windows = std::move(windows_wanted);
    limits = bounds;
    for (WindowSpec& window : spec.windows) window.sources = {{0, {}}};
    const std::vector<WindowUse> uses(spec.windows.size(), {0, {0}, past});
    const std::vector<int> streams = {0, 0};
    plan = WindowPlan::Build({&spec, &uses, &kEventTypes, &streams}, &pool);
    windows = std::make_unique<Windows>(&plan, &pool, limits);
  }

  void Update(const Event& event) {
    windows->Begin(event);
    const int route = 0;
    windows->Update({&route, 1}, &state, &overflows);
  }

  std::string Read(int index, const WindowScope& scope, const Event& current) {
    const WindowSpec& window = spec.windows[static_cast<std::size_t>(index)];
    std::vector<Value> args;
    for (const int column : window.by) args.push_back(current.row[column]);
    if (window.function == WindowFunction::kZscore || window.function == WindowFunction::kNew ||
        window.function == WindowFunction::kSeen) {
      for (const Expr& value : window.values) args.push_back(NaiveWindows::ValueOf(value, current));
    }
    std::string text;
    scratch.Reset();
    AppendJson(windows->Read(scope, index, args, &scratch), &text);
    return text;
  }

  // As the newest event reads it.
  std::string ReadNow(int index, const Event& event) {
    return Read(index, {windows.get(), &state, event.ts, true, false, {}}, event);
  }

  void StoreAndLoad() {
    std::string bytes;
    state.AppendBytes(plan, 0, &bytes);
    Result<WindowState> loaded = WindowState::FromBytes(plan, 0, bytes);
    REQUIRE(loaded.has_value());
    std::string again;
    loaded->AppendBytes(plan, 0, &again);
    REQUIRE(again == bytes);
    state = std::move(*loaded);
  }
};

std::string Shown(const WindowSpec& w) {
  return "function " + std::to_string(static_cast<int>(w.function)) + " kind " +
         std::to_string(static_cast<int>(w.kind)) + " length " + std::to_string(w.length) +
         " last " + std::to_string(w.events) + " values " + std::to_string(w.values.size()) +
         " column " + std::to_string(w.values.empty() ? -9 : w.values[0].column) + " by " +
         std::to_string(w.by.size()) + (w.excluding_current ? " excluding" : "") +
         (w.filter ? " where" : "") + (w.exceptions.empty() ? "" : " except");
}

TEST_CASE("windows agree with the slow way") {
  for (std::uint32_t seed = 1; seed <= 120; ++seed) {
    EventMaker random(seed);
    std::vector<WindowSpec> specs;
    for (int i = 0; i < 30; ++i) specs.push_back(RandomWindow(&random));
    const bool past = seed % 2 == 0;
    Bench bench(specs, past);
    std::vector<Event> events;
    const NaiveWindows naive(&events);
    TimestampMs ts = seed % 5 == 0 ? -1000 : 1'700'000'000'000;
    for (int i = 0; i < 60; ++i) {
      static const std::vector<int> kGaps = {0, 0, 1, 3, 6, 20, 49, 399};
      ts += kGaps[static_cast<std::size_t>(random.Below(8))];
      if (random.Below(40) == 0) ts += 8 * 86'400'000;
      events.push_back(random.Make(ts, i));
      bench.Update(events.back());
      if (random.Below(6) == 0) bench.StoreAndLoad();
      const std::size_t count = events.size();
      for (std::size_t w = 0; w < specs.size(); ++w) {
        CAPTURE(seed);
        CAPTURE(i);
        CAPTURE(Shown(specs[w]));
        REQUIRE(bench.ReadNow(static_cast<int>(w), events.back()) ==
                naive.Read(specs[w], count, {ts, count - 1}));
      }
      if (!past) continue;
      // A deadline, and some event bound before it.
      const TimestampMs deadline = ts + 1 + random.Below(60);
      const auto bound = static_cast<std::size_t>(random.Below(static_cast<int>(count)));
      for (std::size_t w = 0; w < specs.size(); ++w) {
        CAPTURE(seed);
        CAPTURE(i);
        CAPTURE(bound);
        CAPTURE(Shown(specs[w]));
        const WindowScope scope{bench.windows.get(),  &bench.state, deadline - 1, false, true,
                                events[bound].order()};
        REQUIRE(bench.Read(static_cast<int>(w), scope, events[bound]) ==
                naive.Read(specs[w], count, {deadline - 1, bound}));
      }
      ts = deadline;
    }
    CHECK(bench.overflows.empty());
  }
}

// `count` events of type A, a millisecond apart, with n = 0, 1, 2, ..
std::vector<Event> Numbered(int count, std::deque<std::vector<Value>>* rows) {
  std::vector<Event> events;
  for (int i = 0; i < count; ++i) {
    rows->emplace_back(kColumns)[kN] = Value::Int(i);
    Event event;
    event.ts = i;
    event.position.offset = i;
    event.row = rows->back().data();
    events.push_back(event);
  }
  return events;
}

WindowSpec Window(WindowFunction function, DurationMs length, int column) {
  WindowSpec window;
  window.function = function;
  window.length = length;
  window.event_types = {0};
  if (function != WindowFunction::kCount) window.values = {Field(column)};
  return window;
}

TEST_CASE("window_events: the oldest event goes, and every window that loses it is told") {
  Limits limits;
  limits.window_events = 5;
  Bench bench({Window(WindowFunction::kSum, 4, kN), Window(WindowFunction::kSum, 7, kN),
               Window(WindowFunction::kSum, 100, kN)},
              false, limits);
  std::deque<std::vector<Value>> rows;
  const std::vector<Event> events = Numbered(7, &rows);
  for (std::size_t i = 0; i < events.size(); ++i) {
    bench.overflows.clear();
    bench.Update(events[i]);
    CHECK(bench.overflows.size() == (i < 5 ? 0 : 2));
    for (const WindowOverflow& overflow : bench.overflows) {
      CHECK(overflow.window != 0);  // the short one is whole
      CHECK(overflow.limit == LimitKind::kWindowEvents);
    }
  }
  CHECK(bench.ReadNow(0, events.back()) == "18");  // 3 to 6
  CHECK(bench.ReadNow(1, events.back()) == "20");  // 2 to 6
  CHECK(bench.ReadNow(2, events.back()) == "20");
}

TEST_CASE("distinct_values: the value seen longest ago goes") {
  Limits limits;
  limits.distinct_values = 3;
  Bench bench({Window(WindowFunction::kDistinct, 2, kN), Window(WindowFunction::kSeen, 100, kN)},
              false, limits);
  std::deque<std::vector<Value>> rows;
  std::vector<Event> events = Numbered(5, &rows);
  rows[3][kN] = Value::Int(0);  // 0 1 2 0 4
  for (const Event& event : events) bench.Update(event);
  REQUIRE(bench.overflows.size() == 1);
  CHECK(bench.overflows[0].window == 1);
  CHECK(bench.overflows[0].limit == LimitKind::kDistinctValues);
  CHECK(bench.ReadNow(0, events.back()) == "2");
  std::vector<std::string> seen;
  for (int n = 0; n < 5; ++n) {
    rows.back()[kN] = Value::Int(n);
    Event other = events.back();
    other.row = rows.back().data();
    seen.push_back(bench.Read(1, {bench.windows.get(), &bench.state, 5, false, false, {}}, other));
  }
  CHECK(seen == std::vector<std::string>{"true", "false", "true", "false", "true"});
}

TEST_CASE("distinct_values of a window without the current event") {
  Limits limits;
  limits.distinct_values = 2;
  WindowSpec last = Window(WindowFunction::kNew, 0, kN);
  last.kind = WindowKind::kLastEvents;
  last.events = 2;
  WindowSpec sliding = Window(WindowFunction::kDistinct, 100, kN);
  sliding.excluding_current = true;
  Bench bench({last, sliding}, true, limits);
  std::deque<std::vector<Value>> rows;
  const std::vector<Event> events = Numbered(4, &rows);
  for (const Event& event : events) bench.Update(event);
  // The third event takes the first one's value from both, the fourth the second one's.
  CHECK(bench.overflows.size() == 4);
  CHECK(bench.ReadNow(1, events[3]) == "1");
  // At a deadline the values are what they were.
  const auto past = [&](std::size_t i) {
    return WindowScope{bench.windows.get(), &bench.state, 5, false, true, events[i].order()};
  };
  CHECK(bench.Read(1, past(3), events[3]) == "1");
  CHECK(bench.Read(1, past(1), events[1]) == "2");
  CHECK(bench.Read(0, past(3), events[1]) == "true");
  CHECK(bench.Read(0, past(3), events[2]) == "false");
}

TEST_CASE("groups of `by` count as distinct_values") {
  Limits limits;
  limits.distinct_values = 2;
  WindowSpec window = Window(WindowFunction::kCount, 100, 0);
  window.by = {kN};
  Bench bench({window}, false, limits);
  std::deque<std::vector<Value>> rows;
  const std::vector<Event> events = Numbered(3, &rows);
  for (const Event& event : events) bench.Update(event);
  REQUIRE(bench.overflows.size() == 1);
  CHECK(bench.overflows[0].limit == LimitKind::kDistinctValues);
  CHECK(bench.ReadNow(0, events[2]) == "1");
  CHECK(bench.Read(0, {bench.windows.get(), &bench.state, 2, false, false, {}}, events[0]) == "0");
}

TEST_CASE("a hundred lengths hold the events of one") {
  std::vector<WindowSpec> one = {Window(WindowFunction::kMax, 1000, kN)};
  std::vector<WindowSpec> many;
  for (int i = 1; i <= 100; ++i) many.push_back(Window(WindowFunction::kMax, i * 10, kN));
  Bench first(one);
  Bench second(many);
  std::deque<std::vector<Value>> rows;
  for (const Event& event : Numbered(5000, &rows)) {
    first.Update(event);
    second.Update(event);
  }
  CHECK(first.state.heap_bytes() == second.state.heap_bytes());
  CHECK(first.state.heap_bytes() < std::size_t{16} * 1024);
}

TEST_CASE("what a window needs no more is given back") {
  Bench bench({Window(WindowFunction::kSum, 1000, kN)});
  std::deque<std::vector<Value>> rows;
  std::vector<Event> events = Numbered(20000, &rows);
  std::size_t most = 0;
  for (Event& event : events) {
    if (event.position.offset > 2000) event.ts = 2000 + (event.ts - 2000) * 500;
    bench.Update(event);
    most = std::max(most, bench.state.heap_bytes());
  }
  CHECK(bench.state.heap_bytes() < most / 4);
  CHECK(bench.state.expires() == events.back().ts + 1000);
}

TEST_CASE("a stored state goes on with those feeds that another plan has too") {
  const WindowSpec sum = Window(WindowFunction::kSum, 50, kN);
  WindowSpec other = Window(WindowFunction::kCount, 50, 0);
  other.filter = Test(Op::kGreater, kN, 3);
  std::deque<std::vector<Value>> rows;
  const std::vector<Event> events = Numbered(10, &rows);
  Bench before({other, sum});
  for (const Event& event : events) before.Update(event);
  std::string bytes;
  before.state.AppendBytes(before.plan, 0, &bytes);
  WindowSpec added = Window(WindowFunction::kMax, 50, kN);
  added.kind = WindowKind::kTumbling;
  Bench after({Window(WindowFunction::kMin, 50, kD), sum, added});
  Result<WindowState> loaded = WindowState::FromBytes(after.plan, 0, bytes);
  REQUIRE(loaded.has_value());
  after.state = std::move(*loaded);
  const WindowScope scope{after.windows.get(), &after.state, 9, false, false, {}};
  CHECK(after.Read(0, scope, events.back()) == "null");
  CHECK(after.Read(1, scope, events.back()) == "45");
}

TEST_CASE("bytes that are no windows are refused") {
  EventMaker random(7);
  std::vector<WindowSpec> specs;
  for (int i = 0; i < 40; ++i) {
    WindowSpec spec = RandomWindow(&random);
    // The text of a list is trusted: whoever stores a state adds a checksum.
    const bool list = !spec.values.empty() && spec.values[0].type.kind == Kind::kList;
    if (!list) specs.push_back(spec);
  }
  Bench bench(specs);
  for (int i = 0; i < 40; ++i) bench.Update(random.Make(i, i));
  std::string bytes;
  bench.state.AppendBytes(bench.plan, 0, &bytes);
  for (std::size_t size = 1; size < bytes.size(); size += 1 + size / 50)
    CHECK_FALSE(WindowState::FromBytes(bench.plan, 0, bytes.substr(0, size)).has_value());
  // Any byte may be wrong: the state may be another one, but reading it is safe.
  for (std::size_t at = 0; at < bytes.size(); at += 1 + at / 100) {
    std::string wrong = bytes;
    wrong[at] = static_cast<char>(wrong[at] ^ 0x41);
    Result<WindowState> loaded = WindowState::FromBytes(bench.plan, 0, wrong);
    if (!loaded) continue;
    bench.state = std::move(*loaded);
    const Event event = random.Make(1'000'000, 100);
    bench.Update(event);
    for (std::size_t w = 0; w < specs.size(); ++w) bench.ReadNow(static_cast<int>(w), event);
  }
}

}  // namespace
}  // namespace shrike::nfa
