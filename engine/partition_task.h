// PartitionTask: steps 4 to 6 of one event's way (architecture.md): key, route, advance, time.
//
// Takes events in the total order and gives the outcomes of each event and of each deadline time, in the order of
// interfaces.md ("replay"): deadlines before events; at one time matches before timeouts, then rule id; then
// language.md, 5.10. What it gives is a function of the events and times it is told, not of the keys' order in memory.
//
// A deadline d fires before the first event with ts >= d, and when AdvanceTime reaches d. Memory of runs that end
// silently is given back up to a tick (engine/timer_queue.h) later; when, is a function of time.
// Tested by: tests/engine/partition_task_test.cc.  Next: nfa/matcher.h.
#ifndef SHRIKE_ENGINE_PARTITION_TASK_H_
#define SHRIKE_ENGINE_PARTITION_TASK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/cold_keys.h"
#include "engine/emitter.h"
#include "engine/key_store.h"
#include "engine/outcome_order.h"
#include "engine/state_entry.h"
#include "engine/state_store.h"
#include "engine/timer_queue.h"
#include "nfa/deriver.h"
#include "nfa/matcher.h"
#include "nfa/outcome.h"
#include "nfa/program.h"

namespace shrike::engine {

struct TaskStats {
  std::int64_t events = 0;     // processed, emitted ones not counted
  std::int64_t emitted = 0;    // by rules
  std::int64_t advanced = 0;   // (event, key group) pairs that reached the matcher
  std::int64_t deadlines = 0;  // deadlines of a key that fired
  std::vector<std::int64_t>
      without_key;  // without_key[groups]: events that the group does not see: a null key part
  std::int64_t keys_peak = 0;  // keys that had state at once
};

class PartitionTask {
 public:
  // Called with the outcomes of one event or one deadline time, never with none; they are valid for the call. The
  // handler may remove items (suppressed alerts).
  using Handler = std::function<void(nfa::Outcomes&)>;

  // Called with each event that a rule emits, before the task processes it.
  using EmittedHandler = std::function<void(const EmittedEvent&)>;

  // topics: names by Position::topic; needed only if a rule emits. emitted: may be empty.
  struct Emission {
    std::vector<std::string> topics;
    EmittedHandler emitted;
  };
  PartitionTask(std::shared_ptr<const nfa::Program> program, Handler handler, Emission emission);
  PartitionTask(std::shared_ptr<const nfa::Program> program, Handler handler)
      : PartitionTask(std::move(program), std::move(handler), Emission()) {}

  // The next event of the total order (checked: time does not go back). Fires the deadlines before it.
  // Cost: an event that starts nothing for a group costs the key's look-up there, if its key has no state.
  void Process(const Event& event) { Process({&event, 1}); }
  // Several at once, as if one by one: while one is processed, the key states of those behind it are fetched.
  void Process(std::span<const Event> events);

  // Fires every deadline d <= time; time < kTimeMax (checked). A time that was reached before changes nothing.
  void AdvanceTime(TimestampMs time);

  // Fires every deadline there is: the end of the input. Nothing may follow but Flush.
  void Flush();

  // From when `learn` counts for each rule: the first event, once there was one, or what SetStarts said.
  const std::vector<TimestampMs>& starts() const { return starts_; }
  bool started() const { return started_; }
  void SetStarts(std::vector<TimestampMs> starts);

  // What a checkpoint must write: from TrackChanges on, entries that change are remembered until ForgetChanges, which
  // says that all of them were written. Between two calls of Process or AdvanceTime only.
  void TrackChanges();
  void AppendChanges(std::vector<StateChange>* changes);
  void ForgetChanges();
  void RememberAllRemovals() { keys_.RememberAllRemovals(); }
  void TouchAll();  // every entry counts as changed

  // Takes back an entry of AppendChanges, perhaps of another Program's task. False: this Program has no place for it, and
  // it was dropped. Errors: kCorrupt.
  Result<bool> Restore(const StateEntry& entry);

