// WindowReader: a window aggregate by brute force: all events of the history, one after the other (language.md, 4.5 to
// 4.8).
//
// Tested by: tests/oracle/window_reader_test.cc, tests/conformance/windows_test.cc.  Next: tests/oracle/oracle.h.
#ifndef SHRIKE_TESTS_ORACLE_WINDOW_READER_H_
#define SHRIKE_TESTS_ORACLE_WINDOW_READER_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "nfa/window_spec.h"
#include "tests/oracle/datum.h"
#include "tests/oracle/history.h"

namespace shrike::oracle {

// Who reads. All borrowed.
struct WindowReading {
  const History* history = nullptr;
  const std::vector<Datum>* key = nullptr;  // the parts of the key
  Moment moment;
  std::size_t current = 0;   // the current event
  std::vector<Datum> group;  // its values of the window's `by`
  std::vector<Datum> own;    // its values of the window's `values`; for kZscore, kNew, kSeen
};

Datum ReadWindow(const nfa::WindowSpec& window, const WindowReading& reading);

// The key under which one of `sources` has the event; nullopt: none has its stream, or a part is null.
std::optional<std::vector<Datum>> KeyIn(const std::vector<nfa::SourceSpec>& sources,
                                        const Event& event);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_WINDOW_READER_H_
