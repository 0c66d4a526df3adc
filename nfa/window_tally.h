// Tally: what an aggregate is made of, however its window is kept; and frames, which keep it for tumbling and session
// windows, whose events are not held.
//
// A frame leaves the newest event of its group out: it is added when the next one comes, so that a reading can leave it
// out (`excluding current`).
// Tested by: tests/nfa/window_test.cc.
#ifndef SHRIKE_NFA_WINDOW_TALLY_H_
#define SHRIKE_NFA_WINDOW_TALLY_H_

#include <array>
#include <cstdint>

#include "base/time.h"
#include "base/value.h"
#include "nfa/exact_sum.h"
#include "nfa/window_cell.h"
#include "nfa/window_memory.h"
#include "nfa/window_spec.h"

namespace shrike::nfa {

// A set of TallyPart.
using TallyParts = std::uint8_t;
enum TallyPart : std::uint8_t {
  kSumPart = 1,
  kSquaresPart = 2,  // only with kSumPart
  kLowestPart = 4,
  kHighestPart = 8,
  kFirstPart = 16,
  kLastPart = 32,
  kValuesPart = 64,  // which values there are: a ValueTable
};

// The parts that are values, kept as cells.
inline constexpr std::array<TallyPart, 4> kCellParts = {kLowestPart, kHighestPart, kFirstPart,
                                                        kLastPart};

TallyParts PartsOf(WindowFunction function, bool has_values);

struct Tally {
  std::int64_t events = 0;
  Moments moments;
  Value lowest, highest, first, last;
  std::int64_t distinct = 0;
};

// Adds an event with the value, in event order. distinct is not counted.
void AddToTally(const Value& value, TallyParts parts, Tally* tally);

// The start of the tumbling window of `length` that holds `ts`: whole weeks begin on Mondays, counted from that of the
// week of 1970-01-01.
TimestampMs TumblingStart(TimestampMs ts, DurationMs length);

// One tumbling or session window of a store. Immutable.
struct FramePlan {
  WindowKind kind = WindowKind::kTumbling;
  DurationMs length = 0;
  TallyParts parts = 0;
  std::uint32_t at = 0;  // words, from the group's place

  std::uint32_t words() const;
};

// at: the frame's words, zero at first.
class FrameReader {
 public:
  FrameReader(const FramePlan& plan, const WindowMemory& memory, Place at)
      : plan_(plan), at_(at), read_(memory) {}

  // Of the session, or of the tumbling window of the newest event held; 0 if none ever was.
  TimestampMs start() const { return read_.Get<TimestampMs>(at_ + 1); }
  // type: of the values. Strings borrow from the memory.
  void Read(Type type, Tally* tally) const;

  bool Has(TallyPart part) const {
    return (read_.Get<Count>(at_).present & plan_.parts & part) != 0;
  }
  Place CellAt(TallyPart part) const;

 protected:
  struct Count {
    std::uint32_t events = 0;
    std::uint32_t present = 0;  // a TallyPart for each value that is not null
  };
  struct Sums {
    Int192 sum;
    std::uint32_t count = 0;
    std::uint32_t large = 0;
  };

  const FramePlan& plan_;
  const Place at_;
  const WindowMemory& read_;
};

class Frame : public FrameReader {
 public:
  Frame(const FramePlan& plan, WindowMemory* memory, Place at)
      : FrameReader(plan, *memory, at), memory_(*memory) {}

  void Reset(TimestampMs start);
  // What an event adds to frames. The value is ValueOf(cell, type), or null and cell without meaning; moments: of it
  // alone, if a frame has sums.
  struct Addend {
    Value value;
    Cell cell = 0;
    Type type;
    Moments moments;
  };
  void Add(const Addend& addend);

 private:
  WindowMemory& memory_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOW_TALLY_H_
