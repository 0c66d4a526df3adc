// SimRules: random rule sets for simulated worlds, as text and compiled, and random input for them.
#ifndef SHRIKE_TESTS_SIM_SIM_RULES_H_
#define SHRIKE_TESTS_SIM_SIM_RULES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/schema.h"
#include "engine/rule_set.h"
#include "tests/oracle/generator.h"
#include "tests/support/random.h"

namespace shrike::sim {

// Compiles the texts that it made; asked again, it gives the same object.
class SimRules {
 public:
  explicit SimRules(const Catalog& catalog) : catalog_(catalog) {}

  // Another random set; never null. limits: of the first one, for all.
  std::shared_ptr<const engine::RuleSet> Make(testing::Random* random);
  // The set with that hash; null: it was never made.
  std::shared_ptr<const engine::RuleSet> Find(const std::string& hash) const;
  Result<std::shared_ptr<const engine::RuleSet>> Compile(const std::string& text) const;

 private:
  const Catalog& catalog_;
  std::map<std::string, std::shared_ptr<const engine::RuleSet>> by_hash_;
};

// One record of the input.
struct SimRecord {
  std::string bytes;
  TimestampMs timestamp = 0;  // of the record
};

// input[topics][partitions]: records in the order of their offsets. Topic 0 has events of stream s, topic 1 of t. Events
// come out of order, some late; some records are no events. At the end time goes on until nothing is open.
using SimInput = std::vector<std::vector<std::vector<SimRecord>>>;
SimInput MakeInput(const Catalog& catalog, int partitions, testing::Random* random);

}  // namespace shrike::sim

#endif  // SHRIKE_TESTS_SIM_SIM_RULES_H_
