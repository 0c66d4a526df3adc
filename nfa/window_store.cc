// Tested by: tests/nfa/window_test.cc.
#include "nfa/window_store.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "nfa/operators.h"

namespace shrike::nfa {
namespace {

constexpr std::uint8_t kFirstCapacityLog2 = 2;

template <typename T>
T Load(const unsigned char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename T>
void Write(const T& value, unsigned char* at) {
  std::memcpy(at, &value, sizeof value);
}

std::size_t WholeWords(std::size_t bytes) { return WordsFor(bytes) * kWordBytes; }

}  // namespace

void StorePlan::Seal() {
  words = 3;  // the head
  sums_at = words;
  if (sums) words += squares ? 9 : 4;
  lowest_at = words;
  if (lowest) words += 2;
  highest_at = words;
  if (highest) words += 2;
}

std::size_t WindowStoreReader::BlockBytes() const {
  if (!plan_.sums) return 0;
  return sizeof(Running) + (plan_.squares ? sizeof(Int320) : 0);
}

WindowStoreReader::Columns WindowStoreReader::ColumnsOf(const Head& head) const {
  static_assert(sizeof(Head) == 3 * kWordBytes && sizeof(Queue) == 2 * kWordBytes);
  const std::size_t capacity = std::size_t{1} << head.capacity_log2;
  Columns columns;
  columns.values = WholeWords(capacity * head.ts_width);
  columns.nulls = columns.values + WholeWords(capacity * head.value_width);
  columns.blocks = columns.nulls + (head.has_nulls != 0 ? WholeWords((capacity + 7) / 8) : 0);
  const std::size_t blocks = capacity <= kBlockEntries ? 1 : capacity / kBlockEntries;
  columns.positions = columns.blocks + blocks * BlockBytes();
  columns.size = columns.positions + (plan_.positions ? capacity * sizeof(Position) : 0);
  return columns;
}

// In bytes from `data`. Blocks are a ring as the entries are.
std::size_t WindowStoreReader::BlockAt(std::uint32_t block) const {
  const std::uint32_t capacity = 1U << head_.capacity_log2;
  const std::uint32_t blocks = capacity <= kBlockEntries ? 1 : capacity / kBlockEntries;
  return ColumnsOf(head_).blocks + (block & (blocks - 1)) * BlockBytes();
}

TimestampMs WindowStoreReader::ts(std::uint32_t index) const {
  const unsigned char* at = read_.bytes(head_.data) + std::size_t{Slot(index)} * head_.ts_width;
  return head_.base + (head_.ts_width == 4 ? Load<std::int32_t>(at) : Load<std::int64_t>(at));
}

bool WindowStoreReader::IsNull(std::uint32_t index) const {
  if (head_.has_nulls == 0) return false;
  const std::uint32_t slot = Slot(index);
  return (read_.bytes(head_.data)[ColumnsOf(head_).nulls + slot / 8] >> (slot % 8) & 1) != 0;
}

Cell WindowStoreReader::cell(std::uint32_t index) const {
  const std::size_t at = WholeWords((std::size_t{1} << head_.capacity_log2) * head_.ts_width) +
                         std::size_t{Slot(index)} * head_.value_width;
  return LoadCell(read_.bytes(head_.data) + at, head_.value_width);
}

Value WindowStoreReader::value(std::uint32_t index) const {
  if (plan_.cell == CellKind::kNone || IsNull(index)) return Value::Null();
  return ValueOf(cell(index), plan_.type, read_);
}

Position WindowStoreReader::position(std::uint32_t index) const {
  return Load<Position>(read_.bytes(head_.data) + ColumnsOf(head_).positions +
                        Slot(index) * sizeof(Position));
}

template <typename Distance>
std::uint32_t WindowStoreReader::AfterDistance(std::int64_t bound) const {
  const unsigned char* column = read_.bytes(head_.data);
  std::uint32_t begin = head_.first;
  std::uint32_t count = head_.end - head_.first;
  while (count > 0) {
    const std::uint32_t half = count / 2;
    if (Load<Distance>(column + std::size_t{Slot(begin + half)} * sizeof(Distance)) <= bound) {
      begin += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return begin;
}

std::uint32_t WindowStoreReader::After(TimestampMs bound) const {
  if (head_.first == head_.end) return head_.first;
  // Times of events are far from the ends of 64 bits, but a bound may be the last.
  const std::int64_t distance =
      static_cast<std::int64_t>(std::clamp<Int128>(Int128{bound} - head_.base, kTimeMin, kTimeMax));
  return head_.ts_width == 4 ? AfterDistance<std::int32_t>(distance)
                             : AfterDistance<std::int64_t>(distance);
}

// Of numbers of 32 bits, without a step through wide integers; there are fewer than 2 * kBlockEntries.
void WindowStoreReader::AddNarrow(std::uint32_t from, std::uint32_t to, Moments* moments) const {
  const unsigned char* values =
      read_.bytes(head_.data) +
      WholeWords((std::size_t{1} << head_.capacity_log2) * head_.ts_width);
  std::int64_t sum = 0;
  UInt128 squares = 0;
  for (std::uint32_t i = from; i != to; ++i) {
    if (IsNull(i)) continue;
    const auto units = static_cast<std::int64_t>(
        LoadCell(values + std::size_t{Slot(i)} * head_.value_width, head_.value_width));
    sum += units;
    squares += static_cast<std::uint64_t>(units * units);
    ++moments->count;
  }
  moments->sum = Widen(sum);
  moments->squares.words[0] = static_cast<std::uint64_t>(squares);
  moments->squares.words[1] = static_cast<std::uint64_t>(squares >> 64);
}

Moments WindowStoreReader::Sum(EntryRange range) const {
  Moments moments;
  if (range.size() == 0) return moments;
  const bool narrow = head_.value_width > 0 && head_.value_width <= 4 &&
                      (plan_.cell == CellKind::kInteger || plan_.cell == CellKind::kDecimal);
  const auto add = [&](std::uint32_t from, std::uint32_t to) {
    if (narrow) {
      AddNarrow(from, to, &moments);
      return;
    }
    for (std::uint32_t i = from; i != to; ++i) {
      const Value v = value(i);
      if (!v.is_null()) AddValue(v, plan_.squares, &moments);
    }
  };
  // The first block that is complete: what stands behind it is the difference of running sums.
  const std::uint32_t block_end = (range.begin | (kBlockEntries - 1)) + 1;
  if (block_end - range.begin > head_.end - range.begin) {
    add(range.begin, range.end);
    return moments;
  }
  add(range.begin, block_end);
  const unsigned char* block = read_.bytes(head_.data) + BlockAt(range.begin / kBlockEntries);
  const auto before = Load<Running>(block);
  const auto total = read_.Get<Running>(at_ + plan_.sums_at);
  Add(total.sum, &moments.sum);
  Subtract(before.sum, &moments.sum);
  moments.count += total.count - before.count;
  moments.large += total.large - before.large;
  if (plan_.squares) {
    Add(read_.Get<Int320>(at_ + plan_.sums_at + 4), &moments.squares);
    Subtract(Load<Int320>(block + sizeof(Running)), &moments.squares);
  }
  if (range.end == head_.end) return moments;
  // All but the newest.
  const Value newest = value(range.end);
  if (newest.is_null()) return moments;
  Moments one;
  AddValue(newest, plan_.squares, &one);
  Subtract(one.sum, &moments.sum);
  Subtract(one.squares, &moments.squares);
  moments.count -= one.count;
  moments.large -= one.large;
  return moments;
}

bool WindowStoreReader::Beats(const Value& b, const Value& a, int sign) {
  return Order(b, a).value_or(0) * sign > 0;
}

std::uint32_t WindowStoreReader::QueueEntry(const Queue& queue, std::uint32_t i) const {
  return Load<std::uint32_t>(read_.bytes(queue.data) +
                             std::size_t{i & (queue.capacity - 1)} * sizeof(std::uint32_t));
}

Value WindowStoreReader::Extreme(EntryRange range, std::uint32_t queue_at, int sign) const {
  if (range.size() == 0) return Value::Null();
  const auto queue = read_.Get<Queue>(at_ + queue_at);
  // The first candidate inside the range. Candidates before the oldest entry are left over.
  std::uint32_t begin = queue.begin;
  std::uint32_t count = queue.end - queue.begin;
  while (count > 0) {
    const std::uint32_t half = count / 2;
    if (static_cast<std::int32_t>(QueueEntry(queue, begin + half) - range.begin) < 0) {
      begin += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  const Value best = begin == queue.end ? Value::Null() : value(QueueEntry(queue, begin));
  if (range.end != head_.end) return best;
  const Value newest = value(head_.end - 1);
  return best.is_null() || (!newest.is_null() && Beats(newest, best, sign)) ? newest : best;
}

Value WindowStoreReader::First(EntryRange range) const {
  for (std::uint32_t i = range.begin; i != range.end; ++i) {
    const Value v = value(i);
    if (!v.is_null()) return v;
  }
  return Value::Null();
}

Value WindowStoreReader::Last(EntryRange range) const {
  for (std::uint32_t i = range.end; i != range.begin; --i) {
    const Value v = value(i - 1);
    if (!v.is_null()) return v;
  }
  return Value::Null();
}

void WindowStore::Add(const Entry& entry, std::string* text) {
  // The entry that was the newest so far becomes a candidate: nobody leaves it out any more.
  if (head_.end != head_.first) {
    if (plan_.lowest) Push(plan_.lowest_at, -1);
    if (plan_.highest) Push(plan_.highest_at, 1);
  }
  const bool null = plan_.cell == CellKind::kNone || entry.value.is_null();
  const Cell cell = null ? 0 : CellOf(entry.value, text, &memory_);
  Fit(entry.ts, cell, null && plan_.cell != CellKind::kNone);
  const Columns columns = ColumnsOf(head_);
  unsigned char* data = memory_.bytes(head_.data);
  const std::uint32_t slot = Slot(head_.end);
  StoreCell(entry.ts - head_.base, head_.ts_width, data + std::size_t{slot} * head_.ts_width);
  StoreCell(cell, head_.value_width, data + columns.values + std::size_t{slot} * head_.value_width);
  if (head_.has_nulls != 0) {
    unsigned char& bits = data[columns.nulls + slot / 8];
    const auto mask = static_cast<unsigned char>(1U << (slot % 8));
    bits = static_cast<unsigned char>(null ? bits | mask : bits & ~mask);
  }
  if (plan_.positions) Write(entry.position, data + columns.positions + slot * sizeof(Position));
  ++head_.end;
  Save();
  if (!plan_.sums) return;
  Moments one;
  if (!null) AddValue(entry.value, plan_.squares, &one);
  const Place sums = at_ + plan_.sums_at;
  auto total = memory_.Get<Running>(sums);
  nfa::Add(one.sum, &total.sum);
  total.count += static_cast<std::uint32_t>(one.count);
  total.large += static_cast<std::uint32_t>(one.large);
  memory_.Put(sums, total);
  if (plan_.squares) {
    auto squares = memory_.Get<Int320>(sums + 4);
    nfa::Add(one.squares, &squares);
    memory_.Put(sums + 4, squares);
  }
  if (head_.end % kBlockEntries == 0) {
    std::memcpy(memory_.bytes(head_.data) + BlockAt((head_.end - 1) / kBlockEntries),
                memory_.bytes(sums), BlockBytes());
  }
}

void WindowStore::EvictFirst() {
  SHRIKE_CHECK(head_.first != head_.end);
  ++head_.first;
  Save();
}

void WindowStore::Reserve(std::uint32_t entries) {
  SHRIKE_CHECK(head_.data == kNoPlace);
  while ((1U << head_.capacity_log2) < entries) ++head_.capacity_log2;
  Save();
}

// Makes room for one more entry with these.
void WindowStore::Fit(TimestampMs ts, Cell cell, bool null) {
  constexpr unsigned kTsWidthMin = 4;
  Head wanted = head_;
  const std::uint32_t count = head_.end - head_.first;
  const bool first = head_.data == kNoPlace;
  if (first) {
    wanted.capacity_log2 = std::max<std::uint8_t>(head_.capacity_log2, kFirstCapacityLog2);
    wanted.ts_width = kTsWidthMin;
  } else if (count == 1U << head_.capacity_log2) {
    ++wanted.capacity_log2;
  }
  if (count == 0) wanted.base = ts;
  if (CellWidth(ts - wanted.base, CellKind::kInteger) > wanted.ts_width) {
    // A base in the middle of what is held: 4 bytes span 49 days.
    const TimestampMs oldest = this->ts(head_.first);
    wanted.base = oldest + (ts - oldest) / 2;
    if (CellWidth(ts - wanted.base, CellKind::kInteger) > wanted.ts_width) wanted.ts_width = 8;
  }
  const unsigned width = null ? 0 : CellWidth(cell, plan_.cell);
  if (width > wanted.value_width) wanted.value_width = static_cast<std::uint8_t>(width);
  if (null) wanted.has_nulls = 1;
  if (count == 0 && !first && wanted.value_width == head_.value_width &&
      wanted.has_nulls == head_.has_nulls) {
    head_.base = wanted.base;  // Nothing is held that would have to be written anew.
    return;
  }
  const bool same = wanted.capacity_log2 == head_.capacity_log2 &&
                    wanted.ts_width == head_.ts_width && wanted.base == head_.base &&
                    wanted.value_width == head_.value_width && wanted.has_nulls == head_.has_nulls;
  if (first || !same) Lay(wanted);
}

// Writes all entries anew, as `layout` says.
void WindowStore::Lay(Head layout) {
  const Columns columns = ColumnsOf(layout);
  layout.data = memory_.Allocate(WordsFor(columns.size));
  const std::uint32_t mask = (1U << layout.capacity_log2) - 1;
  unsigned char* data = memory_.bytes(layout.data);
  const WindowStoreReader old(*this);
  for (std::uint32_t i = head_.first; i != head_.end; ++i) {
    const std::size_t slot = i & mask;
    StoreCell(old.ts(i) - layout.base, layout.ts_width, data + slot * layout.ts_width);
    if (plan_.positions) {
      Write(old.position(i), data + columns.positions + slot * sizeof(Position));
    }
    if (old.IsNull(i)) {
      unsigned char& bits = data[columns.nulls + slot / 8];
      bits = static_cast<unsigned char>(bits | 1U << (slot % 8));
    } else if (head_.value_width != 0) {
      StoreCell(old.cell(i), layout.value_width, data + columns.values + slot * layout.value_width);
    }
  }
  // Only blocks that are complete and hold an entry say something.
  const std::uint32_t blocks_end = head_.end / kBlockEntries;
  const Head before = head_;
  for (std::uint32_t block = head_.first / kBlockEntries;
       plan_.sums && before.data != kNoPlace && block != blocks_end; ++block) {
    head_ = before;
    const std::size_t from = BlockAt(block);
    head_ = layout;
    std::memcpy(data + BlockAt(block), memory_.bytes(before.data) + from, BlockBytes());
  }
  head_ = layout;
}

// Puts the newest entry behind those that it does not beat.
void WindowStore::Push(std::uint32_t queue_at, int sign) {
  const std::uint32_t index = head_.end - 1;
  const Value added = value(index);
  if (added.is_null()) return;
  auto queue = memory_.Get<Queue>(at_ + queue_at);
  while (queue.begin != queue.end &&
         static_cast<std::int32_t>(QueueEntry(queue, queue.begin) - head_.first) < 0) {
    ++queue.begin;
  }
  // Of equal ones the later stays longer.
  while (queue.begin != queue.end && !Beats(value(QueueEntry(queue, queue.end - 1)), added, sign)) {
    --queue.end;
  }
  const std::uint32_t count = queue.end - queue.begin;
  if (count == queue.capacity) {
    Queue grown{kNoPlace, 0, count, queue.capacity == 0 ? 4 : queue.capacity * 2};
    grown.data = memory_.Allocate(WordsFor(grown.capacity * sizeof(std::uint32_t)));
    for (std::uint32_t i = 0; i < count; ++i) {
      Write(QueueEntry(queue, queue.begin + i),
            memory_.bytes(grown.data) + i * sizeof(std::uint32_t));
    }
    queue = grown;
  }
  Write(index, memory_.bytes(queue.data) +
                   std::size_t{queue.end & (queue.capacity - 1)} * sizeof(std::uint32_t));
  ++queue.end;
  memory_.Put(at_ + queue_at, queue);
}

}  // namespace shrike::nfa
