// Updating: each feed whose gate the event passes takes it in; what no window of the feed needs any more goes.
//
// Tested by: tests/nfa/window_test.cc.  Next: nfa/window_read.cc.
#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "nfa/key.h"
#include "nfa/operators.h"
#include "nfa/window_group.h"
#include "nfa/windows.h"

namespace shrike::nfa {

Windows::Windows(const WindowPlan* plan, const Pool* pool, Limits limits)
    : plan_(*plan), pool_(*pool), limits_(limits), memo_(plan->gates.size(), 0) {}

void Windows::Begin(const Event& event, PatternMemo* patterns) {
  event_ = &event;
  patterns_ = patterns;
  ++epoch_;
}

bool Windows::Asks(const WindowGate& gate, const WindowState* state) {
  const WindowScope windows{this, state, event_->ts, true, false, {}};
  Scope scope;
  scope.event = event_;
  scope.windows = &windows;
  scope.patterns = patterns_;
  for (const Code& exception : gate.exceptions) {
    if (exception.IsTrue(scope, pool_, &scratch_)) return false;
  }
  return gate.filter.empty() || gate.filter.IsTrue(scope, pool_, &scratch_);
}

bool Windows::Passes(int index, const WindowState* state) {
  const WindowGate& gate = plan_.gates[static_cast<std::size_t>(index)];
  if (gate.exceptions.empty() && gate.filter.empty()) return true;
  if (gate.reads_windows) return Asks(gate, state);
  std::uint64_t& memo = memo_[static_cast<std::size_t>(index)];
  if (memo >> 1 != epoch_) memo = epoch_ << 1 | (Asks(gate, state) ? 1U : 0U);
  return (memo & 1) != 0;
}

bool Windows::Concerns(int route_id) {
  if (static_cast<std::size_t>(route_id) >= plan_.routes.size()) return false;
  const WindowRoute& route = plan_.routes[static_cast<std::size_t>(route_id)];
  if (route.by_type.empty()) return false;
  const WindowGroup& group = plan_.groups[static_cast<std::size_t>(route.group)];
  const std::vector<int>& feeds = route.by_type[static_cast<std::size_t>(event_->event_type)];
  return std::any_of(feeds.begin(), feeds.end(), [&](int index) {
    const int gate = group.feeds[static_cast<std::size_t>(index)].gate;
    // What looks at the key is asked when there is a key.
    return plan_.gates[static_cast<std::size_t>(gate)].reads_windows || Passes(gate, nullptr);
  });
}

// One event for one key.
class WindowUpdate {
 public:
  WindowUpdate(Windows* windows, WindowState* state, std::vector<WindowOverflow>* overflows)
      : windows_(*windows),
        state_(*state),
        memory_(state->memory_),
        event_(*windows->event_),
        overflows_(*overflows) {}

  // feeds: of the key group, ascending.
  void Run(int group_index, std::span<const int> feeds) {
    const WindowGroup& group = windows_.plan_.groups[static_cast<std::size_t>(group_index)];
    for (const int index : feeds) {
      const WindowFeed& feed = group.feeds[static_cast<std::size_t>(index)];
      if (!windows_.Passes(feed.gate, &state_)) continue;
      if (memory_.empty()) {
        Start(group);
        CountEvent();
      }
      const Value value = Evaluate(feed);
      const Place place = GroupOf(feed, index);
      UpdateGroup(feed, place, value);
      state_.expires_ = std::max(state_.expires_, AddSaturated(event_.ts, feed.kept));
    }
    if (memory_.size() >= state_.compact_at_) Compact(group_index);
  }

  void CountEvent() {
    auto root = memory_.Get<WindowRoot>(kRootPlace);
    ++root.event;
    memory_.Put(kRootPlace, root);
    event_number_ = root.event;
  }

 private:
  void Start(const WindowGroup& group) {
    const auto feeds = static_cast<std::uint32_t>(group.feeds.size());
    const std::uint32_t directory = WordsFor(feeds * sizeof(Place));
    std::uint32_t words = kDirectoryPlace + directory;
    if (feeds == 1) words += group.feeds.front().words + 8;  // and a first ring
    memory_.Reserve(words);
    SHRIKE_CHECK(memory_.Allocate(1 + directory) == kRootPlace);
    state_.compact_at_ = std::max(state_.compact_at_, 2 * words);
    memory_.Put(kRootPlace, WindowRoot{0, feeds});
  }

