// KeyState: all that the matcher knows about one key of one key group. Plain data in contiguous arrays; no pointers,
// so its bytes can be stored and moved.
//
// Tested by: tests/nfa/key_state_test.cc.  Next: nfa/matcher.h.
#ifndef SHRIKE_NFA_KEY_STATE_H_
#define SHRIKE_NFA_KEY_STATE_H_

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace shrike::nfa {

class Program;

class KeyState {
 public:
  // No runs, nothing to remember: the caller may forget the key.
  bool empty() const;

  // When ExpireUntil must be called at the latest. `deadline` is the first time at which something is to be told
  // (an absence, a timeout that alerts), `garbage` the last time at which a run still lives silently; kTimeMax: none.
  // A caller fires `deadline` in time order with the events, and may visit `garbage` whenever it likes.
  TimestampMs deadline() const;
  TimestampMs garbage() const;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_KEY_STATE_H_
