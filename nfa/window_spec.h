// WindowSpec: one aggregate over a window of a key's events (language.md, 4.5 to 4.8).
//
// Plain data. What an expression names of it is Op::kWindow (nfa/expr.h); a set holds each once, however many rules
// and features use it.
#ifndef SHRIKE_NFA_WINDOW_SPEC_H_
#define SHRIKE_NFA_WINDOW_SPEC_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "nfa/expr.h"
#include "nfa/source_spec.h"

namespace shrike::nfa {

enum class WindowKind : std::uint8_t { kSliding, kTumbling, kSession, kLastEvents };

enum class WindowFunction : std::uint8_t {
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kStddev,
  kDistinct,
  kFirst,
  kLast,
  kRate,  // of events, or of a value's sum
  kZscore,
  kNew,
  kSeen,
};

// The events of the key that have one of `event_types`, that no exception hides and for which `filter` is true, in the
// window; and what is made of their values. `values`, `filter` and `exceptions` look at the aggregated event: kField is
// its field, kWindow another window's value as this event reads it (of a feature; always an earlier one of the set).
struct WindowSpec {
  WindowFunction function = WindowFunction::kCount;
  WindowKind kind = WindowKind::kSliding;
  DurationMs length = 0;    // > 0, but for kLastEvents
  std::int64_t events = 0;  // > 0, for kLastEvents only
  std::vector<SourceSpec>
      sources;  // the streams whose events are seen and their keys: of the rule or feature
  std::vector<int> event_types;  // Catalog::EventTypeId, ascending
  std::vector<Expr>
      values;  // none: events are counted (kCount, kRate); several: a tuple (kNew, kSeen)
  std::optional<Expr> filter;  // of type bool
  std::vector<int>
      by;  // columns: only events that agree in them with the current one; null equals null
  bool excluding_current = false;
  std::vector<Expr> exceptions;  // of the rule; of a feature none
  Type type;                     // of the result
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_WINDOW_SPEC_H_