  // The feed's value of the event; a string that must outlive changes of the memory is copied.
  Value Evaluate(const WindowFeed& feed) {
    if (feed.values.empty()) return Value::Null();
    if (feed.column == kTimeColumn) return Value::Timestamp(event_.ts);
    if (feed.column != WindowFeed::kNoColumn) return event_.row[feed.column];
    const WindowScope windows{&windows_, &state_, event_.ts, true, false, {}};
    Scope scope;
    scope.event = &event_;
    scope.windows = &windows;
    scope.patterns = windows_.patterns_;
    std::string& bytes = windows_.bytes_;
    bytes.clear();
    for (const Code& code : feed.values) {
      Value value = code.Run(scope, windows_.pool_, &windows_.scratch_);
      if (!feed.is_tuple()) {
        if (!value.is_null() && feed.type.kind == Kind::kDecimal) value = Convert(value, feed.type);
        if (!feed.reads_windows || value.kind() != Kind::kString) return value;
        bytes = value.string();
        return Value::String(bytes);
      }
      if (value.is_null()) return Value::Null();
      EncodeKeyValue(value, &bytes);
    }
    return Value::String(bytes);
  }

  Place Directory(int feed) const {
    Place place = kNoPlace;
    std::memcpy(&place,
                memory_.bytes(kDirectoryPlace) + static_cast<std::size_t>(feed) * sizeof place,
                sizeof place);
    return place;
  }
  void SetDirectory(int feed, Place place) {
    std::memcpy(memory_.bytes(kDirectoryPlace) + static_cast<std::size_t>(feed) * sizeof place,
                &place, sizeof place);
  }

  // The group of the event's `by`; a new one if it has none.
  Place GroupOf(const WindowFeed& feed, int index) {
    Place place = Directory(index);
    if (place == kNoPlace) {
      place = memory_.Allocate(feed.by.empty() ? feed.words : ValueTableReader::kWords);
      SetDirectory(index, place);
    }
    if (feed.by.empty()) return place;
    std::string& key = windows_.key_;
    key.clear();
    for (const int column : feed.by) {
      EncodeKeyValue(column == kTimeColumn ? Value::Timestamp(event_.ts) : event_.row[column],
                     &key);
    }
    ValueTable groups(&memory_, place);
    for (auto slot = groups.Oldest(); slot != ValueTable::kNoSlot &&
                                      AddSaturated(groups.SightOf(slot).ts, feed.kept) <= event_.ts;
         slot = groups.Oldest()) {
      groups.Remove(slot);
    }
    const ValueTable::Seen seen = groups.See(key, {event_.ts, 0});
    if (!seen.known) groups.SetExtra(seen.slot, memory_.Allocate(feed.words));
    if (groups.size() > static_cast<std::uint64_t>(windows_.limits_.distinct_values)) {
      const TimestampMs lost = groups.SightOf(groups.Oldest()).ts;
      groups.Remove(groups.Oldest());
      for (const int window : feed.windows) {
        if (Reaches(windows_.plan_.windows[static_cast<std::size_t>(window)], lost))
          overflows_.push_back({window, LimitKind::kDistinctValues});
      }
    }
    return groups.ExtraOf(seen.slot);
  }

  // Whether the window still holds something of a group whose newest event was at `ts`.
  bool Reaches(const PlannedWindow& window, TimestampMs ts) const {
    switch (window.kind) {
      case WindowKind::kTumbling:
        return ts >= TumblingStart(event_.ts, window.length);
      case WindowKind::kLastEvents:
        return true;
      default:
        return event_.ts - ts < window.length;
    }
  }

