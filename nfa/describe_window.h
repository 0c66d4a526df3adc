// A window aggregate as text, for people.
#ifndef SHRIKE_NFA_DESCRIBE_WINDOW_H_
#define SHRIKE_NFA_DESCRIBE_WINDOW_H_

#include <string>

#include "base/event.h"
#include "base/schema.h"
#include "nfa/window_spec.h"

namespace shrike::nfa {

// "sum(amount over 1h by status where ok) of payments.txn by card": macros are expanded, exceptions counted.
// Tested by: tests/tools/state_report_test.cc.
std::string DescribeWindow(const WindowSpec& window, const Catalog& catalog,
                           const RowLayout& layout);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_DESCRIBE_WINDOW_H_
