// Reading: which of a group's events are in the window, what they amount to, and the aggregate of that.
//
// Tested by: tests/nfa/window_test.cc.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/check.h"
#include "nfa/key.h"
#include "nfa/operators.h"
#include "nfa/window_group.h"
#include "nfa/windows.h"

namespace shrike::nfa {
namespace {

Value ZscoreOf(const Tally& tally, Type type, const Value& value) {
  const Value average = AverageOf(tally.moments, type);
  const Value deviation = DeviationOf(tally.moments, type);
  if (value.is_null() || average.is_null() || deviation.is_null() || deviation.float64() == 0) {
    return Value::Null();
  }
  const double score = (ToDouble(value) - ToDouble(average)) / deviation.float64();
  return std::isfinite(score) ? Value::Float(score) : Value::Null();
}

}  // namespace

// One reading.
class WindowReading {
 public:
  WindowReading(const WindowScope& scope, const PlannedWindow& window, const WindowFeed& feed)
      : scope_(scope),
        window_(window),
        feed_(feed),
        memory_(scope.state->memory_),
        past_(window.leaves_out_current && scope.current_is_past) {}

  // Finds the group of the `by` values. False: no event of it was seen, or it is forgotten.
  bool FindGroup(int feed_index, std::span<const Value> by, std::string* key) {
    if (memory_.empty()) return false;
    std::memcpy(
        &place_,
        memory_.bytes(kDirectoryPlace) + static_cast<std::size_t>(feed_index) * sizeof place_,
        sizeof place_);
    if (place_ == kNoPlace) return false;
    if (!feed_.by.empty()) {
      for (const Value& value : by) EncodeKeyValue(value, key);
      const ValueTableReader groups(memory_, place_);
      const ValueTableReader::Slot slot = groups.Find(*key);
      if (slot == ValueTableReader::kNoSlot) return false;
      place_ = groups.ExtraOf(slot);
    }
    head_ = memory_.Get<GroupHead>(place_);
    without_newest_ = window_.leaves_out_current && scope_.at_event && !past_ &&
                      head_.event == memory_.Get<WindowRoot>(kRootPlace).event;
    return true;
  }

  Tally Count(const Limits& limits) const {
    const bool values = (window_.parts & kValuesPart) != 0;
    if (past_ && values) {
      Tally tally;
      tally.distinct = static_cast<std::int64_t>(ScanValues(limits).size());
      return tally;
    }
    if (past_) return Scan(limits.window_events);
    if (values) return CountValues();
    return window_.frame >= 0 ? CountFrame() : CountStore(limits.window_events);
  }

  // Whether an event with these values was there; bytes: AppendIdentity.
  bool Saw(std::string_view bytes, const Limits& limits) const {
    if (past_) return ScanValues(limits).contains(std::string(bytes));
    const ValueTableReader table(memory_, place_ + feed_.table_at);
    const ValueTableReader::Slot slot = table.Find(bytes);
    if (slot == ValueTableReader::kNoSlot) return false;
    Sight sight = table.SightOf(slot);
    if (without_newest_) {
      const auto newest = memory_.Get<NewestSight>(place_ + feed_.sight_at);
      if (newest.slot == slot + 1) {
        if (newest.known == 0) return false;
        sight = newest.before;
      }
    }
    return Inside(sight);
  }

 private:
  const FramePlan& frame_plan() const {
    return feed_.frames[static_cast<std::size_t>(window_.frame)];
  }
  FrameReader frame() const { return {frame_plan(), memory_, place_ + frame_plan().at}; }
  SessionSpan Session() const { return SessionAt(head_, frame(), window_.length, scope_.time); }

  // The first time inside; kTimeMax: there is none. Not for last-n.
  TimestampMs Start() const {
    switch (window_.kind) {
      case WindowKind::kSliding:
        return scope_.time - window_.length + 1;
      case WindowKind::kTumbling:
        return TumblingStart(scope_.time, window_.length);
      default:
        return Session().start;
    }
  }

  // The number of the last event before those inside, for last-n.
  std::uint32_t Behind() const {
    return static_cast<std::uint32_t>(head_.number - (without_newest_ ? 1 : 0) - window_.events);
  }

  bool Inside(const Sight& sight) const {
    if (window_.kind == WindowKind::kLastEvents) {
      return static_cast<std::int32_t>(sight.number - Behind()) > 0;
    }
    return sight.ts >= Start();
  }

