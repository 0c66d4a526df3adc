// Window aggregates of a million keys: ns per event (the update and the reading of every window) and bytes per key, for
// 1, 10 and 100 windows of one kind and function over one filter and field.
//
// The arguments are function (nfa::WindowFunction), kind (nfa::WindowKind) and the number of windows. Every event is of
// a random key; the longest window holds 8 events of a key, as all keys have been filled before. At the end 1,000 keys
// are compared with what their events say (a mismatch ends the program).
// Run: build/release/bench/window_benchmark [--benchmark_filter=..]
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "nfa/windows.h"

namespace shrike::nfa {
namespace {

constexpr std::uint64_t kKeys = 1'000'000;
constexpr std::uint64_t kFill = 10;  // events a key before measuring
constexpr std::uint64_t kSampled = 1000;
constexpr DurationMs kLongest = 8 * static_cast<DurationMs>(kKeys);  // an event a millisecond

struct Seen {
  TimestampMs ts = 0;
  std::int64_t value = 0;
};

// Numbers that look random; the same in every run.
std::uint64_t Mix(std::uint64_t n) {
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9;
  n = (n ^ (n >> 27)) * 0x94d049bb133111eb;
  return n ^ (n >> 31);
}

class Load {
 public:
  Load(WindowFunction function, WindowKind kind, int count) : function_(function), kind_(kind) {
    spec_.layout.columns = {{"f", {Kind::kDecimal, 2, Kind::kNull}}};
    for (int i = 1; i <= count; ++i) {
      WindowSpec window;
      window.function = function;
      window.kind = kind;
      window.length = kLongest * i / count;
      window.sources = {{0, {}}};
      window.event_types = {0};
      if (function != WindowFunction::kCount) {
        Expr field;
        field.op = Op::kField;
        field.type = spec_.layout.columns[0].type;
        window.values = {field};
      }
      spec_.windows.push_back(window);
    }
    const std::vector<WindowUse> uses(spec_.windows.size(), {0, {0}, false});
    const std::vector<std::string> types = {"s.s"};
    const std::vector<int> streams = {0};
    plan_ = WindowPlan::Build({&spec_, &uses, &types, &streams}, &pool_);
    windows_ = std::make_unique<Windows>(&plan_, &pool_, Limits());
    states_.resize(kKeys);
    sample_.resize(kSampled);
    for (std::uint64_t i = 0; i < kFill * kKeys; ++i) Next(false);
  }

  void Next(bool reads) {
    const std::uint64_t random = Mix(++number_);
    const std::uint64_t key = random % kKeys;
    const auto units = static_cast<std::int64_t>(random >> 40) % 20'000;
    const Value value = Value::Dec({units, 2});
    Event event;
    event.ts = static_cast<TimestampMs>(number_);
    event.row = &value;
    windows_->Begin(event);
    const int route = 0;
    windows_->Update({&route, 1}, &states_[key], &overflows_);
    if (key < kSampled) sample_[key].push_back({event.ts, units});
    if (!reads) return;
    const WindowScope scope{windows_.get(), &states_[key], event.ts, true, false, {}};
    for (std::size_t i = 0; i < spec_.windows.size(); ++i)
      benchmark::DoNotOptimize(Read(i, scope, value));
  }

  std::size_t BytesPerKey() const {
    std::size_t bytes = 0;
    for (const WindowState& state : states_) bytes += sizeof state + state.heap_bytes();
    return bytes / kKeys;
  }

  // Compares the windows of the sampled keys, as they are read now.
  void CheckSample() {
    for (std::uint64_t key = 0; key < kSampled; ++key) {
      const auto now = static_cast<TimestampMs>(number_);
      const Value value = Value::Dec({sample_[key].back().value, 2});
      const WindowScope scope{windows_.get(), &states_[key], now, false, false, {}};
      for (std::size_t i = 0; i < spec_.windows.size(); ++i) {
        const Value got = Read(i, scope, value);
        const double want = Expected(sample_[key], spec_.windows[i].length, now);
        const bool same = std::isnan(want) ? got.is_null()
                                           : !got.is_null() && std::fabs(Number(got) - want) <=
                                                                   1e-9 * (1 + std::fabs(want));
        if (same) continue;
        std::fprintf(stderr, "key %d window %d: wrong\n", static_cast<int>(key),
                     static_cast<int>(i));
        std::abort();
      }
    }
  }

