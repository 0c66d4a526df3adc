// Event: one decoded record as the matcher sees it. Plain data: no I/O, no clock.
// Tested by: tests/base/schema_test.cc.
#ifndef SHRIKE_BASE_EVENT_H_
#define SHRIKE_BASE_EVENT_H_

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/value.h"

namespace shrike {

// Where a record stands. `topic` is an index into a list of topic names sorted by bytes, so that comparing it
// compares names (language.md, 5.1).
struct Position {
  std::int32_t topic = 0;
  std::int32_t partition = 0;
  std::int64_t offset = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

// Topics from here on stand for streams whose events rules emit: kDerivedTopic + Catalog index. They follow their cause
// at once; what `partition` and `offset` are, engine/emitter.h says.
inline constexpr std::int32_t kDerivedTopic = 1 << 30;
inline constexpr int kCauseDigits = 15;  // hex digits of an alert's id that such an offset holds

// The total order of language.md, 5.1.
struct EventOrder {
  TimestampMs ts = 0;
  Position position;

  friend auto operator<=>(const EventOrder&, const EventOrder&) = default;
};

// A typed row. `row` has one Value for each column of the RowLayout it was decoded for; a column that the record's
// stream does not have is null. Borrowed: it and the bytes of its strings live as long as the record they came from.
struct Event {
  TimestampMs ts = 0;
  Position position;
  std::int32_t stream = 0;      // Catalog index
  std::int32_t event_type = 0;  // Catalog::EventTypeId
  const Value* row = nullptr;   // row[columns]

  EventOrder order() const { return {ts, position}; }
};

// The columns of a row: the declared fields that the loaded rules use, over all streams. Two streams' fields share
// a column if name and type are equal.
struct Column {
  std::string name;
  Type type;

  friend bool operator==(const Column&, const Column&) = default;
};

struct RowLayout {
  std::vector<Column> columns;

  // The column of that name and type, added if it is new.
  int Intern(const std::string& name, Type type);
  int Find(const std::string& name, Type type) const;  // or -1
};

}  // namespace shrike

#endif  // SHRIKE_BASE_EVENT_H_