  // Where changes are written to; borrowed, it must outlive this. memory_bytes: of key states, roughly: what does not fit
  // stays in the store alone, from ForgetChanges until it is looked at. May be called again.
  void SetStore(StateStore* store, std::size_t memory_bytes);
  // Restore for an entry that the store has just as it is.
  Result<bool> RestoreStored(const StateEntry& entry);
  std::size_t key_bytes() const { return keys_.bytes(); }
  std::size_t cold_count() const { return cold_.size(); }
  // A cold key could not be read: what was told since the last checkpoint must not be committed.
  const std::optional<Error>& failure() const { return cold_.failure(); }
  // Everything up to `time` has been processed, before the entries were written.
  void Resume(TimestampMs time) { time_ = time; }

  // For what the caller tells beside the task's outcomes: ordinals that differ from theirs.
  void SetOrdinals(nfa::Outcomes* outcomes) { ordinals_.Set(outcomes); }

  const TaskStats& stats() const { return stats_; }
  std::size_t key_count() const { return keys_.size() + cold_.size(); }  // keys with state
  TimestampMs time() const { return time_; }  // kTimeMin before the first event or advance

 private:
  // An event's key in one route, looked up ahead of time.
  struct Lookup {
    std::string key;     // encoded
    bool keyed = false;  // no part is null
    std::uint64_t hash = 0;
    SlotIndex slot = kNoSlot;  // may be the key's; only to be fetched
  };

  Lookup* LookupsOf(std::size_t event) { return lookups_.data() + event * routes_max_; }
  void LookUp(const Event& event, Lookup* lookups);
  // Stages 1 to 3 of what KeyStore calls a look-up ahead of time.
  void Fetch(std::size_t stage, const Event& event, Lookup* lookups);
  void ProcessNext(const Event& event, const Lookup* lookups);
  void ProcessEvent(const Event& event, const Lookup* lookups);
  void ProcessRoute(const nfa::KeyRoute& route, const Event& event, const Lookup& lookup);
  std::uint32_t NextPlace(TimestampMs time);
  void ProcessEmitted();
  void FireUntil(TimestampMs time);
  void FireNext();
  void CollectGarbage();
  void Settle(SlotIndex slot);
  void Arm(SlotIndex slot);
  void DropStaleTimers();
  Result<SlotIndex> Insert(int group, const KeyEntry& parts);
  SlotIndex Warm(int group, const std::string& key);
  SlotIndex WarmEntry(const StateEntry& entry);
  void WarmDue(TimestampMs time);
  void WarmAll();
  void Evict();
  void Emit();

  std::shared_ptr<const nfa::Program> program_;
  Handler handler_;
  nfa::Matcher matcher_;
  KeyStore keys_;
  ColdKeys cold_;
  std::size_t memory_bytes_ = 0;  // of keys_, if there is a store
  // Keys that the store still has, though they were erased since the checkpoint, and whose hash a cold key has too.
  std::set<std::pair<int, std::string>> erased_twins_;
  TimerQueue deadlines_;  // entries are valid while KeySlot::deadline_armed has their time
  CoarseTimers garbage_;  // the same with garbage_armed
  TimestampMs time_ = kTimeMin;
  bool started_ = false;
  std::vector<TimestampMs> starts_;  // [rules]
  TaskStats stats_;
  Ordinals ordinals_;
  Emitter emitter_;
  EmittedHandler emitted_handler_;
  nfa::Deriver deriver_;
  // Where rules emit: how many events time place_time_ has had (nfa/matcher.h, Begin).
  TimestampMs place_time_ = kTimeMin;
  std::uint32_t places_ = 0;
  nfa::Outcomes outcomes_;       // scratch
  std::vector<Timer> silent_;    // scratch
  nfa::KeyState fresh_;          // scratch: a key without state so far; empty between events
  std::size_t routes_max_ = 1;   // of one stream
  std::vector<Lookup> lookups_;  // scratch: routes_max_ for each event of a batch
  std::vector<Lookup> emitted_lookups_;  // scratch: of one event
  std::vector<Event> derived_;           // scratch: a batch with its derived fields
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_PARTITION_TASK_H_
