// Rules made by hand over one or two streams, events for them, and outcomes as text.
//
// Streams `s` and `t` have event types a, b, c (t: a_t, b_t, c_t) and the fields key (string), other (string).
#ifndef SHRIKE_TESTS_ENGINE_ENGINE_FIXTURE_H_
#define SHRIKE_TESTS_ENGINE_ENGINE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "base/schema.h"
#include "nfa/outcome.h"
#include "nfa/program.h"

namespace shrike::testing {

inline constexpr int kKeyColumn = 0;
inline constexpr int kOtherColumn = 1;

// out_of_order in ms, of both streams.
Catalog MakeCatalog(DurationMs out_of_order = 0);

struct RuleOptions {
  std::string id = "rule";
  int stream = 0;
  int key = kKeyColumn;
  bool absence = false;     // `a then not b within 10s`; else `a then b within 10s`
  bool timeouts = false;    // on_timeout: alert
  DurationMs suppress = 0;  // suppress: { for: .. }; 0: not
  DurationMs learn = 0;     // 0: not
  char emits = 0;  // 'a', 'b': an event of that type of stream t, with the rule's key as `key`
  DurationMs every = 0;  // of `emit`
};
nfa::RuleSpec MakeRule(const RuleOptions& options);
std::shared_ptr<const nfa::Program> MakeProgram(const std::vector<RuleOptions>& rules);

// An event of stream 0 ("a", "b", "c") and its row.
struct TestEvent {
  TestEvent(char type, TimestampMs ts, std::string key_text, std::string other_text = "");
  TestEvent(const TestEvent&) = delete;
  TestEvent& operator=(const TestEvent&) = delete;
  Event event;
  std::string key, other;
  Value row[2];
};

// "rule match k1 0,5 @5000": rule id, kind, key, ts of bound events in s, completion; a deadline has a `!`.
std::string Describe(const nfa::Program& program, const nfa::Outcomes& outcomes,
                     const nfa::Outcome& outcome);

}  // namespace shrike::testing

#endif  // SHRIKE_TESTS_ENGINE_ENGINE_FIXTURE_H_
