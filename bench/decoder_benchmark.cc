// What it costs to decode one event, and to put it in order. The budget is 100-200 ns for 240 bytes (architecture.md).
//
//     build/release/bench/decoder_benchmark --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "ingest/json_decoder.h"
#include "ingest/reorder.h"

namespace {

std::size_t allocation_count = 0;

}  // namespace

// Every allocation of the program is counted: decoding and ordering must make none.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocation_count;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace shrike::ingest {
namespace {

// Allocations per iteration since `before`.
benchmark::Counter Allocations(std::size_t before) {
  return {static_cast<double>(allocation_count - before), benchmark::Counter::kAvgIterations};
}

constexpr std::pair<std::string_view, std::string_view> kFields[] = {
    {"ts", "timestamp"},    {"tx_id", "int"},         {"card", "string"},
    {"merchant", "string"}, {"amount", "decimal(2)"}, {"currency", "string"},
    {"status", "string"},   {"mcc", "int"},           {"ip", "ip"},
    {"country", "string"},
};

Catalog MakeCatalog() {
  StreamSchema stream;
  stream.name = "txn";
  stream.event_types = {"txn"};
  stream.time_field = "ts";
  for (const auto& [name, type] : kFields) {
    stream.fields.push_back({std::string(name), *ParseType(type)});
  }
  return {{stream}};
}

RowLayout MakeLayout(const Catalog& catalog, std::size_t columns) {
  RowLayout layout;
  for (const FieldSchema& field : catalog.streams[0].fields) {
    if (layout.columns.size() < columns) layout.Intern(field.name, field.type);
  }
  return layout;
}

// Events of 10 fields and 240 bytes, one second apart.
std::vector<std::string> MakeEvents(std::size_t count) {
  std::vector<std::string> events;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string n = std::to_string(100'000 + i * 7'919 % 900'000);
    std::string event = R"({"ts":)" + std::to_string(1'522'540'831'000 + 1'000 * i) +
                        R"(,"tx_id":)" + n + R"(,"card":"4970-)" + n + R"(-0001","merchant":"M)" +
                        n + R"( Groceries","amount":)" + std::to_string(i % 900 + 100) + "." +
                        std::to_string(10 + i % 90) +
                        R"(,"currency":"EUR","status":"approved","mcc":5411,"ip":"192.168.)" +
                        std::to_string(i % 256) + R"(.17","country":"DE"})";
    event.insert(event.size() - 3, 240 - event.size(), 'x');
    SHRIKE_CHECK(event.size() == 240);
    events.push_back(std::move(event));
  }
  return events;
}

// range(0): how many of the fields have a column.
void BM_Decode(benchmark::State& state) {
  const Catalog catalog = MakeCatalog();
  JsonDecoder decoder(catalog, 0, MakeLayout(catalog, static_cast<std::size_t>(state.range(0))));
  const std::vector<std::string> events = MakeEvents(4'096);
  RecordPool pool;
  const RecordPtr record = pool.Acquire();
  std::size_t next = 0;
  const std::size_t allocations_before = allocation_count;
  for (auto _ : state) {
    const Decoded decoded = decoder.Decode({{}, std::nullopt, events[next]}, record.get());
    SHRIKE_CHECK(decoded.outcome == DecodeOutcome::kEvent);
    next = (next + 1) % events.size();
  }
  state.counters["allocations"] = Allocations(allocations_before);
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * 240);
}
BENCHMARK(BM_Decode)->Arg(10)->Arg(3)->Arg(0);

// Only the order: range(0) is the out-of-order bound and the shuffling within it, in seconds.
void BM_Reorder(benchmark::State& state) {
  RecordPool pool;
  ReorderBuffer buffer;
  const std::int64_t bound = state.range(0);
  const int partition = buffer.AddPartition({0, 0, 0, bound * 1'000});
  std::int64_t offset = 0;
  const std::size_t allocations_before = allocation_count;
  for (auto _ : state) {
    RecordPtr record = pool.Acquire();
    record->position = {0, 0, offset};
    record->ts = 1'000 * (offset + (bound == 0 ? 0 : offset * 7 % bound));
    ++offset;
    SHRIKE_CHECK(buffer.Offer(partition, &record));
    while (const RecordPtr next = buffer.PopUpTo(buffer.task_time()))
      benchmark::DoNotOptimize(next->ts);
  }
  state.counters["allocations"] = Allocations(allocations_before);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Reorder)->Arg(0)->Arg(10)->Arg(1'000);

}  // namespace
}  // namespace shrike::ingest
