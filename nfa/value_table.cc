// Tested by: tests/nfa/value_table_test.cc.
#include "nfa/value_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"

namespace shrike::nfa {

std::uint32_t ValueTableReader::BucketOf(std::string_view bytes) const {
  return static_cast<std::uint32_t>(Hash64(bytes)) & (2 * head_.capacity - 1);
}

std::string_view ValueTableReader::BytesOf(Slot slot) const {
  const SlotEntry entry = Entry(slot);
  const Place at = head_.slots + slot * 3;
  return read_.text(entry.size <= kWordBytes ? at : static_cast<Place>(entry.bytes), entry.size);
}

ValueTableReader::Slot ValueTableReader::Find(std::string_view bytes) const {
  if (head_.size == 0) return kNoSlot;
  const Place bucket = head_.buckets + BucketOf(bytes) / 2;
  std::uint32_t link = 0;
  std::memcpy(&link, read_.bytes(bucket) + (BucketOf(bytes) % 2) * sizeof link, sizeof link);
  while (link != 0) {
    if (BytesOf(link - 1) == bytes) return link - 1;
    link = Entry(link - 1).next;
  }
  return kNoSlot;
}

Sight ValueTableReader::SightOf(Slot slot) const {
  const LogEntry entry = Log(Entry(slot).log);
  return {entry.ts, entry.number};
}

// The first entry of the log for which before(entry) is false.
template <typename Before>
std::uint32_t ValueTableReader::LowerBound(const Before& before) const {
  std::uint32_t begin = head_.log_begin;
  std::uint32_t count = head_.log_end - head_.log_begin;
  while (count > 0) {
    const std::uint32_t half = count / 2;
    if (before(Log(begin + half))) {
      begin += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return begin;
}

std::uint32_t ValueTableReader::CountAfter(TimestampMs bound) const {
  return CountLiving(LowerBound([&](const LogEntry& e) { return e.ts <= bound; }));
}

std::uint32_t ValueTableReader::CountBehind(std::uint32_t number) const {
  return CountLiving(LowerBound(
      [&](const LogEntry& e) { return static_cast<std::int32_t>(e.number - number) <= 0; }));
}

std::uint32_t ValueTableReader::CountLiving(std::uint32_t begin) const {
  if (begin == head_.log_end) return 0;
  const std::uint32_t last = (head_.log_end - 1) / 64;
  std::uint32_t word = begin / 64;
  std::uint64_t bits = read_.Get<std::uint64_t>(BitsAt() + word) & ~std::uint64_t{0}
                                                                       << (begin % 64);
  int count = std::popcount(bits);
  while (word != last) {
    bits = read_.Get<std::uint64_t>(BitsAt() + ++word);
    count += std::popcount(bits);
  }
  return static_cast<std::uint32_t>(count);
}

ValueTableReader::Slot ValueTableReader::Next(std::uint32_t* cursor) const {
  if (*cursor < head_.log_begin) *cursor = head_.log_begin;
  while (*cursor < head_.log_end) {
    const std::uint32_t at = (*cursor)++;
    if (Lives(at)) return Log(at).slot;
  }
  return kNoSlot;
}

ValueTable::Seen ValueTable::See(std::string_view bytes, Sight sight) {
  Seen seen;
  seen.slot = Find(bytes);
  if (seen.slot != kNoSlot) {
    seen.known = true;
    seen.before = SightOf(seen.slot);
    PutBit(Entry(seen.slot).log, false);
    Append(seen.slot, sight);
    Save();
    return seen;
  }
  if (head_.size == head_.capacity) Grow(std::max<std::uint32_t>(2, 2 * head_.capacity));
  if (head_.free != 0) {
    seen.slot = head_.free - 1;
    head_.free = Entry(seen.slot).next;
  } else {
    seen.slot = head_.used++;
  }
  SlotEntry entry;
  entry.size = static_cast<std::uint32_t>(bytes.size());
  if (bytes.size() <= kWordBytes) {
    std::memcpy(&entry.bytes, bytes.data(), bytes.size());
  } else {
    entry.bytes = memory_.AddText(bytes);
  }
  Put(seen.slot, entry);
  ++head_.size;
  Link(seen.slot);
  Append(seen.slot, sight);
  Save();
  return seen;
}

void ValueTable::SetExtra(Slot slot, std::uint32_t extra) {
  SlotEntry entry = Entry(slot);
  entry.extra = extra;
  Put(slot, entry);
}

void ValueTable::Remove(Slot slot) {
  SlotEntry entry = Entry(slot);
  PutBit(entry.log, false);
  const std::uint32_t bucket = BucketOf(BytesOf(slot));
  // The chain's links: the bucket itself, then each slot's `next`.
  unsigned char* at = memory_.bytes(head_.buckets) + std::size_t{bucket} * sizeof(Slot);
  std::uint32_t link = 0;
  std::memcpy(&link, at, sizeof link);
  if (link == slot + 1) {
    std::memcpy(at, &entry.next, sizeof link);
  } else {
    SHRIKE_CHECK(link != 0);
    SlotEntry before = Entry(link - 1);
    while (before.next != slot + 1) {
      SHRIKE_CHECK(before.next != 0);
      link = before.next;
      before = Entry(link - 1);
    }
    before.next = entry.next;
    Put(link - 1, before);
  }
  entry = SlotEntry();
  entry.next = head_.free;
  Put(slot, entry);
  head_.free = slot + 1;
  --head_.size;
  while (head_.log_begin != head_.log_end && !Lives(head_.log_begin)) ++head_.log_begin;
  Save();
}

void ValueTable::PutBit(std::uint32_t i, bool lives) {
  auto bits = memory_.Get<std::uint64_t>(BitsAt() + i / 64);
  const std::uint64_t mask = std::uint64_t{1} << (i % 64);
  bits = lives ? bits | mask : bits & ~mask;
  memory_.Put(BitsAt() + i / 64, bits);
}

void ValueTable::Append(Slot slot, Sight sight) {
  while (head_.log_begin != head_.log_end && !Lives(head_.log_begin)) ++head_.log_begin;
  if (head_.log_end == 2 * head_.capacity) CompactLog();
  memory_.Put(head_.log + head_.log_end * 2, LogEntry{sight.ts, sight.number, slot});
  PutBit(head_.log_end, true);
  SlotEntry entry = Entry(slot);
  entry.log = head_.log_end++;
  Put(slot, entry);
}

// Moves the living entries to the front. At most half of the log lives, so this happens once in `capacity` sights.
void ValueTable::CompactLog() {
  std::uint32_t to = 0;
  for (std::uint32_t from = head_.log_begin; from != head_.log_end; ++from) {
    if (!Lives(from)) continue;
    const LogEntry moved = Log(from);
    memory_.Put(head_.log + to * 2, moved);
    SlotEntry entry = Entry(moved.slot);
    entry.log = to++;
    Put(moved.slot, entry);
  }
  for (std::uint32_t i = 0; i < head_.log_end; ++i) PutBit(i, i < to);
  head_.log_begin = 0;
  head_.log_end = to;
}

void ValueTable::Reserve(std::uint32_t values) {
  SHRIKE_CHECK(head_.capacity == 0);
  if (values == 0) return;
  Grow(std::bit_ceil(values));
  Save();
}

void ValueTable::Grow(std::uint32_t capacity) {
  const Head old = head_;
  const Place slots = memory_.Allocate(capacity * 3);
  const Place buckets = memory_.Allocate(WordsFor(std::size_t{capacity} * 2 * sizeof(Slot)));
  const Place log = memory_.Allocate(capacity * 4 + WordsFor((2 * capacity + 7) / 8));
  if (old.capacity != 0) {
    CompactLog();
    std::memcpy(memory_.bytes(slots), memory_.bytes(old.slots),
                std::size_t{old.used} * 3 * kWordBytes);
    std::memcpy(memory_.bytes(log), memory_.bytes(old.log),
                std::size_t{head_.log_end} * 2 * kWordBytes);
  }
  head_.slots = slots;
  head_.buckets = buckets;
  head_.log = log;
  head_.capacity = capacity;
  for (std::uint32_t i = 0; i < head_.log_end; ++i) PutBit(i, true);
  for (Slot slot = 0; slot < head_.used; ++slot) Link(slot);
}

// Puts the slot at the head of its bucket's chain.
void ValueTable::Link(Slot slot) {
  const std::uint32_t bucket = BucketOf(BytesOf(slot));
  unsigned char* at = memory_.bytes(head_.buckets) + std::size_t{bucket} * sizeof(Slot);
  SlotEntry entry = Entry(slot);
  std::memcpy(&entry.next, at, sizeof entry.next);
  Put(slot, entry);
  const std::uint32_t link = slot + 1;
  std::memcpy(at, &link, sizeof link);
}

}  // namespace shrike::nfa
