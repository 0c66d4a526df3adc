// WindowPlan: how the windows of a rule set are kept for a key. Immutable, part of a Program.
//
// Windows over the same events, value and `by` form a *feed*; all of a feed's windows share what is kept of it: a store
// of entries (sliding and last-n), frames (tumbling and session), a table of values (new, seen, distinct). Feeds whose
// events pass the same tests share a *gate*, which is asked once an event. A feed stands behind those whose windows
// it reads.
// Tested by: tests/nfa/window_test.cc.  Next: nfa/windows.h.
#ifndef SHRIKE_NFA_WINDOW_PLAN_H_
#define SHRIKE_NFA_WINDOW_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "nfa/canonical.h"
#include "nfa/code.h"
#include "nfa/pool.h"
#include "nfa/rule_spec.h"
#include "nfa/value_table.h"
#include "nfa/window_spec.h"
#include "nfa/window_store.h"
#include "nfa/window_tally.h"

namespace shrike::nfa {

// Which events of a key a feed sees.
struct WindowGate {
  std::vector<bool> types;       // types[event types]
  std::vector<Code> exceptions;  // none of them true
  Code filter;                   // true; empty: always
  bool reads_windows = false;    // so that it depends on the key
};

// For how long something is kept: until every bound lets it go.
struct WindowRetention {
  DurationMs length = 0;    // ms behind the newest event; 0: no bound of this kind
  std::int64_t events = 0;  // that many newest events
  bool sessions = false;    // the open session of each session frame

  void Extend(WindowKind kind, DurationMs window_length, std::int64_t window_events);
};

struct WindowFeed {
  int gate = 0;
  std::vector<int> by;         // columns
  std::vector<Code> values;    // none: events are counted; several: a tuple
  int column = kNoColumn;      // the one value is this field as it is
  bool reads_windows = false;  // its values do
  Type type;                   // of the value; a tuple is a string, its encoded parts
  std::vector<int> windows;    // RuleSetSpec::windows, ascending
  std::vector<FramePlan> frames;
  TallyParts frame_parts = 0;  // of all frames
  WindowRetention store_kept;
  WindowRetention table_kept;
  DurationMs kept = 0;  // nothing of an event is left so long after it; kTimeMax: for ever
  StorePlan store;
  // Words of a group, from its place; 0: not there.
  std::uint32_t cell_at = 0;  // the newest value's cell, if there are frames
  std::uint32_t store_at = 0;
  std::uint32_t table_at = 0;
  std::uint32_t sight_at = 0;
  std::uint32_t words = 0;
  std::uint64_t hash = 0;  // of the content: what a stored state calls the feed

  static constexpr int kNoColumn = -2;
  bool is_tuple() const { return values.size() > 1; }
};

// A window of RuleSetSpec::windows, and where it is kept.
struct PlannedWindow {
  int group = 0;          // key group
  int feed = 0;           // in the group
  int frame = -1;         // of the feed, or -1
  bool in_store = false;  // its events are held
  WindowFunction function = WindowFunction::kCount;
  WindowKind kind = WindowKind::kSliding;
  DurationMs length = 0;
  std::int64_t events = 0;
  TallyParts parts = 0;
  bool leaves_out_current = false;
};

struct WindowGroup {
  std::vector<WindowFeed> feeds;
};

// What comes by one route.
struct WindowRoute {
  int group = 0;  // key group
  std::vector<std::vector<int>>
      by_type;  // by_type[event types]: feeds that may see such an event, ascending
};

// How a window is used; made by whoever builds the program.
struct WindowUse {
  int group = 0;            // key group
  std::vector<int> routes;  // routes[streams]: KeyRoute::id, or -1: not a stream of the window
  // It is read when the current event is not the one at hand (a deadline, the end of a `next not`) and leaves it out:
  // then events are held so that one of them can be left out.
  bool leaves_out_past = false;
};

// What the plan is made from. Borrowed for the time of Build.
struct WindowPlanInput {
  const RuleSetSpec* spec = nullptr;
  const std::vector<WindowUse>* uses = nullptr;           // uses[spec.windows]
  const std::vector<std::string>* event_types = nullptr;  // "stream.type", by Catalog::EventTypeId
  const std::vector<int>* stream_of_type = nullptr;       // the same
};

struct WindowPlan {
  std::vector<WindowGate> gates;
  std::vector<WindowGroup> groups;  // groups[key groups]
  std::vector<WindowRoute>
      routes;  // routes[KeyRoute::id]; fewer if the last ones lead to no window
  std::vector<PlannedWindow> windows;  // windows[RuleSetSpec::windows]
  SharedNames names;                   // the identity of each window (language.md, 4.7)

  static WindowPlan Build(const WindowPlanInput& input, Pool* pool);
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOW_PLAN_H_
