// Emitter: makes events of derived streams from the matches of rules that `emit` (language.md, section 6).
//
// A match's event has its completion time and follows it at once; with `every`, a key with a match in an aligned
// interval gives one event at the interval's end, with the fields of its last match. Timeouts, overflows, summaries,
// suppressed and shadow alerts are not emitted.
//
// A derived event has no record. Its position is kDerivedTopic + its stream, its number among those of its key at that
// time, and the first 60 bits of the id of the alert that it comes from: so ids of alerts over it depend on the input
// alone (language.md, 5.13).
// Tested by: tests/engine/emitter_test.cc.  Next: engine/partition_task.h.
#ifndef SHRIKE_ENGINE_EMITTER_H_
#define SHRIKE_ENGINE_EMITTER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/alert_id.h"
#include "base/event.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value_store.h"
#include "nfa/deriver.h"
#include "nfa/outcome.h"
#include "nfa/program.h"

namespace shrike::engine {

// One derived event. Borrowed for the call that shows it.
struct EmittedEvent {
  int rule = 0;
  Event event;
  std::span<const Value> fields;  // the alert's, by AlertSpec::fields
  std::string_view key;           // of the rule, encoded
};

// One task's; one thread.
class Emitter {
 public:
  // topics: names by Position::topic.
  Emitter(std::shared_ptr<const nfa::Program> program, std::vector<std::string> topics);

  // Whether some rule emits: if not, the others need not be called.
  bool active() const { return active_; }

  // Takes the outcomes of one moment that were told, in order.
  void Take(const nfa::Outcomes& outcomes);

  // The next event that is to be processed now, or null. Borrowed until the next call.
  const EmittedEvent* Next();

  // When the next interval ends; kTimeMax: none is open.
  TimestampMs next_end() const { return held_.empty() ? kTimeMax : held_.begin()->first.end; }

  // Lets the events of the intervals that end at next_end() come next, by rule, then key.
  void CloseInterval();

  // What a checkpoint must write of the open intervals, as alerts/suppression.h does it for its windows. Names are 16
  // bytes. What Take made ready has been shown by Next before (checked).
  void TrackChanges() { tracks_ = true; }
  using VisitChange = std::function<void(const std::string& name, const std::string* bytes)>;
  void ForEachChange(const VisitChange& visit) const;
  void ForgetChanges() { changed_.clear(); }
  void TouchAll();
  // Opens an interval again. False: the program has no such rule with the same version that emits the same fields; it is
  // dropped. Errors: kCorrupt.
  Result<bool> RestoreInterval(std::string_view bytes);

 private:
  // What a match gives.
  struct Made {
    int rule = 0;
    TimestampMs ts = 0;
    std::string key;         // encoded
    std::int64_t cause = 0;  // of its alert's id
    std::vector<Value> fields;
    ValueStore store;  // the fields' bytes
  };
  // An interval of one rule and key.
  struct HeldKey {
    TimestampMs end = 0;
    int rule = 0;
    std::string key;
    auto operator<=>(const HeldKey&) const = default;
  };

  void AppendIntervalBytes(const HeldKey& place, const Made& made, std::string* out) const;
  void Change(const HeldKey& place) {
    if (tracks_) changed_.insert(place);
  }
  void MakeEvent(const Made& made);
  std::int64_t NumberOf(const Made& made);

  std::shared_ptr<const nfa::Program> program_;
  std::vector<std::string> topics_;
  bool active_ = false;
  alerts::AlertIdHasher hasher_;
  nfa::Deriver deriver_;
  std::deque<std::unique_ptr<Made>> ready_;
  std::map<HeldKey, std::unique_ptr<Made>> held_;
  bool tracks_ = false;
  std::set<HeldKey> changed_;  // since the last checkpoint; some may have ended

  // The event shown last.
  std::unique_ptr<Made> shown_;
  std::vector<Value> row_;
  EmittedEvent emitted_;

  // How many events the keys have had at numbered_ts_.
  TimestampMs numbered_ts_ = kTimeMin;
  std::map<std::string, std::int32_t> numbers_;
};

}  // namespace shrike::engine

#endif  // SHRIKE_ENGINE_EMITTER_H_
