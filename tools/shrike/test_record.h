// The events of a rule's tests as JSON records, so that `shrike test` goes through the real decoder.
//
// A value is written as its field's declared type says: `user: 42` of a string field is "42", of an int field 42.
// Timestamps may be RFC 3339 or a number of the stream's unit, durations `5m` or ms; plain null is null. A quoted
// number stays a string: the decoder refuses it, as it would a record's.
// Tested by: tests/tools/test_record_test.cc.
#ifndef SHRIKE_TOOLS_SHRIKE_TEST_RECORD_H_
#define SHRIKE_TOOLS_SHRIKE_TEST_RECORD_H_

#include <string>

#include "base/result.h"
#include "base/schema.h"
#include "base/time.h"
#include "rules/rule_file.h"

namespace shrike::tools {

// Where a test's event goes to.
struct TestTarget {
  const StreamSchema* stream = nullptr;
  std::string event_type;  // of the stream
};

// Appends the record as one JSON object. The time and type field are added.
// Errors: kRule, a field that the stream does not declare or a value that cannot be written as its type.
Result<void> AppendTestRecord(const TestTarget& target, TimestampMs ts,
                              const rules::TestValue& fields, std::string* out);

// Whether the expectation names this value. Numbers compare as numbers, floats within a relative 1e-9; timestamps as
// RFC 3339 or ms, durations as `5m` or ms; a list item by item.
bool SameAsExpected(const rules::TestValue& expected, const Value& actual);

// The expectation as people read it: c1, [c1, t2].
std::string FormatTestValue(const rules::TestValue& value);

}  // namespace shrike::tools

#endif  // SHRIKE_TOOLS_SHRIKE_TEST_RECORD_H_
