// WindowState as bytes: what is in it, in a fixed order; rings, queues and hash tables are made anew when it is read.
//
//   version | event | expires | count | feeds: { hash, bytes, groups: { [by: bytes, ts] group } }
//   group: head | newest cell | frames: { kind, parts, length, words } | entries | values
// Numbers are little endian; a text cell is followed by its bytes.
// Tested by: tests/nfa/window_test.cc.
#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "nfa/window_group.h"
#include "nfa/windows.h"

namespace shrike::nfa {
namespace {

constexpr std::uint32_t kVersion =
    1;  // Stored. Raise it when a field changes, and keep reading the older ones.

struct Output {
  std::string* out;

  template <typename T>
  void Put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out->append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void Text(std::string_view text) {
    Put(static_cast<std::uint32_t>(text.size()));
    out->append(text);
  }
};

struct Input {
  std::string_view bytes;
  bool good = true;

  template <typename T>
  T Get() {
    T value{};
    if (bytes.size() < sizeof value) {
      good = false;
      return value;
    }
    std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
    bytes.remove_prefix(sizeof value);
    return value;
  }
  std::string_view Text() {
    const auto size = Get<std::uint32_t>();
    if (bytes.size() < size) {
      good = false;
      return {};
    }
    const std::string_view text = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return text;
  }
};

}  // namespace

class WindowWriter {
 public:
  WindowWriter(const WindowState& state, std::string* out) : memory_(state.memory_), out_{out} {}

  void Write(const WindowGroup& group, TimestampMs expires) {
    out_.Put(kVersion);
    const auto root = memory_.Get<WindowRoot>(kRootPlace);
    out_.Put(root.event);
    out_.Put(expires);
    std::uint32_t feeds = 0;
    const std::size_t feeds_at = out_.out->size();
    out_.Put(feeds);
    for (std::size_t i = 0; i < group.feeds.size(); ++i) {
      Place place = kNoPlace;
      std::memcpy(&place, memory_.bytes(kDirectoryPlace) + i * sizeof place, sizeof place);
      if (place == kNoPlace) continue;
      out_.Put(group.feeds[i].hash);
      const std::size_t size_at = out_.out->size();
      out_.Put(std::uint64_t{0});
      WriteFeed(group.feeds[i], place);
      const std::uint64_t size = out_.out->size() - size_at - sizeof(std::uint64_t);
      std::memcpy(out_.out->data() + size_at, &size, sizeof size);
      ++feeds;
    }
    std::memcpy(out_.out->data() + feeds_at, &feeds, sizeof feeds);
  }

 private:
  void WriteFeed(const WindowFeed& feed, Place place) {
    if (feed.by.empty()) {
      WriteGroup(feed, place);
      return;
    }
    const ValueTableReader groups(memory_, place);
    out_.Put(groups.size());
    std::uint32_t cursor = 0;
    for (auto slot = groups.Next(&cursor); slot != ValueTableReader::kNoSlot;
         slot = groups.Next(&cursor)) {
      out_.Text(groups.BytesOf(slot));
      out_.Put(groups.SightOf(slot).ts);
      WriteGroup(feed, groups.ExtraOf(slot));
    }
  }

  void WriteCell(const WindowFeed& feed, Cell cell) {
    if (CellKindOf(feed.type) == CellKind::kText) {
      out_.Text(ValueOf(cell, feed.type, memory_).string());
    } else {
      out_.Put(cell);
    }
  }

  void WriteGroup(const WindowFeed& feed, Place place) {
    const auto head = memory_.Get<GroupHead>(place);
    out_.Put(head);
    out_.Put(static_cast<std::uint32_t>(feed.frames.size()));
    if (!feed.frames.empty() && head.newest_null == 0)
      WriteCell(feed, memory_.Get<Cell>(place + feed.cell_at));
    for (const FramePlan& frame : feed.frames) WriteFrame(feed, frame, place + frame.at);
    WriteStore(feed, place);
    WriteTable(feed, place);
  }

