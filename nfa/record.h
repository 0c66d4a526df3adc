// Record: one bound event in a key's state, and what a run has learnt up to it.
//
// A run's bound events are a chain of records, each pointing to the one before. A record is written once. Besides the
// event it holds the rule's *registers* as of this event (the first and last fields, counts, sums that conditions and
// alerts ask for, so that nothing is read again), and the event's fields that an alert shows.
//
// What only `where` and alerts ask for is looked up in the chain when they are evaluated.
//
// Runs share records at both ends. Runs with the same beginning share it. And a run that an event opens in the middle
// of another run's first loop takes that run's record as its own first one: a RecordChain says where it begins, and
// counts and sums are read as the difference to the record before it. So a loop that every event enters appends one
// record an event, however many runs are in it.
//
// Layout, in 64-bit words; offsets are word indices into the key's arena:
//   [0] parent (low 32 bits; 0 = none) | events up to this one, from the oldest (high 32)
//   [1] step (16) | flags (16) | number (32; BoundPlace)
//   [2] ts      [3] topic (32) | partition (32)      [4] offset
//   [5] step key: offset (32) | bytes (32), 0 while not bound; only if the rule has step keys
//   null bits of registers, then of fields, a bit each   | registers | fields | bytes of strings
// A string is offset (32) | bytes (32); lists are stored as the bytes of nfa/key.h. Decimals and ips take two words.
#ifndef SHRIKE_NFA_RECORD_H_
#define SHRIKE_NFA_RECORD_H_

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/value.h"
#include "nfa/expr.h"

namespace shrike::nfa {

// Word 0 is never used, so that offset 0 means none.
using Arena = boost::container::small_vector<std::uint64_t, 1>;
using RecordId = std::uint32_t;
inline constexpr RecordId kNoRecord = 0;

// The events that a run has bound: from `last` back to `first`. Nothing bound: both kNoRecord.
struct RecordChain {
  RecordId last = kNoRecord;
  RecordId first = kNoRecord;

  bool empty() const { return last == kNoRecord; }
  friend bool operator==(const RecordChain&, const RecordChain&) = default;
};

// Where a bound event stands in the order in which its key took events. number: Matcher::Begin's `place`.
struct BoundPlace {
  TimestampMs ts = 0;
  std::uint32_t number = 0;
  Position position;

  friend auto operator<=>(const BoundPlace&, const BoundPlace&) = default;
};

enum class RegisterKind : std::uint8_t {
  kCount,    // events bound to the name
  kNonNull,  // those whose column is not null
  kFirst,
  kLast,
  kIndex,  // the column of one of them
  kMin,
  kMax,
  kSumInt,
  kSumDecimal,  // 128 bit
  kSumFloat,    // 128-bit fixed point (language.md, 4.7) and the number of inputs too large for it
};

struct Register {
  RegisterKind kind = RegisterKind::kCount;
  int name = -1;            // RuleSpec::names; -1: any step (only kLast)
  int column = 0;           // or kTimeColumn
  std::int64_t index = 0;   // kIndex
  Type type;                // of the column
  int count_register = -1;  // kFirst, kIndex: the name's count
  bool relative = false;    // a shared beginning changes it: read against the chain's first record
  std::uint32_t word = 0;   // from the record's start
};

// A column of a bound event that the record keeps.
struct Slot {
  int column = 0;
  Type type;
  // Not kept, because it is..
  int key_part = -1;  // this part of the rule key, whatever the stream
  int reg = -1;       // in this register, which the event has just set
  std::uint32_t word = 0;

  bool kept() const { return key_part < 0 && reg < 0; }
};

// An aggregate that needs the values themselves: stddev, distinct and values read the chain again.
struct Walk {
  Aggregate aggregate = Aggregate::kDistinct;
  int name = -1;
  int column = 0;
  std::vector<int> steps;  // of the name, ascending
};

// A field of one of the events bound to a name, read from the chain: what no condition asks for has no register.
struct Pick {
  Select select = Select::kLast;
  int name = -1;  // -1: any step (only kLast)
  int column = 0;
  std::int64_t index = 0;  // kIndex
  std::vector<int> steps;  // of the name, ascending
};

// How the records of one rule look. Immutable.
struct RecordLayout {
  bool has_step_key = false;
  bool shares_loops = false;  // a run may begin in the middle of another run's chain
  std::vector<Register> registers;
  std::vector<std::vector<int>>
      updates;  // updates[steps]: registers that change when the step is bound
  std::vector<std::vector<Slot>> fields;  // fields[steps]
  std::vector<Walk> walks;
  std::vector<Pick> picks;
  std::uint32_t null_word = 0;       // where the null bits begin
  std::uint32_t register_begin = 0;  // words
  std::uint32_t field_begin = 0;
  std::vector<std::uint32_t> record_words;  // record_words[steps], without strings

