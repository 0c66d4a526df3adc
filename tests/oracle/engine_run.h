// RunEngine: the same events through nfa::Program and nfa::Matcher, the outcomes in the oracle's shape.
//
// It stands for engine/: it derives fields, keeps the key states, fires deadlines before events, and asks Starts() first. After every
// third event a key's state goes to bytes and back.
#ifndef SHRIKE_TESTS_ORACLE_ENGINE_RUN_H_
#define SHRIKE_TESTS_ORACLE_ENGINE_RUN_H_

#include <memory>
#include <vector>

#include "base/event.h"
#include "base/time.h"
#include "nfa/mutants.h"
#include "nfa/program.h"
#include "tests/oracle/oracle.h"

namespace shrike::oracle {

// Outcomes of one key in the order in which the matcher told them; keys in any order.
// events: in the total order. Deadlines up to at_end fire after the last event.
std::vector<OracleOutcome> RunEngine(std::shared_ptr<const nfa::Program> program,
                                     const std::vector<Event>& events, TimestampMs at_end,
                                     nfa::Mutant mutant = nfa::Mutant::kNone);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_ENGINE_RUN_H_