  void UpdateGroup(const WindowFeed& feed, Place place, const Value& value) {
    auto head = memory_.Get<GroupHead>(place);
    const bool first = head.number == 0;
    if (!feed.frames.empty()) {
      if (!first) MoveToFrames(feed, place, head);
      head.framed = first ? 0 : 1;
      const Cell cell = value.is_null() ? 0 : CellOf(value, &windows_.text_, &memory_);
      memory_.Put(place + feed.cell_at, cell);
    }
    head.before_ts = first ? event_.ts : head.newest_ts;
    head.newest_ts = event_.ts;
    head.event = event_number_;
    ++head.number;
    head.newest_null = value.is_null() ? 1 : 0;
    memory_.Put(place, head);
    if (feed.store_at != 0) UpdateStore(feed, place, value);
    if (feed.table_at != 0) UpdateTable(feed, place, value);
  }

  // The newest event so far becomes one that the frames hold.
  void MoveToFrames(const WindowFeed& feed, Place place, const GroupHead& head) {
    Frame::Addend addend;
    addend.cell = memory_.Get<Cell>(place + feed.cell_at);
    addend.type = feed.type;
    if (head.newest_null == 0) {
      addend.value = ValueOf(addend.cell, feed.type, memory_);
      if ((feed.frame_parts & kSumPart) != 0)
        AddValue(addend.value, (feed.frame_parts & kSquaresPart) != 0, &addend.moments);
    }
    for (const FramePlan& plan : feed.frames) {
      Frame frame(plan, &memory_, place + plan.at);
      const bool tumbling = plan.kind == WindowKind::kTumbling;
      // The frame's tumbling window is that of before_ts: no division while it goes on.
      const TimestampMs since = tumbling ? frame.start() : head.before_ts;
      const bool same = head.framed != 0 && head.newest_ts - since < plan.length;
      if (!same)
        frame.Reset(tumbling ? TumblingStart(head.newest_ts, plan.length) : head.newest_ts);
      frame.Add(addend);
    }
  }

  // The earliest time that an open session of the group reaches back to.
  TimestampMs SessionsStart(const WindowFeed& feed, Place place) const {
    const auto head = memory_.Get<GroupHead>(place);
    TimestampMs start = kTimeMax;
    for (const FramePlan& plan : feed.frames) {
      if (plan.kind != WindowKind::kSession) continue;
      const FrameReader frame(plan, memory_, place + plan.at);
      start = std::min(start, SessionAt(head, frame, plan.length, event_.ts).start);
    }
    return start;
  }

  void UpdateStore(const WindowFeed& feed, Place place, const Value& value) {
    const WindowRetention& kept = feed.store_kept;
    const TimestampMs sessions = kept.sessions ? SessionsStart(feed, place) : kTimeMax;
    const std::int64_t most = std::max(windows_.limits_.window_events, kept.events);
    WindowStore store(feed.store, &memory_, place + feed.store_at);
    while (store.all().size() > 0) {
      const EntryRange all = store.all();
      const TimestampMs ts = store.ts(all.begin);
      const bool needed = (kept.length > 0 && ts > event_.ts - kept.length) ||
                          all.size() <= kept.events || ts >= sessions;
      if (needed && all.size() <= most) break;
      store.EvictFirst();
    }
    if (store.is_sparse()) state_.compact_at_ = 0;  // so that what was once needed is given back
    store.Add({event_.ts, value, event_.position}, &windows_.text_);
    const EntryRange all = store.all();
    if (all.size() <= windows_.limits_.window_events) return;
    // The newest entry that the limit takes away: a window that would reach so far back is not whole.
    const std::uint32_t lost =
        all.end - 1 - static_cast<std::uint32_t>(windows_.limits_.window_events);
    for (const int index : feed.windows) {
      const PlannedWindow& window = windows_.plan_.windows[static_cast<std::size_t>(index)];
      if (!window.in_store || window.kind == WindowKind::kLastEvents) continue;
      if (store.ts(lost) >= StartOf(feed, place, window)) {
        overflows_.push_back({index, LimitKind::kWindowEvents});
      }
    }
  }

