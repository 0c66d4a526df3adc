// The subject of an alert: its key as text, also the key of its record in a topic.
//
// One value as text; several joined by `|`, where `\` escapes `|` and `\`. Nothing for the global key.
// Tested by: tests/alerts/alert_test.cc, tests/tools/state_test.cc.
#ifndef SHRIKE_ALERTS_SUBJECT_H_
#define SHRIKE_ALERTS_SUBJECT_H_

#include <span>
#include <string>
#include <vector>

#include "base/value.h"

namespace shrike::alerts {

// Appends it. redacted[parts]: those to be hidden; empty: none.
void AppendSubject(std::span<const Value> parts, const std::vector<bool>& redacted,
                   std::string* out);

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_SUBJECT_H_
