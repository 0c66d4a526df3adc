// The inside of a Matcher, in four parts: predicates and steps (matcher.cc), one event (advance.cc), time (expire.cc),
// completed matches (complete.cc). Scratch memory is reused from event to event.
#ifndef SHRIKE_NFA_MATCHER_IMPL_H_
#define SHRIKE_NFA_MATCHER_IMPL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "nfa/key_state.h"
#include "nfa/mutants.h"
#include "nfa/outcome.h"
#include "nfa/program_data.h"
#include "nfa/windows.h"

namespace shrike::nfa {

// One event of a match, for ordering matches.
struct BoundStep {
  BoundPlace place;
  int step;
};

class MatcherImpl {
 public:
  explicit MatcherImpl(std::shared_ptr<const Program> program);

  void Begin(const Event& event, std::uint32_t place);
  bool Starts(int route);
  void Advance(int route, std::string_view key, KeyState* state, Outcomes* out);
  void ExpireUntil(std::string_view key, TimestampMs time, KeyState* state, Outcomes* out);
  void SetStarts(std::vector<TimestampMs> starts) { learn_starts_ = std::move(starts); }
  void SetMutant(Mutant mutant) { mutant_ = mutant; }

 private:
  // A match, timeout or overflow that waits for its place in the order.
  struct Candidate {
    RecordChain bound;  // empty: taken back
    OutcomeKind kind = OutcomeKind::kMatch;
    LimitKind limit = LimitKind::kOpenRuns;
    std::int32_t rule = 0;
  };
  // A candidate and what it binds, in event order.
  struct SortEntry {
    Candidate candidate;
    std::vector<BoundStep> bound;
  };
  // A record appended for the current event, so that equal bindings stay one record.
  struct Created {
    RecordId parent;
    int step;
    RecordId record;
  };
  // What an event does to one open way on.
  enum class Way : std::uint8_t { kCloses, kStays, kTakes, kEnds };
  // What became of a run's branches at an event: bits as in Run::live.
  struct Verdict {
    std::uint64_t live = 0;   // still open, those that take or end included
    std::uint64_t takes = 0;  // of them: those that take the event
    std::uint64_t ends = 0;   // of them: ways to the end whose last NOT is through
  };

  // matcher.cc: conditions.
  const CompiledRule& rule(int index) const { return data_.rules[static_cast<std::size_t>(index)]; }
  const RuleSpec& spec(int index) const {
    return data_.spec.rules[static_cast<std::size_t>(index)];
  }
  bool Holds(int predicate);  // memoised for the current event
  bool Evaluate(int predicate);
  bool ConjunctHolds(int conjunct);       // the same
  bool KeyConditionHolds(int condition);  // memoised for the current event and key
  bool Sees(const CompiledRule&
                rule);  // by the current route, and no exception over the event alone hides it
  bool Excepted(const CompiledRule& rule);  // by an exception that reads windows
  bool ConditionHolds(const CompiledRule& rule, const Condition& condition, RecordChain bound);
  bool StepFits(const CompiledRule& rule, int step,
                RecordChain bound);  // positive step: may bind the run key
  bool GuardFits(const CompiledRule& rule, int step,
                 RecordChain bound);  // NOT and unless: a free run key never fits
  bool StepKeyFits(const CompiledRule& rule, int step, RecordChain bound, bool may_bind);
  std::string_view StepKeyOf(const CompiledRule& rule, RecordChain bound) const;

  // history.cc: windows and risk of the current key.
  void UpdateWindows();
  bool FindRoutes();
  void EnterHistory();  // the scopes, after the state's history has changed
  // window_scope_, but with the last bound event as the current one.
  WindowScope WindowsSince(const CompiledRule& rule, RecordChain bound) const;
  void EmitOverflows(std::size_t before);
  void AddRisk(const Candidate& match);

  // advance.cc: one event, one rule after the other.
  void PrefetchStarts() const;
  void AdvanceRule(int index, bool starts);
  void MergeRuns();
  void StepRuns(int index);
  bool Wakes(const Run& run);
  void DropIdleStarts();
  void StepRun(int index, Run* run);
  Verdict Judge(const CompiledRule& rule, const Run& run);
  Way JudgeBranch(const CompiledRule& rule, const Run& run, const Branch& branch);
  bool GuardStops(const CompiledRule& rule, const Run& run, const Branch& branch);
  bool EndReached(const CompiledRule& rule, const Run& run, const Branch& branch) const;
  bool UntilHolds(const CompiledRule& rule, const std::vector<int>& untils, RecordChain bound);
  bool NodeFits(const CompiledRule& rule, const Run& run, const Branch& branch);
  void ApplyGreedy(const std::vector<Branch>& branches, Verdict* verdict) const;
  void TakeBranch(int index, const Run& run, const Branch& branch);
  void Take(int index, const Run& run, const Branch& branch, int element);
  void Open(int index);
  void RefuseRuns(int index, std::size_t first_opened);
  bool LimitReached(int index, std::string_view step_key, std::size_t advanced);

