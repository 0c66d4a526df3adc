// The parts of a key's window memory that updating, reading and storing share.
#ifndef SHRIKE_NFA_WINDOW_GROUP_H_
#define SHRIKE_NFA_WINDOW_GROUP_H_

#include <cstdint>

#include "base/time.h"
#include "nfa/value_table.h"
#include "nfa/window_memory.h"
#include "nfa/window_plan.h"

namespace shrike::nfa {

// At place 1 of the memory; the directory follows: a Place for each feed, of its group, or of the table of its groups
// if it has `by`.
struct WindowRoot {
  std::uint32_t event = 0;  // how many events the key's windows have seen, modulo 2^32
  std::uint32_t feeds = 0;  // of the directory
};
inline constexpr Place kRootPlace = 1;
inline constexpr Place kDirectoryPlace = 2;

// At a group's place: what is kept of a feed for one value of `by`.
struct GroupHead {
  TimestampMs newest_ts = 0;
  TimestampMs before_ts = 0;  // of the event before it: the newest that the frames hold
  std::uint32_t event = 0;    // WindowRoot::event at the newest
  std::uint32_t number = 0;   // events so far, modulo 2^32
  std::uint32_t framed = 0;   // 1: the frames hold events
  std::uint32_t newest_null = 0;
};

// At sight_at: the newest value, and when it was seen before.
struct NewestSight {
  ValueTableReader::Slot slot = 0;  // + 1; 0: the newest value is null
  std::uint32_t known = 0;
  Sight before;
};

// Where the open session begins at time `ts`, which is not below the newest event's: the newest event and what the
// frame holds, as far as gaps below the length join them. kTimeMax: there is none. with_newest: the newest event belongs
// to it.
struct SessionSpan {
  TimestampMs start = kTimeMax;
  bool with_frame = false;
  bool with_newest = false;
};

inline SessionSpan SessionAt(const GroupHead& head, const FrameReader& frame, DurationMs length,
                             TimestampMs ts) {
  SessionSpan span;
  if (head.number == 0 || ts - head.newest_ts >= length) return span;
  span.with_newest = true;
  span.with_frame = head.framed != 0 && head.newest_ts - head.before_ts < length;
  span.start = span.with_frame ? frame.start() : head.newest_ts;
  return span;
}

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOW_GROUP_H_
