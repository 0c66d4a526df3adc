// WindowState as bytes: what is in it, in a fixed order; rings, queues and hash tables are made anew when it is read.
//
//   version | event | expires | count | feeds: { hash, bytes, groups: { [by: bytes, ts] group } }
//   group: head | newest cell | frames: { kind, parts, length, words } | entries | values
// Numbers as in base/bytes.h; a text cell is followed by its bytes.
// Tested by: tests/nfa/window_test.cc.
#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "nfa/window_group.h"
#include "nfa/windows.h"

namespace shrike::nfa {
namespace {

constexpr std::uint32_t kVersion =
    1;  // Stored. Raise it when a field changes, and keep reading the older ones.

}  // namespace

class WindowWriter {
 public:
  WindowWriter(const WindowState& state, std::string* out) : memory_(state.memory_), out_(out) {}

  void Write(const WindowGroup& group, TimestampMs expires) {
    out_.Add(kVersion);
    const auto root = memory_.Get<WindowRoot>(kRootPlace);
    out_.Add(root.event);
    out_.Add(expires);
    std::uint32_t feeds = 0;
    const std::size_t feeds_at = out_.out()->size();
    out_.Add(feeds);
    for (std::size_t i = 0; i < group.feeds.size(); ++i) {
      Place place = kNoPlace;
      std::memcpy(&place, memory_.bytes(kDirectoryPlace) + i * sizeof place, sizeof place);
      if (place == kNoPlace) continue;
      out_.Add(group.feeds[i].hash);
      const std::size_t size_at = out_.out()->size();
      out_.Add(std::uint64_t{0});
      WriteFeed(group.feeds[i], place);
      const std::uint64_t size = out_.out()->size() - size_at - sizeof(std::uint64_t);
      std::memcpy(out_.out()->data() + size_at, &size, sizeof size);
      ++feeds;
    }
    std::memcpy(out_.out()->data() + feeds_at, &feeds, sizeof feeds);
  }

 private:
  void WriteFeed(const WindowFeed& feed, Place place) {
    if (feed.by.empty()) {
      WriteGroup(feed, place);
      return;
    }
    const ValueTableReader groups(memory_, place);
    out_.Add(groups.size());
    std::uint32_t cursor = 0;
    for (auto slot = groups.Next(&cursor); slot != ValueTableReader::kNoSlot;
         slot = groups.Next(&cursor)) {
      out_.AddText(groups.BytesOf(slot));
      out_.Add(groups.SightOf(slot).ts);
      WriteGroup(feed, groups.ExtraOf(slot));
    }
  }

  void WriteCell(const WindowFeed& feed, Cell cell) {
    if (CellKindOf(feed.type) == CellKind::kText) {
      out_.AddText(ValueOf(cell, feed.type, memory_).string());
    } else {
      out_.Add(cell);
    }
  }

  void WriteGroup(const WindowFeed& feed, Place place) {
    const auto head = memory_.Get<GroupHead>(place);
    out_.Add(head);
    out_.Add(static_cast<std::uint32_t>(feed.frames.size()));
    if (!feed.frames.empty() && head.newest_null == 0)
      WriteCell(feed, memory_.Get<Cell>(place + feed.cell_at));
    for (const FramePlan& frame : feed.frames) WriteFrame(feed, frame, place + frame.at);
    WriteStore(feed, place);
    WriteTable(feed, place);
  }

  void WriteFrame(const WindowFeed& feed, const FramePlan& plan, Place at) {
    out_.Add(plan.kind);
    out_.Add(plan.parts);
    out_.Add(plan.length);
    const std::size_t words_at = out_.out()->size();
    out_.out()->append(memory_.text(at, plan.words() * kWordBytes));
    if (CellKindOf(feed.type) != CellKind::kText) return;
    const FrameReader frame(plan, memory_, at);
    for (const TallyPart part : kCellParts) {
      if (!frame.Has(part)) continue;
      // The place means nothing outside of the memory.
      std::memset(out_.out()->data() + words_at + (frame.CellAt(part) - at) * kWordBytes, 0,
                  sizeof(Cell));
      WriteCell(feed, memory_.Get<Cell>(frame.CellAt(part)));
    }
  }

  void WriteStore(const WindowFeed& feed, Place place) {
    if (feed.store_at == 0) {
      out_.Add(std::uint32_t{0});
      return;
    }
    const WindowStoreReader store(feed.store, memory_, place + feed.store_at);
    const EntryRange all = store.all();
    out_.Add(all.size());
    if (all.size() == 0) return;  // All that it held is too old.
    out_.Add(static_cast<std::uint8_t>(feed.store.positions ? 1 : 0));
    for (std::uint32_t i = all.begin; i != all.end; ++i) {
      out_.Add(store.ts(i));
      if (feed.store.positions) out_.Add(store.position(i));
      const bool null = store.IsNull(i);
      out_.Add(static_cast<std::uint8_t>(null ? 1 : 0));
      if (!null && feed.store.cell != CellKind::kNone) WriteCell(feed, store.cell(i));
    }
  }