  // matcher.cc: runs.
  RecordChain Bind(const CompiledRule& rule, RecordChain before, int step);
  void Enter(int index,
             Run* run);  // live branches and deadline of a new run; notes an immediate match
  void SetDeadline(int index, Run* run) const;
  TimestampMs BranchDeadline(const CompiledRule& rule, const Run& run, const Branch& branch) const;
  TimestampMs GuardDeadline(const CompiledRule& rule, const Run& run, const Guard& guard) const;
  const std::vector<Branch>& BranchesOf(const CompiledRule& rule, const Run& run) const;
  static std::uint64_t CountersBefore(const Node& node, std::uint64_t counters);

  // expire.cc.
  TimestampMs NextDeadline() const;
  void FireDeadline(TimestampMs deadline);
  void EndSilently(TimestampMs time);
  void FireRuns(int index, TimestampMs deadline);
  std::span<Run> OpenRuns() {
    return {state_->runs_.data() + rule_begin_, state_->runs_.data() + rule_end_};
  }
  std::span<Run> CreatedRuns() {
    return {created_.data() + created_begin_, created_.data() + created_.size()};
  }
  bool FireRun(int index, Run* run, TimestampMs deadline);

  // complete.cc: done_ -> outcomes.
  void Complete(int index);
  static int CompareBound(const std::vector<BoundStep>& a, const std::vector<BoundStep>& b);
  void Sort(std::vector<Candidate>* candidates);
  void BindingsOf(const Candidate& candidate, std::vector<BoundStep>* out) const;
  Scope OutputScope(const CompiledRule& rule, RecordChain bound);
  const std::vector<Value>& KeyValues();  // of the current key, decoded once
  bool WhereHolds(const CompiledRule& rule, RecordChain bound);
  void ApplySkip(int index, const Candidate& match, std::size_t remaining);

  BoundPlace SkipBound(int index, RecordChain match) const;
  bool Skipped(int index, RecordChain chain, const BoundPlace& bound, std::string_view key) const;
  void Emit(const Candidate& candidate);
  void EmitEvents(const Candidate& candidate);
  void EmitTimeouts();
  void AppendField(const Value& value, Type type);
  RecordView View(const CompiledRule& rule, RecordChain bound) const {
    return {state_->arena_, rule.layout, bound};
  }

  std::shared_ptr<const Program> program_;
  const ProgramData& data_;
  Mutant mutant_ = Mutant::kNone;
  Windows windows_;
  std::vector<TimestampMs> learn_starts_;  // [rules]; kTimeMax: the rule does not learn

  // The current event. memo_[predicates], conjunct_memo_[conjuncts], watch_memo_[watches]: the epoch in which it was
  // evaluated, times two, plus the answer.
  const Event* event_ = nullptr;
  std::uint32_t event_place_ = 0;
  std::uint64_t epoch_ = 0;
  std::vector<std::uint64_t> memo_, conjunct_memo_, watch_memo_;
  PatternMemo patterns_;
  int route_ = -1;  // whose rules stand in starts_
  std::vector<int> starts_;
  std::vector<StartIndex::Entry> reached_;  // scratch
  std::vector<int> seen_routes_;            // by which the event has come to some key
  std::vector<int> key_routes_;             // by which it comes to the current key

  // The current key. key_memo_[key_conditions]: as memo_, with key_epoch_, which EnterHistory moves.
  std::uint64_t key_epoch_ = 0;
  std::vector<std::uint64_t> key_memo_;
  KeyState* state_ = nullptr;
  Outcomes* out_ = nullptr;
  std::string_view key_;
  bool key_decoded_ = false;
  std::vector<Value> key_values_;
  bool by_deadline_ = false;
  TimestampMs time_ = 0;             // of the event or deadline
  WindowScope window_scope_;         // of conditions: the current event is the one at hand
  WindowScope output_window_scope_;  // of `where` and alerts
  WindowMemo window_memo_;           // of both
  RiskScope risk_scope_;
  const WindowState no_windows_;
  std::vector<WindowOverflow> window_overflows_;

  // The current rule's runs: state_->runs_[rule_begin_, rule_end_), which are changed in place, and those made at this
  // event, created_[created_begin_, ..). One without a live branch has ended; it is dropped when all rules are done.
  std::size_t rule_begin_ = 0;
  std::size_t rule_end_ = 0;
  std::vector<Run> created_;
  std::size_t created_begin_ = 0;

  // Scratch.
  std::vector<Run> next_;
  std::vector<Created> created_records_;
  std::vector<Candidate> done_, timeouts_, overflows_;
  std::vector<SortEntry> sorted_;
  std::vector<BoundPlace> firsts_;
  std::vector<RecordId> chain_;
  std::string step_key_, key_copy_;
  Scratch scratch_;
  KeyState::CompactScratch compact_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_MATCHER_IMPL_H_
