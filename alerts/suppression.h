// Suppression: which alerts are given, and the summaries that count the others (language.md, 5.16).
//
// Of a rule with `suppress`, the first alert of a kind and suppression key is given at once and opens the window
// [its time, its time + for). Later ones in it are counted. When the window closes, an outcome of kind summary tells
// their count and the times of the first and the last of them; it has the first alert's key, fields, message and bound
// events. If none was counted, nothing is told. Summaries come before all else of their time.
// Of a rule with `learn`, all alerts in [start, start + learn) are withheld: not counted here, and they open no window.
//
// So with `suppress` alone: alerts of the matcher = alerts given + the counts of all summaries.
//
// The state is plain data: one entry for each rule, kind and key with an open window, which holds the first alert as
// bytes. A rule whose suppression key has alert fields has at most `distinct_values` (base/limits.h) open windows for
// each kind and for each value of the key's other parts. At the limit the window that saw an alert longest ago closes
// early, with its summary, and an overflow is told (suppressed itself like any other): counts are conserved.
// Nothing depends on a hash or on an address.
// Tested by: tests/alerts/suppression_test.cc.  Next: alerts/alert.h.
#ifndef SHRIKE_ALERTS_SUPPRESSION_H_
#define SHRIKE_ALERTS_SUPPRESSION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "nfa/outcome.h"
#include "nfa/program.h"

namespace shrike::alerts {

// Both by rule: [rules] of the Program.
struct SuppressionStats {
  std::vector<std::int64_t> suppressed;  // counted in a summary, given or still to come
  std::vector<std::int64_t> learning;    // withheld by `learn`
};

// One task's; one thread.
class Suppression {
 public:
  explicit Suppression(std::shared_ptr<const nfa::Program> program);
  // The orders borrow from the windows' keys, which stay where they are when the map is moved.
  Suppression(Suppression&&) = default;
  Suppression& operator=(Suppression&&) = default;

  // starts[rules]: from when `learn` counts for each rule, its swap or, in a log that is read from its start, the task's
  // first event; kTimeMax: it never learns, as before this call.
  void SetStarts(const std::vector<TimestampMs>& starts);

  // When the next window closes; kTimeMax: none is open.
  TimestampMs next_close() const { return closing_.empty() ? kTimeMax : closing_.begin()->first; }

  // Closes the windows of time next_close() and appends their summaries, perhaps none, by rule; what order those of
  // one rule have at the end, and their ordinals, is up to the caller (engine/outcome_order.h). Needs an open window
  // (checked).
  void CloseNext(nfa::Outcomes* out);

  // Takes the outcomes of one moment and removes those that are not to be given. What a limit adds (overflows, and
  // summaries of windows that it closed) is appended to `forced`; the ordinals are up to the caller.
  // The windows up to that moment are closed (checked).
  // Cost: for a rule without either, a look at its spec; else a look-up of some 100 ns; no allocation for an alert that
  // is counted.
  void Filter(nfa::Outcomes* outcomes, nfa::Outcomes* forced);

  const SuppressionStats& stats() const { return stats_; }
  std::size_t window_count() const { return windows_.size(); }

  // What a checkpoint must write (exactly-once.md): from this call on, windows that change are remembered until
  // ForgetChanges, which says that all of them were written.
  void TrackChanges() { tracks_ = true; }
  // Calls visit(name, bytes) for each of them, by rule and key; bytes null: the window has closed. A name is 16 bytes,
  // and stays the same in every Program that has the rule. Can be called again until ForgetChanges.
  using VisitChange = std::function<void(const std::string& name, const std::string* bytes)>;
  void ForEachChange(const VisitChange& visit) const;
  void ForgetChanges() { changed_.clear(); }
  // Every open window counts as changed.
  void TouchAll();

  // Opens a window again from what ForEachChange gave, perhaps for another Program: if it has no such rule with the same
  // version and suppression, the window is dropped, and the count of alerts in it is returned, else 0.
  // Errors: kCorrupt; then nothing has changed.
  Result<std::int64_t> RestoreWindow(std::string_view bytes);

  // Closes the windows that `next` would drop, as if they ended at `time`, and appends their summaries: a swap of rules
  // conserves counts.
  void CloseGone(const nfa::Program& next, TimestampMs time, nfa::Outcomes* out);

 private:
  struct Window {
    std::int32_t rule = 0;
    std::uint32_t group_size = 0;  // bytes of the entry's key that name its group
    TimestampMs close = 0;
    TimestampMs seen = 0;  // the time of its last alert, the first one included
    nfa::SuppressedAlerts suppressed;
    std::string alert;  // the first one: alerts/outcome_bytes.h
  };
  // rule, kind, then the values of the suppression key: parts of the rule key first, then alert fields.
  using WindowKey = std::string;
  // Windows by a time. Keys borrow from windows_, whose nodes do not move.
  using TimeOrder = std::set<std::pair<TimestampMs, std::string_view>>;
  using Windows = std::map<WindowKey, Window, std::less<>>;

  bool Learns(std::int32_t rule, TimestampMs time) const;
  // True: the outcome is to be given.
  bool Admit(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome, nfa::Outcomes* forced);
  // Fills key_. Returns the size of the part that names the group.
  std::uint32_t MakeKey(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome);
  void Open(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome, std::uint32_t group_size);
  void Count(TimestampMs time, Windows::iterator window);
  bool HasFieldParts(std::int32_t rule) const;
  // Tells that a limit closed a window to make room for `outcome`.
  void TellOverflow(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome,
                    nfa::Outcomes* forced);
  void Close(Windows::iterator window, TimestampMs time, nfa::Outcomes* out);
  void Insert(const WindowKey& key, Window window);
  void AppendWindowBytes(const WindowKey& key, const Window& window, std::string* out) const;
  void Change(const WindowKey& key) {
    if (tracks_) changed_.insert(key);
  }

  std::shared_ptr<const nfa::Program> program_;
  std::vector<TimestampMs> starts_;  // starts_[rules]; kTimeMax: not started
  Windows windows_;
  TimeOrder closing_;                                      // by Window::close
  std::map<std::string, TimeOrder, std::less<>> by_seen_;  // groups of rules with field parts
  bool tracks_ = false;
  std::set<WindowKey> changed_;  // since the last checkpoint; some may have closed
  SuppressionStats stats_;
  WindowKey key_;      // scratch
  std::string bytes_;  // scratch
};

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_SUPPRESSION_H_
