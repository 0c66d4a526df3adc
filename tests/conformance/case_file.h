// CaseFile: the conformance cases (cases.jsonl, constructs.jsonl): a rule, its events, and the right answer.
//
// The files came with the language; every line was answered by evaluators that share no code with ours.
#ifndef SHRIKE_TESTS_CONFORMANCE_CASE_FILE_H_
#define SHRIKE_TESTS_CONFORMANCE_CASE_FILE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/schema.h"
#include "base/time.h"
#include "nfa/rule_spec.h"
#include "tests/oracle/event_table.h"
#include "tests/oracle/oracle.h"

namespace shrike::conformance {

// One expected or given alert as text: kind, completion, events by step name, key: "match e4 {a:[1],b:[4]} [1,1]".
using Answer = std::vector<std::string>;

struct Case {
  std::string name;    // "cases 17"
  std::string config;  // shrike.yaml
  std::string rule;    // rule.yaml
  TimestampMs at_end = 0;
  std::vector<std::pair<std::string, std::string>> lines;  // of each event: stream, JSON
  std::vector<std::string> ids;                            // of each event, as the answers name it
  std::vector<TimestampMs> times;                          // of each event
  Answer expected;                                         // sorted
};

// file: "cases" or "constructs". An unreadable file fails the test that asks.
std::vector<Case> ReadCases(const std::string& file);

// What the configuration declares.
struct Declared {
  Catalog catalog;
  Limits limits;
};
// name: of the case, for failures.
Declared ReadDeclared(const std::string& name, const std::string& config);

// The case's events for EventTable.
std::vector<oracle::RawEvent> RawEvents(const Case& one, const Catalog& catalog);

// Outcomes as the answers write them, sorted.
Answer AnswerOf(const Case& one, const nfa::RuleSpec& rule,
                const std::vector<oracle::OracleOutcome>& outcomes);

// Alerts of `shrike replay` as the answers write them, sorted. alerts: one line of JSON each.
Answer AnswerOfAlerts(const Case& one, std::string_view alerts);

}  // namespace shrike::conformance

#endif  // SHRIKE_TESTS_CONFORMANCE_CASE_FILE_H_