  // Sets words and sizes from registers and fields.
  void Seal();
};

class RecordView;
RecordId CopyRecord(const RecordView& record, RecordId parent, Arena* to);

// Reads a record of a chain. Borrowed: valid until the arena grows or is compacted. Strings point into the arena.
class RecordView {
 public:
  // The chain's last record. chain: not empty.
  RecordView(const Arena& arena, const RecordLayout& layout, RecordChain chain)
      : words_(arena.data()),
        record_(arena.data() + chain.last),
        first_(arena.data() + chain.first),
        layout_(&layout) {}

  // An earlier record of the chain.
  RecordView At(RecordId id) const {
    RecordView view = *this;
    view.record_ = words_ + id;
    return view;
  }
  RecordView First() const { return At(static_cast<RecordId>(first_ - words_)); }

  // The record before this one in the chain; kNoRecord: this is the first.
  RecordId previous() const { return record_ == first_ ? kNoRecord : parent(); }
  // The same, but beyond the chain's first one.
  RecordId parent() const { return static_cast<RecordId>(record_[0]); }
  int step() const { return static_cast<int>(record_[1] & 0xffff); }
  bool matched() const { return ((record_[1] >> 16) & 1) != 0; }
  // Events of the chain up to this one.
  std::uint32_t count() const {
    return static_cast<std::uint32_t>((record_[0] >> 32) - (first_[0] >> 32)) + 1;
  }
  EventOrder order() const;
  BoundPlace place() const;
  std::string_view step_key() const;
  bool IsOf(const std::vector<int>& steps) const;  // steps: ascending

  // kFirst, kLast, kIndex, kMin, kMax, kCount, kNonNull. A list comes as a string: its encoded items (nfa/key.h).
  Value Load(int reg) const;
  // The sum as the column's type, null on overflow; 128-bit state beside it for averages.
  Value Sum(int reg) const;
  Value Average(int sum_register, int count_register) const;
  Value Field(const Slot& slot, std::size_t index) const;  // index: of the slot in fields[step()]
  Value FieldOf(int column) const;                         // null if the record does not keep it
  Value Picked(const Pick& pick) const;                    // as Load. Cost: O(events of the chain)

 private:
  friend RecordId CopyRecord(const RecordView& record, RecordId parent, Arena* to);

  bool NullBit(std::size_t bit) const;
  Value Read(std::uint32_t word, Type type) const;
  Int128 Wide(std::uint32_t word) const;
  // What stands at the word in the record before the chain's first one; 0 if there is none or it does not matter.
  std::uint64_t Before(const Register& reg, std::uint32_t word) const;
  Int128 WideSince(const Register& reg) const;
  std::int64_t CountSince(const Register& reg) const;

  const std::uint64_t* words_;
  const std::uint64_t* record_;
  const std::uint64_t* first_;  // of the chain
  const RecordLayout* layout_;
};

// What a new record says. step_key: the run's, or empty; borrowed, must not point into the arena.
struct NewRecord {
  RecordId parent = kNoRecord;  // kNoRecord: a chain's first
  int step = 0;
  const Event* event = nullptr;
  std::string_view step_key;
  std::uint32_t number = 0;  // BoundPlace
};

// Appends a record. Returns its id.
RecordId AppendRecord(const RecordLayout& layout, const NewRecord& added, Arena* arena);

// The values of the walk's column that are not null, in event order; borrowed from the arena. last: the last record.
void CollectWalk(const RecordView& last, const Walk& walk, std::vector<Value>* out);

// Whether the record, just appended, may be the first one of a chain that another run's event opens: it and all before
// it were bound to one step, so that no register knows of anything else.
bool MayBegin(RecordId id, const Arena& arena);

// Marks the record and all before it: a match that begins with these events was emitted (language.md, 5.11). Not for
// layouts that share loops.
void MarkMatched(RecordId id, Arena* arena);

// While an arena is compacted: where a record has gone, kNoRecord if it has not moved. It takes the place of the
// record's time, so nothing but its parent, step, registers and fields may be read of it any more.
RecordId MovedTo(const Arena& arena, RecordId id);
void SetMovedTo(RecordId id, RecordId to, Arena* arena);

// Copies a record with what it points to into another arena. parent: the new id of its parent, kNoRecord if that is
// left behind. Returns its new id.
RecordId CopyRecord(const RecordView& record, RecordId parent, Arena* to);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_RECORD_H_
