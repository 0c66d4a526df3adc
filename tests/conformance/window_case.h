// WindowCase: the cases of windows.jsonl: expressions, windows, features, late events, suppression, `learn`.
//
// Other than in case_file.h an answer is the complete list of alerts with their fields, key by key in order.
#ifndef SHRIKE_TESTS_CONFORMANCE_WINDOW_CASE_H_
#define SHRIKE_TESTS_CONFORMANCE_WINDOW_CASE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/schema.h"
#include "base/time.h"
#include "nfa/rule_spec.h"
#include "tests/oracle/outcome.h"

namespace shrike::conformance {

// What a case asks for, and what was answered.
struct WindowAnswer {
  // By key: the alerts in order, as text: "match e4 f0=1 f1=null".
  std::map<std::string, std::vector<std::string>> alerts;
  std::vector<std::int64_t> late;         // indices of events
  std::vector<std::int64_t> dead_letter;  // the same

  friend bool operator==(const WindowAnswer&, const WindowAnswer&) = default;
};

struct WindowCase {
  std::string name;    // "windows 17"
  std::string config;  // shrike.yaml; its only stream is read
  std::string rule;    // rule.yaml
  std::string at_end;  // flush, hold, or a time
  std::vector<std::string> lines;
  WindowAnswer expected;
};

// An unreadable file fails the test that asks.
std::vector<WindowCase> ReadWindowCases();

// The case through the decoder and the oracle. set: the checked rule of the case.
WindowAnswer AskOracle(const WindowCase& one, const Catalog& catalog, const Limits& limits,
                       const nfa::RuleSetSpec& set);

// What the binary wrote, one line of JSON each. indices: of late or dead events.
WindowAnswer ReadAnswer(std::string_view alerts, std::string_view late,
                        std::string_view dead_letter);

// Both, where they differ.
std::string Differences(const WindowAnswer& expected, const WindowAnswer& actual);

}  // namespace shrike::conformance

#endif  // SHRIKE_TESTS_CONFORMANCE_WINDOW_CASE_H_