  // The first time that is inside the window at the current event; not for last-n.
  TimestampMs StartOf(const WindowFeed& feed, Place place, const PlannedWindow& window) const {
    switch (window.kind) {
      case WindowKind::kSliding:
        return event_.ts - window.length + 1;
      case WindowKind::kTumbling:
        return TumblingStart(event_.ts, window.length);
      default: {
        const FramePlan& plan = feed.frames[static_cast<std::size_t>(window.frame)];
        const FrameReader frame(plan, memory_, place + plan.at);
        return SessionAt(memory_.Get<GroupHead>(place), frame, plan.length, event_.ts).start;
      }
    }
  }

  void UpdateTable(const WindowFeed& feed, Place place, const Value& value) {
    const auto head = memory_.Get<GroupHead>(place);
    ValueTable table(&memory_, place + feed.table_at);
    NewestSight newest;
    if (!value.is_null()) {
      std::string& bytes = windows_.text_;
      bytes.clear();
      AppendIdentity(value, &bytes);
      const ValueTable::Seen seen = table.See(bytes, {event_.ts, head.number});
      newest = {seen.slot + 1, seen.known ? 1U : 0U, seen.before};
    }
    memory_.Put(place + feed.sight_at, newest);
    const WindowRetention& kept = feed.table_kept;
    const TimestampMs sessions = kept.sessions ? SessionsStart(feed, place) : kTimeMax;
    // Last-n windows without the current event reach one event further back.
    const auto behind = static_cast<std::uint32_t>(head.number - 1 - kept.events);
    for (auto slot = table.Oldest(); slot != ValueTable::kNoSlot; slot = table.Oldest()) {
      const Sight sight = table.SightOf(slot);
      if ((kept.length > 0 && sight.ts > event_.ts - kept.length) || sight.ts >= sessions ||
          (kept.events > 0 && static_cast<std::int32_t>(sight.number - behind) > 0)) {
        break;
      }
      table.Remove(slot);
    }
    if (table.size() <= windows_.limits_.distinct_values) return;
    const Sight lost = table.SightOf(table.Oldest());
    table.Remove(table.Oldest());
    for (const int index : feed.windows) {
      const PlannedWindow& window = windows_.plan_.windows[static_cast<std::size_t>(index)];
      if ((window.parts & kValuesPart) == 0) continue;
      // Without the current event, n events reach one further back.
      const auto before = static_cast<std::uint32_t>(head.number - window.events -
                                                     (window.leaves_out_current ? 1 : 0));
      const bool inside = window.kind == WindowKind::kLastEvents
                              ? static_cast<std::int32_t>(lost.number - before) > 0
                              : lost.ts >= StartOf(feed, place, window);
      if (inside) overflows_.push_back({index, LimitKind::kDistinctValues});
    }
  }

  // Copies what lives into a new block.
  void Compact(int group) {
    std::string& bytes = windows_.stored_;
    bytes.clear();
    state_.AppendBytes(windows_.plan_, group, &bytes);
    Result<WindowState> copy = WindowState::FromBytes(windows_.plan_, group, bytes);
    SHRIKE_CHECK(copy.has_value());
    state_ = std::move(*copy);
  }

  Windows& windows_;
  WindowState& state_;
  WindowMemory& memory_;
  const Event& event_;
  std::vector<WindowOverflow>& overflows_;
  std::uint32_t event_number_ = 0;
};

void Windows::Update(std::span<const int> routes, WindowState* state,
                     std::vector<WindowOverflow>* overflows) {
  WindowUpdate update(this, state, overflows);
  if (!state->empty()) update.CountEvent();
  feeds_.clear();
  int group = 0;
  for (const int id : routes) {
    if (static_cast<std::size_t>(id) >= plan_.routes.size()) continue;
    const WindowRoute& route = plan_.routes[static_cast<std::size_t>(id)];
    if (route.by_type.empty()) continue;
    const std::vector<int>& feeds = route.by_type[static_cast<std::size_t>(event_->event_type)];
    feeds_.insert(feeds_.end(), feeds.begin(), feeds.end());
    group = route.group;
  }
  // A feed reads those before it. No feed comes by two routes: it says how each of its streams is keyed.
  if (routes.size() > 1) std::sort(feeds_.begin(), feeds_.end());
  if (!feeds_.empty()) update.Run(group, feeds_);
}

}  // namespace shrike::nfa
