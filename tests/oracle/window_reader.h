// WindowReader: a window aggregate by brute force: all events of the history, one after the other (language.md, 4.5 to
// 4.8).
//
// Tested by: tests/oracle/window_reader_test.cc, tests/conformance/windows_test.cc.  Next: tests/oracle/oracle.h.
#ifndef SHRIKE_TESTS_ORACLE_WINDOW_READER_H_
#define SHRIKE_TESTS_ORACLE_WINDOW_READER_H_

#include "nfa/window_spec.h"
#include "tests/oracle/datum.h"
#include "tests/oracle/window_members.h"

namespace shrike::oracle {

Datum ReadWindow(const nfa::WindowSpec& window, const WindowReading& reading);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_WINDOW_READER_H_
