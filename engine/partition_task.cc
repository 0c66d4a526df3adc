// The simple algorithm: fire what is due, then let each key group look at the event. What makes it fast: a key
// without state is not entered in the table unless the event leaves a run behind, and timers are re-armed lazily.
#include "engine/partition_task.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "nfa/key.h"

namespace shrike::engine {
namespace {

// Stale entries are dropped when there are more timers than this for each key, and some more.
constexpr std::size_t kTimersPerKeyMax = 8;
constexpr std::size_t kTimersFree = 4096;
constexpr std::size_t kAhead = 4;  // events between two stages of a look-up

}  // namespace

PartitionTask::PartitionTask(std::shared_ptr<const nfa::Program> program, Handler handler,
                             Emission emission)
    : program_(std::move(program)),
      handler_(std::move(handler)),
      matcher_(program_),
      emitter_(program_, std::move(emission.topics)),
      emitted_handler_(std::move(emission.emitted)),
      deriver_(program_) {
  starts_.resize(program_->rules().size(), kTimeMax);
  stats_.without_key.resize(static_cast<std::size_t>(program_->group_count()));
  for (int stream = 0; stream < program_->stream_count(); ++stream)
    routes_max_ = std::max(routes_max_, program_->routes(stream).size());
}

// Each stage reads what the one before has asked for kAhead events ago.
void PartitionTask::Process(std::span<const Event> events) {
  if (!deriver_.empty()) {
    derived_.clear();
    for (const Event& event : events) derived_.push_back(deriver_.Derive(event));
    events = derived_;
  }
  if (lookups_.size() < events.size() * routes_max_) lookups_.resize(events.size() * routes_max_);
  for (std::size_t i = 0; i < events.size() + 4 * kAhead; ++i) {
    if (i < events.size()) LookUp(events[i], LookupsOf(i));
    for (std::size_t stage = 1; stage <= 3; ++stage) {
      const std::size_t at = i - stage * kAhead;  // wraps around before the first event
      if (at < events.size()) Fetch(stage, events[at], LookupsOf(at));
    }
    const std::size_t at = i - 4 * kAhead;
    if (at < events.size()) ProcessNext(events[at], LookupsOf(at));
  }
  if (!deriver_.empty()) deriver_.Clear();
}

void PartitionTask::Fetch(std::size_t stage, const Event& event, Lookup* lookups) {
  const std::size_t routes = program_->routes(event.stream).size();
  for (std::size_t r = 0; r < routes; ++r) {
    Lookup& lookup = lookups[r];
    if (!lookup.keyed) continue;
    if (stage == 1) {
      lookup.slot = keys_.PrefetchSlot(lookup.hash);
    } else if (lookup.slot != kNoSlot) {
      stage == 2 ? keys_.PrefetchRuns(lookup.slot) : keys_.PrefetchRecords(lookup.slot);
    }
  }
}

void PartitionTask::ProcessNext(const Event& event, const Lookup* lookups) {
  SHRIKE_CHECK(event.ts >= time_);
  AdvanceTime(event.ts);
  ++stats_.events;
  if (!started_) SetStarts(std::vector<TimestampMs>(starts_.size(), event.ts));
  ProcessEvent(event, lookups);
  ProcessEmitted();
}

void PartitionTask::LookUp(const Event& event, Lookup* lookups) {
  for (const nfa::KeyRoute& route : program_->routes(event.stream)) {
    Lookup& lookup = *lookups++;
    lookup.key.clear();
    lookup.keyed = nfa::EncodeKey(route.columns, event, &lookup.key);
    if (!lookup.keyed) continue;
    lookup.hash = KeyStore::Hash(route.group, lookup.key);
    keys_.Prefetch(lookup.hash);
  }
}

void PartitionTask::ProcessEvent(const Event& event, const Lookup* lookups) {
  const std::vector<nfa::KeyRoute>& routes = program_->routes(event.stream);
  if (routes.empty()) {
    return;
  }
  matcher_.Begin(event, NextPlace(event.ts));
  for (const nfa::KeyRoute& route : routes) {
    ProcessRoute(route, event, *lookups++);
  }
  if (!outcomes_.items.empty()) {
    if (routes.size() > 1) {
      OrderEventOutcomes(&outcomes_);
    }
    Emit();
  }
}

// Where no rule emits, positions alone say the order.
std::uint32_t PartitionTask::NextPlace(TimestampMs time) {
  if (!emitter_.active()) return 0;
  if (time != place_time_) places_ = 0;
  place_time_ = time;
  return ++places_;
}

void PartitionTask::ProcessRoute(const nfa::KeyRoute& route, const Event& event,
                                 const Lookup& lookup) {
  if (!lookup.keyed) {
    ++stats_.without_key[static_cast<std::size_t>(route.group)];
    return;
  }
  const std::string& key = lookup.key;
  SlotIndex slot = keys_.Find(route.group, key, lookup.hash);
  if (slot == kNoSlot && cold_.Has(lookup.hash)) slot = Warm(route.group, key);
  if (slot != kNoSlot) {
    nfa::KeyState& state = keys_[slot].state;
    const std::size_t told = outcomes_.items.size();
    matcher_.ExpireUntil(key, event.ts, &state, &outcomes_);
    // What is told at a deadline was told by its timer.
    SHRIKE_CHECK(outcomes_.items.size() == told);
    matcher_.Advance(route.id, key, &state, &outcomes_);
    ++stats_.advanced;
    Settle(slot);
    return;
  }
  if (!matcher_.Starts(route.id)) {
    return;
  }
  matcher_.Advance(route.id, key, &fresh_, &outcomes_);
  ++stats_.advanced;
  if (!fresh_.empty()) {
    const SlotIndex inserted =
        keys_.Insert(route.group, key, lookup.hash, std::exchange(fresh_, nfa::KeyState()));
    keys_.Touch(inserted);
    Arm(inserted);
    stats_.keys_peak = std::max(stats_.keys_peak, static_cast<std::int64_t>(keys_.size()));
  }
}

void PartitionTask::AdvanceTime(TimestampMs time) {
  SHRIKE_CHECK(time < kTimeMax);
  if (cold_.next_due() <= time) WarmDue(time);
  FireUntil(time);
  time_ = std::max(time_, time);
  if (garbage_.next() <= time_) {
    CollectGarbage();
  }
}

void PartitionTask::Flush() { FireUntil(kTimeMax - 1); }

// An interval of `emit` ends after the deadlines of its time.
void PartitionTask::FireUntil(TimestampMs time) {
  while (true) {
    const TimestampMs end = emitter_.next_end();
    const TimestampMs next = std::min(deadlines_.next(), end);
    if (next > time) return;
    time_ = std::max(time_, next);
    if (deadlines_.next() <= next) {
      FireNext();
    } else {
      emitter_.CloseInterval();
    }
    ProcessEmitted();
  }
}

// Events that rules emit follow their cause at once, and may cause others; the checker refuses cycles.
void PartitionTask::ProcessEmitted() {
  if (!emitter_.active()) return;
  if (emitted_lookups_.size() < routes_max_) emitted_lookups_.resize(routes_max_);
  while (const EmittedEvent* emitted = emitter_.Next()) {
    ++stats_.emitted;
    if (emitted_handler_) emitted_handler_(*emitted);
    LookUp(emitted->event, emitted_lookups_.data());
    ProcessEvent(emitted->event, emitted_lookups_.data());
  }
}

void PartitionTask::FireNext() {
  const TimestampMs time = deadlines_.next();
  while (deadlines_.next() == time) {
    const SlotIndex index = deadlines_.Pop().slot;
    KeySlot& slot = keys_[index];
    if (slot.deadline_armed != time) {
      continue;  // Stale: the key is gone or was armed for an earlier time since.
    }
    slot.deadline_armed = kTimeMax;
    if (slot.state.deadline() <= time) {
      matcher_.ExpireUntil(slot.key, time, &slot.state, &outcomes_);
      ++stats_.deadlines;
      SHRIKE_CHECK(slot.state.deadline() > time);
    }
    Settle(index);
  }
  if (!outcomes_.items.empty()) {
    OrderDeadlineOutcomes(&outcomes_);
    Emit();
  }
}

// What is due is said by the state's own time, not by that of an earlier timer: a task that was restored has no such
// timers, and must hold the same states.
void PartitionTask::CollectGarbage() {
  while (garbage_.next() <= time_) {
    garbage_.TakeNext(&silent_);
    for (std::size_t i = 0; i < silent_.size(); ++i) {
      if (i + kAhead < silent_.size()) keys_.PrefetchSlotAt(silent_[i + kAhead].slot);
      const SlotIndex index = silent_[i].slot;
      KeySlot& slot = keys_[index];
      if (slot.garbage_armed != silent_[i].time) continue;  // stale
      slot.garbage_armed = kTimeMax;
      if (CoarseTimers::TickEnd(slot.state.garbage()) <= time_) {
        matcher_.ExpireUntil(slot.key, time_, &slot.state, &outcomes_);
        SHRIKE_CHECK(outcomes_.items.empty());
        SHRIKE_CHECK(slot.state.garbage() > time_);
      }
      Settle(index);
    }
  }
}

void PartitionTask::Settle(SlotIndex slot) {
  keys_.Touch(slot);
  if (keys_[slot].state.empty()) {
    if (cold_.Has(keys_[slot].hash)) erased_twins_.emplace(keys_[slot].group, keys_[slot].key);
    keys_.Erase(slot);
  } else {
    Arm(slot);
  }
}

void PartitionTask::Arm(SlotIndex index) {
  KeySlot& slot = keys_[index];
  const TimestampMs deadline = slot.state.deadline();
  if (deadline < slot.deadline_armed) {
    slot.deadline_armed = deadline;
    deadlines_.Add({deadline, index});
  }
  const TimestampMs garbage = slot.state.garbage();
  if (garbage < slot.garbage_armed) {
    slot.garbage_armed = garbage;
    garbage_.Add({garbage, index});
  }
  if (deadlines_.size() + garbage_.size() > kTimersFree + kTimersPerKeyMax * keys_.size()) {
    DropStaleTimers();
  }
}

void PartitionTask::DropStaleTimers() {
  std::vector<Timer> deadlines;
  std::vector<Timer> garbage;
  for (SlotIndex index = 0; index < keys_.slot_count(); ++index) {
    const KeySlot& slot = keys_[index];
    if (slot.deadline_armed < kTimeMax) {
      deadlines.push_back({slot.deadline_armed, index});
    }
    if (slot.garbage_armed < kTimeMax) {
      garbage.push_back({slot.garbage_armed, index});
    }
  }
  deadlines_.Assign(std::move(deadlines));
  garbage_.Assign(garbage);
}

void PartitionTask::SetStarts(std::vector<TimestampMs> starts) {
  SHRIKE_CHECK(starts.size() == starts_.size());
  started_ = true;
  starts_ = std::move(starts);
  matcher_.SetStarts(starts_);
}

void PartitionTask::Emit() {
  ordinals_.Set(&outcomes_);
  handler_(outcomes_);
  if (emitter_.active()) emitter_.Take(outcomes_);
  outcomes_.Clear();
}

}  // namespace shrike::engine
