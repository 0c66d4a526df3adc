// WindowStore: the (time, value) pairs of one window store, oldest first, as long as the longest window needs them.
//
// Windows of all lengths over the same events and value read it: a length is a binary search for where it begins, a sum
// is a difference of running sums, a minimum a binary search in a queue of candidates. So a window more costs nothing to
// update and no memory.
//
// Entries are columns of a ring: times and numbers are stored as narrow as the widest of them allows, as distances from
// a base and as they are; a column is widened when a value does not fit. Every 8 entries a block remembers the running
// sums, modulo 2^192 and 2^320, whose differences are exact whatever was evicted.
// The queues (sliding minimum and maximum: each entry that no later one beats) leave the newest entry out, so that it
// can be left out of a reading.
//
// Cost: adding O(1) amortised, evicting O(1), a reading O(log entries). Memory: 5 to 20 bytes an entry for numbers.
// Tested by: tests/nfa/window_test.cc.
#ifndef SHRIKE_NFA_WINDOW_STORE_H_
#define SHRIKE_NFA_WINDOW_STORE_H_

#include <cstdint>
#include <string>

#include "base/event.h"
#include "base/value.h"
#include "nfa/exact_sum.h"
#include "nfa/window_cell.h"
#include "nfa/window_memory.h"

namespace shrike::nfa {

// What a store keeps. Immutable; the words are relative to the store's place.
struct StorePlan {
  CellKind cell = CellKind::kNone;  // kNone: events are counted, there are no values
  Type type;
  bool sums = false;
  bool squares = false;
  bool lowest = false;
  bool highest = false;
  bool positions = false;  // entries can be found by their event
  std::uint32_t sums_at = 0;
  std::uint32_t lowest_at = 0;
  std::uint32_t highest_at = 0;
  std::uint32_t words = 0;  // of the whole, without what it points to

  void Seal();  // sets the words
};

// Indices count entries from the first there ever was, modulo 2^32.
struct EntryRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  std::uint32_t size() const { return end - begin; }
};

class WindowStore;

class WindowStoreReader {
 public:
  // at: plan.words words, zero at first.
  WindowStoreReader(const StorePlan& plan, const WindowMemory& memory, Place at)
      : plan_(plan), at_(at), read_(memory), head_(memory.Get<Head>(at)) {}

  EntryRange all() const { return {head_.first, head_.end}; }
  TimestampMs ts(std::uint32_t index) const;
  Value value(std::uint32_t index) const;  // null if it was
  bool IsNull(std::uint32_t index) const;
  Cell cell(std::uint32_t index) const;  // of a value that is not null
  Position position(std::uint32_t index) const;

  // Whether the ring is far larger than what it holds.
  bool is_sparse() const {
    return head_.capacity_log2 > 6 && head_.end - head_.first < (1U << head_.capacity_log2) / 8;
  }

  // The first entry with a time above `bound`, or all().end.
  std::uint32_t After(TimestampMs bound) const;

  // range: from any entry to the newest one or to the one before it.
  Moments Sum(EntryRange range) const;
  Value Lowest(EntryRange range) const { return Extreme(range, plan_.lowest_at, -1); }
  Value Highest(EntryRange range) const { return Extreme(range, plan_.highest_at, 1); }
  Value First(EntryRange range) const;  // the first that is not null
  Value Last(EntryRange range) const;

 protected:
  friend class WindowStore;
  struct Head {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
    TimestampMs base = 0;  // times are stored as distances from it
    Place data = kNoPlace;
    std::uint8_t capacity_log2 = 0;  // entries
    std::uint8_t ts_width = 0;       // bytes
    std::uint8_t value_width = 0;
    std::uint8_t has_nulls = 0;
  };
  static constexpr std::uint32_t kBlockEntries = 8;

  struct Running {
    Int192 sum;
    std::uint32_t count = 0;  // modulo 2^32, as all of it
    std::uint32_t large = 0;
  };

  // Indices of entries, as a ring.
  struct Queue {
    Place data = kNoPlace;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t capacity = 0;  // a power of two
  };

  // Where the columns of `data` begin, in bytes.
  struct Columns {
    std::size_t values = 0;
    std::size_t nulls = 0;
    std::size_t blocks = 0;
    std::size_t positions = 0;
    std::size_t size = 0;
  };
  Columns ColumnsOf(const Head& head) const;
  std::size_t BlockBytes() const;
  std::uint32_t Slot(std::uint32_t index) const {
    return index & ((1U << head_.capacity_log2) - 1);
  }
  std::size_t BlockAt(std::uint32_t block) const;
  template <typename Distance>
  std::uint32_t AfterDistance(std::int64_t bound) const;
  void AddNarrow(std::uint32_t from, std::uint32_t to, Moments* moments) const;
  std::uint32_t QueueEntry(const Queue& queue, std::uint32_t i) const;
  Value Extreme(EntryRange range, std::uint32_t queue_at, int sign) const;
  // Whether b comes before a, for sign -1, or behind it.
  static bool Beats(const Value& b, const Value& a, int sign);

  const StorePlan& plan_;
  const Place at_;
  const WindowMemory& read_;
  Head head_;
};

class WindowStore : public WindowStoreReader {
 public:
  WindowStore(const StorePlan& plan, WindowMemory* memory, Place at)
      : WindowStoreReader(plan, *memory, at), memory_(*memory) {}

  // An entry to add. Its time is not below the newest one's.
  struct Entry {
    TimestampMs ts = 0;
    Value value;  // must not borrow from the memory
    Position position;
  };
  void Add(const Entry& entry, std::string* text);

  void EvictFirst();  // there is one (checked)

  // Of an empty store: makes room for so many entries at once.
  void Reserve(std::uint32_t entries);

 private:
  void Fit(TimestampMs ts, Cell cell, bool null);
  void Lay(Head layout);
  void Push(std::uint32_t queue_at, int sign);
  void Save() { memory_.Put(at_, head_); }

  WindowMemory& memory_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOW_STORE_H_
