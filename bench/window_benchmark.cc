// Window aggregates of a million keys: ns per event (the update and the reading of every window) and bytes per key, for
// 1, 10 and 100 windows of one kind and function over one filter and field.
//
// The arguments are function (nfa::WindowFunction), kind (nfa::WindowKind) and the number of windows. All keys have been
// filled before, one after the other; every measured event is of a random key. The longest window holds 8 events of a
// key; of `last n events`, n goes from 1 to the number of windows, and a key has 11 events. At the end 1,000 keys get
// another event, and what it reads is what the oracle says (a difference ends the program).
// Run: build/release/bench/window_benchmark [--benchmark_filter=..]
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "nfa/windows.h"
#include "tests/oracle/datum.h"
#include "tests/oracle/window_reader.h"

namespace shrike::nfa {
namespace {

constexpr std::uint64_t kKeys = 1'000'000;
constexpr std::uint64_t kFill = 10;  // events a key before measuring
constexpr std::uint64_t kSampled = 1000;
constexpr DurationMs kGap = static_cast<DurationMs>(kKeys);  // between events of a key, about
constexpr DurationMs kLongest = 8 * kGap;

constexpr std::array<const char*, 13> kFunctions = {"count",  "sum",      "avg",   "min",  "max",
                                                    "stddev", "distinct", "first", "last", "rate",
                                                    "zscore", "new",      "seen"};
constexpr std::array<const char*, 4> kKinds = {"sliding", "tumbling", "session", "last n"};

// Numbers that look random; the same in every run.
std::uint64_t Mix(std::uint64_t n) {
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

struct Seen {
  TimestampMs ts = 0;
  Value value;
};

class Load {
 public:
  Load(WindowFunction function, WindowKind kind, int count) : function_(function) {
    spec_.layout.columns = {{"f", {Kind::kDecimal, 2, Kind::kNull}}};
    for (int i = 1; i <= count; ++i) spec_.windows.push_back(Window(function, kind, i, count));
    const std::vector<WindowUse> uses(spec_.windows.size(), {0, {0}, false});
    const std::vector<std::string> types = {"s.s"};
    const std::vector<int> streams = {0};
    plan_ = WindowPlan::Build({&spec_, &uses, &types, &streams}, &pool_);
    windows_ = std::make_unique<Windows>(&plan_, &pool_, Limits());
    states_.resize(kKeys);
    sample_.resize(kSampled);
    for (std::uint64_t key = 0; key < kKeys; ++key) {
      for (std::uint64_t i = 0; i < kFill; ++i) {
        const std::uint64_t random = Mix(++number_);
        Update(key, static_cast<TimestampMs>(i * kKeys + random % kKeys), random);
      }
    }
  }

  // An event of some key.
  void Next() {
    const std::uint64_t random = Mix(++number_);
    const std::uint64_t key = random % kKeys;
    const Value value = Update(key, time_, random);
    ReadAll(key, value,
            [](std::size_t /*window*/, const Value& read) { benchmark::DoNotOptimize(read); });
    ++time_;
  }

  std::size_t BytesPerKey() const {
    std::size_t bytes = 0;
    for (const WindowState& state : states_) bytes += sizeof state + state.heap_bytes();
    return bytes / kKeys;
  }

  void CheckSample() {
    for (std::uint64_t key = 0; key < kSampled; ++key) CheckKey(key);
  }

 private:
  WindowSpec Window(WindowFunction function, WindowKind kind, int i, int count) const {
    WindowSpec window;
    window.function = function;
    window.kind = kind;
    if (kind == WindowKind::kLastEvents) {
      window.events = i;
    } else {
      window.length = kLongest * i / count;
    }
    window.sources = {{0, {}}};
    window.event_types = {0};
    window.type = {Kind::kFloat, 0, Kind::kNull};
    if (function == WindowFunction::kAvg || function == WindowFunction::kSum)
      window.type = {Kind::kDecimal, 2, Kind::kNull};
    if (function == WindowFunction::kCount) return window;
    Expr field;
    field.op = Op::kField;
    field.type = spec_.layout.columns[0].type;
    window.values = {field};
    return window;
  }

  Value Update(std::uint64_t key, TimestampMs ts, std::uint64_t random) {
    const Value value = Value::Dec({static_cast<std::int64_t>(random >> 40) % 20'000, 2});
    Event event;
    event.ts = ts;
    event.row = &value;
    const int route = 0;
    windows_->Begin(event);
    windows_->Update({&route, 1}, &states_[key], &overflows_);
    if (key < kSampled) sample_[key].push_back({ts, value});
    return value;
  }

  // As the key's newest event reads them, which has the value.
  template <typename F>
  void ReadAll(std::uint64_t key, const Value& value, const F& take) {
    const WindowScope scope{windows_.get(), &states_[key], time_, true, false, {}};
    const bool takes_value = function_ >= WindowFunction::kZscore;
    for (std::size_t i = 0; i < spec_.windows.size(); ++i) {
      scratch_.Reset();
      take(i,
           windows_->Read(scope, static_cast<int>(i), {&value, takes_value ? 1U : 0U}, &scratch_));
    }
  }

  void CheckKey(std::uint64_t key) {
    const Value value = Update(key, time_, Mix(++number_));
    oracle::History history{.set = &spec_, .events = {}, .alerts = {}};
    for (const Seen& seen : sample_[key]) {
      Event& event = history.events.emplace_back();
      event.ts = seen.ts;
      event.row = &seen.value;
    }
    const std::vector<oracle::Datum> no_key;
    const std::size_t newest = history.events.size() - 1;
    const oracle::WindowReading reading{.history = &history,
                                        .key = &no_key,
                                        .moment = oracle::AtEvent(history, newest),
                                        .current = newest,
                                        .group = {},
                                        .own = {oracle::FromValue(value)}};
    ReadAll(key, value, [&](std::size_t i, const Value& read) {
      const oracle::Datum want = oracle::ReadWindow(spec_.windows[i], reading);
      const std::string got = oracle::ToText(oracle::FromValue(read));
      if (got == oracle::ToText(want)) return;
      std::fprintf(stderr, "key %d window %d: %s, not %s\n", static_cast<int>(key),
                   static_cast<int>(i), got.c_str(), oracle::ToText(want).c_str());
      std::abort();
    });
    ++time_;
  }

  const WindowFunction function_;
  RuleSetSpec spec_;
  Pool pool_;
  WindowPlan plan_;
  std::unique_ptr<Windows> windows_;
  std::vector<WindowState> states_;
  std::vector<std::vector<Seen>> sample_;
  std::vector<WindowOverflow> overflows_;
  Scratch scratch_;
  std::uint64_t number_ = 0;
  TimestampMs time_ = static_cast<TimestampMs>(kFill * kKeys);
};

void WindowsOfManyKeys(benchmark::State& state) {
  const auto function = static_cast<std::size_t>(state.range(0));
  const auto kind = static_cast<std::size_t>(state.range(1));
  Load load(static_cast<WindowFunction>(function), static_cast<WindowKind>(kind),
            static_cast<int>(state.range(2)));
  for (auto _ : state) load.Next();
  load.CheckSample();
  state.counters["bytes_per_key"] = static_cast<double>(load.BytesPerKey());
  state.SetLabel(std::string(kFunctions.at(function)) + ", " + kKinds.at(kind));
}

void Cases(benchmark::internal::Benchmark* benchmark) {
  for (std::size_t function = 0; function < kFunctions.size(); ++function) {
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      const bool rate = static_cast<WindowFunction>(function) == WindowFunction::kRate;
      if (rate && kind >= 2) continue;  // not with sessions and last n
      for (const int windows : {1, 10, 100}) {
        benchmark->Args(
            {static_cast<std::int64_t>(function), static_cast<std::int64_t>(kind), windows});
      }
    }
  }
}

BENCHMARK(WindowsOfManyKeys)
    ->ArgNames({"function", "kind", "windows"})
    ->Apply(Cases)
    ->Iterations(1'000'000);

}  // namespace
}  // namespace shrike::nfa