  void WriteSight(const Sight& sight) {
    out_.Add(sight.ts);
    out_.Add(sight.number);
  }

  void WriteTable(const WindowFeed& feed, Place place) {
    out_.Add(static_cast<std::uint8_t>(feed.table_at != 0 ? 1 : 0));
    if (feed.table_at == 0) return;
    const ValueTableReader table(memory_, place + feed.table_at);
    out_.Add(table.size());
    std::uint32_t cursor = 0;
    for (auto slot = table.Next(&cursor); slot != ValueTableReader::kNoSlot;
         slot = table.Next(&cursor)) {
      out_.AddText(table.BytesOf(slot));
      WriteSight(table.SightOf(slot));
    }
    // The newest value stands last, unless it is null.
    const auto newest = memory_.Get<NewestSight>(place + feed.sight_at);
    out_.Add(static_cast<std::uint8_t>(newest.slot != 0 ? 1 : 0));
    out_.Add(newest.known);
    WriteSight(newest.before);
  }

  const WindowMemory& memory_;
  ByteWriter out_;
};

class WindowLoader {
 public:
  WindowLoader(const WindowGroup& group, std::string_view bytes, WindowState* state)
      : group_(group), in_(bytes), state_(*state), memory_(state->memory_) {}

  // False: the bytes are not such a state.
  bool Load() {
    if (in_.Get<std::uint32_t>() != kVersion) return false;
    const auto event = in_.Get<std::uint32_t>();
    state_.expires_ = in_.Get<TimestampMs>();
    const auto saved = in_.Get<std::uint32_t>();
    const auto feeds = static_cast<std::uint32_t>(group_.feeds.size());
    memory_.Allocate(1 + WordsFor(feeds * sizeof(Place)));
    memory_.Put(kRootPlace, WindowRoot{event, feeds});
    for (std::uint32_t n = 0; n < saved && in_.ok(); ++n) {
      const auto hash = in_.Get<std::uint64_t>();
      const auto size = in_.Get<std::uint64_t>();
      const std::string_view feed = in_.Take(size);
      if (!in_.ok()) return false;
      const ByteReader rest = in_;
      in_ = ByteReader(feed);
      for (std::size_t i = 0; i < group_.feeds.size(); ++i) {
        if (group_.feeds[i].hash == hash && !LoadFeed(i)) return false;
      }
      in_ = rest;
    }
    return in_.ok() && in_.at_end();
  }

 private:
  bool LoadFeed(std::size_t index) {
    const WindowFeed& feed = group_.feeds[index];
    const Place place = memory_.Allocate(feed.by.empty() ? feed.words : ValueTable::kWords);
    std::memcpy(memory_.bytes(kDirectoryPlace) + index * sizeof place, &place, sizeof place);
    if (feed.by.empty()) return LoadGroup(feed, place) && in_.at_end();
    const auto count = in_.Get<std::uint32_t>();
    if (count > in_.left()) return false;
    ValueTable groups(&memory_, place);
    groups.Reserve(count);
    TimestampMs last = kTimeMin;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string_view key = in_.GetText();
      const auto ts = in_.Get<TimestampMs>();
      if (!in_.ok() || ts < last) return false;
      last = ts;
      const ValueTable::Seen seen = groups.See(key, {ts, 0});
      if (seen.known) return false;
      const Place group = memory_.Allocate(feed.words);
      groups.SetExtra(seen.slot, group);
      if (!LoadGroup(feed, group)) return false;
    }
    return in_.at_end();
  }

  bool LoadCell(const WindowFeed& feed, Cell* cell) {
    if (CellKindOf(feed.type) == CellKind::kText) {
      *cell = CellOf(Value::String(in_.GetText()), nullptr, &memory_);
    } else {
      *cell = in_.Get<Cell>();
    }
    return in_.ok();
  }

  bool LoadGroup(const WindowFeed& feed, Place place) {
    auto head = in_.Get<GroupHead>();
    const auto frames = in_.Get<std::uint32_t>();
    if (!in_.ok() || head.number == 0 || head.before_ts > head.newest_ts) return false;
    Cell newest = 0;
    if (frames > 0 && head.newest_null == 0 && !LoadCell(feed, &newest)) return false;
    if (frames == 0 && feed.cell_at != 0) head.newest_null = 1;
    memory_.Put(place, head);
    if (feed.cell_at != 0) memory_.Put(place + feed.cell_at, newest);
    // A frame that was not kept so far begins here.
    for (const FramePlan& plan : feed.frames)
      Frame(plan, &memory_, place + plan.at)
          .Reset(plan.kind == WindowKind::kTumbling ? TumblingStart(head.before_ts, plan.length)
                                                    : head.newest_ts);
    for (std::uint32_t i = 0; i < frames; ++i) {
      if (!LoadFrame(feed, place)) return false;
    }
    return LoadStore(feed, place) && LoadTable(feed, place);
  }