  Tally CountValues() const {
    Tally tally;
    const ValueTableReader table(memory_, place_ + feed_.table_at);
    std::uint32_t count = 0;
    if (window_.kind == WindowKind::kLastEvents) {
      count = table.CountBehind(Behind());
    } else if (const TimestampMs start = Start(); start != kTimeMax) {
      count = table.CountAfter(start - 1);
    }
    tally.distinct = count;
    if (!without_newest_) return tally;
    const auto newest = memory_.Get<NewestSight>(place_ + feed_.sight_at);
    if (newest.slot == 0) return tally;
    // Its value was counted for its sake.
    const bool before = newest.known != 0 && Inside(newest.before);
    if (!before) --tally.distinct;
    return tally;
  }

  Tally CountFrame() const {
    Tally tally;
    SessionSpan span;
    if (window_.kind == WindowKind::kSession) {
      span = Session();
    } else {
      // The newest event is mostly the one at hand, and the frame knows where it begins: no division.
      span.with_newest = head_.newest_ts == scope_.time || head_.newest_ts >= Start();
      span.with_frame = head_.framed != 0 && scope_.time - frame().start() < window_.length;
    }
    if (span.with_frame) frame().Read(feed_.type, &tally);
    if (span.with_newest && !without_newest_) {
      const Value newest =
          head_.newest_null != 0
              ? Value::Null()
              : ValueOf(memory_.Get<Cell>(place_ + feed_.cell_at), feed_.type, memory_);
      AddToTally(newest, window_.parts, &tally);
    }
    return tally;
  }

  // The entries of the window; at most as many as the limit, counted from the newest.
  EntryRange RangeOf(const WindowStoreReader& store, std::int64_t window_events) const {
    const EntryRange all = store.all();
    EntryRange range = all;
    if (without_newest_) --range.end;
    const auto newest = [&](std::int64_t count) {
      return range.size() > count ? range.end - static_cast<std::uint32_t>(count) : range.begin;
    };
    if (window_.kind == WindowKind::kLastEvents) {
      range.begin = newest(window_.events);
      return range;
    }
    const TimestampMs start = Start();
    range.begin = start == kTimeMax ? all.end : store.After(start - 1);
    const auto most = static_cast<std::uint32_t>(std::min<std::int64_t>(window_events, all.size()));
    if (all.end - range.begin > most) range.begin = all.end - most;
    if (all.end - range.begin < all.end - range.end) range.begin = range.end;
    return range;
  }

  Tally CountStore(std::int64_t window_events) const {
    const WindowStoreReader store = Store();
    const EntryRange range = RangeOf(store, window_events);
    Tally tally;
    tally.events = range.size();
    if ((window_.parts & kSumPart) != 0) tally.moments = store.Sum(range);
    if ((window_.parts & kLowestPart) != 0) tally.lowest = store.Lowest(range);
    if ((window_.parts & kHighestPart) != 0) tally.highest = store.Highest(range);
    if ((window_.parts & kFirstPart) != 0) tally.first = store.First(range);
    if ((window_.parts & kLastPart) != 0) tally.last = store.Last(range);
    return tally;
  }

  WindowStoreReader Store() const { return {feed_.store, memory_, place_ + feed_.store_at}; }
  bool IsCurrent(const WindowStoreReader& store, std::uint32_t i) const {
    return EventOrder{store.ts(i), store.position(i)} == scope_.current;
  }

  // The entries of the window, and among them the event that is the current one although others came behind it.
  EntryRange PastRange(const WindowStoreReader& store, std::int64_t window_events) const {
    EntryRange range = RangeOf(store, window_events);
    if (window_.kind == WindowKind::kLastEvents && range.begin != store.all().begin) {
      bool inside = false;
      for (std::uint32_t i = range.begin; i != range.end; ++i)
        inside = inside || IsCurrent(store, i);
      if (inside) --range.begin;
    }
    return range;
  }

  // One entry after the other, without the current one.
  Tally Scan(std::int64_t window_events) const {
    const WindowStoreReader store = Store();
    const EntryRange range = PastRange(store, window_events);
    Tally tally;
    for (std::uint32_t i = range.begin; i != range.end; ++i) {
      if (!IsCurrent(store, i)) AddToTally(store.value(i), window_.parts, &tally);
    }
    return tally;
  }

