// Tested by: tests/nfa/window_test.cc.
#include "nfa/window_tally.h"

#include <algorithm>
#include <bit>

#include "nfa/operators.h"

namespace shrike::nfa {
namespace {

constexpr DurationMs kDay = 86'400'000;
constexpr DurationMs kWeek = 7 * kDay;
constexpr TimestampMs kMonday = -3 * kDay;  // 1969-12-29; 1970-01-01 was a Thursday

Value& PartOf(TallyPart part, Tally* tally) {
  switch (part) {
    case kLowestPart:
      return tally->lowest;
    case kHighestPart:
      return tally->highest;
    case kFirstPart:
      return tally->first;
    default:
      return tally->last;
  }
}

// Whether the value takes the place of `old`, the part so far.
bool Replaces(TallyPart part, const Value& value, const Value& old) {
  if (old.is_null() || part == kLastPart) return true;
  if (part == kFirstPart) return false;
  const int order = Order(value, old).value_or(0);
  return part == kLowestPart ? order < 0 : order > 0;
}

}  // namespace

TallyParts PartsOf(WindowFunction function, bool has_values) {
  switch (function) {
    case WindowFunction::kCount:
      return 0;
    case WindowFunction::kRate:
      return has_values ? kSumPart : 0;
    case WindowFunction::kSum:
    case WindowFunction::kAvg:
      return kSumPart;
    case WindowFunction::kStddev:
    case WindowFunction::kZscore:
      return kSumPart | kSquaresPart;
    case WindowFunction::kMin:
      return kLowestPart;
    case WindowFunction::kMax:
      return kHighestPart;
    case WindowFunction::kFirst:
      return kFirstPart;
    case WindowFunction::kLast:
      return kLastPart;
    case WindowFunction::kDistinct:
    case WindowFunction::kNew:
    case WindowFunction::kSeen:
      return kValuesPart;
  }
  return 0;
}

void AddToTally(const Value& value, TallyParts parts, Tally* tally) {
  ++tally->events;
  if (value.is_null()) return;
  if ((parts & kSumPart) != 0) AddValue(value, (parts & kSquaresPart) != 0, &tally->moments);
  for (const TallyPart part : kCellParts) {
    if ((parts & part) == 0) continue;
    Value& old = PartOf(part, tally);
    if (Replaces(part, value, old)) old = value;
  }
}

TimestampMs TumblingStart(TimestampMs ts, DurationMs length) {
  const TimestampMs origin = length % kWeek == 0 ? kMonday : 0;
  const TimestampMs rest = (ts - origin) % length;
  return ts - (rest < 0 ? rest + length : rest);
}

std::uint32_t FramePlan::words() const {
  const auto cells = static_cast<std::uint32_t>(
      std::popcount(static_cast<unsigned>(parts & ~(kSumPart | kSquaresPart | kValuesPart))));
  return 2 + ((parts & kSumPart) != 0 ? 4 : 0) + ((parts & kSquaresPart) != 0 ? 5 : 0) + 2 * cells;
}

// Words: Count, start, then Sums, squares and a cell for each other part.
Place FrameReader::CellAt(TallyPart part) const {
  Place at = at_ + 2;
  if ((plan_.parts & kSumPart) != 0) at += 4;
  if ((plan_.parts & kSquaresPart) != 0) at += 5;
  for (const TallyPart before : kCellParts) {
    if (before == part) break;
    if ((plan_.parts & before) != 0) at += 2;
  }
  return at;
}

void FrameReader::Read(Type type, Tally* tally) const {
  const auto count = read_.Get<Count>(at_);
  tally->events = count.events;
  if ((plan_.parts & kSumPart) != 0) {
    const auto sums = read_.Get<Sums>(at_ + 2);
    tally->moments.sum = sums.sum;
    tally->moments.count = sums.count;
    tally->moments.large = sums.large;
  }
  if ((plan_.parts & kSquaresPart) != 0) tally->moments.squares = read_.Get<Int320>(at_ + 6);
  for (const TallyPart part : kCellParts) {
    if ((count.present & plan_.parts & part) == 0) continue;
    PartOf(part, tally) = ValueOf(read_.Get<Cell>(CellAt(part)), type, read_);
  }
}

void Frame::Reset(TimestampMs start) {
  std::memset(memory_.bytes(at_), 0, plan_.words() * kWordBytes);
  memory_.Put(at_ + 1, start);
}

void Frame::Add(const Addend& addend) {
  auto count = memory_.Get<Count>(at_);
  ++count.events;
  if (addend.value.is_null()) {
    memory_.Put(at_, count);
    return;
  }
  if ((plan_.parts & kSumPart) != 0) {
    const Moments& one = addend.moments;
    auto sums = memory_.Get<Sums>(at_ + 2);
    nfa::Add(one.sum, &sums.sum);
    sums.count += static_cast<std::uint32_t>(one.count);
    sums.large += static_cast<std::uint32_t>(one.large);
    memory_.Put(at_ + 2, sums);
    if ((plan_.parts & kSquaresPart) != 0) {
      auto squares = memory_.Get<Int320>(at_ + 6);
      nfa::Add(one.squares, &squares);
      memory_.Put(at_ + 6, squares);
    }
  }
  const bool sums_only = (plan_.parts & ~(kSumPart | kSquaresPart | kValuesPart)) == 0;
  for (const TallyPart part : kCellParts) {
    if (sums_only) break;
    if ((plan_.parts & part) == 0) continue;
    const Value old = (count.present & part) == 0
                          ? Value::Null()
                          : ValueOf(memory_.Get<Cell>(CellAt(part)), addend.type, memory_);
    if (Replaces(part, addend.value, old)) memory_.Put(CellAt(part), addend.cell);
    count.present |= part;
  }
  memory_.Put(at_, count);
}

}  // namespace shrike::nfa