  bool LoadFrame(const WindowFeed& feed, Place place) {
    FramePlan saved;
    saved.kind = in_.Get<WindowKind>();
    saved.parts = in_.Get<TallyParts>();
    saved.length = in_.Get<DurationMs>();
    const std::size_t size = saved.words() * kWordBytes;
    const std::string_view words = in_.Take(size);
    if (!in_.ok()) return false;
    WindowMemory scratch;
    saved.at = scratch.Allocate(saved.words());
    std::memcpy(scratch.bytes(saved.at), words.data(), size);
    Frame frame(saved, &scratch, saved.at);
    if (CellKindOf(feed.type) == CellKind::kText) {
      for (const TallyPart part : kCellParts) {
        Cell cell = 0;
        if (!frame.Has(part)) continue;
        if (!LoadCell(feed, &cell)) return false;
        scratch.Put(frame.CellAt(part), cell);
      }
    }
    for (const FramePlan& plan : feed.frames) {
      if (plan.kind != saved.kind || plan.length != saved.length || plan.parts != saved.parts)
        continue;
      std::memcpy(memory_.bytes(place + plan.at), scratch.bytes(saved.at), size);
    }
    return true;
  }

  bool LoadStore(const WindowFeed& feed, Place place) {
    const auto count = in_.Get<std::uint32_t>();
    if (count == 0) return in_.ok();
    const bool positions = in_.Get<std::uint8_t>() != 0;
    if (count > in_.left()) return false;
    // What this plan keeps in another way begins anew.
    std::optional<WindowStore> store;
    if (feed.store_at != 0 && positions == feed.store.positions) {
      store.emplace(feed.store, &memory_, place + feed.store_at);
      store->Reserve(count);
    }
    std::string text;
    TimestampMs last = kTimeMin;
    for (std::uint32_t i = 0; i < count; ++i) {
      WindowStore::Entry entry;
      entry.ts = in_.Get<TimestampMs>();
      if (positions) entry.position = in_.Get<Position>();
      const bool null = in_.Get<std::uint8_t>() != 0;
      if (!null && !feed.values.empty() && !LoadValue(feed, &entry.value)) return false;
      if (!in_.ok() || entry.ts < last) return false;
      last = entry.ts;
      if (store) store->Add(entry, &text);
    }
    return true;
  }

  // Borrows from the bytes. A list stays its encoded items.
  bool LoadValue(const WindowFeed& feed, Value* value) {
    if (CellKindOf(feed.type) == CellKind::kText) {
      *value = Value::String(in_.GetText());
    } else {
      *value = ValueOf(in_.Get<Cell>(), feed.type, memory_);
    }
    return in_.ok();
  }

  Sight LoadSight() {
    const auto ts = in_.Get<TimestampMs>();
    return {ts, in_.Get<std::uint32_t>()};
  }

  bool LoadTable(const WindowFeed& feed, Place place) {
    if (in_.Get<std::uint8_t>() == 0) return in_.ok();
    const auto count = in_.Get<std::uint32_t>();
    if (count > in_.left()) return false;
    WindowMemory scratch;
    const bool kept = feed.table_at != 0;
    const Place at = kept ? place + feed.table_at : scratch.Allocate(ValueTable::kWords);
    ValueTable table(kept ? &memory_ : &scratch, at);
    table.Reserve(count);
    ValueTable::Seen seen;
    TimestampMs last = kTimeMin;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string_view bytes = in_.GetText();
      const Sight sight = LoadSight();
      if (!in_.ok() || sight.ts < last) return false;
      last = sight.ts;
      seen = table.See(bytes, sight);
      if (seen.known) return false;
    }
    NewestSight newest;
    if (in_.Get<std::uint8_t>() != 0) newest.slot = seen.slot + 1;
    newest.known = in_.Get<std::uint32_t>();
    newest.before = LoadSight();
    if (kept) memory_.Put(place + feed.sight_at, newest);
    return in_.ok();
  }

  const WindowGroup& group_;
  ByteReader in_;
  WindowState& state_;
  WindowMemory& memory_;
};

void WindowState::AppendBytes(const WindowPlan& plan, int group, std::string* out) const {
  if (memory_.empty()) return;
  WindowWriter(*this, out).Write(plan.groups[static_cast<std::size_t>(group)], expires_);
}

Result<WindowState> WindowState::FromBytes(const WindowPlan& plan, int group,
                                           std::string_view bytes) {
  WindowState state;
  if (bytes.empty()) return state;
  const auto index = static_cast<std::size_t>(group);
  if (index >= plan.groups.size() || plan.groups[index].feeds.empty()) return state;
  if (!WindowLoader(plan.groups[index], bytes, &state).Load()) {
    return Fail(ErrorCode::kCorrupt, "the windows of a key are not what was written");
  }
  state.compact_at_ = std::max(state.compact_at_, 2 * state.memory_.size());
  return state;
}

}  // namespace shrike::nfa