 private:
  Value Read(std::size_t window, const WindowScope& scope, const Value& value) {
    scratch_.Reset();
    const bool takes_value =
        function_ == WindowFunction::kZscore || function_ == WindowFunction::kNew;
    return windows_->Read(scope, static_cast<int>(window), {&value, takes_value ? 1U : 0U},
                          &scratch_);
  }

  static double Number(const Value& value) {
    switch (value.kind()) {
      case Kind::kBool:
        return value.boolean() ? 1 : 0;
      case Kind::kDecimal:
        return DecimalToDouble(value.decimal());
      case Kind::kFloat:
        return value.float64();
      default:
        return static_cast<double>(value.int64());
    }
  }

  std::vector<double> Inside(const std::vector<Seen>& seen, DurationMs length,
                             TimestampMs now) const {
    TimestampMs start = now - length + 1;
    if (kind_ == WindowKind::kTumbling) start = TumblingStart(now, length);
    if (kind_ == WindowKind::kSession) {
      start = now;
      for (std::size_t i = seen.size(); i-- > 0 && start - seen[i].ts < length;) start = seen[i].ts;
    }
    std::vector<double> values;
    for (const Seen& event : seen) {
      if (event.ts >= start) values.push_back(static_cast<double>(event.value) / 100);
    }
    return values;
  }

  double Expected(const std::vector<Seen>& seen, DurationMs length, TimestampMs now) const {
    const std::vector<double> values = Inside(seen, length, now);
    const double count = static_cast<double>(values.size());
    double sum = 0;
    double spread = 0;
    for (const double v : values) sum += v;
    for (const double v : values) spread += (v - sum / count) * (v - sum / count);
    const double deviation = count < 2 ? NAN : std::sqrt(spread / (count - 1));
    switch (function_) {
      case WindowFunction::kCount:
        return count;
      case WindowFunction::kSum:
        return sum;
      case WindowFunction::kAvg:
        return count == 0 ? NAN : std::round(sum / count * 1e9) / 1e9;
      case WindowFunction::kRate:
        return sum * 1000 / static_cast<double>(length);
      case WindowFunction::kStddev:
        return deviation;
      case WindowFunction::kZscore:
        return (static_cast<double>(seen.back().value) / 100 - sum / count) / deviation;
      case WindowFunction::kDistinct:
        return static_cast<double>(std::set<double>(values.begin(), values.end()).size());
      case WindowFunction::kNew: {
        const double current = static_cast<double>(seen.back().value) / 100;
        return std::find(values.begin(), values.end(), current) == values.end() ? 1 : 0;
      }
      default:
        break;
    }
    if (values.empty()) return NAN;
    switch (function_) {
      case WindowFunction::kMin:
        return *std::min_element(values.begin(), values.end());
      case WindowFunction::kMax:
        return *std::max_element(values.begin(), values.end());
      case WindowFunction::kFirst:
        return values.front();
      default:
        return values.back();
    }
  }

  const WindowFunction function_;
  const WindowKind kind_;
  RuleSetSpec spec_;
  Pool pool_;
  WindowPlan plan_;
  std::unique_ptr<Windows> windows_;
  std::vector<WindowState> states_;
  std::vector<std::vector<Seen>> sample_;
  std::vector<WindowOverflow> overflows_;
  Scratch scratch_;
  std::uint64_t number_ = 0;
};

void WindowsOfManyKeys(benchmark::State& state) {
  Load load(static_cast<WindowFunction>(state.range(0)), static_cast<WindowKind>(state.range(1)),
            static_cast<int>(state.range(2)));
  for (auto _ : state) load.Next(true);
  load.CheckSample();
  state.counters["bytes_per_key"] = static_cast<double>(load.BytesPerKey());
}

void Cases(benchmark::internal::Benchmark* benchmark) {
  for (int function = 0; function <= static_cast<int>(WindowFunction::kNew); ++function) {
    for (const int windows : {1, 10, 100})
      benchmark->Args({function, static_cast<int>(WindowKind::kSliding), windows});
  }
  for (const WindowKind kind : {WindowKind::kTumbling, WindowKind::kSession}) {
    for (const WindowFunction function :
         {WindowFunction::kSum, WindowFunction::kMax, WindowFunction::kDistinct}) {
      for (const int windows : {1, 10, 100})
        benchmark->Args({static_cast<int>(function), static_cast<int>(kind), windows});
    }
  }
}

BENCHMARK(WindowsOfManyKeys)
    ->ArgNames({"function", "kind", "windows"})
    ->Apply(Cases)
    ->Iterations(1'000'000);

}  // namespace
}  // namespace shrike::nfa
