// OutcomeReader: the engine's outcomes in the oracle's shape.
#ifndef SHRIKE_TESTS_ORACLE_OUTCOME_READER_H_
#define SHRIKE_TESTS_ORACLE_OUTCOME_READER_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/event.h"
#include "nfa/outcome.h"
#include "nfa/rule_spec.h"
#include "tests/oracle/outcome.h"

namespace shrike::oracle {

class OutcomeReader {
 public:
  // rules: borrowed. events: numbered from 0.
  OutcomeReader(const std::vector<nfa::RuleSpec>& rules, const std::vector<Event>& events);

  // An emitted event gets the next number.
  void Add(const Position& position);

  OracleOutcome Read(const nfa::Outcomes& outcomes, const nfa::Outcome& item) const;

 private:
  const std::vector<nfa::RuleSpec>& rules_;
  std::map<Position, std::size_t> index_of_;
};

// One line a difference, in words; empty if the rule with this index said the same on both sides. Outcomes are
// compared key by key, in order; those that were not told are left out. inputs: events numbered from there on were
// emitted; which of several keys emits first is not promised, so they are compared by their order within a key.
std::string Differences(const std::vector<OracleOutcome>& oracle, std::size_t oracle_rule,
                        const std::vector<OracleOutcome>& engine, std::size_t engine_rule,
                        std::size_t inputs = SIZE_MAX);

// One outcome as a line: kind, completion, bound events as step@event, key, fields, message.
std::string ToLine(const OracleOutcome& outcome);

}  // namespace shrike::oracle

#endif  // SHRIKE_TESTS_ORACLE_OUTCOME_READER_H_
