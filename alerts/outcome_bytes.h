// One outcome as bytes and back: what a suppression window keeps of its first alert.
//
// Numbers as in base/bytes.h; a value is a tag byte (Kind) and its content, strings and lists with their count before.
// Positions name their topic by index, as nfa::BoundEvent does. Stored in checkpoints. Never change.
// Tested by: tests/alerts/outcome_bytes_test.cc.
#ifndef SHRIKE_ALERTS_OUTCOME_BYTES_H_
#define SHRIKE_ALERTS_OUTCOME_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/value.h"
#include "nfa/outcome.h"
#include "nfa/rule_spec.h"

namespace shrike::alerts {

// Equal values (SameValue) have equal bytes.
void AddValue(const Value& value, ByteWriter* out);
// Appends one value to `out->values`, with a copy of its bytes.
void GetValue(ByteReader* bytes, nfa::Outcomes* out);

// Appends everything of `outcome`, one of `outcomes`, but its rule (an index that the next program may not share), its
// ordinal and what a summary adds.
void AppendOutcomeBytes(const nfa::Outcomes& outcomes, const nfa::Outcome& outcome,
                        std::string* out);

// Which outcomes' bytes the rule can show: the names of its key and alert fields, how many values its message and its
// steps' events have. A rule that changed without a new version may need others.
void AppendOutcomeShape(const nfa::RuleSpec& rule, ByteWriter* out);

// Appends the outcome, of `rule`, to `out`. False: the bytes are not what AppendOutcomeBytes writes; then `out->items`
// is as before.
bool ReadOutcomeBytes(std::string_view bytes, std::int32_t rule, nfa::Outcomes* out);

}  // namespace shrike::alerts

#endif  // SHRIKE_ALERTS_OUTCOME_BYTES_H_
