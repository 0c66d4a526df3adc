// ValueTable: values, and when each was last seen; found by its bytes, and in the order of last sight.
//
// One table answers new, seen and distinct for windows of every length and kind over the same events and value: a value
// is in a window iff it was last seen inside it. It also holds the groups of an aggregate's `by`.
//
// A hash table of slots, and a log of sights, oldest first: a slot points to its entry of the log, an older entry of
// the same value is dead. A bit for each entry says which live, so that those behind a time are counted 64 at once.
// Cost: a sight O(1) amortised; counting O(log values + values / 64). Memory: about 60 bytes a value and its bytes
// beyond 8.
// Tested by: tests/nfa/value_table_test.cc.
#ifndef SHRIKE_NFA_VALUE_TABLE_H_
#define SHRIKE_NFA_VALUE_TABLE_H_

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "nfa/window_memory.h"

namespace shrike::nfa {

// An event of a window: its time, and how many there were up to it, modulo 2^32.
struct Sight {
  TimestampMs ts = 0;
  std::uint32_t number = 0;
};

class ValueTableReader {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNoSlot = 0xffffffff;
  static constexpr std::uint32_t kWords = 5;  // at a table's place; all zero is an empty table

  ValueTableReader(const WindowMemory& memory, Place at)
      : at_(at), read_(memory), head_(memory.Get<Head>(at)) {}

  std::uint32_t size() const { return head_.size; }
  Slot Find(std::string_view bytes) const;
  Sight SightOf(Slot slot) const;
  std::uint32_t ExtraOf(Slot slot) const { return Entry(slot).extra; }  // the owner's, 0 at first
  std::string_view BytesOf(Slot slot) const;

  // How many values were last seen after `bound`, or behind event `number`.
  std::uint32_t CountAfter(TimestampMs bound) const;
  std::uint32_t CountBehind(std::uint32_t number) const;

  // Values in the order of last sight: kNoSlot behind the last. Begin with 0.
  Slot Next(std::uint32_t* cursor) const;
  Slot Oldest() const {
    std::uint32_t cursor = 0;
    return Next(&cursor);
  }

 protected:
  struct Head {
    Place slots = kNoPlace;      // SlotEntry[capacity]
    Place buckets = kNoPlace;    // Slot + 1 [2 * capacity]; 0: empty
    Place log = kNoPlace;        // LogEntry[2 * capacity], then a bit for each
    std::uint32_t capacity = 0;  // a power of two
    std::uint32_t size = 0;
    std::uint32_t free = 0;       // first free slot + 1, chained by `next`
    std::uint32_t used = 0;       // slots used at least once
    std::uint32_t log_begin = 0;  // before it all are dead
    std::uint32_t log_end = 0;
    std::uint32_t unused = 0;
  };
  struct SlotEntry {
    std::uint64_t bytes = 0;  // up to 8 bytes, else their place
    std::uint32_t size = 0;   // bytes
    std::uint32_t log = 0;    // its entry
    std::uint32_t next = 0;   // + 1: chain of the bucket, or of free slots
    std::uint32_t extra = 0;
  };
  struct LogEntry {
    TimestampMs ts = 0;
    std::uint32_t number = 0;
    Slot slot = 0;
  };

  SlotEntry Entry(Slot slot) const { return read_.Get<SlotEntry>(head_.slots + slot * 3); }
  LogEntry Log(std::uint32_t i) const { return read_.Get<LogEntry>(head_.log + i * 2); }
  Place BitsAt() const { return head_.log + head_.capacity * 4; }
  bool Lives(std::uint32_t i) const {
    return (read_.Get<std::uint64_t>(BitsAt() + i / 64) >> (i % 64) & 1) != 0;
  }
  std::uint32_t CountLiving(std::uint32_t begin) const;
  std::uint32_t BucketOf(std::string_view bytes) const;
  template <typename Before>
  std::uint32_t LowerBound(const Before& before) const;

  const Place at_;
  const WindowMemory& read_;
  Head head_;
};

class ValueTable : public ValueTableReader {
 public:
  ValueTable(WindowMemory* memory, Place at) : ValueTableReader(*memory, at), memory_(*memory) {}

  // Sees a value. bytes: must not point into the memory. Returns its slot; *before: its last sight so far, if
  // *known. Sights do not go back in time.
  struct Seen {
    Slot slot = kNoSlot;
    bool known = false;
    Sight before;
  };
  Seen See(std::string_view bytes, Sight sight);

  // Of an empty table: makes room for so many values at once.
  void Reserve(std::uint32_t values);

  void SetExtra(Slot slot, std::uint32_t extra);
  void Remove(Slot slot);

 private:
  void Put(Slot slot, const SlotEntry& entry) { memory_.Put(head_.slots + slot * 3, entry); }
  void PutBit(std::uint32_t i, bool lives);
  void Append(Slot slot, Sight sight);
  void CompactLog();
  void Grow(std::uint32_t capacity);
  void Link(Slot slot);
  void Save() { memory_.Put(at_, head_); }

  WindowMemory& memory_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_VALUE_TABLE_H_
