// Late events and dead letters, as JSON lines for a file or as text for people.
//
// Pure. Tested by: tests/tools/rejected_output_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_REJECTED_OUTPUT_H_
#define SHRIKE_TOOLS_SHRIKE_REJECTED_OUTPUT_H_

#include <string>
#include <string_view>

#include "engine/pipeline.h"

namespace shrike::tools {

// Appends {topic, partition, offset, line (from 1), ts, reason, bytes (base64)} without a newline; ts is null for a
// dead letter.
void AppendRejectedJson(const engine::RejectedRecord& record, std::string_view topic,
                        std::string* out);

// `dead letter: payments.jsonl line 12: wrong_type: {"ts":..`, cut and escaped for a terminal.
std::string FormatRejected(const engine::RejectedRecord& record, std::string_view topic);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_REJECTED_OUTPUT_H_
