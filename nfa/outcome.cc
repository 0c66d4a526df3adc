// Tested by: tests/nfa/matcher_test.cc.
#include "nfa/outcome.h"

namespace shrike::nfa {

void Outcomes::Clear() {
  items.clear();
  events.clear();
  values.clear();
  store_.Clear();
}

}  // namespace shrike::nfa
