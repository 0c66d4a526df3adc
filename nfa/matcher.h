// Matcher: advances the runs of one key by one event or to one time (language.md, section 5).
//
// One Matcher per task, one thread; the scratch memory inside is reused. The state of a key is a KeyState, which the
// caller keeps. Within a key, events must come in the total order, and ExpireUntil(event.ts) before each event
// (checked: time does not go back).
// Tested by: tests/nfa/matcher_test.cc, tests/oracle/differential_test.cc.
#ifndef SHRIKE_NFA_MATCHER_H_
#define SHRIKE_NFA_MATCHER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "nfa/key_state.h"
#include "nfa/mutants.h"
#include "nfa/outcome.h"
#include "nfa/program.h"

namespace shrike::nfa {

class MatcherImpl;

class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const Program> program);
  ~Matcher();
  Matcher(Matcher&&) noexcept;

  // Makes `event` the current one; must be called before Starts and Advance for it. Predicates over the event alone
  // are evaluated at most once from here on, whatever number of rules and keys asks.
  // place: the event's number among those of its time, ascending; needed where rules emit: their events come behind their
  // causes, which positions do not say (language.md, section 6). Else 0: positions ascend.
  void Begin(const Event& event, std::uint32_t place = 0);

  // Whether the current event may open a run of some rule by the route (KeyRoute::id), or is seen by a window. If not, a
  // key without state need not be looked up. Cost: the start predicates of the route for the event's type, and the
  // tests of its windows.
  bool Starts(int route);

  // Lets the key's windows see the current event, advances those of the key's runs whose rules see it by the route, then
  // opens runs. Outcomes are appended in order of rule id, then language.md, 5.10; a rule's windows that overflow come
  // first. key: encoded (nfa/key.h).
  void Advance(int route, std::string_view key, KeyState* state, Outcomes* out);

  // Fires every deadline d <= time of the key, in order. Outcomes of one deadline: matches before timeouts, by rule
  // id, then first event.
  void ExpireUntil(std::string_view key, TimestampMs time, KeyState* state, Outcomes* out);

  // starts[rules]: from when `learn` counts for each rule; kTimeMax: it does not learn, as before this call.
  void SetStarts(std::vector<TimestampMs> starts);

  // For tests only: break one rule of the language from here on.
  void SetMutant(Mutant mutant);

 private:
  std::unique_ptr<MatcherImpl> impl_;
};

}  // namespace shrike::nfa

#endif  // SHRIKE_NFA_MATCHER_H_
