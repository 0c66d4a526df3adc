// WindowState: what a key's windows hold. Windows: how an event changes it and how it is read (language.md, 4.5 to 4.8,
// 5.15).
//
// The state is plain data in one block of memory. Within a key, events come in the total order, and readings stand
// between them: at an event after its Update, at a deadline d before any event with ts >= d.
//
// Cost: an event that no window of its key group sees costs the gates of its type. Each feed that sees it costs O(1)
// amortised, whatever number of windows read the feed; a frame (tumbling, session) is a feed's own cost. A reading is
// O(log entries). Nothing is allocated once a key's rings are as large as its windows need, but when a block is
// compacted.
// Tested by: tests/nfa/window_test.cc.
#ifndef SHRIKE_NFA_WINDOWS_H_
#define SHRIKE_NFA_WINDOWS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/limits.h"
#include "base/result.h"
#include "nfa/code.h"
#include "nfa/outcome.h"
#include "nfa/window_memory.h"
#include "nfa/window_plan.h"

namespace shrike::nfa {

class WindowState {
 public:
  bool empty() const { return memory_.empty(); }
  // From this time on no window holds anything: the state may be cleared. kTimeMax: never.
  TimestampMs expires() const { return expires_; }
  void Clear() { *this = WindowState(); }
  std::size_t heap_bytes() const { return memory_.capacity_bytes(); }
  void Prefetch() const { memory_.Prefetch(); }

  // As bytes that any later build can read: feeds by the hash of their content. group: the key group.
  void AppendBytes(const WindowPlan& plan, int group, std::string* out) const;

  // Back again, for the same or another plan. Feeds that it does not have any more are dropped. Errors: kCorrupt.
  static Result<WindowState> FromBytes(const WindowPlan& plan, int group, std::string_view bytes);

 private:
  friend class Windows;
  friend class WindowUpdate;
  friend class WindowReading;
  friend class WindowWriter;
  friend class WindowLoader;

  WindowMemory
      memory_;  // Root, then a place for each feed of the key group (0: saw no event), then their groups
  TimestampMs expires_ = kTimeMin;
  std::uint32_t compact_at_ = 64;  // words
};

// A limit that made a window forget something it should hold (5.15).
struct WindowOverflow {
  int window = 0;  // RuleSetSpec::windows
  LimitKind limit = LimitKind::kWindowEvents;
};

class Windows;

// What windows without arguments were read as from one place and time, so that the many conditions that ask for one read
// it once.
class WindowMemo {
 public:
  void Reset() { ++epoch_; }  // another place, time or state
  const Value* Find(int window) const {
    const auto index = static_cast<std::size_t>(window);
    return index < known_.size() && known_[index].epoch == epoch_ ? &known_[index].value : nullptr;
  }
  // value: borrows from the state only.
  void Put(int window, const Value& value) {
    const auto index = static_cast<std::size_t>(window);
    if (index >= known_.size()) known_.resize(index + 1);
    known_[index] = {epoch_, value};
  }

 private:
  struct Known {
    std::uint64_t epoch = 0;
    Value value;
  };
  std::uint64_t epoch_ = 1;
  std::vector<Known> known_;  // known_[RuleSetSpec::windows]
};

// From where a window is read.
struct WindowScope {
  const Windows* windows = nullptr;
  const WindowState* state = nullptr;
  TimestampMs time = 0;          // of the event at hand, or deadline - 1
  bool at_event = false;         // an event is at hand: the one of the last Update
  bool current_is_past = false;  // the current event is not the one at hand (if any) but `current`
  EventOrder current;
  WindowMemo* memo = nullptr;  // of this place; null: every reading is made anew
};

// One matcher's.
class Windows {
 public:
  Windows(const WindowPlan* plan, const Pool* pool, Limits limits);

  // Makes `event` the current one. Gates that look at it alone are asked at most once from here on. patterns: what is
  // known of it already; borrowed until the next Begin, or null.
  void Begin(const Event& event, PatternMemo* patterns = nullptr);

  // Whether a window may see the current event by the route (KeyRoute::id). If not, and the key's state is empty, Update
  // need not be called.
  bool Concerns(int route);

  // Adds the current event to the windows of its key that see it by one of the routes: all by which it comes to the key,
  // so that it is counted once. overflows: appended, by feed, then window.
  void Update(std::span<const int> routes, WindowState* state,
              std::vector<WindowOverflow>* overflows);

  // RuleSetSpec::windows[window]. args: the current event's values of its `by` columns, then, for zscore, new and seen,
  // of its values. Strings borrow from the state, lists from scratch.
  Value Read(const WindowScope& scope, int window, std::span<const Value> args,
             Scratch* scratch) const;

 private:
  friend class WindowUpdate;
  bool Asks(const WindowGate& gate, const WindowState* state);
  bool Passes(int gate, const WindowState* state);

  const WindowPlan& plan_;
  const Pool& pool_;
  Limits limits_;
  const Event* event_ = nullptr;
  PatternMemo* patterns_ = nullptr;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint64_t>
      memo_;  // memo_[gates]: the epoch in which it was asked, times two, plus the answer
  Scratch scratch_;
  std::vector<int> feeds_;                   // scratch
  std::string bytes_, text_, key_, stored_;  // scratch
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOWS_H_