  // The values that the table of the window remembers, made again from its entries: one that only the current event has
  // is left out, but has pushed another out.
  std::set<std::string> ScanValues(const Limits& limits) const {
    const WindowStoreReader store = Store();
    const EntryRange range = PastRange(store, limits.window_events);
    struct Sighting {
      std::uint32_t last = 0;  // the entry, from the range's begin
      bool counts = false;     // seen by another event than the current one
    };
    std::map<std::string, Sighting> seen;
    std::map<std::uint32_t, std::string> order;  // by Sighting::last
    for (std::uint32_t i = range.begin; i != range.end; ++i) {
      const Value value = store.value(i);
      if (value.is_null()) continue;
      std::string bytes;
      AppendIdentity(value, &bytes);
      const auto [at, added] = seen.try_emplace(bytes);
      if (!added) order.erase(at->second.last);
      at->second.counts = at->second.counts || !IsCurrent(store, i);
      at->second.last = i - range.begin;
      order.emplace(at->second.last, std::move(bytes));
      if (static_cast<std::int64_t>(seen.size()) <= limits.distinct_values) continue;
      seen.erase(order.begin()->second);
      order.erase(order.begin());
    }
    std::set<std::string> values;
    for (const auto& [bytes, sighting] : seen) {
      if (sighting.counts) values.insert(bytes);
    }
    return values;
  }

  const WindowScope& scope_;
  const PlannedWindow& window_;
  const WindowFeed& feed_;
  const WindowMemory& memory_;
  const bool past_;
  Place place_ = kNoPlace;
  GroupHead head_;
  bool without_newest_ = false;
};

namespace {

// The aggregate of what is in the window. value: the current event's, for zscore.
Value Finish(const PlannedWindow& window, Type type, const Tally& tally, const Value& value) {
  switch (window.function) {
    case WindowFunction::kCount:
      return Value::Int(tally.events);
    case WindowFunction::kSum:
      return SumOf(tally.moments, type);
    case WindowFunction::kAvg:
      return AverageOf(tally.moments, type);
    case WindowFunction::kMin:
      return tally.lowest;
    case WindowFunction::kMax:
      return tally.highest;
    case WindowFunction::kStddev:
      return DeviationOf(tally.moments, type);
    case WindowFunction::kDistinct:
      return Value::Int(tally.distinct);
    case WindowFunction::kFirst:
      return tally.first;
    case WindowFunction::kLast:
      return tally.last;
    case WindowFunction::kRate:
      return (window.parts & kSumPart) != 0 ? RateOf(tally.moments, type, window.length)
                                            : CountRateOf(tally.events, window.length);
    case WindowFunction::kZscore:
      return ZscoreOf(tally, type, value);
    case WindowFunction::kNew:
    case WindowFunction::kSeen:
      break;
  }
  SHRIKE_CHECK(false);
}

// The bytes by which the table knows the values; false if one is null.
bool IdentityOf(const WindowFeed& feed, std::span<const Value> values, std::string* out) {
  for (const Value& value : values) {
    if (value.is_null()) return false;
    if (feed.is_tuple()) {
      EncodeKeyValue(value, out);
    } else if (value.kind() == Kind::kDecimal) {
      AppendIdentity(Convert(value, feed.type), out);
    } else {
      AppendIdentity(value, out);
    }
  }
  return true;
}

}  // namespace

Value Windows::Read(const WindowScope& scope, int window_index, std::span<const Value> args,
                    Scratch* scratch) const {
  const PlannedWindow& window = plan_.windows[static_cast<std::size_t>(window_index)];
  const WindowFeed& feed = plan_.groups[static_cast<std::size_t>(window.group)]
                               .feeds[static_cast<std::size_t>(window.feed)];
  const std::span<const Value> by = args.first(feed.by.size());
  const std::span<const Value> values = args.subspan(feed.by.size());
  WindowReading reading(scope, window, feed);
  const bool found =
      reading.FindGroup(window.feed, by, by.empty() ? nullptr : scratch->NewString());
  if (window.function == WindowFunction::kNew || window.function == WindowFunction::kSeen) {
    std::string* bytes = scratch->NewString();
    if (!IdentityOf(feed, values, bytes)) return Value::Null();
    const bool saw = found && reading.Saw(*bytes, limits_);
    return Value::Bool(saw == (window.function == WindowFunction::kSeen));
  }
  const Tally tally = found ? reading.Count(limits_) : Tally();
  const Value result =
      Finish(window, feed.type, tally, values.empty() ? Value::Null() : values.front());
  if (feed.type.kind != Kind::kList || result.kind() != Kind::kString) return result;
  std::vector<Value>* items = scratch->NewList();
  DecodeKey(result.string(), items);
  return Value::List(items->data(), items->size());
}

}  // namespace shrike::nfa