  void WriteFrame(const WindowFeed& feed, const FramePlan& plan, Place at) {
    out_.Put(plan.kind);
    out_.Put(plan.parts);
    out_.Put(plan.length);
    const std::size_t words_at = out_.out->size();
    out_.out->append(memory_.text(at, plan.words() * kWordBytes));
    if (CellKindOf(feed.type) != CellKind::kText) return;
    const FrameReader frame(plan, memory_, at);
    for (const TallyPart part : kCellParts) {
      if (!frame.Has(part)) continue;
      // The place means nothing outside of the memory.
      std::memset(out_.out->data() + words_at + (frame.CellAt(part) - at) * kWordBytes, 0,
                  sizeof(Cell));
      WriteCell(feed, memory_.Get<Cell>(frame.CellAt(part)));
    }
  }

  void WriteStore(const WindowFeed& feed, Place place) {
    if (feed.store_at == 0) {
      out_.Put(std::uint32_t{0});
      return;
    }
    const WindowStoreReader store(feed.store, memory_, place + feed.store_at);
    const EntryRange all = store.all();
    out_.Put(all.size());
    out_.Put(static_cast<std::uint8_t>(feed.store.positions ? 1 : 0));
    for (std::uint32_t i = all.begin; i != all.end; ++i) {
      out_.Put(store.ts(i));
      if (feed.store.positions) out_.Put(store.position(i));
      const bool null = store.IsNull(i);
      out_.Put(static_cast<std::uint8_t>(null ? 1 : 0));
      if (!null && feed.store.cell != CellKind::kNone) WriteCell(feed, store.cell(i));
    }
  }

  void WriteSight(const Sight& sight) {
    out_.Put(sight.ts);
    out_.Put(sight.number);
  }

  void WriteTable(const WindowFeed& feed, Place place) {
    out_.Put(static_cast<std::uint8_t>(feed.table_at != 0 ? 1 : 0));
    if (feed.table_at == 0) return;
    const ValueTableReader table(memory_, place + feed.table_at);
    out_.Put(table.size());
    std::uint32_t cursor = 0;
    for (auto slot = table.Next(&cursor); slot != ValueTableReader::kNoSlot;
         slot = table.Next(&cursor)) {
      out_.Text(table.BytesOf(slot));
      WriteSight(table.SightOf(slot));
    }
    // The newest value stands last, unless it is null.
    const auto newest = memory_.Get<NewestSight>(place + feed.sight_at);
    out_.Put(static_cast<std::uint8_t>(newest.slot != 0 ? 1 : 0));
    out_.Put(newest.known);
    WriteSight(newest.before);
  }

  const WindowMemory& memory_;
  Output out_;
};

class WindowLoader {
 public:
  WindowLoader(const WindowGroup& group, std::string_view bytes, WindowState* state)
      : group_(group), in_{bytes}, state_(*state), memory_(state->memory_) {}

  // False: the bytes are not such a state.
  bool Load() {
    if (in_.Get<std::uint32_t>() != kVersion) return false;
    const auto event = in_.Get<std::uint32_t>();
    state_.expires_ = in_.Get<TimestampMs>();
    const auto saved = in_.Get<std::uint32_t>();
    const auto feeds = static_cast<std::uint32_t>(group_.feeds.size());
    memory_.Allocate(1 + WordsFor(feeds * sizeof(Place)));
    memory_.Put(kRootPlace, WindowRoot{event, feeds});
    for (std::uint32_t n = 0; n < saved && in_.good; ++n) {
      const auto hash = in_.Get<std::uint64_t>();
      const auto size = in_.Get<std::uint64_t>();
      if (!in_.good || size > in_.bytes.size()) return false;
      const std::string_view rest = in_.bytes.substr(size);
      in_.bytes = in_.bytes.substr(0, size);
      for (std::size_t i = 0; i < group_.feeds.size(); ++i) {
        if (group_.feeds[i].hash == hash && !LoadFeed(i)) return false;
      }
      in_.bytes = rest;
    }
    return in_.good && in_.bytes.empty();
  }

