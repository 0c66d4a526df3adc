// WindowMembers: which events a window holds, by looking at all of them (language.md, 4.5 and 5.15).
//
// Tested by: tests/oracle/window_reader_test.cc.  Next: tests/oracle/window_reader.h.
#ifndef SHRIKE_TESTS_ORACLE_WINDOW_MEMBERS_H_
#define SHRIKE_TESTS_ORACLE_WINDOW_MEMBERS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "nfa/window_spec.h"
#include "tests/oracle/datum.h"
#include "tests/oracle/history.h"

namespace shrike::oracle {

// Who reads. All borrowed.
struct WindowReading {
  const History* history = nullptr;
  const std::vector<Datum>* key = nullptr;  // the parts of the key
  Moment moment;
  std::size_t current = 0;   // the current event
  std::vector<Datum> group;  // its values of the window's `by`
  std::vector<Datum> own;    // its values of the window's `values`; for kZscore, kNew, kSeen
};

// Whether it says what the past is to the current event: asked to, or by what it is.
bool LeavesCurrentOut(const nfa::WindowSpec& window);
// new, seen, distinct: it remembers values, not events.
bool RemembersValues(const nfa::WindowSpec& window);

// Whether the window counts the event: type, key, exceptions, `where`; of whatever group of `by`.
bool Counts(const nfa::WindowSpec& window, const WindowReading& reading, std::size_t index);

// A group of `by` that had to make room at an event.
struct LostGroup {
  std::vector<Datum> group;
  std::size_t newest = 0;  // its newest event
};
// At the event, which the window counts, if the limit on groups is reached there.
std::optional<LostGroup> GroupLostAt(const nfa::WindowSpec& window, const WindowReading& reading,
                                     std::size_t index);

// The events inside that are not lost with their group, in order; the current one too, but that `last n` is n without
// it where the window leaves it out.
std::vector<std::size_t> EventsInside(const nfa::WindowSpec& window, const WindowReading& reading);

// The events that the aggregate sees.
std::vector<std::size_t> Members(const nfa::WindowSpec& window, const WindowReading& reading);

// The values of an event; none if one of them is null.
std::optional<std::vector<Datum>> ValueAt(const nfa::WindowSpec& window,
                                          const WindowReading& reading, std::size_t index);

// Values that are remembered of a group, least recently seen first.
struct HeldValues {
  struct Value {
    std::vector<Datum> tuple;
    std::size_t last = 0;               // event
    std::optional<std::size_t> before;  // the event before that one, if it was remembered then
  };
  std::vector<Value> values;
  std::optional<Value> lost;  // to make room for that of the last event
};
HeldValues ValuesHeld(const nfa::WindowSpec& window, const WindowReading& reading);

// The key under which one of `sources` has the event; nullopt: none has its stream, or a part is null.
std::optional<std::vector<Datum>> KeyIn(const std::vector<nfa::SourceSpec>& sources,
                                        const Event& event);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_WINDOW_MEMBERS_H_
