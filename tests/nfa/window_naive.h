// The slow way to read a window: go through all events and take those that belong to it (language.md, 4.5 to 4.8).
#ifndef SHRIKE_TESTS_NFA_WINDOW_NAIVE_H_
#define SHRIKE_TESTS_NFA_WINDOW_NAIVE_H_

#include <string>
#include <vector>

#include "base/event.h"
#include "nfa/window_spec.h"

namespace shrike::nfa {

// What a window reads at a time. `current` is the current event's index.
struct NaiveReading {
  TimestampMs time = 0;
  std::size_t current = 0;
};

class NaiveWindows {
 public:
  explicit NaiveWindows(const std::vector<Event>* events) : events_(*events) {}

  // The first `count` events have happened. The result as JSON.
  std::string Read(const WindowSpec& window, std::size_t count, const NaiveReading& at) const;

  // The values of a window's expressions, by `==`, `>` and `*` over fields.
  static Value ValueOf(const Expr& expr, const Event& event);

 private:
  std::vector<std::size_t> Inside(const WindowSpec& window, std::size_t count,
                                  const NaiveReading& at) const;

  const std::vector<Event>& events_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_TESTS_NFA_WINDOW_NAIVE_H_