 private:
  bool LoadFeed(std::size_t index) {
    const WindowFeed& feed = group_.feeds[index];
    const Place place = memory_.Allocate(feed.by.empty() ? feed.words : ValueTable::kWords);
    std::memcpy(memory_.bytes(kDirectoryPlace) + index * sizeof place, &place, sizeof place);
    if (feed.by.empty()) return LoadGroup(feed, place) && in_.bytes.empty();
    const auto count = in_.Get<std::uint32_t>();
    if (count > in_.bytes.size()) return false;
    ValueTable groups(&memory_, place);
    groups.Reserve(count);
    TimestampMs last = kTimeMin;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string_view key = in_.Text();
      const auto ts = in_.Get<TimestampMs>();
      if (!in_.good || ts < last) return false;
      last = ts;
      const ValueTable::Seen seen = groups.See(key, {ts, 0});
      if (seen.known) return false;
      const Place group = memory_.Allocate(feed.words);
      groups.SetExtra(seen.slot, group);
      if (!LoadGroup(feed, group)) return false;
    }
    return in_.bytes.empty();
  }

  bool LoadCell(const WindowFeed& feed, Cell* cell) {
    if (CellKindOf(feed.type) == CellKind::kText) {
      *cell = CellOf(Value::String(in_.Text()), nullptr, &memory_);
    } else {
      *cell = in_.Get<Cell>();
    }
    return in_.good;
  }

  bool LoadGroup(const WindowFeed& feed, Place place) {
    auto head = in_.Get<GroupHead>();
    const auto frames = in_.Get<std::uint32_t>();
    if (!in_.good || head.number == 0 || head.before_ts > head.newest_ts) return false;
    Cell newest = 0;
    if (frames > 0 && head.newest_null == 0 && !LoadCell(feed, &newest)) return false;
    if (frames == 0 && feed.cell_at != 0) head.newest_null = 1;
    memory_.Put(place, head);
    if (feed.cell_at != 0) memory_.Put(place + feed.cell_at, newest);
    // A frame that was not kept so far begins here.
    for (const FramePlan& plan : feed.frames)
      Frame(plan, &memory_, place + plan.at).Reset(head.newest_ts);
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
    if (!in_.good || in_.bytes.size() < size) return false;
    const std::string_view words = in_.bytes.substr(0, size);
    in_.bytes.remove_prefix(size);
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
    if (count == 0) return in_.good;
    const bool positions = in_.Get<std::uint8_t>() != 0;
    if (count > in_.bytes.size()) return false;
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
      if (!in_.good || entry.ts < last) return false;
      last = entry.ts;
      if (store) store->Add(entry, &text);
    }
    return true;
  }

  // Borrows from the bytes. A list stays its encoded items.
  bool LoadValue(const WindowFeed& feed, Value* value) {
    if (CellKindOf(feed.type) == CellKind::kText) {
      *value = Value::String(in_.Text());
    } else {
      *value = ValueOf(in_.Get<Cell>(), feed.type, memory_);
    }
    return in_.good;
  }

  Sight LoadSight() {
    const auto ts = in_.Get<TimestampMs>();
    return {ts, in_.Get<std::uint32_t>()};
  }

  bool LoadTable(const WindowFeed& feed, Place place) {
    if (in_.Get<std::uint8_t>() == 0) return in_.good;
    const auto count = in_.Get<std::uint32_t>();
    if (count > in_.bytes.size()) return false;
    WindowMemory scratch;
    const bool kept = feed.table_at != 0;
    const Place at = kept ? place + feed.table_at : scratch.Allocate(ValueTable::kWords);
    ValueTable table(kept ? &memory_ : &scratch, at);
    table.Reserve(count);
    ValueTable::Seen seen;
    TimestampMs last = kTimeMin;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string_view bytes = in_.Text();
      const Sight sight = LoadSight();
      if (!in_.good || sight.ts < last) return false;
      last = sight.ts;
      seen = table.See(bytes, sight);
      if (seen.known) return false;
    }
    NewestSight newest;
    if (in_.Get<std::uint8_t>() != 0) newest.slot = seen.slot + 1;
    newest.known = in_.Get<std::uint32_t>();
    newest.before = LoadSight();
    if (kept) memory_.Put(place + feed.sight_at, newest);
    return in_.good;
  }

  const WindowGroup& group_;
  Input in_;
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
