// What a key's state says, for people (`shrike state show`): its open runs, and how much its windows hold.
//
// Pure: the state is not changed. Cost: O(bound events) for each run.
// Tested by: tests/nfa/describe_state_test.cc.
#ifndef SHRIKE_NFA_DESCRIBE_STATE_H_
#define SHRIKE_NFA_DESCRIBE_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/time.h"
#include "nfa/key_state.h"
#include "nfa/program.h"

namespace shrike::nfa {

struct StateEvent {
  std::string step;  // StepSpec::label
  EventOrder order;
};

struct RunDescription {
  int rule = 0;      // index in Program::rules()
  std::string step;  // where it stands: the label of the last bound step
  // Its open ways on, as rules write them: "then within 1h b"; joined by "; or ".
  std::string waits_for;
  TimestampMs first_ts = 0;       // since when
  TimestampMs last_ts = 0;        // of the last bound event
  TimestampMs deadline = 0;       // when the next of its ways ends by time; kTimeMax: never
  std::uint32_t events = 0;       // bound
  std::vector<StateEvent> bound;  // the last ones of them, in their order
};

struct StateDescription {
  std::vector<RunDescription> runs;  // by rule, then in order of creation
  std::size_t window_bytes = 0;      // memory; 0: no window holds anything
  bool has_risk = false;             // alerts count as the key's risk
};

// events_max: how many bound events of a run are told.
StateDescription DescribeState(const Program& program, const KeyState& state,
                               std::size_t events_max);

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_DESCRIBE_STATE_H_
